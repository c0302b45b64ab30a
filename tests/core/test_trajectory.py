"""Setpoints over time: step, ramp, hold, soft start, and the clock that waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.core.plan import Step
from footctl.core.trajectory import Holdback, in_band, pressure_kpa, ramp, water_c


def test_step_ramp_hold() -> None:
    assert ramp(30, 38, None, 0) == 38
    assert [ramp(30, 38, 0.5, t) for t in (-1, 0, 4, 16, 99)] == [30, 30, 32, 38, 38]
    assert [ramp(38, 30, 0.5, t) for t in (0, 4, 16, 99)] == [38, 36, 30, 30]


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0.001, 10), st.floats(0, 1e4))
def test_a_ramp_stays_between_its_ends_and_within_its_rate(start: float, target: float, per_s: float, elapsed: float) -> None:
    value = ramp(start, target, per_s, elapsed)
    assert min(start, target) <= value <= max(start, target)
    assert abs(value - start) <= per_s * elapsed + 1e-9


def test_water_ramps_by_the_minute() -> None:
    soak = Step("soak", "soak", 600, water_c=38.0, ramp_c_min=1.0)
    assert water_c(soak, 36.0, 60) == 37.0
    assert water_c(Step("preheat", "preheat", water_c=38.0), 24.0, 0) == 38.0
    assert water_c(Step("rest", "rest", 60), 24.0, 0) is None


def test_pressure_goes_straight_from_one_end_to_the_other() -> None:
    step = Step("massage", "arch", 100, pressure_from_kpa=10, pressure_to_kpa=30)
    assert [pressure_kpa(step, t) for t in (-5, 0, 50, 100, 500)] == [10, 10, 20, 30, 30]
    assert pressure_kpa(Step("massage", "arch", None, pressure_from_kpa=10, pressure_to_kpa=30), 0) == 30


def test_the_soft_start_holds_it_under_half_the_cap() -> None:
    step = Step("massage", "arch", 100, pressure_from_kpa=10, pressure_to_kpa=30, soft_s=60, soft_kpa=15)
    assert [pressure_kpa(step, t) for t in (0, 25, 59, 60)] == [10, 15, 15, 22]


def test_the_clock_runs_only_while_told_so() -> None:
    clock = Holdback()
    assert clock.turn(10, True) == 0
    assert clock.turn(12, False) == 2
    assert clock.turn(20, True) == 2
    assert clock.turn(19, True) == 2  # time that runs back
    assert clock.turn(21, True) == 3
    assert clock.running
    assert Holdback(5).turn(0, False) == 5


@pytest.mark.parametrize(("process", "expected"), [(37.5, True), (38.5, True), (38.51, False), (37.4, False), (None, False)])
def test_in_band(process: float | None, expected: bool) -> None:
    assert in_band(process, 38.0, 0.5) is expected
