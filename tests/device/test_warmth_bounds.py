"""Where each judgement on slopes and gains begins, found by halving, to one part of a sum of five readings (0.002 °C) or one millisecond.

The numbers are those of the safety case for three basins: as promised by watts and litres, written out here and not taken from the code.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware.device.body import Body, Inputs
from firmware.device.sensors import Sensors
from firmware.device.warmth import Warmth
from firmware_protocol import faults

BASE = 5 * 3600  # five readings of 36 °C
STANDARD, SMALL, WEAK = (50, 30, 500), (30, 25, 800), (60, 48, 300)  # dl when full, dl at the switch, W
BODIES = [STANDARD, SMALL, WEAK]
EDGES = [(35, 31, 800), (50, 20, 950)]  # the speeds they promise lie just below and just above a whole part in five seconds
FAR = 1 << 14


class Seconds:
    """Feeds whole seconds: five readings whose sum is what is asked for. `at`: seconds until the first fault, 0 when there is none;
    `all`: the seconds of each fault. `count`: what a count changes by at every reading.
    """

    def __init__(self, body: tuple[int, int, int] = STANDARD, base: int = BASE) -> None:
        made = Body()
        made.volume_dl, made.least_dl, made.heater_w = body
        self.sensors = Sensors(made)
        self.sensors.water_ok = True
        self.warmth = Warmth(made, self.sensors)
        self.inputs = Inputs()
        self.sums = [base, base]
        self.second = self.fault = self.at = 0
        self.all: list[int] = []
        self.frozen = [False, False]
        self.count = 1

    def step(self, first: int, second: int, duty: int, closed: bool, feet: int, dt_ms: int) -> None:
        self.sensors.water1_cdeg, self.sensors.water2_cdeg = first, second
        self.inputs.water1_adc += self.count * (not self.frozen[0])
        self.inputs.water2_adc += self.count * (not self.frozen[1])
        fault = self.warmth.step(dt_ms, self.inputs, duty, closed, feet)
        if fault:
            self.all.append(self.second)
        if fault and not self.fault:
            self.fault, self.at = fault, self.second

    def go(
        self, seconds: int, rate1: int = 0, rate2: int | None = None, duty: int = 0, closed: bool = True, feet: int = 0, odd_ms: int = 200
    ) -> Seconds:
        """So many seconds at so many parts a second; the first step of all lasts `odd_ms`."""
        for _ in range(seconds):
            self.second += 1
            self.sums[0] += rate1
            self.sums[1] += rate1 if rate2 is None else rate2
            for part in range(5):
                first, second = (total // 5 + (part < total % 5) for total in self.sums)
                self.step(first, second, duty, closed, feet, odd_ms if part == 0 else 200)
            odd_ms = 200
        return self

    def climb(self, seconds: int, in_five: int, duty: int = 0, feet: int = 0) -> Seconds:
        """So many seconds, any five of which bring `in_five` parts."""
        for second in range(seconds):
            self.go(1, in_five // 5 + (second % 5 < in_five % 5), duty=duty, feet=feet)
        return self

    def jump(self, first: int, second: int | None = None) -> Seconds:
        self.sums[0] += first
        self.sums[1] += first if second is None else second
        return self


def least(holds: Callable[[int], bool], low: int = 0, high: int = FAR) -> int:
    """The smallest number for which it holds; it does not for `low`."""
    assert not holds(low)
    assert holds(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def fastest(body: tuple[int, int, int]) -> int:
    """Parts a minute that all watts give the least water: W x 60 s x 100 cdeg x 5 readings / (J/K)."""
    return body[2] * 30_000 // (body[1] * 418 + 1500)


def capacity(body: tuple[int, int, int]) -> int:
    return body[0] * 418 + 1500


# --- poured in: 3 °C a minute more than the heater could, seen over ten seconds


@pytest.mark.parametrize("body", BODIES)
def test_hot_fill(body: tuple[int, int, int]) -> None:
    bound = (1500 + fastest(body)) * 10 // 60
    assert least(lambda x: not Seconds(body).go(12).jump(x).go(1).warmth.settled) == bound + 1
    for start, seen in ((10, False), (11, True)):
        assert Seconds(body).go(start - 1).jump(bound + 1).go(2).warmth.settled is not (start >= 10) or seen
    assert Seconds(body).go(12).jump(FAR, 0).go(9).warmth.settled  # one sensor alone is another guard's
    assert Seconds(body).go(12).jump(0, FAR).go(9).warmth.settled
    assert Seconds(body).go(12, closed=False).jump(FAR).go(9, closed=False).warmth.settled


def test_hot_fill_looks_back_ten_seconds_and_needs_them() -> None:
    def seen(rate: int, seconds: int) -> bool:
        return not Seconds().go(12).go(seconds, rate).warmth.settled

    bound = (1500 + fastest(STANDARD)) * 10 // 60
    assert least(lambda rate: seen(rate, 10)) == bound // 10 + 1
    assert least(lambda rate: seen(rate, 30)) == bound // 10 + 1
    assert least(lambda rate: seen(rate, 9)) == bound // 9 + 1
    assert least(lambda second: not Seconds().go(second).jump(FAR).go(1).warmth.settled, 1, 40) == 10


def test_hot_fill_has_half_a_minute_of_grace_after_the_first_start() -> None:
    def seen(second: int) -> bool:
        rig = Seconds()
        rig.warmth.filled()
        return not rig.go(second).jump(FAR).go(1).warmth.settled

    assert least(seen, 1, 90) == 29


def test_settled_again_after_half_a_minute_within_three_tenths() -> None:
    def poured() -> Seconds:
        return Seconds().go(12).jump(1000).go(10)

    assert least(lambda seconds: poured().go(seconds).warmth.settled, 1, 100) == 30
    for way in (1, -1):
        assert least(lambda x, way=way: not poured().go(3).jump(way * x).go(29).warmth.settled, 1, 500) == 76  # type: ignore[misc]
    assert least(lambda seconds: poured().go(3).jump(-80).go(seconds).warmth.settled, 1, 100) == 31  # the second that moved counts for none
    drift = poured()
    for _ in range(20):
        drift.go(1, 70).go(1, -70)
    assert drift.warmth.settled


# --- low water: faster than 120 % of what the least water takes, twice five seconds alike, five seconds long


@pytest.mark.parametrize("body", BODIES)
def test_low_water(body: tuple[int, int, int]) -> None:
    def found(rate: int, duty: int = 1000) -> bool:
        rig = Seconds(body)
        rig.warmth.filled()
        return rig.go(30, rate, duty=duty).fault == faults.LOW_WATER

    bound = fastest(body) * 1200 // 1000 * 5 // 60
    assert least(found) == bound // 5 + 1
    assert least(lambda duty: found(FAR, duty), 0, 1000) == 200
    rig = Seconds(body)
    rig.warmth.filled()
    assert rig.go(30, 2000, duty=1000).at == 15


def test_low_water_goes_on_and_what_was_poured_in_comes_to_rest() -> None:
    def found(millionths: int) -> bool:
        rig = Seconds()
        rig.warmth.filled()
        rig.go(12)
        rate = 1_000_000
        for _ in range(3):
            rig.go(5, rate, duty=1000)
            rate = rate * millionths // 1_000_000
        return rig.go(1, 0, duty=1000).fault == faults.LOW_WATER

    assert least(found, 1, 2_000_000) == 800_000


@pytest.mark.parametrize("body", [*BODIES, *EDGES])
def test_low_water_to_the_part(body: tuple[int, int, int]) -> None:
    fast = fastest(body) * 1200 // 1000 * 5 // 60
    for rate, at in ((fast, 0), (fast + 1, 10 + 4 + 5)):
        rig = Seconds(body)
        rig.warmth.filled()
        assert rig.go(5).climb(30, rate, duty=700).at == at
    # Five seconds that are too fast, and five that are not: in either order no more than poured water.
    for before, after in ((fast + 1, fast), (fast + 1, fast - 1), (fast, fast + 1)):
        rig = Seconds(body)
        rig.warmth.filled()
        rig.go(5)
        for second in range(14):
            # Each brings what the one five seconds earlier brought, the tenth alone a part or two more or less.
            rig.go(1, before // 5 + (second % 5 < before % 5) + (after - before) * (second == 9), duty=700)
        assert not rig.fault, (before, after)


@pytest.mark.parametrize("lag", [0, 1])
def test_low_water_is_in_both_sensors_for_ten_seconds_and_the_five_that_it_takes(lag: int) -> None:
    rates = (0, 22) if lag == 0 else (22, 0)
    rig = Seconds()
    rig.warmth.filled()
    rig.go(11, *rates, duty=700).go(13, 22, duty=700)
    assert not rig.fault
    assert rig.go(3, 22, duty=700).all == [25, 26, 27]  # and as long as it lasts
    assert rig.fault == faults.LOW_WATER


# --- a welded relay: off for 18 s, then 0.3 °C and more, no slower than half the full basin would, no faster than 110 % of the least


@pytest.mark.parametrize("body", BODIES)
def test_stuck_on(body: tuple[int, int, int]) -> None:
    def found(rate: int) -> bool:
        return Seconds(body).go(20, duty=130).go(200, rate).fault == faults.HEATER_STUCK_ON

    slow = body[2] * 15_000 // capacity(body) * 5 // 60
    fast = fastest(body) * 11 // 10 * 5 // 60
    assert least(found, 0, fast // 5) == -(-slow // 5)
    assert least(lambda rate: not found(rate), fast // 5, FAR) == fast // 5 + 1
    need = 2 * max(150, fast * 13 // 10)
    rate = fast // 5
    # From 18 s on the lowest sum stays; it is in both sensors.
    assert Seconds(body).go(20, duty=130).go(200, rate).at == 20 + 17 + -(-need // (2 * rate))


@pytest.mark.parametrize("body", BODIES)
def test_stuck_on_needs_three_tenths_or_what_a_pour_still_brings(body: tuple[int, int, int]) -> None:
    fast = fastest(body) * 11 // 10 * 5 // 60
    need, rate = max(150, fast * 13 // 10), fast // 5
    whole = (need - 1) // rate
    last = least(lambda x: bool(Seconds(body).go(20, duty=130).go(20).go(whole, rate).jump(x).go(1).fault), -1, fast - 4 * rate)
    assert last == need - whole * rate


@pytest.mark.parametrize("body", [*BODIES, *EDGES])
def test_stuck_on_to_the_part(body: tuple[int, int, int]) -> None:
    slow = body[2] * 15_000 // capacity(body) * 5 // 60
    fast = fastest(body) * 11 // 10 * 5 // 60
    for in_five, found in ((slow - 1, False), (slow, True), (fast, True), (fast + 1, False)):
        rig = Seconds(body).go(20, duty=130).climb(120, in_five)
        assert (rig.fault == faults.HEATER_STUCK_ON) is found, in_five


@pytest.mark.parametrize("rates", [(12, 0), (0, 12)])
def test_stuck_on_is_in_both_sensors(rates: tuple[int, int]) -> None:
    assert not Seconds().go(20, duty=130).go(100, *rates).fault


def test_stuck_on_counts_from_the_coolest_since() -> None:
    # 100 down, then up: 300 from the bottom in both together, 15 seconds of 20.
    assert Seconds().go(20, duty=130).go(30).go(10, -5).go(60, 10).at == 60 + 15
    # The heater was off for long when the first ten seconds are full: from there on, not from nothing.
    assert Seconds().go(9, 10, odd_ms=20_000).go(40, 10).at == 11 + 15


def test_own_warmth_ends_at_34_degrees() -> None:
    rig = Seconds(WEAK, 17_000 - 5 * 30).go(20, duty=130).go(100, 5, feet=3)
    assert (rig.fault, rig.at) == (faults.HEATER_STUCK_ON, 49 + 30)  # at second 49 both together were 33,990, at 50 not below 34,000


def test_stuck_on_counts_milliseconds_since_the_heater_went_off() -> None:
    def at(odd_ms: int) -> int:
        return Seconds().go(20, duty=130).go(100, 10, odd_ms=odd_ms).at

    late, early = at(200), at(1200)
    assert early == late - 1
    assert least(lambda odd_ms: at(odd_ms) == early, 200, 1200) == 1200
    assert least(lambda odd_ms: at(odd_ms) == late, -900, 200) == 200


def test_stuck_on_leaves_feet_in_cool_water_alone() -> None:
    def found(base: int) -> bool:
        return bool(Seconds(base=base).go(20, duty=130).go(60, 10, feet=3).fault)

    warmed = 10 * 60
    assert 5 * 3400 - warmed < least(found, 5 * 2400, BASE) <= 5 * 3400
    assert not Seconds(base=5 * 2400).go(20, duty=130).go(200, 10, feet=1).fault
    assert Seconds(base=5 * 2400).go(20, duty=130).go(200, 10).fault == faults.HEATER_STUCK_ON


# --- a heater at 80 % and more: 30 % of the promise over 30 s, from 55 s on, three minutes after feet moved


@pytest.mark.parametrize("base", [BASE, 5 * 2400, 5 * 2000, 5 * 2500, 5 * 2900])
@pytest.mark.parametrize("body", [*BODIES, (60, 30, 2900)])
def test_dead_heater(body: tuple[int, int, int], base: int) -> None:
    def dead(gain: int) -> bool:
        """All of the gain comes in one second, in the middle of the thirty. Ten seconds pass before anything is judged."""
        rig = Seconds(body, base - gain).go(50, duty=1000).jump(gain).go(15, duty=1000)
        return rig.fault == faults.HEATER_DEAD

    loss = 4200 * max(base // 5 - 2400, 0) // 100000
    promised = (body[2] * 800 // 1000 - loss) * 30 * 500 // capacity(body)
    assert least(lambda gain: not dead(gain)) == -(-promised * 300 // 1000)
    assert Seconds(body, base).go(100, duty=1000).at == 10 + 55


def test_a_heater_too_weak_for_the_losses_promises_nothing() -> None:
    assert not Seconds((30, 25, 20)).go(100, duty=1000).fault


def test_dead_heater_looks_back_thirty_seconds() -> None:
    assert least(lambda second: not Seconds().go(second, duty=1000).jump(200).go(65 - second, duty=1000).fault, 1, 64) == 35
    assert least(lambda duty: bool(Seconds().go(100, duty=duty).fault), 1, 1000) == 800


def test_dead_heater_begins_anew_after_a_fall_a_dip_or_a_move() -> None:
    assert Seconds().go(50, duty=1000).jump(-101).go(100, duty=1000).at == 50 + 4 + 55  # the fall stays in sight for five seconds
    assert Seconds().go(50, duty=1000).go(5, duty=799).go(100, duty=1000).at == 55 + 55
    rig = Seconds().go(50, duty=1000)
    rig.warmth.feet_moved()
    rig.warmth._moved_ms = 0
    assert rig.go(100, duty=1000).at == 50 + 55
    rig = Seconds().go(50, duty=1000)
    rig.sensors.stale = True
    rig.go(1, duty=1000)
    rig.sensors.stale = False
    assert rig.go(100, duty=1000).at == 51 + 10 + 55


def test_slow_sensor_begins_anew_after_a_fall_a_dip_or_a_move() -> None:
    def fall(rig: Seconds) -> None:
        rig.jump(-101)

    def dip(rig: Seconds) -> None:
        rig.go(1, duty=799)

    def move(rig: Seconds) -> None:
        rig.warmth.feet_moved()
        rig.warmth._moved_ms = 0

    for what, lead in ((fall, 5), (dip, 0), (move, 0)):
        for rate, seen in ((25, True), (24, False)):
            rig = Seconds().go(30, duty=1000).go(8, 25, 0, duty=1000)
            what(rig)
            rig.go(lead + 1, duty=1000).go(10, rate, 0, duty=1000)
            assert (rig.fault == faults.SENSOR_SLOW) is seen, what


def test_dead_heater_waits_three_minutes_after_feet_moved() -> None:
    def at(odd_ms: int) -> int:
        rig = Seconds().go(5, duty=1000)
        rig.warmth.feet_moved()
        return rig.go(300, duty=1000, odd_ms=odd_ms).at

    assert at(200) == 5 + 179 + 55
    assert least(lambda odd_ms: at(odd_ms) == 5 + 178 + 55, 200, 1300) == 1200


# --- one sensor slow: half a degree here, less than 60 % of it there, within 58 s


def test_slow_sensor() -> None:
    def found(rate1: int, rate2: int, seconds: int = 59) -> bool:
        return Seconds().go(10, duty=1000).go(seconds, rate1, rate2, duty=1000).fault == faults.SENSOR_SLOW

    assert least(lambda rate: found(rate, 0), 0, 39) == 5  # 58 x 4 is less than 250
    for second_is_slow in (True, False):  # 1,000 here and 599 or 600 there

        def slow(part: int, second: bool = second_is_slow) -> bool:
            rates = [(20, 12), (20, part)] if second else [(12, 20), (part, 20)]
            rig = Seconds().go(11, duty=1000).go(49, *rates[0], duty=1000).go(1, *rates[1], duty=1000)
            return rig.fault == faults.SENSOR_SLOW

        assert least(lambda part, slow=slow: not slow(part), 0, 40) == 12  # type: ignore[misc]
    for total, seen in ((249, False), (250, True)):  # not so fast that it is a jump
        rig = Seconds().go(30, duty=1000).go(10, total // 10, 0, duty=1000).go(1, total % 10, 0, duty=1000)
        assert bool(rig.fault) is seen


def test_slow_sensor_to_the_part() -> None:
    for last, seen in ((56, True), (57, False)):  # 4,750 here and 2,849 or 2,850 there
        rig = Seconds((60, 30, 2900)).go(11, duty=1000).go(49, 95, 57, duty=1000).go(1, 95, last, duty=1000)
        assert (rig.fault == faults.SENSOR_SLOW) is seen


def test_slow_sensor_is_told_once_a_window() -> None:
    rig = Seconds().go(30, duty=1000).go(25, 25, 0, duty=1000)
    assert rig.fault == faults.SENSOR_SLOW
    assert rig.all == [40, 51]


def test_slow_sensor_starts_a_new_window_after_58_seconds() -> None:
    for last, seen in ((59, True), (60, False)):
        rig = Seconds().go(10, duty=1000).go(last - 10, duty=1000).go(10, 25, 0, duty=1000)
        assert (rig.fault == faults.SENSOR_SLOW) is seen


@pytest.mark.parametrize("side", [0, 1])
def test_a_slow_sensor_that_does_not_move_a_count_for_ten_seconds_is_frozen(side: int) -> None:
    for odd_ms, fault in ((199, faults.SENSOR_SLOW), (200, faults.SENSOR_SLOW), (201, faults.SENSOR_STALE)):
        rig = Seconds().go(20, duty=1000)
        rig.frozen[side] = True
        rig.go(10, *((0, 25) if side == 0 else (25, 0)), duty=1000, odd_ms=odd_ms)
        assert rig.fault == fault, odd_ms


def test_a_jump_or_a_fall_starts_the_judgement_anew() -> None:
    def dead(first: int, second: int) -> bool:
        return Seconds().go(50, duty=1000).jump(first, second).go(15, duty=1000).fault == faults.HEATER_DEAD

    assert least(lambda fall: not dead(-fall, -fall), 0, 5000) == 101  # both: cold water
    assert least(lambda fall: not dead(-fall, 0), 0, 5000) == 201
    assert least(lambda fall: not dead(0, -fall), 0, 5000) == 201

    def glides(rate: int, seconds: int) -> bool:
        return Seconds().go(50, duty=1000).go(seconds, -rate, 0, duty=1000).go(15 - seconds, duty=1000).fault == faults.HEATER_DEAD

    assert least(lambda rate: not glides(rate, 5), 0, 200) == 41
    assert least(lambda rate: not glides(rate, 6), 0, 200) == 41


@pytest.mark.parametrize("side", [0, 1])
def test_a_jump_to_the_part(side: int) -> None:
    def dead(*moves: int) -> bool:
        rig = Seconds().go(50, duty=1000)
        for move in moves:
            rig.jump(*((move, 0) if side == 0 else (0, move))).go(1, duty=1000)
        return rig.go(15 - len(moves), duty=1000).fault == faults.HEATER_DEAD

    assert dead(-40, -40, -40, -40, -40)
    assert not dead(-40, -40, -41, -40, -40)
    assert dead(1, -200, 1)
    assert not dead(1, -201, 1)  # never more than 200 in five seconds


# --- frozen: not a count for a minute at more than 20 %


@pytest.mark.parametrize("side", [0, 1])
def test_frozen(side: int) -> None:
    def found(odd_ms: int, duty: int = 1000) -> bool:
        rig = Seconds().go(1, 20, duty=duty)
        rig.frozen[side] = True
        rig.go(59, 20, duty=duty)
        rig.step(BASE // 5, BASE // 5, duty, True, 0, 800 + odd_ms)
        return rig.fault == faults.SENSOR_STALE

    assert least(found, 0, 5000) == 200
    assert least(lambda duty: found(5000, duty), 0, 1000) == 201


@pytest.mark.parametrize("side", [0, 1])
def test_frozen_does_not_count_while_little_is_heated(side: int) -> None:
    def found(odd_ms: int) -> bool:
        rig = Seconds().go(1, 20, duty=1000)
        rig.frozen[side] = True
        rig.go(30, 20, duty=1000).go(20, 20, duty=200).go(29, 20, duty=1000)
        rig.step(BASE // 5, BASE // 5, 1000, True, 0, 800 + odd_ms)
        return rig.fault == faults.SENSOR_STALE

    assert least(found, 0, 5000) == 200


def test_counts_that_fall_are_alive() -> None:
    rig = Seconds()
    rig.inputs.water1_adc = rig.inputs.water2_adc = 2000
    rig.count = -1
    assert not rig.go(100, 20, duty=1000).fault
