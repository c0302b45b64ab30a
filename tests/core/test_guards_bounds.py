"""The host's simple guards to the last digit: two samples, the cause in both, exactly so far apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core.guards import Guards
from tests.core.desk import BOTH, CAPS, NOBODY, sample

LIMITS = {
    **CAPS, "water_differ_off": 105, "water_differ_trip": 215, "pressure_trip": 56_500, "dwell": 10_500, "heat_under_pressure": 3805,
    "pressure_max": 50_000, "massage_foot": 900,
}  # fmt: skip
LONG_AGO = -1000.0


@dataclass
class Row:
    """`cause` is found `after_s` after it is first seen; what just fails to be it (`almost`) never is."""

    fault: int
    after_s: float
    cause: dict[str, Any]
    almost: list[dict[str, Any]] = field(default_factory=list)


ON = {"motor_enable": True, "on_roller": BOTH, "left_kpa": 1.0, "right_kpa": 1.0}
WET = {"pump": True, "water_c": 38.0}
ROWS = [
    Row(faults.SENSORS_DIFFER, 2.6, {**WET, "water2_c": 35.84}, [{**WET, "water2_c": 35.86}, {**WET, "water2_c": 35.84, "pump": False}]),
    Row(faults.SENSORS_DIFFER, 2.6, {**WET, "water2_c": 40.16}, [{**WET, "water2_c": 40.14}, {**WET, "water2_c": None}]),
    Row(
        faults.SENSORS_DIFFER, 10.6, {**WET, "water2_c": 36.94, "heater_duty": 0.005},
        [{**WET, "water2_c": 36.96, "heater_duty": 0.005}, {**WET, "water2_c": 36.94, "heater_duty": 0.0}],
    ),
    Row(
        faults.LOW_WATER, 2.6, {"heater_enable": True, "level_ok": False},
        [{"heater_enable": False, "level_ok": False}, {"heater_enable": True, "level_ok": True}],
    ),
    Row(faults.OVER_PRESSURE, 0.75, {**ON, "left_kpa": 56.51}, [{**ON, "left_kpa": 56.5, "position_mm": 0}]),
    Row(faults.OVER_PRESSURE, 0.75, {**ON, "right_kpa": 56.51}, []),
    Row(faults.CELL_OPEN, 1.1, {**ON, "left_kpa": None, "right_kpa": None}, [{"left_kpa": None, "right_kpa": None}]),
    Row(
        faults.CELL_DRIFT, 3.6, {"left_kpa": 2.01},
        [
            {"left_kpa": 2.0}, {"left_kpa": 3.0, "on_roller": BOTH}, {"left_kpa": 3.0, "in_bath": BOTH},
            {"left_kpa": None, "right_kpa": None},
        ],
    ),
    Row(faults.FOOT_ABSENT, 1.6, {**ON, "on_roller": NOBODY, "left_kpa": 4.001}, [{**ON, "on_roller": NOBODY, "left_kpa": 4.0}]),
    Row(
        faults.FOOT_ABSENT, 1.6, {**ON, "on_roller": NOBODY, "right_kpa": 9.0},
        [{"left_kpa": 1.9}, {**ON, "on_roller": NOBODY, "in_bath": BOTH, "left_kpa": 9.0}],
    ),
]  # fmt: skip


def found(fields: dict[str, Any], later_s: float, limits: dict[str, int] | None = None) -> int:
    """What is found at the second of two samples, `later_s` apart; 0 for nothing."""
    guards = Guards(LONG_AGO, LIMITS if limits is None else limits)
    for number, now in enumerate((0.0, later_s)):
        values = {"position_mm": 100 * number, "water_c": 34.0 + number / 100, **fields}
        told = guards.look(now, sample(**{"water2_c": values["water_c"], **values}))
        if told is not None:
            assert told[1]
            return told[0] if number else -1
    return 0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: faults.name(row.fault))
def test_a_cause_lasts_its_time(row: Row) -> None:
    assert found(row.cause, row.after_s) == row.fault
    assert found(row.cause, row.after_s + 7.0) == row.fault
    assert found(row.cause, row.after_s - 0.001) == 0
    for almost in row.almost:
        assert found(almost, row.after_s + 9.0) == 0, almost


def test_the_pump_mixes_for_half_a_minute() -> None:
    for mixed_s, told in ((29.999, 0), (30.0, faults.SENSORS_DIFFER)):
        guards = Guards(LONG_AGO, LIMITS)
        apart = {"water_c": 38.0, "water2_c": 35.0}
        assert guards.look(0.0, sample(pump=False, **apart)) is None
        assert guards.look(mixed_s, sample(pump=True, **apart)) is None
        last = guards.look(mixed_s + 2.6, sample(pump=True, **apart))
        assert (last[0] if last else 0) == told


def test_rollers_are_lifted_three_seconds_after_their_supply_went() -> None:
    for open_s, told in ((2.999, 0), (3.0, faults.CELL_DRIFT)):
        guards = Guards(LONG_AGO, LIMITS)
        assert guards.look(0.0, sample(motor_enable=True, on_roller=BOTH, left_kpa=3.0)) is None
        assert guards.look(open_s, sample(left_kpa=3.0)) is None
        last = guards.look(open_s + 3.61, sample(left_kpa=3.0))
        assert (last[0] if last else 0) == told


@pytest.mark.parametrize(("duty", "still_s", "told"), [(0.205, 60.0, True), (0.205, 59.999, False), (0.2, 500.0, False)])
def test_a_reading_stands_still_for_a_minute_of_heat(duty: float, still_s: float, told: bool) -> None:
    guards = Guards(LONG_AGO, LIMITS)
    heats = {"heater_enable": True, "heater_duty": duty}
    assert guards.look(0.0, sample(**heats)) is None
    assert guards.look(still_s, sample(**heats)) is None
    assert guards.look(still_s + 0.59, sample(**heats)) is None
    last = guards.look(still_s + 0.61, sample(**heats))
    assert (last == (faults.SENSOR_STALE, last[1]) if last else False) is told


def test_a_reading_that_moves_by_its_last_digit_is_alive() -> None:
    for side in ("water_c", "water2_c"):
        guards = Guards(LONG_AGO, LIMITS)
        for second in range(200):
            moving = {side: 34.0 + second // 50 % 2 / 100}
            assert guards.look(float(second), sample(heater_enable=True, heater_duty=1.0, **moving)) is None


def test_a_spot_that_is_pressed_up_to_its_limit_does_not_dwell() -> None:
    guards = Guards(LONG_AGO, LIMITS)
    for now in (0.0, 10.1, 10.5, 10.75):
        assert guards.look(now, sample(**{**ON, "left_kpa": 5.0}, position_mm=100)) is None
    assert guards.look(11.4, sample(**{**ON, "left_kpa": 5.0}, position_mm=100)) is not None


@pytest.mark.parametrize(("setpoint_c", "fault"), [(38.04, 0), (38.06, faults.HEAT_UNDER_PRESSURE), (None, 0)])
def test_heat_and_pressure_together_only_up_to_a_setpoint(setpoint_c: float | None, fault: int) -> None:
    guards = Guards(LONG_AGO, LIMITS)
    warm = {"heater_enable": True, "heater_duty": 0.1, "setpoint_c": setpoint_c}
    last = None
    for number in range(60):
        last = last or guards.look(number / 5, sample(**{**ON, "left_kpa": 5.0}, **warm, position_mm=number % 9 * 20))
    assert (last[0] if last else 0) == fault


def test_a_roller_that_lets_go_in_between_squeezes_nobody() -> None:
    guards = Guards(LONG_AGO, LIMITS)
    warm = {"heater_enable": True, "heater_duty": 0.1, "setpoint_c": 40.0}
    for number in range(600):
        kpa = 5.0 if number % 45 else 0.0
        assert guards.look(number / 5, sample(**{**ON, "left_kpa": kpa}, **warm, position_mm=number % 9 * 20)) is None


def test_unmixed_water_has_no_gap_however_small_the_cap() -> None:
    limits = {**LIMITS, "water_differ_off": 50, "water_differ_trip": 60}
    assert found({"water_c": 38.0, "water2_c": 35.0, "pump": False, "heater_duty": 0.1}, 20.0, limits) == 0


def test_dwell_is_longer_than_the_limit_on_one_spot() -> None:
    for held_s, kpa, move_mm, told in (
        (10.5 - 0.61, 5.0, 0, 0), (10.501, 5.0, 0, faults.DWELL), (30.0, 4.3, 0, 0), (30.0, 5.0, 6, 0), (10.501, 5.0, 5, faults.DWELL),
    ):  # fmt: skip
        guards = Guards(LONG_AGO, LIMITS)
        pressed = {**ON, "left_kpa": kpa}
        assert guards.look(0.0, sample(**pressed, position_mm=100)) is None
        assert guards.look(held_s, sample(**pressed, position_mm=100 + move_mm)) is None
        assert guards.look(held_s + 0.59, sample(**pressed, position_mm=100 + move_mm)) is None
        last = guards.look(held_s + 0.61, sample(**pressed, position_mm=100 + move_mm))
        assert (last[0] if last else 0) == told
    guards = Guards(LONG_AGO, LIMITS)
    for now in (0.0, 20.0, 40.0):
        assert guards.look(now, sample(left_kpa=5.0, on_roller=BOTH)) is None  # without supply nothing presses


def test_a_foot_bears_the_most_pressure_for_the_longest_massage_and_no_more() -> None:
    limits = {**LIMITS, "pressure_max": 20_500, "massage_foot": 90}  # 1,845 kPa s
    for side in ("left", "right"):
        for kpa, told in ((18.45, 0), (18.46, faults.SESSION_OVER)):
            guards = Guards(LONG_AGO, limits)
            for number, (now, zone) in enumerate(((0.0, "arch"), (60.0, "arch"), (100.0, "heel"), (100.59, None), (100.61, None))):
                pressed = {**ON, f"{side}_kpa": kpa, "position_mm": 40 * number, "zone": zone}
                last = guards.look(now, sample(**pressed))
                assert last is None or now == 100.61
            assert (last[0] if last else 0) == told


@pytest.mark.parametrize(
    ("fields", "squeezed_s", "told"),
    [
        ({"setpoint_c": 38.06}, 10.0, True),
        ({"setpoint_c": 38.06}, 9.999, False),
        ({"setpoint_c": 38.05}, 30.0, False),
        ({"setpoint_c": None}, 30.0, False),
        ({"setpoint_c": 38.06, "heater_duty": 0.0}, 30.0, False),
        ({"setpoint_c": 38.06, "left_kpa": 4.0}, 30.0, False),
        ({"setpoint_c": 38.06, "left_kpa": None, "right_kpa": None, "motor_enable": False}, 30.0, False),
    ],
)
def test_a_warm_squeeze_for_ten_seconds(fields: dict[str, Any], squeezed_s: float, told: bool) -> None:
    guards = Guards(LONG_AGO, LIMITS)
    pressed = {**ON, "left_kpa": 4.001, "heater_duty": 0.1, **fields}
    assert guards.look(0.0, sample(**{**ON, "left_kpa": 4.0, "heater_duty": 0.1, "setpoint_c": 40.0}, position_mm=0)) is None
    assert guards.look(squeezed_s, sample(**pressed, position_mm=20)) is None
    assert guards.look(squeezed_s + 0.59, sample(**pressed, position_mm=30)) is None
    last = guards.look(squeezed_s + 0.61, sample(**pressed, position_mm=40))
    assert (last is not None and last[0] == faults.HEAT_UNDER_PRESSURE) is told


def test_without_limits_every_limit_is_zero() -> None:
    assert found({**WET, "water2_c": 37.995}, 2.6, {}) == faults.SENSORS_DIFFER
    assert found({**ON, "left_kpa": 0.0005, "right_kpa": 0.0}, 0.75, {}) == faults.OVER_PRESSURE
    for known in ({}, {"pressure_max": 50_000}, {"massage_foot": 900}):
        assert found({**ON, "left_kpa": 0.0, "right_kpa": 0.0}, 9.0, known) == 0
