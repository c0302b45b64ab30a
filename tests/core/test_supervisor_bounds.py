"""The host's guards to the last digit: where each begins and ends, in numbers of the safety case, not in names of the code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core.dose import cem43
from footctl.core.supervisor import Supervisor
from tests.core.desk import BOTH, NOBODY, identity, sample
from tests.core.test_supervisor import PLAN

HAIR = 1e-6


def watch(plan: Any = PLAN, **device: Any) -> Supervisor:
    supervisor = Supervisor()
    supervisor.begin(0.0, plan, identity(**device))
    return supervisor


def live(supervisor: Supervisor, until: float, start: float = 0.0, **fields: Any) -> float | None:
    """Samples five a second after `start` up to `until`; fields may be functions of the time. When the first fault was found."""
    for number in range(round(start * 5) + 1, round(until * 5) + 1):
        now = number / 5
        values = {name: value(now) if callable(value) else value for name, value in fields.items()}
        water = values.setdefault("water_c", 34.0)
        values.setdefault("water2_c", None if water is None else water - number % 2 / 100)  # the last digit of a live reading
        supervisor.review(now, [sample(**{"sample": number & 255, "uptime_ms": round(now * 1000), **values})], [])
        if supervisor.fault is not None:
            return now
    return None


def after(moment: float, before: Any, then: Any) -> Callable[[float], Any]:
    """`then` from `moment` on."""
    return lambda now: then if now > moment - 1e-9 else before


# --- the slope of a heater that is off: known off for 20 s, then 0.3 °C within 20 s


def off_since_200(water_c: Callable[[float], float], until: float = 260.0) -> float | None:
    supervisor = watch()
    live(supervisor, 200.0, heater_enable=True, water_c=38.0)
    return live(supervisor, until, 200.0, water_c=water_c)


def warms(begin: float, rate: float, most: float = 9.0) -> Callable[[float], float]:
    """From 38.0 °C on, so many degrees a second, until it is so much warmer."""
    return lambda now: 38.0 + min(most, max(0.0, (now - begin) * rate))


def test_the_slope_is_watched_from_twenty_seconds_on() -> None:
    assert off_since_200(warms(215.0, 0.02)) == pytest.approx(220.2 + 15.0, abs=0.21)  # still warm from before, and then 0.3 more


def test_a_rise_counts_within_twenty_seconds() -> None:
    assert off_since_200(warms(220.2, 0.0151), 400.0) == pytest.approx(220.2 + 19.9, abs=0.21)
    assert off_since_200(warms(220.2, 0.0148), 400.0) is None


def test_the_rise_is_three_tenths() -> None:
    assert off_since_200(warms(221.0, 0.03, 0.29), 400.0) is None
    assert off_since_200(warms(221.0, 0.03, 0.301), 400.0) == pytest.approx(231.0, abs=0.21)
    from_the_lowest = off_since_200(lambda now: 38.0 if now < 222 else 37.5 + max(0.0, 0.03 * (now - 225)))
    assert from_the_lowest == pytest.approx(235.0, abs=0.21)


def poured(*moments: float) -> Callable[[float], float]:
    """Half a degree in one sample, at each of these moments."""
    return lambda now: 36.0 + 0.5 * sum(now > moment - 1e-9 for moment in moments)


def test_what_warms_faster_than_the_heater_can_is_hot_water() -> None:
    most_c_s = 1.5 * 500 / (5.0 * 4178.0 * 0.993 + 1500.0)  # half as much again as the heater
    assert off_since_200(warms(221.0, most_c_s + 0.1 / 4.0 - 0.001, 0.5), 300.0) is not None  # a tenth in four seconds is noise
    assert off_since_200(warms(221.0, most_c_s + 0.1 / 2.0 + 0.001, 0.5), 300.0) is None
    assert off_since_200(poured(225.0), 400.0) is None
    assert off_since_200(poured(238.0), 400.0) is None  # also after it had been still for a while


def test_hot_water_comes_to_an_end() -> None:
    assert off_since_200(poured(225.0, 250.0, 285.0), 400.0) is None
    assert off_since_200(poured(225.0, 250.0, 285.4), 400.0) == 285.4
    assert off_since_200(poured(225.0, 240.0, 250.0, 285.4), 400.0) == 285.4  # within twenty seconds it is the same water
    assert off_since_200(poured(225.0, 285.4, 345.8), 400.0) is None  # it was still for a minute in between


@pytest.mark.parametrize("on", [{"heater_duty": 0.5}, {"heater_enable": True}, {"heater_duty": 0.005}])
def test_a_heater_that_is_on_in_any_way_may_warm(on: dict[str, Any]) -> None:
    assert live(watch(), 400.0, water_c=lambda now: 20 + now / 60, **on) is None


@pytest.mark.parametrize(("before", "then"), [(NOBODY, BOTH), (BOTH, NOBODY), (BOTH, frozenset(("left",)))])
def test_feet_that_moved_excuse_a_rise_for_three_minutes(before: frozenset[str], then: frozenset[str]) -> None:
    for moved, found in ((20.0, 200.0), (21.0, 201.0)):
        supervisor = watch()
        in_bath = after(moved, before, then)
        warming = live(supervisor, 300.0, in_bath=in_bath, water_c=lambda now: 30 + now / 50)
        assert warming == pytest.approx(found, abs=0.41)


# --- a heater at full duty: 30 % of what watts and litres promise within 60 s, three minutes after feet moved


def promised(hottest_c: float, watts: float = 500.0, litres: float = 5.0) -> float:
    return 0.3 * (0.8 * watts - 4.5 * max(0.0, hottest_c - 20.0)) * 60 / (litres * 4178.0 * 0.993 + 1500.0)


@pytest.mark.parametrize("hottest_c", [38.0, 30.0, 20.0, 19.5, 10.0])
@pytest.mark.parametrize(("litres", "watts"), [(5.0, 500), (3.0, 800), (6.0, 300)])
def test_full_duty_must_keep_a_third_of_its_promise(hottest_c: float, litres: float, watts: int) -> None:
    rise = promised(hottest_c, watts, litres)
    for short, found in ((HAIR, 240.0), (-HAIR, None)):
        supervisor = watch(volume_l=litres, heater_w=watts)
        water = after(240.0, hottest_c - rise + short, hottest_c)
        assert live(supervisor, 240.0, heater_duty=1.0, heater_enable=True, water_c=water) == found
        if found:
            assert supervisor.fault is not None
            assert "does not warm" in supervisor.fault.why


def test_weak_is_judged_every_minute_anew_and_only_at_four_fifths() -> None:
    on: dict[str, Any] = {"heater_enable": True}
    stalls = after(300.0, 0, 1)
    warms: Callable[[float], float] = lambda now: 30.0 + 0.02 * min(now, 240.0)  # noqa: E731
    assert stalls(300.0) == 1
    assert live(watch(), 400.0, heater_duty=1.0, water_c=warms, **on) == 300.0
    assert live(watch(), 400.0, heater_duty=0.79, water_c=30.0, **on) is None
    assert live(watch(), 400.0, heater_duty=0.8, water_c=30.0, **on) == 240.0
    assert live(watch(), 400.0, heater_duty=after(239.0, 1.0, 0.5), water_c=30.0, **on) is None


def test_a_heater_that_is_weaker_than_its_losses_promises_nothing() -> None:
    assert live(watch(heater_w=50), 400.0, heater_duty=1.0, heater_enable=True, water_c=lambda now: 40.0 - now / 100) is None


# --- warmth


@pytest.mark.parametrize(("water_c", "found"), [(41.49, None), (41.5, 2.2), (41.99, 2.2), (42.0, 0.8), (45.0, 0.8)])
def test_over_the_trip_for_two_seconds_or_far_over_for_two_samples(water_c: float, found: float | None) -> None:
    assert live(watch(), 10.0, water_c=water_c) == found
    supervisor = watch()
    assert live(supervisor, 10.0, water_c=30.0, water2_c=water_c) == found
    assert supervisor.fault is None or supervisor.fault.fault == faults.OVER_TEMPERATURE


def test_a_trip_that_nobody_gave_is_zero() -> None:
    nothing = replace(PLAN, limits={})
    assert live(watch(nothing), 10.0, water_c=0.005) == 0.8
    assert live(watch(nothing), 10.0, water_c=-0.005) is None
    odd = replace(PLAN, limits={**PLAN.limits, "water_trip": 3705, "water_trip_now": 3795})
    assert [live(watch(odd), 10.0, water_c=water_c) for water_c in (37.04, 37.05, 37.94, 37.95)] == [None, 2.2, 2.2, 0.8]


def test_without_a_reading_the_dose_counts_at_the_worst_that_the_device_lets_pass() -> None:
    supervisor = watch()
    live(supervisor, 60.2, water_c=None, in_bath=BOTH)
    assert supervisor.dose_cem43 == pytest.approx(cem43([(60, 42.5)]))


def test_the_dose_is_spent_at_the_budget_and_only_with_feet_in() -> None:
    for budget, found in ((0.25, 60.2), (0.2501, 60.4)):
        supervisor = watch(replace(PLAN, dose_budget_cem43=budget))
        assert live(supervisor, 90.0, water_c=41.5 - HAIR, in_bath=BOTH) == pytest.approx(found, abs=0.21)
    spent = watch(replace(PLAN, dose_budget_cem43=0.0))
    assert live(spent, 90.0) is None
    assert live(spent, 91.0, 90.0, in_bath=BOTH) == 90.2


# --- to the instant: times and values whose sums are exact


def at(supervisor: Supervisor, *moments: tuple[float, dict[str, Any]]) -> float | None:
    """Samples at these times; when the first fault was found."""
    for number, (now, fields) in enumerate(moments):
        values = {"water_c": 34.0, "sample": number, **fields}
        supervisor.review(now, [sample(**{"water2_c": values["water_c"], **values})], [])
        if supervisor.fault is not None:
            return now
    return None


@pytest.mark.parametrize(
    ("fields", "hold_s", "begin"),
    [
        ({"water_c": 41.5}, 2.0, 1.0),
        ({"water_c": 43.0}, 0.6, 0.0),
        ({"water_c": None, "setpoint_c": 38.0}, 2.0, 1.0),
        ({"sample": 7}, 1.5, 1.0),
    ],
)
def test_a_cause_that_lasts_exactly_so_long_is_found_and_a_late_sample_finds_it_too(
    fields: dict[str, Any], hold_s: float, begin: float
) -> None:
    assert at(watch(), (begin, fields), (begin + hold_s, fields)) == begin + hold_s
    assert at(watch(), (begin, fields), (begin + hold_s - 0.001, fields)) is None
    assert at(watch(), (begin, fields), (begin + 30.0, fields)) == begin + 30.0


def test_the_last_instant_of_a_rise_of_a_dose_and_of_the_rest_after_feet_moved() -> None:
    assert at(watch(), (100, {}), (120, {"water_c": 38.0}), (180, {"water_c": 38.0}), (200, {"water_c": 38.3})) == 200
    assert at(watch(), (100, {}), (120, {"water_c": 38.0}), (160, {"water_c": 38.0}), (179.9, {"water_c": 38.3})) is None
    assert at(watch(), (120, {}), (160, {"water_c": 38.0}), (180, {"water_c": 38.3})) == 180
    spent = replace(PLAN, dose_budget_cem43=1.0, limits={**PLAN.limits, "water_trip": 4300})
    assert at(watch(spent), (0, {"water_c": 42.5, "in_bath": BOTH}), (60, {"water_c": 42.5, "in_bath": BOTH})) == 60
    full: dict[str, Any] = {"heater_duty": 1.0, "heater_enable": True}
    moments = [(float(now), {**full, "water_c": 34.0 + now % 2 / 100, "in_bath": BOTH if now >= 20 else NOBODY}) for now in range(300)]
    assert at(watch(), *moments) == 260
    assert at(watch(), *((now, fields) for now, fields in moments if now <= 200 or now > 270)) == 271


# --- readings


def test_the_counter_may_stand_for_a_second_and_a_half() -> None:
    assert live(watch(), 10.0, sample=lambda now: round(now * 5) if now < 3.1 else 15) == 4.6  # 3.0 + 1.6: five samples a second
    assert live(watch(), 10.0, sample=lambda now: round(now * 5) // 7) is None
    assert live(watch(), 1.4, sample=255) is None
    assert live(watch(), 10.0, sample=0) == 1.8


def test_no_reading_is_bearable_for_two_seconds_of_heat() -> None:
    blind: dict[str, Any] = {"water_c": None}
    assert live(watch(), 10.0, setpoint_c=38.0, **blind) == 2.2
    assert live(watch(), 10.0, setpoint_c=lambda now: 38.0 if round(now * 5) % 10 else None, **blind) is None
    assert live(watch(), 10.0, setpoint_c=38.0, water_c=lambda now: None if round(now * 5) % 10 else 30.0) is None


# --- commands: the plan's numbers, a hair of rounding, and zero where the plan names none


def passes(command: c.Command, plan: Any = PLAN) -> bool:
    supervisor = watch(plan)
    passed = supervisor.review(1.0, [], [command]) == [command]
    assert passed == (supervisor.fault is None)
    return passed


def pressed(kpa: float, ramp: float = 1.0) -> c.Command:
    return c.SetMassage(BOTH, frozenset(("arch",)), "rolling", kpa, ramp, 40.0)


ODD = replace(PLAN, limits={**PLAN.limits, "water_setpoint_max": 3650, "water_ramp": 55, "pressure_max": 12_500, "pressure_ramp": 2_500})


@pytest.mark.parametrize(
    ("make", "most", "odd"),
    [
        (c.SetWater, 40.0, 36.5),
        (lambda ramp: c.SetWater(36.0, ramp), 1.0, 0.55),
        (pressed, 50.0, 12.5),
        (lambda ramp: pressed(1.0, ramp), 10.0, 2.5),
    ],
    ids=["water", "water ramp", "pressure", "pressure ramp"],
)
def test_a_command_passes_up_to_the_plan_and_never_below_zero(make: Callable[[float], c.Command], most: float, odd: float) -> None:
    for cap, plan in ((most, PLAN), (odd, ODD)):
        assert [passes(make(value), plan) for value in (0.0, 0.5, cap, cap + 0.0049)] == [True] * 4
        assert [passes(make(value), plan) for value in (cap + 0.0051, cap + 1, -0.5, -1.0, -HAIR)] == [False] * 5


def test_the_proof_may_ask_for_one_more_and_no_more() -> None:
    for plan, water_c, kpa in ((PLAN, 40.01, 50.001), (ODD, 36.51, 12.501), (replace(PLAN, limits={}), 0.01, 0.001)):
        for make, most in ((c.TooWarm, water_c), (lambda asked: c.TooHard(asked, "arch", "rolling"), kpa)):
            assert [passes(make(value), plan) for value in (0.0, most, most + 0.0049)] == [True] * 3
            assert [passes(make(value), plan) for value in (most + 0.0051, most + 1, -0.5, -HAIR)] == [False] * 4


def test_a_plan_without_a_limit_allows_nothing() -> None:
    nothing = replace(PLAN, limits={})
    dry = replace(PLAN, limits={name: value for name, value in PLAN.limits.items() if "ramp" not in name})
    for make, plan, none, some in (
        (c.SetWater, nothing, 0.0, 0.0051),
        (lambda ramp: c.SetWater(0.0, ramp), dry, 0.0, 0.0051),
        (lambda kpa: pressed(kpa, 0.0), nothing, 0.0045, 0.0055),
        (lambda ramp: pressed(0.0, ramp), dry, 0.0045, 0.0055),
    ):
        assert passes(make(none), plan)
        assert not passes(make(some), plan)


# --- water that warms faster than the heater can, twice in 20 s


def test_little_water_warms_quickly() -> None:
    # 500 W in 5 L and the vessel: 0.447 °C in 20 s; half more and a tenth of a degree are 0.77
    def warms(per_s: float, **fields: Any) -> float | None:
        supervisor = watch()
        seen = live(supervisor, 100.0, heater_enable=True, heater_duty=1.0, water_c=lambda now: 30 + per_s * now, **fields)
        assert supervisor.fault is None or supervisor.fault.fault == faults.LOW_WATER
        return seen

    assert warms(0.0380) is None
    assert warms(0.0390) == pytest.approx(40.2)
    assert warms(0.0390, pump=False) == pytest.approx(40.2)


def test_a_single_leap_is_no_little_water() -> None:
    supervisor = watch()
    leap = after(30.0, 36.0, 37.5)
    assert live(supervisor, 100.0, heater_enable=True, heater_duty=0.5, water_c=leap) is None
    supervisor = watch()
    rests = live(
        supervisor, 100.0, heater_enable=True, heater_duty=lambda now: 0.0 if 38 < now < 39 else 1.0, water_c=lambda now: 30 + 0.05 * now
    )
    assert rests == pytest.approx(79.0)


def test_what_came_to_rest_between_counts_anew() -> None:
    def water(now: float) -> float:
        return 30 + 0.05 * (min(now, 20.2) + max(0.0, now - 40.4))

    supervisor = watch()
    assert live(supervisor, 200.0, heater_enable=True, heater_duty=0.5, water_c=water) == pytest.approx(80.6, abs=0.5)
