"""The supervisor: the guards that trip, the interlocks that hold an output off while their cause lasts, and the last word.

It may lower an output, never raise one. What a trip does to the device's state is the device's business; the supervisor names
the fault. A guard is a row of the table: fault, how long its cause must last, whether it matters while nothing runs, the cause.
"""

from firmware.device import calibration
from firmware.device.axis import FULL_UM_S
from firmware.device.grip import Grip
from firmware.device.sensors import COLDEST_COUNTS, HOTTEST_COUNTS, OPEN, SHORT, ZERO_PA, ntc_cdeg
from firmware.device.warmth import Warmth
from firmware_protocol import faults, limits, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from firmware.device.body import Body, Inputs, Outputs
    from firmware.device.budgets import Budgets
    from firmware.device.massage import Massage
    from firmware.device.sensors import Sensors
    from firmware.device.thermostat import Thermostat

    Rows = tuple[tuple[int, tuple[int, int, bool, Callable[[], bool]]], ...]

BAD_SAMPLES_MS = 1200  # four samples of 0.3 s; Klipper RANGE_CHECK_COUNT 4 x 0.300 s [S]
STALE_TRIP_MS = 1500  # the converter's counter stands still (F08) [ENG]
DIFFER_TRIP_MS = 1800  # F03 allows 2 s
DIFFER_OFF_MS = 10000
MIXED_MS = 30000  # the pump has mixed the water: before it, the two ends differ in good health [ENG]
HOT_MS = 2000
HOT_NOW_MS = 600
LOW_WATER_MS = 1600  # F11 allows 2 s; the level switch is scanned every 0.2 s
TILT_MS = 400  # F13 allows 0.5 s
LEAK_MS = 4800  # F12 allows 5 s
PUMP_MS = 2800  # F10 allows 3 s; a pump is up to speed in two
PUMP_PART = 4  # below a quarter of its speed it stands
DEAD_MS = 1700  # F06 allows 2 s, and the table is gone through every 0.2 s
DEAD_PM = 200  # a duty at which the current must show
WELDED_MS = 150  # a contact that opens is read as open within three ticks
STALL_MS = 250  # F17 allows 0.3 s
STALL_MA = 2200  # all motors moving under their highest load take less [ENG]
CROWD_MS = 900  # F27 allows 1 s
LONGEST_MS = 1000
START_CDEG = 30  # an offset between the sensors that a start takes for calibration; beyond it there is none [ENG]
GREW_MS = 800
GREW_CDEG = 40  # what comes apart this much in GREW_MS does not drift: one sensor has left the water (F07)
SOAKING_MS = 15000  # feet that only try the water do not soak
AWAY_OFF_MS = 10000  # F26: heat waits for feet that left the soak
AWAY_END_MS = 60000  # and no longer than this
STUCK_MS = 1700  # F05 allows 2 s, and the table is gone through every 0.2 s
STUCK_MA = 100  # a fifth of the smallest heater's current, far above leakage [ENG]
PRESSED_HARD_MS = 100  # three samples at 20 Hz
CELLS_MS = 200  # five samples; F21 allows 0.3 s
DRIFT_MS = 1000
LIFTED_MS = 1500  # springs have lifted the rollers and the tissue has let go
COUNTS_PER_100_CDEG = 22  # the fewest at any plausible temperature: what looks apart here may be apart


# What trips first may be what something else brings about: the cause is told, once it is under way.
ROOTS = (
    (faults.OVER_TEMPERATURE, (faults.HEATER_STUCK_ON,)),
    (faults.SENSORS_DIFFER, (faults.PUMP_DEAD,)),
    (faults.LOW_WATER, (faults.TIPPED, faults.LEAK)),
    (faults.HEATER_DEAD, (faults.LOW_WATER,)),
)

