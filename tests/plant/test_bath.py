"""The bath against arithmetic: balance, closed forms, and that the step's size does not matter."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.describe import BathSpec, device
from simulator.plant.bath import WATER_J_KG_K, Bath, vapour_kpa

SPEC = device("footbath-5l").bath


def spec(**changes: float) -> BathSpec:
    return SPEC.model_copy(update=changes)


def lossless(**changes: float) -> BathSpec:
    return spec(wall_w_k=0.0, convection_w_m2k=0.0, evaporation_w_m2kpa=0.0, vessel_j_k=1e-3, vessel_w_k=1e-6, **changes)


def run(bath: Bath, seconds: float, watts: float) -> None:
    for _ in range(round(seconds / bath.step_s)):
        bath.step(watts)


@pytest.mark.parametrize(("litres", "gain"), [(3, 2.39), (5, 1.44), (6, 1.20)])
def test_500_w_warm_water_at_the_known_rate(litres: float, gain: float) -> None:
    bath = Bath(lossless(element_j_k=5.0), water_c=30.0, volume_l=litres)
    run(bath, 10, 500)
    before = bath.water_c
    run(bath, 60, 500)
    assert bath.water_c - before == pytest.approx(gain, rel=0.01)


@pytest.mark.parametrize(("name", "minutes"), [("footbath-3l", 7.6), ("footbath-5l", 12.0), ("footbath-6l", 14.2)])
def test_heating_from_24_to_38_takes_about_as_long_as_computed(name: str, minutes: float) -> None:
    bath = Bath(device(name).bath, water_c=24.0)
    bath.switch(pump=True)
    ticks = 0
    while bath.water_c < 38.0:
        bath.step(500)
        ticks += 1
    assert ticks * bath.step_s / 60 == pytest.approx(minutes, rel=0.08)


def test_loss_at_40_in_a_room_of_24_is_60_to_70_w() -> None:
    bath = Bath(SPEC, water_c=40.0)
    run(bath, 300, 0)
    lost, at = bath.lost_j, bath.water_c
    run(bath, 10, 0)
    assert at > 39.0
    watts = (bath.lost_j - lost) / 10
    feet = 2 * bath._air * (bath.left_c - bath.room_c)
    assert 55 < watts - feet < 70  # a little below 40 °C by now


def test_uncovered_basin_cools_by_less_than_two_degrees_in_ten_minutes() -> None:
    bath = Bath(SPEC, water_c=40.0)
    run(bath, 600, 0)
    assert 38.0 <= bath.water_c <= 38.7


def test_cooling_follows_the_exponential() -> None:
    only_surface = {"wall_w_k": 0.0, "evaporation_w_m2kpa": 0.0, "surface_m2": 1.0}
    still = spec(vessel_j_k=1e-3, vessel_w_k=1e-6, element_j_k=1e-3, element_w_k=1e-6, **only_surface)
    bath = Bath(still, water_c=40.0, room_c=20.0)
    run(bath, 1800, 0)
    expected = 20.0 + 20.0 * exp(-8.0 * 1800 / (WATER_J_KG_K * 5.0))
    assert bath.water_c - 20.0 == pytest.approx(expected - 20.0, rel=0.001)


def test_element_follows_the_exponential() -> None:
    bath = Bath(lossless(volume_l=1e6), water_c=30.0)
    run(bath, 12, 500)  # one time constant: 300 J/K through 25 W/K
    assert bath.element_c - 30.0 == pytest.approx(20.0 * (1 - exp(-1)), rel=0.01)


def test_feet_warm_by_the_exponential_towards_water_and_blood() -> None:
    bath = Bath(lossless(volume_l=1e6, element_j_k=1e-3, element_w_k=1e-6), water_c=38.0, feet_c=28.0, perfusion_w_k=6.0)
    bath.switch(pump=True)
    for side in (0, 1):
        bath.put_foot(side, True)
    run(bath, 120, 0)
    end = (40 * 38.0 + 6 * 36.5) / 46
    assert bath.left_c - end == pytest.approx((28.0 - end) * exp(-46 * 120 / 7000), rel=0.01)
    assert bath.right_c == bath.left_c


def test_feet_out_of_the_water_keep_their_temperature() -> None:
    bath = Bath(SPEC, water_c=38.0, feet_c=26.0)
    run(bath, 600, 0)
    assert bath.left_c == pytest.approx(26.0, abs=0.01)


def test_cold_feet_draw_a_few_hundred_watts_at_first() -> None:
    bath = Bath(SPEC, water_c=38.0, feet_c=28.0)
    bath.switch(pump=True)
    bath.put_foot(0, True)
    bath.put_foot(1, True)
    assert 200 <= 2 * bath._g_left * (bath.water_c - bath.left_c) <= 400


@given(st.floats(0.1, 5), st.floats(5, 60))
def test_pouring_mixes(litres: float, celsius: float) -> None:
    bath = Bath(SPEC, water_c=38.0)
    bath.pour(litres, celsius)
    assert bath.volume_l == pytest.approx(5 + litres)
    assert bath.water_c == pytest.approx((5 * 38.0 + litres * celsius) / (5 + litres), abs=1e-9)


def test_inlet_runs_a_degree_ahead_without_the_pump_and_a_tenth_with_it() -> None:
    for pump, apart in ((False, 1.0), (True, 0.1)):
        bath = Bath(SPEC, water_c=36.0)
        bath.switch(pump=pump)
        run(bath, 120, 500)
        assert bath.inlet_c - bath.far_c == pytest.approx(apart, rel=0.05)


def test_steady_state_does_not_depend_on_the_step() -> None:
    ends = []
    for step_s in (0.1, 0.05, 0.025):
        bath = Bath(spec(volume_l=3.0, element_covered_l=0.1), water_c=38.0, volume_l=0.2, step_s=step_s)
        bath.spec = spec(evaporation_w_m2kpa=0.0)  # nothing dries off, so there is a steady state
        bath.couple()
        run(bath, 9000, 30)
        ends.append(bath.water_c)
    assert ends[0] == pytest.approx(ends[1], abs=1e-6)
    assert ends[1] == pytest.approx(ends[2], abs=1e-6)


def test_low_water_leaves_the_element_dry_and_the_fuse_opens() -> None:
    bath = Bath(SPEC, water_c=30.0)
    bath.drain(4.9)
    assert bath.volume_l == pytest.approx(0.2)
    assert not bath.level_ok
    ticks = 0
    while not bath.fused:
        bath.step(500)
        ticks += 1
    assert ticks * 0.05 < 120
    heat = bath.heater_j
    run(bath, 10, 500)
    assert bath.heater_j == heat


def test_welded_heater_is_cut_by_the_fuse_before_45() -> None:
    bath = Bath(SPEC, water_c=40.0)
    bath.switch(pump=True)
    run(bath, 1800, 500)
    assert bath.fused
    assert bath.inlet_c < 45.0


def test_evaporation_takes_water_away() -> None:
    bath = Bath(SPEC, water_c=40.0)
    run(bath, 3600, 60)
    assert 0.02 < bath.evaporated_kg < 0.06
    assert bath.volume_l == pytest.approx(5.0 - bath.evaporated_kg, abs=1e-9)


def test_bubbles_evaporate_more() -> None:
    calm, lively = Bath(SPEC, water_c=40.0), Bath(SPEC, water_c=40.0)
    lively.switch(pump=False, bubbles=True)
    run(calm, 60, 0)
    run(lively, 60, 0)
    assert (lively.lost_j - calm.lost_j) / 60 == pytest.approx(28, rel=0.1)  # evaporation once more


def test_vapour_pressure_matches_steam_tables() -> None:
    assert vapour_kpa(40.0) == pytest.approx(7.38, rel=0.005)
    assert vapour_kpa(20.0) == pytest.approx(2.34, rel=0.005)


# What can happen to a bath in a session: (what, seconds, watts)
happenings = st.lists(
    st.tuples(st.sampled_from(["wait", "in", "out", "pump", "hot", "cold", "drain"]), st.integers(1, 120), st.integers(0, 500)),
    min_size=1,
    max_size=12,
)


def live(bath: Bath, what: str) -> None:
    if what in ("in", "out"):
        bath.put_foot(0, what == "in")
        bath.put_foot(1, what == "in")
    elif what == "pump":
        bath.switch(pump=not bath.pump)
    elif what == "hot":
        bath.pour(0.3, 60.0)
    elif what == "cold":
        bath.pour(0.3, 12.0)
    elif what == "drain":
        bath.drain(0.3)


@settings(max_examples=40)
@given(happenings)
def test_energy_balance_closes_to_a_thousandth(session: list[tuple[str, int, int]]) -> None:
    bath = Bath(SPEC, water_c=34.0)
    before = bath.stored_j
    for what, seconds, watts in session:
        live(bath, what)
        run(bath, seconds, watts)
    moved = abs(bath.heater_j) + abs(bath.body_j) + abs(bath.lost_j) + abs(bath.poured_j)
    assert bath.stored_j - before == pytest.approx(bath.heater_j + bath.body_j - bath.lost_j + bath.poured_j, abs=1e-3 * moved + 1)


@settings(max_examples=15)
@given(happenings)
def test_halving_the_step_changes_no_temperature_by_a_count(session: list[tuple[str, int, int]]) -> None:
    coarse, fine = Bath(SPEC, water_c=34.0), Bath(SPEC, water_c=34.0, step_s=0.025)
    for what, seconds, watts in session:
        for bath in (coarse, fine):
            live(bath, what)
            run(bath, seconds, watts)
        assert coarse.inlet_c == pytest.approx(fine.inlet_c, abs=0.02)
        assert coarse.far_c == pytest.approx(fine.far_c, abs=0.02)
        assert coarse.left_c == pytest.approx(fine.left_c, abs=0.02)
