"""The massage: from zones, technique, pressure and speed to a carriage that moves and rollers that press, tick by tick.

A stroke is: travel there lifted, press with a ramp, hold or roll, lift, rest. The carriage moves only with the rollers lifted or
rolling. Knows nothing of leases, presence or trips: the supervisor drops or locks what must not go on.
"""

from firmware.device.axis import LIFT_UM_S, SLOPE_UM_MM, TOUCH_PA, Axis
from firmware_protocol import limits, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Body, Outputs

# Stages of a stroke
LIFT = 0
TRAVEL = 1
RISE = 2
HOLD = 3

CARRIAGE_UM_S = 40000
ROLL_UM_S = 30000
ROLL_PM = 900  # of the peak: the rest is for a surface that comes up under the roller
OFF_PM = 80  # rolling stands still while the force is off by more than this part of the peak,
OFF_PA = 600  # or by this
CARRIAGE_GAIN = 5000  # um/s for a millimetre off: a quarter of it a tick
CLEAR_UM = 600  # above the touch between two strokes, and more for each millimetre on the way: feet are not flat
SPOT_MM = 20  # the print of the roller: farther on nothing is under it that was [ENG]
DWELL_PART_PM = 700  # a stroke lifts by itself at this part of the dwell cap
HALF_STROKE_MM = 8
OFF_MM = 1  # carriage is there
MOVED_MM = 2  # a position that is read moves by one without a carriage that does
LOST_UM = 40000  # driven so far and not moved: a second at full speed; no belt is as slack, no reading as late [ENG]

# technique - 1: name, millimetres to the next spot, hold and rest at full speed in ms, passes of a roll, pressure of the way back.
# All of them [ENG], within foot-pump practice (3 s on) and the dwell cap.
STROKES = (
    ("kneading", 15, 400, 300, 0, 1000),
    ("rolling", 0, 0, 500, 4, 1000),
    ("circular", 20, 0, 400, 6, 600),
    ("press", 20, 3000, 1000, 0, 1000),
    ("stretch", 0, 4000, 2000, 0, 1000),
)


