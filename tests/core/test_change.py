"""Which change of a score matters, and from how many scores it is called one."""

from __future__ import annotations

import pytest

from footctl.core.change import BETTER, SAME, TOO_FEW, WORSE, change, matters


@pytest.mark.parametrize(
    ("first", "last", "does"),
    [(6, 4, True), (6, 4.5, False), (3, 2, True), (4, 2.8, True), (2, 1.4, False), (0, 1, False), (0, 2, True), (5, 5, False)],
)
def test_two_points_or_thirty_percent_matter(first: float, last: float, does: bool) -> None:
    assert matters(first, last) is does


def test_of_many_scores_a_quarter_counts_on_each_side() -> None:
    made = change("pain", [8, 8, 8, 4, 4] + [5] * 10 + [4, 4, 2, 2, 2])
    assert (made.first, made.last) == (6.4, 2.8)


def test_the_first_three_against_the_last_three() -> None:
    made = change("pain", [6, 7, 6, 5, 4, 3, 3, 2], "before")
    assert (round(made.first, 2), round(made.last, 2), made.count, made.verdict) == (6.33, 2.67, 8, BETTER)
    assert made.sentence == "pain before sessions 6.3 → 2.7: better"
    assert change("pain", [2, 2, 2, 6, 6, 6]).verdict == WORSE
    assert change("comfort", [2, 2, 2, 6, 6, 6]).verdict == BETTER
    assert change("comfort", [6, 6, 6, 2, 2, 2]).verdict == WORSE
    assert change("pain", [5, 9, 5, 9, 5, 5]).verdict == SAME


@pytest.mark.parametrize("scores", [[5], [6, 3], [9, 9, 1, 1], [9, 9, 9, 1, 1]])
def test_fewer_than_three_against_three_are_no_trend(scores: list[int]) -> None:
    made = change("pain", scores, "after")
    assert (made.count, made.verdict) == (len(scores), TOO_FEW)
    assert made.sentence == f"pain after sessions: too few ratings for a trend ({len(scores)} of at least 6)"


def test_nothing_was_scored() -> None:
    assert change("pain", []).sentence == "pain: no ratings"
