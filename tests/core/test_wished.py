"""What a wish has come to, in words, and which notices are new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from footctl.core.notices import newer
from footctl.core.plan import Plan, Step
from footctl.core.view import View
from footctl.core.wished import pressure_words, wished

RISING = Step("massage", "arch", 120.0, technique="kneading", pressure_from_kpa=10.0, pressure_to_kpa=20.0)
SOAKS = Step("soak", "soak", 600.0, water_c=38.0)
STEPS = (RISING, replace(RISING, pressure_from_kpa=20.0), replace(RISING, pressure_from_kpa=30.0), SOAKS)
PLAN = Plan("p", "P", "standard", STEPS, (), (), {"pressure_max": 50_000, "water_setpoint_max": 4000}, 38.0, 20.0, 0.0, 0.0, 0.0, 1.0, 0.0)
VIEW = View(
    now=1.0, state="massage", identity=None, plan=PLAN, step=1, phase_left_s=95.0, holding="", question=None, sample=None,
    sample_age_s=None, phases=(), elapsed_s=0.0, water_max_c=None, pressure_max_kpa=0.0, dose_cem43=0.0, warnings=(), outcome=None,
    asked_kpa=23.0,
)  # fmt: skip
SOAK = replace(VIEW, step=3, asked_kpa=None, asked_c=38.0)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (VIEW, VIEW, ""),
        (VIEW, replace(VIEW, asked_kpa=18.0), "softer: now 18 kPa, gentle, 36 % of your limit"),
        (VIEW, replace(VIEW, asked_kpa=28.5), "firmer: now 28.5 kPa, medium, 57 % of your limit"),
        (replace(VIEW, step=0), replace(VIEW, step=0, asked_kpa=18.0), "softer: now up to 18 kPa, gentle, 36 % of your limit"),
        (replace(VIEW, step=2), replace(VIEW, step=2, asked_kpa=18.0), "softer: now down to 18 kPa, gentle, 36 % of your limit"),
        (replace(VIEW, step=0), replace(VIEW, asked_kpa=18.0), ""),
        (replace(VIEW, step=None), replace(VIEW, step=None), ""),
        (replace(VIEW, plan=None), replace(VIEW, plan=None), ""),
        (SOAK, replace(SOAK, asked_c=37.5), "softer: the water goes to 37.5 °C; your limit is 40.0 °C"),
        (VIEW, replace(VIEW, phase_left_s=94.8), ""),
        (VIEW, replace(VIEW, phase_left_s=None), ""),
        (replace(VIEW, phase_left_s=None), VIEW, ""),
        (VIEW, replace(VIEW, phase_left_s=154.8), "longer: 2:35 left"),
    ],
)
def test_a_wish_is_told_with_what_it_came_to(before: View, after: View, words: str) -> None:
    assert wished(before, after) == words


def test_pressure_in_words_is_a_part_of_the_persons_own_limit() -> None:
    assert pressure_words(12.0, 30.0) == "12 kPa, gentle, 40 % of your limit"
    assert pressure_words(4.0, 50.0) == "4 kPa, very gentle, 8 % of your limit"
    assert pressure_words(50.0, 50.0) == "50 kPa, firm, 100 % of your limit"
    assert pressure_words(0.0, 50.0) == "0 kPa, no pressure, 0 % of your limit"
    assert pressure_words(9.0, 0.0) == "9 kPa, firm, 100 % of your limit"
    assert pressure_words(9.1, 9.0) == "9.1 kPa, firm, 101 % of your limit"


def test_a_notice_that_comes_again_later_is_new_and_lost_old_ones_make_none_new() -> None:
    assert list(newer((), ("a",))) == ["a"]
    assert list(newer(("a",), ("a",))) == []
    assert list(newer(("a", "b"), ("a", "b", "a"))) == ["a"]
    assert list(newer(("a", "b", "c"), ("b", "c", "a"))) == ["a"]
    assert list(newer(("a", "b"), ("c",))) == ["c"]
