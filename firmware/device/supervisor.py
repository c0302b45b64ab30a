"""The supervisor: the guards that trip, the interlocks that hold an output off while their cause lasts, and the last word.

It may lower an output, never raise one. What a trip does to the device's state is the device's business; the supervisor names
the fault. A guard is a row of the table: fault, how long its cause must last, whether it matters while nothing runs, the cause.
"""

from firmware.device.massage import SPOT_MM
from firmware.device.sensors import COLDEST_COUNTS, HOTTEST_COUNTS, OPEN, SHORT, ZERO_PA, ntc_cdeg
from firmware_protocol import faults, limits, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from firmware.device.body import Body, Inputs, Outputs
    from firmware.device.budgets import Budgets
    from firmware.device.massage import Massage
    from firmware.device.sensors import Sensors
    from firmware.device.thermostat import Thermostat

BAD_SAMPLES_MS = 1200  # four samples of 0.3 s; Klipper RANGE_CHECK_COUNT 4 x 0.300 s [S]
STALE_TRIP_MS = 1500  # the converter's counter stands still (F08) [ENG]
DIFFER_TRIP_MS = 2000
DIFFER_OFF_MS = 10000
MIXED_MS = 30000  # the pump has mixed the water: before it, the two ends differ in good health [ENG]
HOT_MS = 2000
HOT_NOW_MS = 600
LOW_WATER_MS = 2000
TILT_MS = 500
STUCK_MS = 2000
STUCK_MA = 100  # a fifth of the smallest heater's current, far above leakage [ENG]
PRESSED_HARD_MS = 100  # three samples at 20 Hz
CELLS_MS = 300
DRIFT_MS = 1000
LIFTED_MS = 1500  # springs have lifted the rollers and the tissue has let go
ABSENT_MS = 100  # two samples: a foot that shifts its weight is still there [ENG]; F26 wants 0.5 s
SQUEEZE_MS = 10000  # heat under pressure (F28)
COUNTS_PER_100_CDEG = 22  # the fewest at any plausible temperature: what looks apart here may be apart


