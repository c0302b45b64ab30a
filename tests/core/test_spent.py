"""What a session takes from the day: counted as it is read, filled in where nobody saw the end."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.core import preheat
from footctl.core.dose import cem43, rate
from footctl.core.spent import COOLEST_C, Bounds, Meter, Use, cooling_s, unseen
from tests.core.desk import BOTH, NOBODY, sample

BOUNDS = Bounds(lease_s=5.0, session_s=3600.0, volume_l=5.0, trip_c=41.5)
LEFT = frozenset(("left",))


def metered(*moments: tuple[float, dict[str, Any], bool]) -> Meter:
    meter = Meter(0.0, BOUNDS)
    for now, changes, pressing in moments:
        meter.add(now, sample(**changes), pressing)
    return meter


def warm(celsius: float | None, feet: frozenset[str] = BOTH) -> dict[str, Any]:
    return {"in_bath": feet, "water_c": celsius, "water2_c": celsius}


def test_soaking_counts_while_a_foot_is_in_and_at_the_warmer_end() -> None:
    out, back = warm(38.0, NOBODY), warm(40.0, NOBODY)
    meter = metered((0, out, False), (60, warm(38.0, LEFT), False), (120, warm(40.0), False), (180, back, False))
    assert meter.use.soak_s == 180
    assert meter.use.dose_cem43 == pytest.approx(cem43([(60, 38.5), (120, 40.5)]))
    assert meter.use.massage_s == 0
    assert not meter.feet_in
    assert metered((0, out, False), (60, out, False)).use == Use()


def test_pressing_counts_each_foot_while_the_motor_may_move() -> None:
    on = {"on_roller": BOTH, "motor_enable": True}
    meter = metered((0, on, True), (30, on, True))
    assert (meter.use.massage_s, meter.pressed) == (60, 2)
    assert metered((0, on, True), (30, {**on, "on_roller": LEFT}, True), (40, {**on, "on_roller": LEFT}, True)).use.massage_s == 70
    assert metered((0, on, False), (30, on, False)).use.massage_s == 0
    assert metered((0, {"on_roller": BOTH}, True), (30, {"on_roller": BOTH}, True)).use.massage_s == 0


def test_unknown_water_counts_as_the_trip_and_then_as_the_last_known() -> None:
    meter = metered((0, warm(None), False), (60, warm(None), False))
    assert meter.use.dose_cem43 == pytest.approx(cem43([(60, 42.0)]))
    assert meter.celsius == 41.5
    assert metered((0, warm(36.0), False), (60, warm(None), False)).celsius == 36.0


def test_time_that_goes_back_adds_nothing() -> None:
    meter = metered((0, warm(38.0), False), (60, warm(38.0), False), (30, warm(38.0), False), (60, warm(38.0), False))
    assert meter.use.soak_s == 60
    assert meter.elapsed_s == 60


def test_what_nobody_saw() -> None:
    """A host killed in the soak at 38 °C: the lease, then the time to cool by a degree; feet on the roller: the lease alone."""
    cool = cooling_s(5.0, 38.0)
    assert 300 < cool < 480
    use = unseen(BOUNDS, 600.0, True, 38.0, 0)
    assert use.soak_s == pytest.approx(5 + cool)
    assert use.dose_cem43 == pytest.approx(cem43([(5 + cool, 38.5)]))
    assert unseen(BOUNDS, 600.0, False, 38.0, 2) == Use(0.0, 10.0, 0.0)
    assert unseen(BOUNDS, 600.0, False, 38.0, 0, unread_s=5.0) == Use()
    assert unseen(BOUNDS, 600.0, False, 38.0, 1, unread_s=5.0).massage_s == 10
    assert unseen(BOUNDS, 3599.0, True, 38.0, 2) == Use(1.0, 2.0, cem43([(1.0, 38.5)]))
    assert unseen(BOUNDS, 9999.0, True, 38.0, 2) == Use()
    assert cooling_s(5.0, 20.0) == cooling_s(5.0, COOLEST_C)


@pytest.mark.parametrize("celsius", [36.0, 38.0, 40.0, 41.5])
@pytest.mark.parametrize("volume_l", [3.0, 5.0, 6.0])
def test_a_degree_at_the_last_temperature_is_more_than_all_the_cooling_after_it(celsius: float, volume_l: float) -> None:
    capacity = volume_l * preheat.WATER_J_K_L + preheat.VESSEL_J_K
    water, dose = celsius, 0.0
    for _ in range(3600):
        dose += rate(water + 0.5) / 60
        water -= preheat.LOSS_W_K * (water - preheat.ROOM_C) / capacity
    filled = cem43([(cooling_s(volume_l, celsius), celsius + 0.5)])
    assert 0.7 * filled < dose < filled


def test_sums() -> None:
    assert Use(1, 2, 3).plus(Use(1, 1, 1)) == Use(2, 3, 4)
    assert Use(2, 3, 4).minus(Use(1, 1, 1)) == Use(1, 2, 3)


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from([None, 30.0, 38.0, 42.0]), st.booleans(), st.booleans()), max_size=12))
def test_use_never_falls(moments: list[tuple[float, float | None, bool, bool]]) -> None:
    meter = Meter(0.0, BOUNDS)
    before = meter.use
    for now, celsius, feet, pressing in moments:
        changes = {**warm(celsius, BOTH if feet else NOBODY), "on_roller": LEFT, "motor_enable": True}
        meter.add(now, sample(**changes), pressing)
        grown = meter.use.minus(before)
        assert min(grown) >= 0
        assert all(math.isfinite(value) for value in meter.use)
        before = meter.use