# Causes that raw counts and switches do not show; all others make a tick look odd.
SLOW = (
    faults.HEATER_STUCK_ON, faults.PUMP_DEAD, faults.HEATER_DEAD, faults.CELL_DRIFT, faults.DOSE_SPENT, faults.SESSION_OVER,
    faults.CHECK_MISSED,
)  # fmt: skip


class Supervisor:
    """`held` is the interlock or warning in force, 0 when none. The caps list is shared: the device tightens it in place.

    `crowded`: presence shows what one person's two feet cannot. `let_go`: the heater must be opened, no trip.
    """

    __slots__ = (
        "held", "inputs", "heater_closed", "motor_closed", "paused", "check_due", "crowded", "let_go", "warmth", "grip", "_sensors",
        "_caps", "_budgets", "_thermostat", "_massage", "_sense_current", "_rows", "_slow", "_since", "_timing", "_age_ms", "_hot_counts",
        "_apart_counts", "_off_ms", "_open_ms", "_mixed_ms", "_differ_ms", "_dose_told", "_heat_ok", "_pump_rpm", "_pumping",
        "_duty_pm", "_due_ms", "_now_ms", "_offset_known", "_calibration", "_grew_ms", "_grew_from", "_grew_cdeg", "_soaked_ms", "_away_ms",
    )  # fmt: skip

    def __init__(
        self, body: "Body", sensors: "Sensors", caps: "list[int]", budgets: "Budgets", thermostat: "Thermostat", massage: "Massage"
    ) -> None:
        self._sensors = sensors
        self._caps = caps
        self._budgets = budgets
        self._thermostat = thermostat
        self._massage = massage
        self._sense_current = body.features & messages.CURRENT_SENSE != 0
        self.inputs: "Inputs | None" = None
        self._calibration = body.calibration if calibration.plausible(body) else faults.CALIBRATION_BAD
        self.held = self._calibration
        self.warmth = Warmth(body, sensors)
        self.grip = Grip(caps, sensors, massage)
        self._pump_rpm = body.pump_rpm // PUMP_PART
        self.crowded = self.let_go = self._pumping = self._offset_known = False
        self._duty_pm = self._due_ms = self._now_ms = self._grew_ms = self._grew_from = self._grew_cdeg = 0
        self._soaked_ms = self._away_ms = 0
        self.heater_closed = self.motor_closed = self.paused = self.check_due = False
        guards: "tuple[tuple[int, int, bool, Callable[[], bool]], ...]" = (
            (faults.SENSOR_OPEN, BAD_SAMPLES_MS, False, self._sensor_open),
            (faults.SENSOR_SHORT, BAD_SAMPLES_MS, False, self._sensor_short),
            (faults.SENSOR_STALE, 0, False, self._sensor_stale),
            (faults.OVER_TEMPERATURE, HOT_MS, True, self._hot),
            (faults.OVER_TEMPERATURE, HOT_NOW_MS, True, self._hot_now),
            (faults.HEATER_STUCK_ON, STUCK_MS, True, self._heater_live),
            (faults.PUMP_DEAD, PUMP_MS, False, self._pump_dead),
            (faults.SENSORS_DIFFER, DIFFER_TRIP_MS, False, self._differ),
            (faults.TIPPED, TILT_MS, False, self._tilted),
            (faults.LEAK, LEAK_MS, False, self._leaking),
            (faults.LOW_WATER, LOW_WATER_MS, False, self._low_water),
            (faults.HEATER_DEAD, DEAD_MS, False, self._heater_dead),
            (faults.STALLED, STALL_MS, False, self._stalled),
            (faults.SECOND_OBJECT, CROWD_MS, False, self._crowded),
            (faults.OVER_PRESSURE, PRESSED_HARD_MS, False, self._pressed_hard),
            (faults.CELL_OPEN, CELLS_MS, False, self._cells_bad),
            (faults.CELLS_DIFFER, CELLS_MS, False, self._cells_differ),
            (faults.CELL_DRIFT, DRIFT_MS, False, self._drifted),
            (faults.DOSE_SPENT, 0, False, self._dose_spent),
            (faults.SESSION_OVER, 0, False, self._session_over),
            (faults.CHECK_MISSED, 0, False, self._check_missed),
        )
        self._rows: "Rows" = tuple(enumerate(guards))
        self._slow: "Rows" = tuple([row for row in self._rows if row[1][0] in SLOW])
        self._since = [-1] * len(guards)
        self._timing = self._dose_told = self._heat_ok = False
        self._age_ms = self._off_ms = self._open_ms = self._mixed_ms = self._differ_ms = 0
        self._hot_counts = self._apart_counts = 0
        self.tightened()

    def tightened(self) -> None:
        """The caps changed: work out again which raw counts may mean something."""
        low = HOTTEST_COUNTS
        high = COLDEST_COUNTS
        hot = min(self._caps[limits.WATER_TRIP], self._caps[limits.WATER_TRIP_NOW]) - self._sensors.offset_cdeg
        while low < high:
            middle = (low + high) >> 1
            if ntc_cdeg(middle) > hot:
                low = middle + 1
            else:
                high = middle
        self._hot_counts = low
        apart = min(self._caps[limits.WATER_DIFFER_OFF], self._caps[limits.WATER_DIFFER_TRIP]) - self._sensors.offset_cdeg - START_CDEG
        self._apart_counts = max(apart, 0) * COUNTS_PER_100_CDEG // 100

    def reset(self) -> None:
        """A new session, or a cleared latch: interlocks start anew."""
        self.held = self._calibration
        self.check_due = self.let_go = self._offset_known = False
        self._soaked_ms = self._away_ms = 0
        self.warmth.begin()
        self.grip.begin()
        self._differ_ms = 0
        self._since = [-1] * len(self._rows)
        self._timing = False

    def watch(self, now_ms: int, dt_ms: int, inputs: "Inputs", out: "Outputs", running: bool, due: bool) -> int:
        """Look at everything that can trip; gives the fault, 0 when there is none. `out` is what is commanded until now.

        The table is gone through at every tick while something looks odd or is timed, so that times are exact. When it is `due`, five
        times a second, so is what no look at raw counts and switches can find.
        """
        self.inputs = inputs
        age = self._age_ms = self._sensors.count(now_ms, inputs.sample)
        self._off_ms = 0 if out.heater_pm and out.heater_enable else self._off_ms + dt_ms
        self._open_ms = 0 if out.motor_enable else self._open_ms + dt_ms
        self._mixed_ms = self._mixed_ms + dt_ms if out.pump else 0
        first = inputs.water1_adc
        apart = first - inputs.water2_adc
        odd = (
            self._timing
            or first < self._hot_counts
            or inputs.water2_adc < self._hot_counts
            or first > COLDEST_COUNTS
            or inputs.water2_adc > COLDEST_COUNTS
            or apart > self._apart_counts
            or -apart > self._apart_counts
            or not inputs.level_ok
            or inputs.tilt
            or inputs.wet_floor
            or inputs.motor_ma > STALL_MA
            or self.crowded
            or age > 1000
            or self._sensors.odd
            or (self._off_ms > 1000 and inputs.heater_ma > STUCK_MA)
        )
        if not (due or odd):
            return 0
        self._now_ms = now_ms
        self._pumping = out.pump != 0
        self._duty_pm = out.heater_pm
        self._sensors.read_water(inputs)
        if not self._massage.busy:
            self._sensors.read_cells(inputs)
        fault = self._table(now_ms, running, self._rows if odd or self._sensors.odd else self._slow)
        if due:
            self._sensors.smooth()
            if running:
                span = min(now_ms - self._due_ms, LONGEST_MS)
                fault = fault or self.warmth.step(span, inputs, self._duty_pm, self.heater_closed, inputs.presence & 3)
                if self.heater_closed and not self.warmth.settled:
                    self.let_go = True
            self._due_ms = now_ms
        return fault

    def _table(self, now_ms: int, running: bool, rows: "Rows") -> int:
        since = self._since
        timing = False
        for index, (fault, hold_ms, always, cause) in rows:
            if (running or always) and cause():
                begun = since[index]
                if begun < 0:
                    since[index] = begun = now_ms
                if now_ms - begun >= hold_ms:
                    return self._root(fault)
                timing = True
            else:
                since[index] = -1
        self._timing = timing
        return 0

    def _root(self, fault: int) -> int:
        """What brought this fault about, as far as that is under way; else the fault itself."""
        for effect, roots in ROOTS:
            if effect == fault:
                for _, (root, _, _, cause) in self._rows:
                    if root in roots and cause():
                        return root
        if fault == faults.SENSORS_DIFFER and self._grew_cdeg >= GREW_CDEG:
            return faults.SENSOR_DETACHED
        return fault

    # What trips

    def _sensor_open(self) -> bool:
        return self._sensors.water1_bad == OPEN or self._sensors.water2_bad == OPEN

    def _sensor_short(self) -> bool:
        return self._sensors.water1_bad == SHORT or self._sensors.water2_bad == SHORT

    def _sensor_stale(self) -> bool:
        return self._age_ms >= STALE_TRIP_MS

    def _hot(self) -> bool:
        return self._sensors.hottest_cdeg > self._caps[limits.WATER_TRIP]

    def _hot_now(self) -> bool:
        return self._sensors.hottest_cdeg > self._caps[limits.WATER_TRIP_NOW]

    def _heater_live(self) -> bool:
        return self._sense_current and self._off_ms > 0 and self.inputs.heater_ma > STUCK_MA  # type: ignore[union-attr]  # set by watch

    def _differ(self) -> bool:
        sensors = self._sensors
        gap = sensors.water_gap_cdeg
        if not (sensors.water_ok and self._mixed_ms >= MIXED_MS and gap > self._caps[limits.WATER_DIFFER_TRIP]):
            self._grew_ms = -GREW_MS
            return False
        now_ms = self._now_ms
        if now_ms - self._grew_ms >= GREW_MS:
            self._grew_cdeg = gap - self._grew_from if self._grew_ms >= 0 else 0
            self._grew_from = gap
            self._grew_ms = now_ms
        return True

    def _low_water(self) -> bool:
        return self.heater_closed and not self.inputs.level_ok  # type: ignore[union-attr]  # set by watch

    def _pump_dead(self) -> bool:
        return self._pumping and self.inputs.pump_rpm < self._pump_rpm  # type: ignore[union-attr]  # set by watch

    def _leaking(self) -> bool:
        return self.inputs.wet_floor != 0  # type: ignore[union-attr]  # set by watch

    def _heater_dead(self) -> bool:
        on = self._sense_current and self.heater_closed and self._duty_pm >= DEAD_PM
        return on and self.inputs.heater_ma < STUCK_MA  # type: ignore[union-attr]  # set by watch

    def _stalled(self) -> bool:
        return self.inputs.motor_ma > STALL_MA  # type: ignore[union-attr]  # set by watch

    def _crowded(self) -> bool:
        return self.crowded

    def _tilted(self) -> bool:
        return self.inputs.tilt != 0  # type: ignore[union-attr]  # set by watch

    def _pressed_hard(self) -> bool:
        trip = self._caps[limits.PRESSURE_TRIP]
        sensors = self._sensors
        # The drive cannot press as hard as an implausible cell reads: that is the cell.
        return (sensors.left_ok and sensors.left_pa > trip) or (sensors.right_ok and sensors.right_pa > trip)

    def _cells_bad(self) -> bool:
        return not self._sensors.cells_ok

    def _cells_differ(self) -> bool:
        if self.paused:
            return False  # nothing presses: that is drift
        sensors = self._sensors
        return sensors.cells_ok and (self._gap(sensors.left_gap_pa, sensors.left_pa) or self._gap(sensors.right_gap_pa, sensors.right_pa))

    def _gap(self, gap_pa: int, most_pa: int) -> bool:
        """A part of the larger reading, no more than the cap in pascals, and no less than the drift that a start accepts."""
        caps = self._caps
        return gap_pa > max(min(caps[limits.FORCE_DIFFER], most_pa * caps[limits.FORCE_DIFFER_PART] // 1000), ZERO_PA)

    def _drifted(self) -> bool:
        return self.paused and self._open_ms >= LIFTED_MS and not self._sensors.zeroed(self.inputs)  # type: ignore[arg-type]  # set by watch

    def _dose_spent(self) -> bool:
        told = self._dose_told
        self._dose_told = spent = self._budgets.dose_spent
        return spent and not told  # once: after CLEAR the session may go on without heat

    def _session_over(self) -> bool:
        return self._budgets.session_spent

    def _check_missed(self) -> bool:
        return self._budgets.check_missed

    def standing(self, fault: int) -> int:
        """The permissive that keeps this fault's cause alive, 0 when it is gone."""
        sensors = self._sensors
        inputs = self.inputs
        if inputs is None:
            return messages.SENSORS_BAD
        if inputs.stop_button:
            return messages.PRESSED
        if fault in (faults.SENSOR_OPEN, faults.SENSOR_SHORT, faults.SENSOR_STALE) and (sensors.stale or not sensors.water_ok):
            return messages.SENSORS_BAD
        if fault == faults.SENSORS_DIFFER and sensors.water_gap_cdeg > self._caps[limits.WATER_DIFFER_TRIP]:
            return messages.SENSORS_BAD
        if fault in (faults.OVER_TEMPERATURE, faults.HEATER_STUCK_ON) and self._hot():
            return messages.TOO_WARM
        if fault == faults.HEATER_STUCK_ON and self._heater_live():
            return messages.HEATER_LIVE
        if fault == faults.LOW_WATER and not inputs.level_ok:
            return messages.LEVEL_LOW
        if fault == faults.TIPPED and inputs.tilt:
            return messages.TILTED
        if fault in (faults.OVER_PRESSURE, faults.CELL_OPEN, faults.CELLS_DIFFER, faults.CELL_DRIFT) and not (
            sensors.cells_ok and sensors.zeroed(inputs)
        ):
            return messages.CELLS_BAD
        return 0

    def permissive(self, enables: int) -> int:
        """What is missing to close these enables, 0 when nothing is. The lease is the device's business."""
        inputs = self.inputs
        sensors = self._sensors
        if inputs is None:
            return messages.SENSORS_BAD
        if self._calibration == faults.CALIBRATION_BAD:
            return messages.UNCALIBRATED
        if inputs.tilt:
            return messages.TILTED
        if inputs.stop_button or inputs.arm_button:
            return messages.PRESSED
        if self._budgets.session_spent:
            return messages.TIME_SPENT
        if enables & messages.HEATER_ENABLE:
            if not inputs.level_ok:
                return messages.LEVEL_LOW
            if sensors.stale or not sensors.water_ok:
                return messages.SENSORS_BAD
            if self._hot():
                return messages.TOO_WARM
            if not (self._offset_known or -START_CDEG <= sensors.apart_cdeg <= START_CDEG):
                return messages.SENSORS_BAD
            if not self.warmth.settled:
                return messages.UNSETTLED
        if enables & messages.MOTOR_ENABLE and not self.motor_closed and not (sensors.cells_ok and sensors.zeroed(inputs)):
            return messages.CELLS_BAD
        return 0

    # What holds

    def closes_heater(self) -> None:
        """A START closes the heater; what the sensors differ by at the session's first is their offset."""
        if not self._offset_known:
            self._offset_known = True
            self._sensors.start_cdeg = self._sensors.apart_cdeg
            self.warmth.filled()

    def _soakers(self, dt_ms: int, feet: int) -> bool:
        """False while nobody sits in the water that is kept warm for a soak."""
        if not self._thermostat.target_cdeg:
            self._soaked_ms = self._away_ms = 0
        elif feet:
            self._soaked_ms += dt_ms
            self._away_ms = 0
        elif self._soaked_ms >= SOAKING_MS:
            self._away_ms += dt_ms
            if self._away_ms > AWAY_END_MS:
                self.let_go = True
        return self._away_ms < AWAY_OFF_MS

    def slow(self, now_ms: int, dt_ms: int, silent: bool, feet: int) -> None:
        """Five times a second: may it heat, may it press, and which interlock is in force. `feet` are those in the bath."""
        caps = self._caps
        sensors = self._sensors
        thermostat = self._thermostat
        massage = self._massage
        budgets = self._budgets
        held = faults.LINK_LOST if silent else 0
        setpoint = thermostat.setpoint_cdeg
        ok = sensors.water_ok and not sensors.stale and sensors.hottest_cdeg <= caps[limits.WATER_TRIP]
        if sensors.water_gap_cdeg > caps[limits.WATER_DIFFER_OFF] and sensors.water_ok and self._mixed_ms >= MIXED_MS:
            self._differ_ms += dt_ms
            if self._differ_ms >= DIFFER_OFF_MS:
                ok = False
                held = held or faults.SENSORS_DIFFER
        else:
            self._differ_ms = 0
        if not self.warmth.settled:
            ok = False
            held = held or faults.HOT_FILL
        if not self._soakers(dt_ms, feet):
            ok = False
            held = held or faults.FOOT_ABSENT
        if self.grip.absent:
            held = held or faults.FOOT_ABSENT
        if now_ms < self.grip.locked_ms:
            held = held or faults.DWELL
        if self.grip.squeezed and thermostat.target_cdeg > caps[limits.HEAT_UNDER_PRESSURE]:
            ok = False
            held = held or faults.HEAT_UNDER_PRESSURE
        if thermostat.target_cdeg and budgets.heat_spent:
            thermostat.clear()
            ok = False
            held = held or faults.SESSION_OVER
        if massage.feet and budgets.massage_spent(massage.feet):
            massage.drop()
            held = held or faults.SESSION_OVER
        self._heat_ok = ok and sensors.hottest_cdeg <= setpoint + caps[limits.HEAT_CUT_ABOVE]
        self.check_due = budgets.check_due
        self.held = held or self._calibration

    @property
    def most_pa(self) -> int:
        """The highest peak that may be pressed now: half of the cap while the massage starts softly."""
        most = self._caps[limits.PRESSURE_MAX]
        if self._budgets.massage_ms < self._caps[limits.SOFT_START] * 1000:
            most >>= 1
        return most

    def last_word(self, out: "Outputs", level_ok: int) -> None:
        """Nothing that this function leaves alone is more than it found."""
        if not (self.heater_closed and out.heater_enable and self._heat_ok and level_ok):
            out.heater_pm = 0
        if not self.motor_closed or self.paused:
            out.motor_enable = out.carriage_um_s = out.left_um_s = out.right_um_s = 0
            if self._open_ms >= WELDED_MS and self.inputs.motor_contact:  # type: ignore[union-attr]  # set by watch
                # The driver keeps its supply, so no spring lifts: drive the rollers off the feet.
                out.left_um_s = out.right_um_s = -FULL_UM_S
            return
        cap = self._caps[limits.PRESSURE_MAX]
        sensors = self._sensors
        if out.left_um_s > 0 and (sensors.left_pa >= cap or not sensors.left_ok):
            out.left_um_s = 0
        if out.right_um_s > 0 and (sensors.right_pa >= cap or not sensors.right_ok):
            out.right_um_s = 0
