"""One press axis: presses one foot with a force that rises no faster than asked and does not pass its goal; lifts on demand.

Integers: micrometres, pascals, milliseconds. It has no encoder: depth is reckoned from its own commands, zero when the spring
has lifted it. Where it touched the foot it remembers, so that the next stroke there need not feel its way from the top.
"""

FULL_UM_S = 15000  # release: full speed
LIFT_UM_S = 10000  # between strokes
NEAR_UM_S = 8000  # down to where there can be no foot yet
TRAVEL_UM = 20000
TOUCH_PA = 700  # a tared cell with its noise reads less in free air [ENG]
APART_UM = 400  # slowly from here above the remembered touch
SLOPE_UM_MM = 150  # a sole rises or falls by no more than this on a millimetre of its length [ENG]
BIN_MM = 8  # touches are remembered this finely
BINS = 32  # the whole carriage
SEARCH_PER_RAMP = 10  # search at ramp / 10 in um/s: first touch of 25 kPa/mm then costs less than a quarter second of the ramp [CALC]
SEARCH_UM_S = (150, 1000)

# Stiffness of what is under the roller, in Pa/um, sixteenths. 10-25 at first touch, two to four times that 4 mm deeper [ENG]
SOFTEST = 8 * 16
FIRST = 25 * 16
STIFFEST = 250 * 16
STIFFENS = 96  # a roller cannot tell the tissue's stiffness from its shape: 0.6 Pa/um more for each kPa, as a heel has [ENG]
MOVED_UM = 15  # less than this says nothing about stiffness: the cells' noise is 50 Pa
# Part of the force error that one tick corrects. Reading and motor are a tick late each; a quarter is critically damped [CALC].
GAIN_PM = 180
FOLLOW_PM = 40  # of the error, a tick, into the speed with which a rolled surface comes and goes
FOLLOW_UM_S = 5000
SHARP_PA = 500  # rolling: more than this over the goal is the surface coming up
BEHIND_PA = 3000  # tissue yields: do not store up a push
EASE = 4  # the rise slows towards its goal: a quarter of a second before it is over
EASE_PA_S = 400


class Axis:
    """`press`, `ease` and `release` each give the speed of one tick in um/s, + presses. `off_pa`: how far the
    force is off, twice when it is too much."""

    __slots__ = (
        "depth_um",
        "touching",
        "touch_um",
        "off_pa",
        "_known",
        "_safe_um",
        "_reference",
        "_stiff",
        "_last_pa",
        "_moved_um",
        "_follow",
        "_rest",
    )

    def __init__(self) -> None:
        self._known = [0] * BINS
        self.lifted()

    def lifted(self) -> None:
        """The spring has the roller: depth is zero, the foot may stand elsewhere next time."""
        self.depth_um = self.touch_um = self._rest = 0
        self.forget()
        self.begin(0)

    def forget(self) -> None:
        """Forget where the foot was touched."""
        for at in range(BINS):
            self._known[at] = 0

    def begin(self, carriage_mm: int) -> None:
        """A stroke starts at this position, lifted."""
        self.touching = False
        self.off_pa = 0
        self._reference = self._last_pa = self._moved_um = self._follow = 0
        self._stiff = FIRST
        safe = 0
        for at in range(BINS):
            known = self._known[at]
            if known:
                away = carriage_mm - at * BIN_MM
                safe = max(safe, known - APART_UM - SLOPE_UM_MM * (BIN_MM if 0 <= away < BIN_MM else abs(away)))
        mine = self._known[min(carriage_mm // BIN_MM, BINS - 1)]
        self._safe_um = mine - APART_UM if mine else safe

    def turned(self) -> None:
        """The carriage rolls back over what it came from: what rose now falls."""
        self._follow = -self._follow

    def press(self, dt_ms: int, pa: int, goal_pa: int, ramp_pa_s: int, carriage_mm: int, rolling: bool) -> int:
        """Speed towards goal_pa, the reading being pa."""
        if not self.touching:
            if pa < TOUCH_PA:
                return self._approach(dt_ms, ramp_pa_s)
            self.touching = True
            self.touch_um = max(self.depth_um - pa * 16 // FIRST, 1)
            self._known[min(carriage_mm // BIN_MM, BINS - 1)] = self.touch_um
            self._moved_um = 0
        stiff = FIRST + pa * STIFFENS // 10000 if rolling else self._learn(pa)
        self._last_pa = pa
        reference = self._reference
        away = goal_pa - reference
        rate = 0
        if away > 0:
            rate = min(ramp_pa_s, away * EASE + EASE_PA_S)
            reference += min(rate * dt_ms // 1000, away)
        elif away < 0:
            reference = goal_pa
        error = reference - pa
        if error > BEHIND_PA:
            error = BEHIND_PA
            reference = pa + BEHIND_PA
        self._reference = reference
        self.off_pa = error if error >= 0 else -2 * error
        push = error * 16 // dt_ms
        speed = (rate * 16 + push * GAIN_PM) // stiff
        if rolling:
            follow = self._follow + push * FOLLOW_PM // stiff
            if error < -SHARP_PA:
                # The surface comes up: give way twice as fast, and do not go on after one that went down before.
                follow = min(follow, 0)
                speed *= 2
            self._follow = follow = max(-FOLLOW_UM_S, min(FOLLOW_UM_S, follow))
            speed += follow
        elif speed < 0 and rate and pa <= goal_pa:
            speed = 0  # first touch came firmer than the ramp has got: wait for it
        return self._move(dt_ms, speed)

    def _learn(self, pa: int) -> int:
        """Stiffness from what the last tick's movement did: at once when stiffer, slowly when softer."""
        moved = self._moved_um
        if moved > MOVED_UM or moved < -MOVED_UM:
            seen = (pa - self._last_pa) * 16 // moved
            stiff = self._stiff
            if seen > stiff:
                self._stiff = min(seen, STIFFEST)
            else:
                self._stiff = max(stiff + ((seen - stiff) >> 4), SOFTEST)
        return self._stiff

    def _approach(self, dt_ms: int, ramp_pa_s: int) -> int:
        low, high = SEARCH_UM_S
        speed = min(max(ramp_pa_s // SEARCH_PER_RAMP, low), high)
        near = self._safe_um - self.depth_um
        if near > 0:
            speed = max(speed, min(NEAR_UM_S, near * 1000 // dt_ms))
        return self._move(dt_ms, speed)

    def ease(self, dt_ms: int, clear_um: int) -> int:
        """Speed that lifts to clear_um above the last touch, all the way where there was none."""
        over = self.depth_um - max(self.touch_um - clear_um, 0)
        if over <= 0:
            return 0
        return self._move(dt_ms, -min(LIFT_UM_S, over * 1000 // dt_ms))

    def release(self, dt_ms: int) -> int:
        """Speed that lifts all the way, as fast as it goes; 0 when there."""
        if not self.depth_um:
            return 0
        self._move(dt_ms, -FULL_UM_S)
        return -FULL_UM_S

    def _move(self, dt_ms: int, speed: int) -> int:
        if speed > FULL_UM_S:
            speed = FULL_UM_S
        elif speed < -FULL_UM_S:
            speed = -FULL_UM_S
        travel = speed * dt_ms + self._rest
        self._moved_um = moved = travel // 1000
        self._rest = travel - moved * 1000  # without it half a micrometre a tick is lost, millimetres in a long massage
        depth = self.depth_um + moved
        if depth < 0:
            depth = 0
        elif depth > TRAVEL_UM:
            depth = TRAVEL_UM
            speed = 0
        self.depth_um = depth
        return speed
