"""What became of scores over weeks: of which moment, of which sessions, and how a report says that it knows too little."""

from __future__ import annotations

from collections.abc import Mapping

from footctl.core.change import BETTER, TOO_FEW
from footctl.run.past import Past
from footctl.screens import trend
from footctl.screens.report import weeks
from footctl.screens.units import Units

DAY_S = 86_400
SUNDAY = 1_760_000_000


def a_past(day: int, scores: Mapping[tuple[str, str], int], outcome: str = "completed", duration_s: float | None = 600.0) -> Past:
    return Past(
        f"s{day}", 1, "Anna", SUNDAY + day * DAY_S, None, False, "evening-unwind", None, "standard", "FT-7", None, None,
        outcome, None, None, None, True, duration_s, 38.0, 20.0, 0.0, 0.0, scores,
    )  # fmt: skip


def days(**moments: list[int]) -> list[Past]:
    count = max(len(scores) for scores in moments.values())
    told = [{(when, "pain"): scores[day] for when, scores in moments.items() if day < len(scores)} for day in range(count)]
    return [a_past(day, scores) for day, scores in enumerate(told)]


def test_before_sessions_where_that_suffices() -> None:
    (found,) = trend.changes(days(before=[8, 8, 8, 3, 3, 3], after=[5] * 6), ["pain"])
    assert (found.moment, found.verdict) == ("before", BETTER)
    (found,) = trend.changes(days(before=[8, 2], after=[8, 8, 8, 3, 3, 3]), ["pain"])
    assert (found.moment, found.count, found.verdict) == ("after", 6, BETTER)
    assert trend.sentences([found])[0] == "pain after sessions 8.0 → 3.0: better (6 ratings)"


def test_a_session_in_which_nothing_ran_counts_for_nothing() -> None:
    told = [*days(before=[8, 8, 8, 3, 3]), a_past(6, {("before", "pain"): 3}, "refused", 0.0)]
    (found,) = trend.changes(told, ["pain"])
    assert (found.count, found.verdict) == (5, TOO_FEW)
    assert trend.ran(a_past(7, {}, "tripped", 3.0))
    assert not trend.ran(a_past(7, {}, "interrupted", None))


def test_two_scores_are_no_headline() -> None:
    told = days(before=[6, 3], after=[6, 3])
    page = weeks.html("Anna", SUNDAY, SUNDAY + 9 * DAY_S, told, [], [], {}, [], Units("C"))
    assert "too few ratings for a trend" in page
    assert "better" not in page
    assert '<td>before</td><td class="n">–</td><td class="n">–</td><td class="n">2</td><td>too few ratings</td>' in page
