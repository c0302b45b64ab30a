"""The rollers against arithmetic: stiffness, relaxation, limits, the spring."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.describe import ZONES, device
from simulator.plant.massager import STALL_MA, Massager, Tissue

SPEC = device("footbath-5l")
MIDDLE_MM = {name: (zone.from_mm + zone.to_mm) / 2 for name, zone in SPEC.tissue.items()}


def on_foot(zone: str = "arch", step_s: float = 0.05, firmness: float = 1.0) -> Massager:
    massager = Massager(SPEC.roller, Tissue(SPEC.tissue, 250), step_s=step_s, firmness=firmness)
    massager.put_foot(0, True)
    massager.put_foot(1, True)
    massager.carriage_mm = MIDDLE_MM[zone]
    massager.driven = True
    return massager


def press(massager: Massager, seconds: float, mm_s: float) -> None:
    massager.left.speed_mm_s = massager.right.speed_mm_s = mm_s
    for _ in range(round(seconds / massager.step_s)):
        massager.step()


def press_to(massager: Massager, kpa: float, mm_s: float = 5.0) -> None:
    while massager.left.kpa < kpa:
        press(massager, massager.step_s, mm_s)
    press(massager, massager.step_s, 0.0)


@pytest.mark.parametrize("zone", ZONES)
def test_tissue_is_soft_at_first_and_two_to_four_times_stiffer_4_mm_deeper(zone: str) -> None:
    row = SPEC.tissue[zone]
    assert 10 <= row.kpa_mm <= 25
    assert 2 <= 1 + 4 * row.stiffens <= 4
    massager = on_foot(zone, step_s=0.005)
    press(massager, row.contact_mm / 15, 15.0)
    touch = massager.left.travel_mm - row.contact_mm
    before = massager.left.kpa
    press(massager, 0.02, 15.0)
    slope = (massager.left.kpa - before) / (massager.left.travel_mm - touch - row.contact_mm)
    assert slope == pytest.approx(row.kpa_mm, rel=0.25)


def test_heel_is_stiffest_and_arch_softest() -> None:
    stiffness = {name: row.kpa_mm for name, row in SPEC.tissue.items()}
    assert max(stiffness, key=stiffness.__getitem__) == "heel"
    assert min(stiffness, key=stiffness.__getitem__) == "arch"


@pytest.mark.parametrize("zone", ZONES)
def test_a_tenth_to_a_third_relaxes_within_a_few_seconds(zone: str) -> None:
    massager = on_foot(zone, step_s=0.01)
    press_to(massager, 40.0, 15.0)
    peak = massager.left.kpa
    press(massager, 8.0, 0.0)
    assert 0.1 <= 1 - massager.left.kpa / peak <= 0.34


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("kpa", [30.0, 60.0, 79.0])
def test_the_spring_releases_below_4_kpa_in_well_under_a_second(zone: str, kpa: float) -> None:
    massager = on_foot(zone)
    press_to(massager, kpa)
    massager.driven = False
    for _ in range(8):
        massager.step()
    assert massager.left.kpa < 4.0
    assert massager.right.kpa < 4.0
    press(massager, 1.0, 15.0)  # commands mean nothing to a motor without supply
    assert massager.at_rest
    assert massager.left.travel_mm == 0.0
    assert massager.motor_ma == 0


def test_motors_release_as_fast_as_they_press() -> None:
    massager = on_foot("heel")
    press_to(massager, 60.0)
    press(massager, 0.3, -15.0)
    assert massager.left.kpa < 4.0


@settings(max_examples=50)
@given(st.sampled_from(ZONES), st.floats(0.5, 2.0), st.lists(st.tuples(st.floats(-20, 20), st.floats(0.1, 2.0)), max_size=20))
def test_the_drive_never_presses_beyond_its_mechanical_limit(zone: str, firmness: float, moves: list[tuple[float, float]]) -> None:
    massager = on_foot(zone, firmness=firmness)
    for speed, seconds in moves:
        press(massager, seconds, speed)
        for axis in (massager.left, massager.right):
            assert 0.0 <= axis.kpa <= SPEC.roller.limit_kpa
            assert 0.0 <= axis.travel_mm <= SPEC.roller.press_mm


def test_the_drive_stalls_at_its_limit_and_the_current_says_so() -> None:
    massager = on_foot("heel")
    press(massager, 3.0, 15.0)
    assert massager.left.stalled
    assert massager.motor_ma == STALL_MA
    assert massager.left.kpa == pytest.approx(80.0, abs=1.0)


def test_current_grows_with_pressure_and_motion() -> None:
    massager = on_foot()
    idle = massager.motor_ma
    press(massager, 0.2, 5.0)
    free = massager.motor_ma
    press_to(massager, 40.0)
    massager.left.speed_mm_s = 5.0
    assert 0 < idle < free < massager.motor_ma + 1
    massager.carriage_mm_s = 30.0
    massager.left.speed_mm_s = massager.right.speed_mm_s = 0.0
    assert massager.motor_ma > idle


def test_the_carriage_stops_at_its_ends() -> None:
    massager = on_foot()
    massager.carriage_mm_s = 500.0  # no faster than the motor can
    press(massager, 1.0, 0.0)
    assert massager.carriage_mm == pytest.approx(MIDDLE_MM["arch"] + 60.0)
    press(massager, 10.0, 0.0)
    assert massager.carriage_mm == 250.0
    assert massager.motor_ma == STALL_MA
    massager.carriage_mm_s = -60.0
    press(massager, 10.0, 0.0)
    assert massager.carriage_mm == 0.0


def test_without_a_foot_nothing_presses_and_the_axis_stops_at_its_end() -> None:
    massager = on_foot()
    massager.put_foot(0, False)
    press(massager, 3.0, 15.0)
    assert massager.left.kpa == 0.0
    assert massager.left.travel_mm == 20.0
    assert massager.left.stalled


def test_a_withdrawn_foot_feels_nothing_at_once() -> None:
    massager = on_foot()
    press_to(massager, 30.0)
    massager.put_foot(0, False)
    assert massager.left.kpa == 0.0
    assert massager.right.kpa > 20.0


def test_rolling_with_pressure_changes_it_without_jumps() -> None:
    massager = on_foot("ball")
    press_to(massager, 20.0)
    massager.carriage_mm_s = 20.0
    last = massager.left.kpa
    for _ in range(100):
        massager.step()
        assert abs(massager.left.kpa - last) < 4.0
        last = massager.left.kpa


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("mm_s", [2.0, 6.0, 15.0])
def test_halving_the_step_changes_pressure_by_less_than_a_count(zone: str, mm_s: float) -> None:
    coarse, fine = on_foot(zone), on_foot(zone, step_s=0.025)
    seconds = (SPEC.tissue[zone].contact_mm + 1.4) / mm_s
    ticks = int(seconds / 0.05)
    for massager in (coarse, fine):
        press(massager, ticks * 0.05, mm_s)
        press(massager, 2.0, 0.0)
        press(massager, 0.1, -mm_s)
        press(massager, 1.0, 0.0)
    assert coarse.left.travel_mm == pytest.approx(fine.left.travel_mm)
    assert coarse.left.kpa == pytest.approx(fine.left.kpa, abs=0.05)


def test_zones_join_in_straight_lines() -> None:
    tissue = Tissue(SPEC.tissue, 250)
    assert tissue.stiffness[0] == tissue.stiffness[25] == 14.0
    assert tissue.stiffness[250] == tissue.stiffness[235] == 12.0
    between = [tissue.stiffness[mm] for mm in range(133, 192)]
    assert between == sorted(between)
    steps = [b - a for a, b in pairwise(between)]
    assert max(steps) == pytest.approx(min(steps))
