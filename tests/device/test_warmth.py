"""Slopes and gains: what the water does against what the heater and the basin promise. Arithmetic on readings, no world."""

from __future__ import annotations

import pytest

from firmware.device.body import Body, Inputs
from firmware.device.sensors import Sensors
from firmware.device.warmth import Warmth
from firmware_protocol import faults, messages

FULL = 1000
RISE = 1.3  # C/min: what 500 W give 5 L, losses taken off


class Basin:
    """Two readings that move as told, five times a second; `fault` is the first that was found, `at` when."""

    def __init__(self, body: Body | None = None, celsius: float = 36.0) -> None:
        self.body = body or Body()
        self.sensors = Sensors(self.body)
        self.sensors.water_ok = True
        self.warmth = Warmth(self.body, self.sensors)
        self.inputs = Inputs()
        self.celsius = [celsius, celsius]
        self.still = [False, False]
        self.now = 0.0
        self.fault = 0
        self.at = 0.0

    def live(self, seconds: float, *per_min: float, duty: int = FULL, closed: bool = True, feet: int = 0) -> Basin:
        """So many seconds at so many degrees a minute, one number for both sensors or one for each."""
        for _ in range(round(seconds * 5)):
            self.now += 0.2
            for side in (0, 1):
                self.celsius[side] += per_min[side % len(per_min)] / 300
            self.step(duty, closed, feet)
        return self

    def jump(self, *celsius: float) -> Basin:
        for side in (0, 1):
            self.celsius[side] += celsius[side % len(celsius)]
        return self

    def step(self, duty: int, closed: bool, feet: int) -> None:
        sensors = self.sensors
        sensors.water1_cdeg, sensors.water2_cdeg = (round(value * 100) for value in self.celsius)
        if not self.still[0]:
            self.inputs.water1_adc += 1
        if not self.still[1]:
            self.inputs.water2_adc += 1
        fault = self.warmth.step(200, self.inputs, duty, closed, feet)
        if fault and not self.fault:
            self.fault, self.at = fault, self.now

    def poured(self, celsius: float, **live: int) -> Basin:
        """Somebody adds warm or cold water: it reaches the sensors through their pockets, with a lag of 8 s."""
        for second in range(60):
            left = celsius * 0.8825**second
            self.live(1.0, (left - left * 0.8825) * 60 + RISE * live.get("duty", FULL) / FULL, **live)
        return self


def found(basin: Basin) -> tuple[str, float]:
    return faults.name(basin.fault) if basin.fault else "", round(basin.at, 1)


def test_water_that_warms_as_promised_is_fine() -> None:
    assert found(Basin().live(900, RISE)) == ("", 0.0)
    assert found(Basin().live(900, 0.55)) == ("", 0.0)  # half of it: a cold room, a cold vessel
    assert found(Basin().live(900, 0.0, duty=130)) == ("", 0.0)


def test_full_duty_that_warms_nothing_is_a_dead_heater_within_a_minute() -> None:
    basin = Basin().live(120, 0.2)
    assert basin.fault == faults.HEATER_DEAD
    assert 60 <= basin.at <= 70
    assert found(Basin().live(59, 0.2)) == ("", 0.0)
    assert found(Basin().live(300, 0.2, duty=799)) == ("", 0.0)


def test_cold_feet_are_no_dead_heater_for_three_minutes() -> None:
    basin = Basin().live(20, RISE)
    basin.warmth.feet_moved()
    basin.live(179, 0.0)
    assert basin.fault == 0
    basin.live(70, 0.0)
    assert basin.fault == faults.HEATER_DEAD


def test_a_heater_that_dies_is_found_within_a_minute() -> None:
    basin = Basin().live(100, RISE)
    for second in range(60):
        basin.live(1, RISE * 0.95**second)  # what element and pockets still hold
    assert basin.fault == faults.HEATER_DEAD


def test_cold_water_that_is_added_is_no_dead_heater() -> None:
    basin = Basin().live(40, RISE).poured(-4.0)
    assert found(basin.live(300, RISE)) == ("", 0.0)


@pytest.mark.parametrize("rates", [(RISE, 0.3), (0.3, RISE)])
def test_one_sensor_that_follows_slowly(rates: tuple[float, float]) -> None:
    basin = Basin().live(20, RISE).live(60, *rates)
    assert basin.fault == faults.SENSOR_SLOW
    assert basin.at <= 80
    assert found(Basin().live(120, RISE, 0.8 * RISE)) == ("", 0.0)


