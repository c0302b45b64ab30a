"""One press axis: presses one foot with a force that rises no faster than asked and never passes its goal; lifts on demand.

Integers: micrometres, pascals, milliseconds. It has no encoder: depth is reckoned from its own commands, zero when the spring
has lifted it. Knows nothing of zones beyond a number to remember the depth of first touch by.
"""

FULL_UM_S = 15000  # release: full speed
LIFT_UM_S = 10000  # between strokes
NEAR_UM_S = 8000  # towards a depth where nothing was touched before
TRAVEL_UM = 20000
TOUCH_PA = 700  # a tared cell with its noise reads less in free air [ENG]
APART_UM = 400  # search speed from here to the remembered touch
SEARCH_PER_RAMP = 10  # search at ramp / 10 in um/s: first touch of 25 kPa/mm then costs less than a quarter second of the ramp [CALC]
SEARCH_UM_S = (150, 1000)

# Stiffness of what is under the roller, in Pa/um, sixteenths. 10-25 at first touch, two to four times that 4 mm deeper [ENG]
SOFTEST = 8 * 16
FIRST = 25 * 16
STIFFEST = 200 * 16
# Part of the force error that one tick may correct. Reading and motor are a tick late each; a quarter is critically damped [CALC].
GAIN_PM = 180
EASE = 4  # the last part of the rise slows: a quarter of a second from its end it is at full rate
EASE_PA_S = 400


class Axis:
    """`press`, `ease` and `release` each give the speed of one tick in um/s, + presses. Times in ms, one call a tick."""

    __slots__ = ("depth_um", "touching", "_touch", "_reference", "_stiff", "_last_pa", "_moved_um")

    def __init__(self, zones: int) -> None:
        self._touch = [0] * zones
        self.lifted()

    def lifted(self) -> None:
        """The spring has the roller: depth is zero, the foot may stand elsewhere next time."""
        self.depth_um = 0
        self.forget()
        self.relax()

    def forget(self) -> None:
        """Forget where the foot was touched."""
        for zone in range(len(self._touch)):
            self._touch[zone] = 0

    def relax(self) -> None:
        """The stroke is over: the next one rises from nothing."""
        self.touching = False
        self._reference = 0
        self._stiff = FIRST
        self._last_pa = 0
        self._moved_um = 0

    def press(self, dt_ms: int, pa: int, goal_pa: int, ramp_pa_s: int, zone: int) -> int:
        """Speed in um/s towards goal_pa, the reading being pa."""
        if not self.touching:
            if pa < TOUCH_PA:
                return self._approach(dt_ms, ramp_pa_s, zone)
            self.touching = True
            self._touch[zone] = max(self.depth_um - pa * 16 // FIRST, 1)
            self._moved_um = 0
        moved = self._moved_um
        if moved > 15 or moved < -15:
            seen = (pa - self._last_pa) * 16 // moved
            stiff = self._stiff
            if seen > stiff:
                self._stiff = min(seen, STIFFEST)
            else:
                self._stiff = max(stiff + ((seen - stiff) >> 4), SOFTEST)
        self._last_pa = pa
        reference = self._reference
        away = goal_pa - reference
        rate = 0
        if away > 0:
            rate = min(ramp_pa_s, away * EASE + EASE_PA_S)
            rise = min(rate * dt_ms // 1000, away)
            reference += rise
        elif away < 0:
            reference = goal_pa
        error = reference - pa
        if error > 3000:
            reference = pa + 3000  # tissue yields: do not store up a push
            error = 3000
        self._reference = reference
        speed = (rate * 16 + error * 16 * GAIN_PM // dt_ms) // self._stiff
        if speed < 0 and rate and pa <= goal_pa:
            speed = 0  # first touch came firmer than the ramp has got: wait for it
        return self._move(dt_ms, speed)

    def _approach(self, dt_ms: int, ramp_pa_s: int, zone: int) -> int:
        low, high = SEARCH_UM_S
        speed = min(max(ramp_pa_s // SEARCH_PER_RAMP, low), high)
        near = self._touch[zone] - APART_UM - self.depth_um
        if near > 0:
            speed = max(speed, min(NEAR_UM_S, near * 1000 // dt_ms))
        return self._move(dt_ms, speed)

    def ease(self, dt_ms: int, zone: int, clear_um: int) -> int:
        """Speed that lifts to clear_um above the touch in this zone, all the way where there was none."""
        over = self.depth_um - max(self._touch[zone] - clear_um, 0)
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
        self._moved_um = moved = speed * dt_ms // 1000
        depth = self.depth_um + moved
        if depth < 0:
            depth = 0
        elif depth > TRAVEL_UM:
            depth = TRAVEL_UM
            speed = 0
        self.depth_um = depth
        return speed
