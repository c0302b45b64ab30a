"""A measure over weeks as a picture in letters, and in a sentence what became of it. Knows no file and no terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from footctl.core.change import ENOUGH, MEASURES, SOURCE, TOO_FEW, Change, change
from footctl.run.past import Past

HEIGHT = 15
WIDTH = 78
NARROWEST = 40
TICKS = 6
MARKS = {"before": "o", "after": "x"}


def ran(one: Past) -> bool:
    """False for a session that was refused, or ended before anything began: what was scored then says nothing about sessions."""
    return one.outcome is None or bool(one.duration_s)


def scores(sessions: Sequence[Past], measure: str, moment: str) -> list[tuple[int, int]]:
    """When, and how much: of those sessions that ran and have a score."""
    return [(one.started, score) for one in sessions if ran(one) and (score := one.score(measure, moment)) is not None]


def changes(sessions: Sequence[Past], measures: Sequence[str]) -> list[Change]:
    """What became of each measure: before sessions where that suffices, else at the moment that was asked more often."""
    found = []
    for measure in measures:
        before, after = scores(sessions, measure, "before"), scores(sessions, measure, "after")
        moment, told = ("after", after) if len(before) < min(ENOUGH, len(after)) else ("before", before)
        found.append(change(measure, [score for _, score in told], moment))
    return found


def picture(sessions: Sequence[Past], measure: str, wide: int = WIDTH, ink: bool = False) -> str:
    """A chart of one measure, `wide` letters wide; "" when it has no scores."""
    import plotext

    told = {moment: scores(sessions, measure, moment) for moment in MARKS}
    days = [at for points in told.values() for at, _ in points]
    if not days:
        return ""
    first, last = min(days), max(days)
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.plotsize(max(NARROWEST, wide), HEIGHT)
    legend = "   ".join(f"{mark} {moment}" for moment, mark in MARKS.items() if told[moment])
    plotext.title(f"{MEASURES[measure].words}, 0 to 10   {legend}")
    for moment, points in told.items():
        if points:
            colour = {"before": "orange", "after": "blue"}[moment] if ink else None
            plotext.scatter([at for at, _ in points], [score for _, score in points], marker=MARKS[moment], color=colour)
    plotext.ylim(0, 10)
    plotext.yticks([0, 2, 4, 6, 8, 10])
    if last > first:
        places = [first + (last - first) * step / (TICKS - 1) for step in range(TICKS)]
        plotext.xticks(places, [f"{(day := datetime.fromtimestamp(at).astimezone()).day} {day:%b}" for at in places])
    else:
        plotext.xticks([first], [f"{datetime.fromtimestamp(first).astimezone():%Y-%m-%d}"])
    drawn = str(plotext.build())
    return (drawn if ink else str(plotext.uncolorize(drawn))).rstrip()


def sentences(found: Sequence[Change]) -> list[str]:
    """A line for each measure, and what counts as a change."""
    lines = [one.sentence + (f" ({one.count} ratings)" if one.verdict != TOO_FEW else "") for one in found if one.count]
    return [*lines, f"better or worse: {SOURCE}"] if lines else []
