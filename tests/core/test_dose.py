"""Thermal dose against published and computed values; pressure x time; sums that never fall."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.core.dose import Dose, Pressed, cem43, rate


@pytest.mark.parametrize(
    ("celsius", "minutes", "dose"),
    [(44, 360, 720), (45, 180, 720), (49, 10, 640), (43, 1, 1), (42, 4, 1), (41, 20, 1.25), (40, 20, 0.3125), (39, 10, 0.0390625)],
)
def test_the_table_of_vectors(celsius: float, minutes: float, dose: float) -> None:
    assert cem43([(minutes * 60, celsius)]) == pytest.approx(dose, abs=1e-6)


def test_no_pairs_no_dose_and_pairs_add_up() -> None:
    assert cem43([]) == 0
    assert cem43([(60, 43), (240, 42)]) == pytest.approx(2, abs=1e-9)


def test_no_margin_is_added_and_the_knee_is_continuous() -> None:
    assert rate(43.0) == 1.0
    assert rate(math.nextafter(43.0, 0)) == pytest.approx(1.0)
    assert rate(42.5) == 2 * rate(42.0)


@pytest.mark.parametrize("pair", [(math.nan, 40), (math.inf, 40), (-1, 40), (-0.001, 40), (60, math.nan), (60, math.inf), (60, -math.inf)])
def test_what_is_no_time_or_temperature_raises(pair: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="is not a t"):
        cem43([(60, 40), pair])


def test_beyond_any_float_is_infinite_and_no_time_of_it_is_nothing() -> None:
    assert cem43([(1, 5000)]) == math.inf
    assert cem43([(0, 5000)]) == 0


PAIRS = st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 60)), max_size=20)


@given(PAIRS, st.tuples(st.floats(0, 1e5), st.floats(0, 60)))
def test_more_exposure_is_never_less_dose(pairs: list[tuple[float, float]], more: tuple[float, float]) -> None:
    assert cem43([*pairs, more]) >= cem43(pairs) >= 0


@given(st.floats(1, 1e4), st.floats(20, 60), st.floats(0, 5))
def test_warmer_is_never_less(seconds: float, celsius: float, more: float) -> None:
    assert cem43([(seconds, celsius + more)]) >= cem43([(seconds, celsius)])


def running(*readings: tuple[float, float | None, bool]) -> float:
    dose = Dose(unknown_c=42.0)
    for now, celsius, feet_in in readings:
        dose.add(now, celsius, feet_in)
    return dose.cem43


def test_counts_the_hottest_sensor_and_half_a_degree_while_feet_are_in() -> None:
    assert running((0, 42.5, True), (60, 42.5, True)) == pytest.approx(1.0)
    assert running((0, 42.5, False), (60, 42.5, False)) == 0
    assert running((0, 42.5, False), (60, 42.5, True)) == pytest.approx(1.0)  # a foot came in somewhere on the way
    assert running((0, 42.5, True), (60, 42.5, False)) == pytest.approx(1.0)


def test_a_span_counts_at_its_warmer_end() -> None:
    assert running((0, 30, True), (60, 42.5, True)) == pytest.approx(1.0)
    assert running((0, 42.5, True), (60, 30, True)) == pytest.approx(1.0)


def test_gaps_are_filled_at_the_last_temperature_or_at_the_trip() -> None:
    assert running((0, 42.5, True), (30, None, True), (60, None, True)) == pytest.approx(1.0)
    assert running((0, None, True), (60, None, True)) == pytest.approx(cem43([(60, 42.5)]))
    assert running((0, math.nan, True), (60, math.nan, True)) == pytest.approx(cem43([(60, 42.5)]))


def test_time_that_runs_back_adds_nothing_and_is_not_counted_twice() -> None:
    assert running((0, 42.5, True), (60, 42.5, True), (30, 42.5, True), (60, 42.5, True)) == pytest.approx(1.0)
    assert Dose(42.0, before=0.4).cem43 == 0.4


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.none() | st.floats(), st.booleans()), max_size=30))
def test_never_falls(readings: list[tuple[float, float | None, bool]]) -> None:
    dose = Dose(42.0)
    for now, celsius, feet_in in readings:
        before = dose.cem43
        dose.add(now, celsius, feet_in)
        assert dose.cem43 >= before


def test_pressure_times_time_by_side_and_zone() -> None:
    pressed = Pressed()
    pressed.add(0, "arch", 120, 10, 20)
    pressed.add(2, "arch", 120, 10, 20)
    pressed.add(3, "heel", 180, None, 20)
    pressed.add(3, "heel", 180, 10, -0.5)
    pressed.add(4, None, 180, 10, math.nan)
    assert pressed.by_zone == {("left", "arch"): 20.0, ("right", "arch"): 40.0, ("right", "heel"): 20.0, ("left", "heel"): 0.0}


def test_the_lightest_touch_counts_and_nothing_was_pressed_at_first() -> None:
    pressed = Pressed()
    assert (pressed.dwell_s, pressed.by_zone) == (0.0, {})
    pressed.add(0, "toes", 10, 0.5, 0)
    pressed.add(2, "toes", 10, 0.5, 0)
    assert pressed.by_zone == {("left", "toes"): 1.0}


def test_dwell_counts_while_one_spot_is_pressed_above_capillary_closing() -> None:
    pressed = Pressed()
    for now, position, kpa, dwell in (
        (0, 100, 5, 0),
        (1, 103, 5, 1),
        (2, 105, 5, 2),
        (3, 106, 5, 0),
        (4, 106, 5, 1),
        (5, 106, 4.3, 0),
        (6, 106, 4.4, 0),
    ):
        pressed.add(now, "arch", position, kpa, 0)
        assert pressed.dwell_s == dwell
    pressed.add(5, "arch", 106, 5, 0)  # time that runs back
    assert pressed.dwell_s == 0


def test_only_real_contact_counts_and_only_while_time_goes_on() -> None:
    pressed = Pressed()
    pressed.add(0.0, "arch", 120, 10.0, -1.0)
    pressed.add(1.5, "arch", 120, 10.0, -1.0)
    pressed.add(0.5, "arch", 120, 10.0, -1.0)
    assert pressed.by_zone == {("left", "arch"): 15.0}
    pressed.add(2.5, "arch", 120, 10.0, -1.0)  # what was counted up to 1.5 is not counted again
    assert pressed.by_zone == {("left", "arch"): 25.0}


def test_a_light_touch_is_no_dwell_and_a_spot_is_left_in_either_direction() -> None:
    pressed = Pressed()
    for now in (0.0, 1.0, 2.0):
        pressed.add(now, "arch", 100, 4.2, 2.0)
        assert pressed.dwell_s == 0
    for now, position, dwell in ((3.0, 100, 0.0), (4.0, 98, 1.0), (5.0, 94, 0.0), (6.0, 94, 1.0), (7.0, 188, 0.0), (8.0, 188, 1.0)):
        pressed.add(now, "heel", position, 0.0, 9.0)
        assert pressed.dwell_s == dwell


def test_before_the_first_reading_nobody_is_in_the_water() -> None:
    dose = Dose(unknown_c=42.0)
    dose.add(0.0, 42.5, False)
    dose.add(60.0, 42.5, False)
    assert dose.cem43 == 0
    dose.add(60.0, 42.5, True)
    assert dose.cem43 == 0
    dose.add(120.0, 30.0, False)
    assert dose.cem43 == pytest.approx(1.0)


def test_each_side_is_summed_from_zero() -> None:
    pressed = Pressed()
    for now in (0.0, 1.0, 3.0):
        pressed.add(now, "arch", 0, 10.0, 20.0)
    pressed.add(4.0, None, 0, 10.0, 20.0)
    pressed.add(5.0, "heel", 0, None, 30.0)
    assert pressed.by_side == {"left": 30.0, "right": 90.0}
    assert pressed.by_zone == {("left", "arch"): 30.0, ("right", "arch"): 60.0, ("right", "heel"): 30.0}


@pytest.mark.parametrize(("left", "right", "dwells"), [(4.3, 0.0, False), (0.0, 4.3, False), (4.31, 0.0, True), (0.0, 4.31, True)])
def test_a_spot_is_pressed_above_capillary_closing(left: float, right: float, dwells: bool) -> None:
    pressed = Pressed()
    for now in (0.0, 5.0):
        pressed.add(now, "arch", 0, left, right)
    assert (pressed.dwell_s == 5.0) is dwells