@pytest.mark.parametrize("side", [0, 1])
def test_a_count_that_stands_still_while_the_other_moves(side: int) -> None:
    basin = Basin().live(20, RISE)
    basin.still[side] = True
    basin.live(60, *((0.0, RISE) if side == 0 else (RISE, 0.0)))
    assert basin.fault == faults.SENSOR_STALE
    assert basin.at <= 60


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(("span", "duty", "fault"), [(59.8, 210, 0), (60.2, 210, faults.SENSOR_STALE), (300, 200, 0)])
def test_not_a_count_in_a_minute_of_heat(side: int, span: float, duty: int, fault: int) -> None:
    basin = Basin().live(1, 0.0, duty=duty)
    basin.still[side] = True
    assert basin.live(span, 0.0, duty=duty).fault == fault


def test_a_single_sensor_is_judged_alone() -> None:
    body = Body()
    body.features &= ~messages.SECOND_SENSOR
    basin = Basin(body)
    basin.still[1] = True
    assert found(basin.live(200, RISE, -5.0)) == ("", 0.0)
    assert Basin(body).live(120, 0.1, 9.0).fault == faults.HEATER_DEAD


def test_hot_water_that_is_added_unsettles_until_it_has_been_stable_for_half_a_minute() -> None:
    basin = Basin().live(60, 0.0, duty=130)
    basin.jump(0.9).live(9, 0.0, duty=130)
    assert not basin.warmth.settled
    assert basin.fault == 0
    basin.live(29, 0.0, duty=0)
    assert not basin.warmth.settled
    basin.live(4, 0.0, duty=0)
    assert basin.warmth.settled


def test_what_is_no_hot_refill() -> None:
    for jump in ((0.7,), (0.9, 0.0), (-3.0,)):
        basin = Basin().live(60, 0.0, duty=130).jump(*jump).live(20, 0.0, duty=130)
        assert basin.warmth.settled
    basin = Basin().live(60, 0.0, duty=0, closed=False).jump(5.0).live(20, 0.0, duty=0, closed=False)
    assert basin.warmth.settled  # nobody has said yet that it is filled


def test_pockets_may_follow_what_was_filled_in_for_half_a_minute() -> None:
    basin = Basin()
    basin.warmth.filled()
    basin.live(20, 0.0, duty=0).jump(3.0).live(9, 0.0, duty=0)
    assert basin.warmth.settled
    basin.live(5, 0.0, duty=0).jump(3.0).live(9, 0.0, duty=0)
    assert not basin.warmth.settled


def test_a_new_session_takes_the_water_as_it_is() -> None:
    basin = Basin().live(60, 0.0, duty=130).jump(3.0).live(9, 0.0, duty=130)
    basin.warmth.begin()
    assert basin.warmth.settled


def test_water_that_warms_as_only_little_water_can() -> None:
    basin = Basin().live(30, RISE).live(30, 3.3)
    assert basin.fault == faults.LOW_WATER
    assert basin.at <= 60
    assert found(Basin().live(300, 2.2)) == ("", 0.0)  # down to the level switch
    assert found(Basin().live(30, RISE).live(60, 3.3, duty=150)) == ("", 0.0)


@pytest.mark.parametrize("celsius", [0.3, 0.5, 0.8, 1.5, 4.0])
@pytest.mark.parametrize("duty", [0, 130, FULL])
def test_warm_water_that_is_added_is_neither_low_water_nor_a_welded_relay(celsius: float, duty: int) -> None:
    basin = Basin().live(60, RISE * duty / FULL, duty=duty)
    assert found(basin.poured(celsius, duty=duty).live(60, RISE * duty / FULL, duty=duty)) == ("", 0.0)


def test_water_that_warms_while_the_heater_is_off() -> None:
    basin = Basin().live(30, RISE).live(40, 1.2, duty=0)
    assert basin.fault == faults.HEATER_STUCK_ON
    assert 30 + 18 < basin.at <= 30 + 40
    assert found(Basin().live(30, RISE).live(17.8, 1.2, duty=0)) == ("", 0.0)
    # What element and pockets still hold comes within the first 18 s; a slow drift is the room's.
    assert found(Basin().live(30, RISE).live(18, 1.5, duty=0).live(10, 0.9, duty=0).live(200, 0.0, duty=0)) == ("", 0.0)


def test_warm_feet_in_cool_water_are_no_welded_relay() -> None:
    assert found(Basin(celsius=24.0).live(200, 0.8, duty=0, feet=3)) == ("", 0.0)
    assert Basin(celsius=36.0).live(200, 0.8, duty=0, feet=3).fault == faults.HEATER_STUCK_ON


def test_a_reading_that_is_not_good_starts_everything_anew() -> None:
    basin = Basin().live(57, 0.0)
    basin.sensors.stale = True
    basin.live(1, 0.0)
    basin.sensors.stale = False
    assert found(basin.live(57, 0.0)) == ("", 0.0)
    basin.sensors.water_ok = False
    assert found(basin.live(60, 0.0)) == ("", 0.0)


def test_sensors_that_come_apart_in_a_jump_are_left_to_other_guards() -> None:
    assert found(Basin().live(20, RISE).jump(-3.0, 0.0).live(4, RISE)) == ("", 0.0)
