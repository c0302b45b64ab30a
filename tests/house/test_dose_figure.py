"""The figure of the heat dose is fresh, and the numbers in it and beside it are what the dose module computes."""

from __future__ import annotations

import math

import pytest

from docs import dose
from footctl.core.dose import cem43


def test_the_figure_is_fresh() -> None:
    assert dose.FIGURE.read_text(encoding="utf-8") == dose.figure()
    assert dose.main(["--check"]) == 0


@pytest.mark.parametrize(("celsius", "seconds"), [(44, 6 * 3600), (45, 3 * 3600), (47, 45 * 60)])
def test_three_published_pairs_are_the_same_dose(celsius: float, seconds: float) -> None:
    assert cem43([(seconds, celsius)]) == pytest.approx(dose.HARM)
    assert dose.seconds_to(dose.HARM, celsius) == pytest.approx(seconds)


def test_from_44_to_51_degrees_the_line_lies_within_a_fifth_of_the_published_times() -> None:
    ratios = [math.log(dose.seconds_to(dose.HARM, celsius) / through_s) for celsius, _, through_s in dose.PUBLISHED if celsius <= 51]
    rms = math.exp(math.sqrt(sum(ratio**2 for ratio in ratios) / len(ratios)))
    assert rms == pytest.approx(1.19, abs=0.05)


def test_the_least_dose_of_lasting_damage_and_how_far_below_it_the_budgets_are() -> None:
    doses = [cem43([(first_s, celsius)]) for celsius, first_s, _ in dose.PUBLISHED if first_s is not None and celsius <= 51]
    assert min(doses) == pytest.approx(dose.LEAST_HARM)
    assert max(doses) == pytest.approx(512)
    assert [dose.LEAST_HARM / budget for _, budget in dose.BUDGETS] == [pytest.approx(320), pytest.approx(6400)]


def test_hotter_than_that_the_dose_is_on_the_safe_side() -> None:
    for celsius, _, through_s in dose.PUBLISHED:
        if celsius > 51:
            assert dose.seconds_to(dose.HARM, celsius) < through_s
