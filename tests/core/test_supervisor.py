"""The host's guards: each one tick short of its limit, and past it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core.events import Sample, Yes
from footctl.core.plan import Plan
from footctl.core.supervisor import Supervisor
from tests.core.desk import BOTH, CAPS, identity, sample

PLAN = Plan(
    program="p", title="P", tier="standard", steps=(), lowered=(), refused=(), water_max_c=38.0, pressure_max_kpa=30.0, preheat_s=0.0,
    limits={**CAPS, "water_trip": 4150, "water_trip_now": 4200, "water_setpoint_max": 4000, "pressure_max": 50_000, "pressure_ramp": 10_000,
            "water_ramp": 100},
    duration_s=0.0, dose_cem43=0.0, dose_budget_cem43=1.0, pressure_time_part=0.0,
)  # fmt: skip


def _watch() -> Supervisor:
    watch = Supervisor()
    watch.begin(0.0, PLAN, identity())
    return watch


def _feed(watch: Supervisor, seconds: float, start: float = 0.0, **fields: Any) -> float:
    """Samples five a second for `seconds`; a callable field is told the time. Returns the time of the last."""
    count = round(seconds * 5)
    now = start
    for number in range(1, count + 1):
        now = round(start + number / 5, 6)
        values = {name: value(now) if callable(value) else value for name, value in fields.items()}
        watch.review(now, [_sample(now, **values)], [])
    return now


def _sample(now: float, **fields: Any) -> Sample:
    both = {"water_c": fields.get("water2_c", 34.0), "water2_c": fields.get("water_c", 34.0)}
    return sample(**{"sample": round(now * 20) & 255, "uptime_ms": round(now * 1000), **both, **fields})


def _fault(watch: Supervisor) -> int | None:
    return None if watch.fault is None else watch.fault.fault


def test_before_the_session_it_has_no_say() -> None:
    asked: list[c.Command] = [c.SetWater(99.0)]
    watch = Supervisor()
    assert watch.review(0.0, [], asked) is asked
    assert watch.dose_cem43 == 0.0


def test_water_over_the_trip_for_two_seconds() -> None:
    watch = _watch()
    now = _feed(watch, 2.0, water_c=41.6)
    assert watch.fault is None
    _feed(watch, 0.2, now, water_c=41.6)
    assert _fault(watch) == faults.OVER_TEMPERATURE
    _feed(watch, 5, now + 1, sample=3)
    assert _fault(watch) == faults.OVER_TEMPERATURE


def test_water_that_is_far_too_hot_trips_after_two_samples() -> None:
    watch = _watch()
    now = _feed(watch, 0.6, water_c=42.1)
    assert watch.fault is None
    now = _feed(watch, 0.4, now, water_c=41.6)
    now = _feed(watch, 0.6, now, water2_c=42.1, water_c=34.0)
    assert watch.fault is None
    _feed(watch, 0.2, now, water2_c=42.1, water_c=34.0)
    assert _fault(watch) == faults.OVER_TEMPERATURE


def test_water_that_cools_in_time_trips_nothing() -> None:
    watch = _watch()
    now = _feed(watch, 1.8, water_c=41.6)
    now = _feed(watch, 0.2, now)
    _feed(watch, 1.8, now, water_c=41.6)
    assert watch.fault is None


def test_a_counter_that_stands_still() -> None:
    watch = _watch()
    now = _feed(watch, 1.0)
    now = _feed(watch, 1.4, now, sample=20)
    assert watch.fault is None
    _feed(watch, 0.2, now, sample=20)
    assert _fault(watch) == faults.SENSOR_STALE


def test_no_reading_while_heat_is_asked_for() -> None:
    watch = _watch()
    now = _feed(watch, 10, water_c=None, water2_c=None)
    assert watch.fault is None
    now = _feed(watch, 2.0, now, water_c=None, water2_c=None, setpoint_c=38.0)
    assert watch.fault is None
    _feed(watch, 0.2, now, water_c=None, water2_c=None, setpoint_c=38.0)
    assert _fault(watch) == faults.SENSOR_OPEN


def test_a_dose_that_is_spent_with_the_feet_in() -> None:
    watch = _watch()
    now = _feed(watch, 60, water_c=41.4)
    assert watch.dose_cem43 == 0.0
    watch = _watch()
    now = 0.0
    while watch.fault is None and now < 900:
        now = _feed(watch, 1, now, water_c=40.9, in_bath=BOTH)
    assert _fault(watch) == faults.DOSE_SPENT
    # 0.25 ** (43 - 41.4) a minute
    assert now == pytest.approx(60 / 0.25**1.6, abs=2)


def test_a_heater_that_warms_although_it_is_off() -> None:
    watch = _watch()
    now = _feed(watch, 220.0, water_c=38.0)
    now = _feed(watch, 15.0, now, water_c=lambda t: 38.0 + (t - 220) * 0.0199)
    assert watch.fault is None
    _feed(watch, 3.0, now, water_c=lambda t: 38.0 + (t - 220) * 0.0199)
    assert _fault(watch) == faults.HEATER_STUCK_ON


def test_off_but_not_long_enough_or_feet_just_moved() -> None:
    watch = _watch()
    _feed(watch, 19.0, water_c=lambda t: 30 + t / 20)
    assert watch.fault is None
    watch = _watch()
    now = _feed(watch, 30.0)
    _feed(watch, 100.0, now, in_bath=BOTH, water_c=lambda t: 34 + (t - 30) / 60)
    assert watch.fault is None


def test_a_slow_rise_that_any_warm_room_makes() -> None:
    watch = _watch()
    _feed(watch, 600.0, water_c=lambda t: 20 + t * 0.01)
    assert watch.fault is None


@pytest.mark.parametrize(("rise_c_min", "trips"), [(0.1, True), (1.2, False)])
def test_full_duty_must_warm_the_water(rise_c_min: float, trips: bool) -> None:
    watch = _watch()
    fields: dict[str, Any] = {"heater_duty": 1.0, "heater_enable": True, "setpoint_c": 38.0, "water_c": lambda t: 30 + t * rise_c_min / 60}
    now = _feed(watch, 239.8, **fields)
    assert watch.fault is None
    _feed(watch, 70.0, now, **fields)
    assert (watch.fault is not None) == trips


def test_a_small_heater_under_its_own_losses_is_not_called_dead() -> None:
    watch = Supervisor()
    watch.begin(0.0, PLAN, identity(heater_w=50))
    _feed(watch, 400.0, water_c=lambda now: 38.0 + round(now) % 2 / 100, heater_duty=1.0, heater_enable=True, setpoint_c=40.0)
    assert watch.fault is None


@pytest.mark.parametrize(
    "command",
    [
        c.SetWater(40.1),
        c.SetWater(float("nan")),
        c.SetWater(-1.0),
        c.SetWater(38.0, 1.5),
        c.SetWater(38.0, float("nan")),
        c.SetMassage(BOTH, frozenset(("arch",)), "rolling", 50.1, 5.0, 40.0),
        c.SetMassage(BOTH, frozenset(("arch",)), "rolling", float("inf"), 5.0, 40.0),
        c.SetMassage(BOTH, frozenset(("arch",)), "rolling", 20.0, 10.1, 40.0),
    ],
)
def test_a_command_beyond_the_plan_is_held_back_and_is_a_fault(command: c.Command) -> None:
    watch = _watch()
    assert watch.review(1.0, [Yes()], [command, c.SetLamp("off")]) == [c.SetLamp("off")]
    assert _fault(watch) == faults.NONE


def test_commands_within_the_plan_pass() -> None:
    watch = _watch()
    commands: list[c.Command] = [
        c.SetWater(None),
        c.SetWater(40.0, 1.0),
        c.SetMassage(BOTH, frozenset(("arch",)), "rolling", 50.0, 10.0, 40.0),
        c.StartDevice(True, True),
    ]
    assert watch.review(1.0, [], commands) == commands
    assert watch.fault is None


@given(
    target=st.none() | st.floats(),
    ramp=st.none() | st.floats(),
    pressure=st.floats(),
    rise=st.floats(),
)
def test_nothing_above_the_plan_gets_past(target: float | None, ramp: float | None, pressure: float, rise: float) -> None:
    asked: list[c.Command] = [c.SetWater(target, ramp), c.SetMassage(BOTH, frozenset(("arch",)), "rolling", pressure, rise, 40.0)]
    passed = _watch().review(1.0, [], asked)
    assert set(map(id, passed)) <= set(map(id, asked))
    for command in passed:
        if isinstance(command, c.SetWater):
            assert command.target_c is None or 0 <= command.target_c <= 40.005
            assert command.ramp_c_min is None or 0 <= command.ramp_c_min <= 1.005
        if isinstance(command, c.SetMassage):
            assert 0 <= command.pressure_kpa <= 50.005
            assert 0 <= command.ramp_kpa_s <= 10.005


@pytest.mark.parametrize(
    ("probe", "passes"),
    [
        (c.TooWarm(40.01), True), (c.TooWarm(40.03), False), (c.TooWarm(float("nan")), False), (c.TooWarm(-1.0), False),
        (c.TooHard(50.001, "arch", "rolling"), True), (c.TooHard(50.1, "arch", "rolling"), False),
    ],
)  # fmt: skip
def test_what_the_proof_asks_for_is_one_more_than_the_limit_and_no_more(probe: c.Command, passes: bool) -> None:
    watch = _watch()
    assert watch.review(0.2, [], [probe]) == ([probe] if passes else [])
    assert (watch.fault is None) == passes


def test_a_simple_guard_is_heard() -> None:
    watch = _watch()
    _feed(watch, 4.0, heater_enable=True, level_ok=False)
    assert _fault(watch) == faults.LOW_WATER