class Supervisor:
    """`held` is the interlock or warning in force, 0 when none. The caps list is shared: the device tightens it in place."""

    __slots__ = (
        "held", "inputs", "heater_closed", "motor_closed", "paused", "check_due",
        "_sensors", "_caps", "_budgets", "_thermostat", "_massage", "_sense_current", "_guards", "_since", "_timing",
        "_age_ms", "_hot_counts", "_apart_counts", "_off_ms", "_open_ms", "_mixed_ms", "_differ_ms", "_squeeze_ms", "_spot_ms", "_spot_mm",
        "_absent_ms", "_locked_ms", "_absent", "_dose_told", "_heat_ok",
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
        self.held = 0
        self.heater_closed = self.motor_closed = self.paused = self.check_due = False
        self._guards: "tuple[tuple[int, int, bool, Callable[[], bool]], ...]" = (
            (faults.SENSOR_OPEN, BAD_SAMPLES_MS, False, self._sensor_open),
            (faults.SENSOR_SHORT, BAD_SAMPLES_MS, False, self._sensor_short),
            (faults.SENSOR_STALE, 0, False, self._sensor_stale),
            (faults.OVER_TEMPERATURE, HOT_MS, True, self._hot),
            (faults.OVER_TEMPERATURE, HOT_NOW_MS, True, self._hot_now),
            (faults.HEATER_STUCK_ON, STUCK_MS, True, self._heater_live),
            (faults.SENSORS_DIFFER, DIFFER_TRIP_MS, False, self._differ),
            (faults.LOW_WATER, LOW_WATER_MS, False, self._low_water),
            (faults.TIPPED, TILT_MS, False, self._tilted),
            (faults.OVER_PRESSURE, PRESSED_HARD_MS, False, self._pressed_hard),
            (faults.CELL_OPEN, CELLS_MS, False, self._cells_bad),
            (faults.CELLS_DIFFER, CELLS_MS, False, self._cells_differ),
            (faults.CELL_DRIFT, DRIFT_MS, False, self._drifted),
            (faults.DOSE_SPENT, 0, False, self._dose_spent),
            (faults.SESSION_OVER, 0, False, self._session_over),
            (faults.CHECK_MISSED, 0, False, self._check_missed),
        )
        self._since = [-1] * len(self._guards)
        self._timing = self._dose_told = self._heat_ok = self._absent = False
        self._age_ms = self._off_ms = self._open_ms = self._mixed_ms = self._differ_ms = 0
        self._squeeze_ms = self._spot_ms = self._spot_mm = self._absent_ms = self._locked_ms = 0
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
        apart = min(self._caps[limits.WATER_DIFFER_OFF], self._caps[limits.WATER_DIFFER_TRIP]) - self._sensors.offset_cdeg
        self._apart_counts = max(apart, 0) * COUNTS_PER_100_CDEG // 100

    def reset(self) -> None:
        """A new session, or a cleared latch: interlocks start anew."""
        self.held = 0
        self._absent = self.check_due = False
        self._differ_ms = self._squeeze_ms = self._spot_ms = self._absent_ms = 0
        self._since = [-1] * len(self._guards)
        self._timing = False

    def watch(self, now_ms: int, dt_ms: int, inputs: "Inputs", out: "Outputs", running: bool, due: bool) -> int:
        """Look at everything that can trip; gives the fault, 0 when there is none. `out` is what is commanded until now.

        The table is gone through when it is `due`, five times a second, and at every tick while something looks odd, so that times
        are exact.
        """
        self.inputs = inputs
        age = self._age_ms = self._sensors.count(now_ms, inputs.sample)
        self._off_ms = 0 if out.heater_pm and out.heater_enable else self._off_ms + dt_ms
        self._open_ms = 0 if out.motor_enable else self._open_ms + dt_ms
        self._mixed_ms = self._mixed_ms + dt_ms if out.pump else 0
        first = inputs.water1_adc
        apart = first - inputs.water2_adc
        if not (
            due
            or self._timing
            or first < self._hot_counts
            or inputs.water2_adc < self._hot_counts
            or first > COLDEST_COUNTS
            or apart > self._apart_counts
            or -apart > self._apart_counts
            or not inputs.level_ok
            or inputs.tilt
            or age > 1000
            or self._sensors.odd
            or (self._off_ms > 1000 and inputs.heater_ma > STUCK_MA)
        ):
            return 0
        self._sensors.read_water(inputs)
        if not self._massage.busy:
            self._sensors.read_cells(inputs)
        return self._table(now_ms, running)

    def _table(self, now_ms: int, running: bool) -> int:
        since = self._since
        timing = False
        index = 0
        for fault, hold_ms, always, cause in self._guards:
            if (running or always) and cause():
                begun = since[index]
                if begun < 0:
                    since[index] = begun = now_ms
                if now_ms - begun >= hold_ms:
                    return fault
                timing = True
            else:
                since[index] = -1
            index += 1
        self._timing = timing
        return 0

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
        return sensors.water_ok and self._mixed_ms >= MIXED_MS and sensors.water_gap_cdeg > self._caps[limits.WATER_DIFFER_TRIP]

    def _low_water(self) -> bool:
        return self.heater_closed and not self.inputs.level_ok  # type: ignore[union-attr]  # set by watch

    def _tilted(self) -> bool:
        return self.inputs.tilt != 0  # type: ignore[union-attr]  # set by watch

    def _pressed_hard(self) -> bool:
        trip = self._caps[limits.PRESSURE_TRIP]
        return self._sensors.left_pa > trip or self._sensors.right_pa > trip

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
        if enables & messages.MOTOR_ENABLE and not self.motor_closed and not (sensors.cells_ok and sensors.zeroed(inputs)):
            return messages.CELLS_BAD
        return 0

    # What holds

    def hands(self, now_ms: int, dt_ms: int, inputs: "Inputs", feet_on_roller: int) -> None:
        """Interlocks of the roller, each tick while its motors have supply: foot there, not too long on one spot."""
        massage = self._massage
        sensors = self._sensors
        if massage.feet & ~feet_on_roller:
            self._absent_ms += dt_ms
            if self._absent_ms >= ABSENT_MS:
                massage.drop()
                self._absent = True
        else:
            self._absent_ms = 0
        most = sensors.left_pa if sensors.left_pa > sensors.right_pa else sensors.right_pa
        if most > limits.RELEASED_PA:
            self._squeeze_ms += dt_ms
        else:
            self._squeeze_ms = 0
        away = inputs.carriage_mm - self._spot_mm
        if away >= SPOT_MM or away <= -SPOT_MM:
            self._spot_mm = inputs.carriage_mm
            self._spot_ms = 0
        if most > limits.CONTACT_PA:
            self._spot_ms += dt_ms
            if self._spot_ms >= self._caps[limits.DWELL]:
                self._locked_ms = now_ms + self._caps[limits.DWELL_OFF]
                zone = massage.under(inputs.carriage_mm)
                massage.lock(massage.zone if zone == messages.NO_ZONE else zone, self._locked_ms)
                self._spot_ms = 0
        elif self._spot_ms:
            # Relief counts back as fast as pressure counts up: short pulses on one spot add up.
            self._spot_ms = max(self._spot_ms - dt_ms, 0)

    def asked(self) -> None:
        """The host asked for a massage anew: a foot that was missing is forgotten."""
        self._absent = False
        self._absent_ms = 0

    def slow(self, now_ms: int, dt_ms: int, silent: bool) -> None:
        """Five times a second: may it heat, may it press, and which interlock is in force."""
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
        if self._absent:
            held = held or faults.FOOT_ABSENT
        if now_ms < self._locked_ms:
            held = held or faults.DWELL
        if self._squeeze_ms >= SQUEEZE_MS and thermostat.target_cdeg > caps[limits.HEAT_UNDER_PRESSURE]:
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
        self.held = held

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
            return
        cap = self._caps[limits.PRESSURE_MAX]
        if out.left_um_s > 0 and self._sensors.left_pa >= cap:
            out.left_um_s = 0
        if out.right_um_s > 0 and self._sensors.right_pa >= cap:
            out.right_um_s = 0
