"""Counts into readings."""

from __future__ import annotations

from math import log

import pytest

from firmware.device.body import Body, Inputs
from firmware.device.sensors import COLDEST_COUNTS, FINE, HOTTEST_COUNTS, OPEN, SHORT, Sensors, ntc_cdeg
from firmware_protocol import limits, messages
from tests.device.rig import counts


def ntc_c(number: int) -> float:
    ratio = number / (4095 - number)
    return 1 / (1 / 298.15 + log(ratio) / 3950) - 273.15


def test_table_follows_the_law_of_the_ntc() -> None:
    for number in range(HOTTEST_COUNTS, COLDEST_COUNTS + 1):
        assert abs(ntc_cdeg(number) - 100 * ntc_c(number)) < 3


def test_ends_of_the_table_are_the_plausible_range() -> None:
    low, high = limits.WATER_PLAUSIBLE_CDEG
    assert ntc_cdeg(HOTTEST_COUNTS) == pytest.approx(high, abs=8)
    assert ntc_cdeg(COLDEST_COUNTS) == pytest.approx(low, abs=8)


def test_warmer_is_fewer_counts() -> None:
    readings = [ntc_cdeg(number) for number in range(HOTTEST_COUNTS, COLDEST_COUNTS + 1)]
    assert readings == sorted(readings, reverse=True)


def read(body: Body | None = None, **inputs: int) -> Sensors:
    raw = Inputs()
    raw.water1_adc = raw.water2_adc = counts(3800)
    for name, value in inputs.items():
        setattr(raw, name, value)
    sensors = Sensors(body or Body())
    sensors.count(0, 1)
    sensors.read_water(raw)
    sensors.read_cells(raw)
    return sensors


@pytest.mark.parametrize(
    ("first", "second", "bad", "hottest", "mean"),
    [
        (counts(3800), counts(3800), (FINE, FINE), 3798, 3798),
        (counts(3900), counts(3700), (FINE, FINE), 3900, 3800),
        (counts(3700), counts(3900), (FINE, FINE), 3900, 3800),
        (4095, counts(3700), (OPEN, FINE), 3700, 3700),
        (0, counts(3700), (SHORT, FINE), 3700, 3700),
        (counts(3900), 4095, (FINE, OPEN), 3900, 3900),
        (counts(3900), 0, (FINE, SHORT), 3900, 3900),
    ],
)
def test_water(first: int, second: int, bad: tuple[int, int], hottest: int, mean: int) -> None:
    sensors = read(water1_adc=first, water2_adc=second)
    assert (sensors.water1_bad, sensors.water2_bad) == bad
    assert sensors.hottest_cdeg == pytest.approx(hottest, abs=3)
    assert sensors.mean_cdeg == pytest.approx(mean, abs=3)
    assert sensors.water_ok == (bad == (FINE, FINE))


def test_calibration_is_added() -> None:
    body = Body()
    body.water_offset_cdeg = (25, -10)
    body.cell_zero = (10, 10, 10, 10)
    sensors = read(body, left_a=110, left_b=60)
    assert sensors.water1_cdeg - sensors.water2_cdeg == 35
    assert (sensors.left_pa, sensors.left_gap_pa, sensors.right_pa) == (5000, 2500, -500)


def test_pressure_is_that_of_the_more_loaded_cell() -> None:
    sensors = read(left_a=100, left_b=300, right_a=600, right_b=500)
    assert (sensors.left_pa, sensors.left_gap_pa, sensors.right_pa, sensors.right_gap_pa) == (15000, 10000, 30000, 5000)
    assert sensors.odd
    assert not read(left_a=20, right_b=20).odd


@pytest.mark.parametrize(
    ("inputs", "quality"),
    [
        ({}, 0),
        ({"water1_adc": 0}, messages.IMPLAUSIBLE),
        ({"water2_adc": 4095}, messages.IMPLAUSIBLE << 2),
        ({"left_a": 1900}, messages.IMPLAUSIBLE << 4),
        ({"right_b": -101}, messages.IMPLAUSIBLE << 6),
    ],
)
def test_quality(inputs: dict[str, int], quality: int) -> None:
    assert read(**inputs).quality == quality


def test_a_missing_second_sensor_is_absent_and_not_bad() -> None:
    body = Body()
    body.features &= ~messages.SECOND_SENSOR
    sensors = read(body, water2_adc=4095)
    assert sensors.water_ok
    assert sensors.quality == messages.ABSENT << 2
    assert sensors.count(2000, 1) == 2000
    assert sensors.quality == messages.STALE * 0x51 | messages.ABSENT << 2


def test_a_counter_that_stands_makes_everything_stale() -> None:
    sensors = read()
    assert sensors.count(550, 1) == 550
    assert not sensors.stale
    sensors.count(600, 1)
    assert sensors.quality == messages.STALE * 0x55
    assert sensors.count(650, 2) == 0
    assert sensors.quality == 0


@pytest.mark.parametrize("cell", ["left_a", "left_b", "right_a", "right_b"])
@pytest.mark.parametrize(("number", "fine"), [(40, True), (-40, True), (41, False), (-41, False)])
def test_zero(cell: str, number: int, fine: bool) -> None:
    raw = Inputs()
    setattr(raw, cell, number)
    sensors = Sensors(Body())
    assert sensors.zeroed(raw) == fine
    sensors.tare(raw)
    sensors.read_cells(raw)
    assert sensors.left_pa == sensors.right_pa == 0
    assert sensors.zeroed(raw) == fine  # drift is measured from calibration, not from the last tare
