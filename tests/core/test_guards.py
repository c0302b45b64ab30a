"""The host's simple guards: each cause one sample short of its time, and past it; and what looks like it but is none."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core.guards import AFTER_S, Guards
from tests.core.desk import BOTH, CAPS, NOBODY, sample

LIMITS = {**CAPS, "water_differ_off": 100, "water_differ_trip": 200, "pressure_trip": 57_000, "dwell": 10_000, "heat_under_pressure": 3800}
PRESSED = {"left_kpa": 20.0, "right_kpa": 18.0, "motor_enable": True, "on_roller": BOTH}

# what a sample shows, the fault, after how many seconds; None: never
ROWS: list[tuple[dict[str, Any], int | None, float]] = [
    ({"pump": True, "water_c": 38.0, "water2_c": 35.9}, faults.SENSORS_DIFFER, 32.0),
    ({"pump": True, "water_c": 36.5, "water2_c": 38.0, "heater_duty": 0.1}, faults.SENSORS_DIFFER, 40.0),
    ({"pump": True, "water_c": 36.5, "water2_c": 38.0}, None, 100.0),
    ({"pump": True, "water_c": 38.0, "water2_c": 37.1, "heater_duty": 0.1}, None, 100.0),
    ({"pump": False, "water_c": 38.0, "water2_c": 33.0}, None, 100.0),
    ({"pump": True, "water_c": 38.0, "water2_c": None}, None, 100.0),
    ({"pump": True, "water_c": None, "water2_c": 38.0}, None, 100.0),
    ({"heater_enable": True, "level_ok": False}, faults.LOW_WATER, 2.0),
    ({"heater_enable": False, "level_ok": False}, None, 20.0),
    ({"heater_enable": True, "heater_duty": 0.5}, faults.SENSOR_STALE, 60.0),
    ({"heater_enable": True, "heater_duty": 0.2}, None, 200.0),
    ({"left_kpa": 57.5, "right_kpa": 2.0, "motor_enable": True, "on_roller": BOTH}, faults.OVER_PRESSURE, 0.2),
    ({"left_kpa": 56.5, "right_kpa": 2.0, "motor_enable": True, "on_roller": BOTH}, faults.DWELL, 10.4),
    ({"left_kpa": None, "motor_enable": True}, faults.CELL_OPEN, 0.5),
    ({"left_kpa": None, "motor_enable": False}, None, 20.0),
    ({"left_kpa": 2.1}, faults.CELL_DRIFT, 6.0),
    ({"left_kpa": 1.9}, None, 20.0),
    ({"left_kpa": 3.0, "on_roller": BOTH}, None, 20.0),
    ({"left_kpa": 3.0, "in_bath": BOTH}, None, 20.0),
    ({"left_kpa": 3.0, "motor_enable": True}, None, 20.0),
    (PRESSED, faults.DWELL, 10.4),
    ({**PRESSED, "left_kpa": 4.2, "right_kpa": 4.2}, None, 60.0),
    ({**PRESSED, "on_roller": NOBODY}, faults.FOOT_ABSENT, 1.0),
    ({**PRESSED, "on_roller": NOBODY, "left_kpa": 3.9, "right_kpa": 3.9}, None, 20.0),
    ({**PRESSED, "left_kpa": 4.2, "right_kpa": 4.2, "setpoint_c": 38.1, "heater_duty": 0.1}, faults.HEAT_UNDER_PRESSURE, 10.0),
    ({**PRESSED, "left_kpa": 4.2, "right_kpa": 4.2, "setpoint_c": 38.0, "heater_duty": 0.1}, None, 60.0),
    ({**PRESSED, "left_kpa": 4.2, "right_kpa": 4.2, "setpoint_c": 40.0, "heater_duty": 0.0}, None, 60.0),
    ({**PRESSED, "left_kpa": 4.2, "right_kpa": 4.2, "setpoint_c": None, "heater_duty": 0.1}, None, 60.0),
]


def _first(fields: dict[str, Any], until_s: float, begin: Guards | None = None) -> tuple[int, float] | None:
    guards = begin or Guards(0.0, LIMITS)
    for tick in range(1, round(until_s * 5) + 1):
        now = round(tick / 5, 6)
        found = guards.look(now, sample(**fields))
        if found is not None:
            assert found[1]
            return found[0], now
    return None


@pytest.mark.parametrize(("fields", "fault", "after_s"), ROWS)
def test_each_cause_has_its_time(fields: dict[str, Any], fault: int | None, after_s: float) -> None:
    found = _first(fields, after_s + 3.0)
    if fault is None:
        assert found is None
    else:
        assert found is not None
        assert found[0] == fault
        assert after_s + AFTER_S - 0.21 <= found[1] <= after_s + AFTER_S + 0.41


def test_a_cause_that_goes_away_in_time_counts_anew() -> None:
    guards = Guards(0.0, LIMITS)
    dry, wet = {"heater_enable": True, "level_ok": False}, {"heater_enable": True}
    for tick in range(1, 200):
        assert guards.look(tick / 5, sample(**(wet if tick % 12 == 0 else dry))) is None


def test_a_roller_that_moves_on_does_not_dwell() -> None:
    guards = Guards(0.0, LIMITS)
    for tick in range(1, 400):
        assert guards.look(tick / 5, sample(**PRESSED, position_mm=100 + tick // 20 * 10 % 100)) is None


def test_pressure_times_time_has_an_end_for_each_foot() -> None:
    guards = Guards(0.0, {**LIMITS, "pressure_max": 50_000, "massage_foot": 10})
    fields = {"motor_enable": True, "on_roller": BOTH, "zone": "arch", "left_kpa": 4.0, "right_kpa": 20.0}
    end = next(tick / 5 for tick in range(1, 1000) if guards.look(tick / 5, sample(**fields, position_mm=tick % 9 * 20)))
    assert end == pytest.approx(10 * 50 / 20 + AFTER_S, abs=0.5)
    assert guards.pressed.by_zone["left", "arch"] == pytest.approx(4.0 * end, abs=2.0)
    guards = Guards(0.0, {**LIMITS, "pressure_max": 50_000, "massage_foot": 10})
    off = {**fields, "motor_enable": False}
    assert all(guards.look(tick / 5, sample(**off, position_mm=tick % 9 * 20)) is None for tick in range(1, 1000))


def test_without_limits_everything_is_too_much() -> None:
    assert Guards(0.0, {}).look(0.2, sample(**PRESSED)) is None
    found = _first(PRESSED, 5.0, Guards(0.0, {}))
    assert found is not None
    assert found[0] == faults.OVER_PRESSURE