class Massage:
    """`feet` 0: nothing is asked, the rollers lift. `zone` is where the stroke is, NO_ZONE before the first. `busy` until all is lifted.

    `held_ms`: for how long a roller that is driven up has pressed all the same.
    """

    __slots__ = (
        "feet", "zones", "technique", "pressure_pa", "ramp_pa_s", "speed_pm", "left", "right", "zone", "stage", "busy",
        "held_ms", "_spans", "_caps", "_order", "_turn", "_spot", "_wait_ms", "_contact_ms", "_spot_mm", "_passes", "_forward", "_locked",
        "_goal_mm", "_clear_um", "_mark_mm", "_driven_um",
    )  # fmt: skip

    def __init__(self, body: "Body", caps: "list[int]") -> None:
        self._spans = body.zone_mm
        self._caps = caps
        self._locked = [0] * len(body.zone_mm)
        self.left = Axis()
        self.right = Axis()
        self._order: "list[int]" = []
        self._turn = self._spot = self._wait_ms = self._contact_ms = self._spot_mm = self._passes = self._goal_mm = self._clear_um = 0
        self.held_ms = self._mark_mm = self._driven_um = 0
        self._forward = True
        self.zone = messages.NO_ZONE
        self.busy = False
        self.drop()

    def drop(self) -> None:
        """Nothing is asked any more. The rollers lift in the next ticks."""
        self.feet = self.zones = self.technique = self.pressure_pa = self.ramp_pa_s = self.speed_pm = 0
        self.stage = LIFT

    def lifted(self) -> None:
        """The motors have no supply: springs lift the rollers, nothing is asked."""
        self.drop()
        self.busy = False
        self.held_ms = self._driven_um = 0
        self.left.lifted()
        self.right.lifted()

    def set(self, feet: int, zones: int, technique: int, pressure_pa: int, ramp_pa_s: int, speed_pm: int) -> None:
        """What the rollers should do. The same feet, zones and technique go on with their stroke."""
        self.busy = True
        self.pressure_pa = pressure_pa
        self.ramp_pa_s = ramp_pa_s
        self.speed_pm = speed_pm
        if feet == self.feet and zones == self.zones and technique == self.technique:
            return
        fresh = not self.feet
        if fresh:
            self.left.forget()
            self.right.forget()
        self.feet = feet
        self.zones = zones
        self.technique = technique
        self._order = [zone for zone in range(len(self._spans)) if zones >> zone & 1]
        self._turn = self._spot = 0
        self._lift()
        if fresh:
            self._wait_ms = 0

    def lock(self, zone: int, until_ms: int) -> None:
        """Leave a zone alone until then, NO_ZONE none; the stroke ends now."""
        if zone != messages.NO_ZONE:
            self._locked[zone] = until_ms
        if self.feet:
            self._lift()

    @property
    def holds_both(self) -> bool:
        """Both feet are held at the peak of a stroke that does not roll."""
        return self.stage == HOLD and self.feet == messages.LEFT | messages.RIGHT and not STROKES[self.technique - 1][4]

    def under(self, carriage_mm: int) -> int:
        """The zone at a carriage position; NO_ZONE between two."""
        zone = 0
        for first, last in self._spans:
            if carriage_mm <= last:
                return zone if carriage_mm >= first else messages.NO_ZONE
            zone += 1
        return messages.NO_ZONE

    def pressed(self) -> None:
        """Something presses although nothing is asked: from here on it is lifted and watched at every tick."""
        self.busy = True
        self.held_ms = 0

    def step(self, now_ms: int, dt_ms: int, carriage_mm: int, left_pa: int, right_pa: int, most_pa: int, out: "Outputs") -> bool:
        """One tick: fills the speeds. `most_pa` is the highest peak allowed now. True when the carriage is driven and gets nowhere."""
        out.carriage_um_s = 0
        pressed = left_pa > limits.CONTACT_PA or right_pa > limits.CONTACT_PA
        left = self.left
        right = self.right
        feet = self.feet
        stage = self.stage
        if not dt_ms:
            out.left_um_s = out.right_um_s = 0
        elif not feet or not self.speed_pm:
            out.left_um_s = left.release(dt_ms)
            out.right_um_s = right.release(dt_ms)
            if feet:
                self._lift()
            else:
                if pressed:
                    self.held_ms += dt_ms
                self.busy = pressed or left.depth_um > 0 or right.depth_um > 0
        elif stage == RISE or stage == HOLD:
            if not -SPOT_MM < carriage_mm - self._spot_mm < SPOT_MM:
                self._spot_mm = carriage_mm
                self._contact_ms = 0
            if pressed:
                self._contact_ms += dt_ms
            return self._stroke(dt_ms, carriage_mm, left_pa, right_pa, most_pa, out)
        else:
            free = left_pa < TOUCH_PA and right_pa < TOUCH_PA
            out.left_um_s = left.ease(dt_ms, self._clear_um) if feet & messages.LEFT else left.release(dt_ms)
            out.right_um_s = right.ease(dt_ms, self._clear_um) if feet & messages.RIGHT else right.release(dt_ms)
            if out.left_um_s or out.right_um_s or not free:
                # Not clear yet, or the foot is higher here than where it was touched: up before anything moves on.
                if not free:
                    self._clear_um += CLEAR_UM
                    # Reckoned to be all the way up, and still a foot there: reckoning drifts, so go on until it is free.
                    if left_pa >= TOUCH_PA and not left.depth_um:
                        out.left_um_s = -LIFT_UM_S
                    if right_pa >= TOUCH_PA and not right.depth_um:
                        out.right_um_s = -LIFT_UM_S
                    if pressed:
                        self.held_ms += dt_ms
            elif stage == TRAVEL:
                return self._travel(dt_ms, carriage_mm, out)
            elif self._wait_ms <= 0:
                self._aim(now_ms, carriage_mm)
            self._wait_ms -= dt_ms
        return False

    def _drive(self, dt_ms: int, carriage_mm: int, speed: int, out: "Outputs") -> bool:
        """The carriage goes on; True when it was driven far and has not moved."""
        out.carriage_um_s = speed
        if -MOVED_MM < carriage_mm - self._mark_mm < MOVED_MM:
            self._driven_um += (speed if speed > 0 else -speed) * dt_ms // 1000
            return self._driven_um > LOST_UM
        self._mark_mm = carriage_mm
        self._driven_um = 0
        return False

    def _travel(self, dt_ms: int, carriage_mm: int, out: "Outputs") -> bool:
        off = self._goal_mm - carriage_mm
        if off > OFF_MM or off < -OFF_MM:
            return self._drive(dt_ms, carriage_mm, max(-CARRIAGE_UM_S, min(CARRIAGE_UM_S, off * CARRIAGE_GAIN)), out)
        self.stage = RISE
        self._contact_ms = self._passes = 0
        self._spot_mm = carriage_mm
        self._forward = True
        self._wait_ms = STROKES[self.technique - 1][2] * 1000 // self.speed_pm - dt_ms
        self.left.begin(carriage_mm)
        self.right.begin(carriage_mm)
        return False

    def _stroke(self, dt_ms: int, carriage_mm: int, left_pa: int, right_pa: int, most_pa: int, out: "Outputs") -> bool:
        _, _, _, _, passes, least_pm = STROKES[self.technique - 1]
        goal = peak = min(self.pressure_pa, most_pa)
        left = self.left
        right = self.right
        feet = self.feet
        rolling = self.stage == HOLD and passes > 0
        if rolling:
            self._turn_round(carriage_mm, passes)
            goal = peak * ROLL_PM // 1000
            if least_pm < 1000 and not self._forward:
                goal = goal * least_pm // 1000  # the way back of a circle is lighter
        ramp = self.ramp_pa_s
        down = ready = True
        lost = False
        most_off = 0
        if feet & messages.LEFT:
            out.left_um_s = left.press(dt_ms, left_pa, goal, ramp, carriage_mm, rolling)
            down = left.touching
            ready = left_pa * 20 >= goal * 19
            most_off = left.off_pa
        else:
            out.left_um_s = left.release(dt_ms)
        if feet & messages.RIGHT:
            out.right_um_s = right.press(dt_ms, right_pa, goal, ramp, carriage_mm, rolling)
            down = down and right.touching
            ready = ready and right_pa * 20 >= goal * 19
            most_off = max(most_off, right.off_pa)
        else:
            out.right_um_s = right.release(dt_ms)
        if rolling:
            # The surface comes and goes as fast as the carriage moves: slower, and at last not at all, while the force is off.
            room = max(peak * OFF_PM // 1000, OFF_PA)
            pace = ROLL_UM_S * self.speed_pm // 1000 * max(room - most_off, 0) // room
            lost = self._drive(dt_ms, carriage_mm, pace if self._forward else -pace, out)
            if self._passes >= passes:
                self._lift()
        elif self.stage == HOLD:
            self._wait_ms -= dt_ms
            if self._wait_ms <= 0:
                self._lift()
        elif down if passes else ready:
            self.stage = HOLD  # a roller may start as soon as it touches; a hold counts from the peak
        elif not down and out.left_um_s <= 0 and out.right_um_s <= 0:
            self._lift()  # the end of the travel and no foot there
        if self._contact_ms * 1000 >= self._caps[limits.DWELL] * DWELL_PART_PM:
            self._lift()
        if self.stage == LIFT:
            out.carriage_um_s = 0
        return lost

    def _turn_round(self, carriage_mm: int, passes: int) -> None:
        first, last = self._rolls()
        if carriage_mm >= last if self._forward else carriage_mm <= first:
            self._forward = not self._forward
            self._passes += 1
            self.left.turned()
            self.right.turned()

    def _rolls(self) -> "tuple[int, int]":
        first, last = self._spans[self.zone]
        if STROKES[self.technique - 1][1]:
            first = max(first, self._goal_mm - HALF_STROKE_MM)
            last = min(last, self._goal_mm + HALF_STROKE_MM)
        return first + 1, last - 1

    def _lift(self) -> None:
        wait = STROKES[self.technique - 1][3] * 1000 // max(self.speed_pm, 100)
        if len(self._order) == 1 and not self._spot:
            wait = max(wait, self._contact_ms)  # the next stroke may come to the same spot: as long off as it was on
        self._wait_ms = wait
        self._clear_um = CLEAR_UM
        self.stage = LIFT

    def _next_zone(self, now_ms: int) -> int:
        """The zone of the next stroke; NO_ZONE when all of them are to be left alone."""
        order = self._order
        for more in range(len(order)):
            zone = order[(self._turn + more) % len(order)]
            if now_ms >= self._locked[zone]:
                self._turn = (self._turn + more) % len(order)
                return zone
        return messages.NO_ZONE

    def _aim(self, now_ms: int, carriage_mm: int) -> None:
        """Choose where the next stroke goes; waits when every zone is to be left alone."""
        zone = self._next_zone(now_ms)
        if zone == messages.NO_ZONE:
            return
        self.zone = zone
        first, last = self._spans[zone]
        step = STROKES[self.technique - 1][1]
        if step:
            margin = min(5, (last - first) // 4)
            goal = first + margin + self._spot * step
            self._spot += 1
            if goal + step > last - margin:
                self._turn += 1
                self._spot = 0
        else:
            goal = (first + last) >> 1
            self._turn += 1
        self._goal_mm = goal
        self.held_ms = 0
        self._clear_um = CLEAR_UM + SLOPE_UM_MM * abs(goal - carriage_mm)
        self.stage = TRAVEL
