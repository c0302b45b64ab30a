"""The drawings of a report, as SVG text. Readable without colour, from lists of numbers; knows no journal.

matplotlib without pyplot: no window, no state. Lines are thinned to what paper can show before they are drawn.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from typing import Any

WIDE_IN = 7.1  # 180 mm, the width of the text on A4
DEEP = "mpl_toolkits.mplot3d"
HELP = "_update_set_signature_and_docstring"
DAY_S = 86_400
DATES = 6  # under an axis
MANY = 60  # points; more hide each other
PIECES = 420  # of the width: half a millimetre each
LETTER = 0.0086  # of the width of the axes: a letter of a mark's label
ROW_IN = 0.105  # a line of such labels
ROWS = 3  # more would hide what is drawn
LANE_IN = 0.33  # a zone of the pressure chart
BAD = ("pain", "stop", "fault")
INK, BLUE, RED, GREY = "#1a1a1a", "#1b5e83", "#a01c1c", "#888888"
_FIGURE = {"svg.fonttype": "none", "svg.hashsalt": "footctl", "font.size": 8, "axes.linewidth": 0.6}
_NAMES = re.compile(r' id="(?:figure|axes|patch|text|line2d|xtick|ytick|matplotlib\.axis|legend|\w*[Cc]ollection)_\d+"')

Line = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at `at` minutes. `kind`: pain, stop, fault, softer, firmer, pause."""

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A session's readings over minutes. `phases`: (from, to, name). `bands`: (from, to, setpoint, half width)."""

    at: Sequence[float]
    phases: Sequence[tuple[float, float, str]] = ()
    marks: Sequence[Mark] = ()
    bands: Sequence[tuple[float, float, float, float]] = field(default=())


def _drawing() -> Any:
    """matplotlib's Figure, without what takes half of its loading: three dimensions, and help texts that nobody reads here."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its fonts is nobody's business
    import matplotlib

    modules: dict[str, Any] = sys.modules
    if DEEP in modules:
        from matplotlib.figure import Figure
    else:
        modules[DEEP] = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it says that this part is not there
                from matplotlib.artist import Artist

                if hasattr(Artist, HELP):
                    setattr(Artist, HELP, classmethod(lambda artist: None))
                from matplotlib.figure import Figure
        finally:
            del modules[DEEP]
    matplotlib.rcParams.update(_FIGURE)
    return Figure


def _figure(high: float, wide: float = WIDE_IN) -> tuple[Any, Any]:
    made = _drawing()(figsize=(wide, high))
    axes = made.add_subplot()
    made.subplots_adjust(left=0.085, right=0.975, top=1 - 0.22 / high, bottom=0.4 / high)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.4, color="#dddddd")
    axes.set_axisbelow(True)
    axes.tick_params(width=0.6, length=2.5)
    return made, axes


def _svg(made: Any, label: str) -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.StringIO()
    FigureCanvasSVG(made).print_svg(out, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = _NAMES.sub("", text[text.index("<svg") :])
    if "<metadata>" in text:
        text = text[: text.index("<metadata>")] + text[text.index("</metadata>") + len("</metadata>") :]
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1).strip()


def thinned(at: Sequence[float], values: Line, pick: Any = max, pieces: int = PIECES) -> tuple[list[float], list[float]]:
    """At most `pieces` points; of each piece the one that `pick` prefers. What is not known stays a gap (NaN)."""
    nan = float("nan")
    if len(at) <= pieces:
        return list(at), [nan if value is None else value for value in values]
    points, heights = [], []
    for piece in range(pieces):
        low, high = piece * len(at) // pieces, (piece + 1) * len(at) // pieces
        known = [value for value in values[low:high] if value is not None]
        points.append(at[low])
        heights.append(pick(known) if known else nan)
    return points, heights


def _backdrop(axes: Any, curve: Curve) -> None:
    """Phases as shades with their names, marks as lines."""
    last = curve.at[-1] if curve.at else 1.0
    for number, (begin, end, name) in enumerate(curve.phases):
        if number % 2:
            axes.axvspan(begin, end, color="#f2f2f2", linewidth=0, zorder=0)
        if end - begin > 0.055 * last:
            room = int((end - begin) / last * 110)
            short = name if len(name) <= room else name[: max(1, room - 1)] + "…"
            axes.text((begin + end) / 2, 1.01, short, transform=axes.get_xaxis_transform(), ha="center", va="bottom", fontsize=6.5)
    found = merged(curve.marks, last)
    for at, _, bad in found:
        axes.axvline(at, color=RED if bad else GREY, linewidth=1.1 if bad else 0.6, linestyle="-" if bad else ":")
    high = axes.get_position().height * axes.figure.get_figheight()
    for at, label, bad, row, side in placed(found, last):
        axes.text(
            at, 0.985 - row * ROW_IN / high, f" {label} ", transform=axes.get_xaxis_transform(), va="top", ha=side, fontsize=6.5,
            color=RED if bad else "#555555", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.2},
        )  # fmt: skip
    axes.set_xlim(0, max(last, 0.1))
    axes.set_xlabel("minutes", labelpad=1, loc="left")


def merged(marks: Sequence[Mark], last: float) -> list[tuple[float, str, bool]]:
    """Marks of a kind that are nearer than their label is wide, as one: where the first was, like "firmer ×5", whether it is a bad one."""
    found: list[tuple[float, str, int]] = []
    newest: dict[str, int] = {}
    for mark in sorted(marks, key=lambda mark: mark.at):
        at, place = min(mark.at, last), newest.get(mark.kind)
        if place is not None and at - found[place][0] < width(f"{mark.kind} ×10") * last:
            found[place] = (found[place][0], mark.kind, found[place][2] + 1)
        else:
            newest[mark.kind] = len(found)
            found.append((at, mark.kind, 1))
    return [(at, kind if count == 1 else f"{kind} ×{count}", kind in BAD) for at, kind, count in found]


def width(label: str) -> float:
    """How much of the axes a label takes, with a letter of air."""
    return (len(label) + 2) * LETTER


def placed(found: Sequence[tuple[float, str, bool]], last: float) -> list[tuple[float, str, bool, int, str]]:
    """Labels with the row and the side on which they hide no other and stay inside. Where no row is left they go, the bad ones last."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(ROWS)]
    kept = []
    for at, label, bad in sorted(found, key=lambda one: not one[2]):
        wide = width(label) * last
        side, begin = ("left", at) if at + wide <= last else ("right", at - wide)
        free = (row for row in range(ROWS) if all(begin >= end or begin + wide <= start for start, end in taken[row]))
        row = next(free, None)
        if row is not None:
            taken[row].append((begin, begin + wide))
            kept.append((at, label, bad, row, side))
    return kept


def water(curve: Curve, warmest: Line, setpoint: Line, most_c: float | None, sign: str = "°C") -> str:
    """Water and setpoint with its band."""
    made, axes = _figure(1.9)
    for begin, end, middle, half in curve.bands:
        axes.fill_between([begin, end], middle - half, middle + half, color="#cfe3ee", linewidth=0)
    axes.plot(*thinned(curve.at, setpoint), color=GREY, linewidth=0.9, linestyle="--", label="setpoint")
    axes.plot(*thinned(curve.at, warmest), color=BLUE, linewidth=1.3, label="water, the warmer sensor")
    if most_c is not None:
        axes.axhline(most_c, color=RED, linewidth=0.8, linestyle="-.", label="limit in force")
    _backdrop(axes, curve)
    axes.set_ylabel(sign)
    made.legend(loc="lower right", bbox_to_anchor=(0.98, 0), frameon=False, fontsize=7, ncols=3, borderaxespad=0.2)
    return _svg(made, "Water temperature and setpoint over the session")


def pressure(curve: Curve, zones: Mapping[str, tuple[Line, Line]], most_kpa: float) -> str:
    """A lane for each zone: contact pressure of both feet while the roller was there, with its peak as a number."""
    names = [name for name, (left, right) in zones.items() if any(left) or any(right)]
    if not names:
        return ""
    room = ROWS * ROW_IN if curve.marks else 0.0  # above the lanes, for what marks are called
    made, axes = _figure(0.66 + LANE_IN * len(names) + room)
    peaks = {name: max(value or 0.0 for line in zones[name] for value in line) for name in names}
    top = max(most_kpa, 1.0, *peaks.values())
    for lane, name in enumerate(names):
        base = len(names) - 1 - lane
        for line, colour, style in zip(zones[name], (BLUE, INK), ("-", ":"), strict=True):
            at, height = thinned(curve.at, line)
            lifted = [base + 0.86 * (0.0 if isnan(value) else value) / top for value in height]
            if style == "-":
                axes.fill_between(at, base, lifted, color="#cfe3ee", linewidth=0)
            axes.plot(at, lifted, color=colour, linewidth=0.9, linestyle=style)
        axes.axhline(base + 0.86 * most_kpa / top, color=RED, linewidth=0.5, linestyle="-.")
        axes.axhline(base, color=GREY, linewidth=0.4)
    labels = [f"{name}\n{peaks[name]:.0f} kPa" for name in names]
    axes.set_yticks([len(names) - 1 - lane + 0.42 for lane in range(len(names))], labels, fontsize=7, linespacing=1.05)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    axes.set_ylim(-0.06, len(names) + room / LANE_IN)
    _backdrop(axes, curve)
    return _svg(made, "Contact pressure by zone over the session")


def parts(rows: Sequence[tuple[str, float, str]]) -> str:
    """Bars: how much of each limit was used. Rows: name, part (1 is all of it), words."""
    if not rows:
        return ""
    high = 0.4 + 0.24 * len(rows)
    made, axes = _figure(high, WIDE_IN / 2)
    made.subplots_adjust(left=0.31, right=0.99, top=0.98, bottom=0.25 / high)
    places = list(range(len(rows)))[::-1]
    axes.barh(places, [min(part, 1.2) for _, part, _ in rows], color=[RED if part > 1 else BLUE for _, part, _ in rows], height=0.62)
    for place, (_, part, words) in zip(places, rows, strict=True):
        inside = part > 0.55
        axes.text(min(part, 1.2) + (-0.01 if inside else 0.01), place, words, va="center", ha="right" if inside else "left",
                  fontsize=7, color="white" if inside else INK)  # fmt: skip
    axes.set_yticks(places, [name for name, _, _ in rows])
    axes.tick_params(axis="y", length=0)
    axes.axvline(1, color=RED, linewidth=0.9, linestyle="-.")
    axes.set_xlim(0, 1.25)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "limit"])
    axes.grid(axis="y", visible=False)
    return _svg(made, "How much of each limit was used")


def scores(series: Mapping[str, Sequence[tuple[float, float]]], title: str, high: float = 1.75, wide: float = WIDE_IN) -> str:
    """Scores from 0 to 10 over days: the first series filled marks, the second open ones. Points: seconds since 1970, score.

    More than MANY are drawn as the mean and the range of each week.
    """
    shown = {name: points for name, points in series.items() if points}
    if not shown:
        return ""
    made, axes = _figure(high, wide)
    made.subplots_adjust(left=0.6 / wide, right=1 - 0.24 / wide)
    for number, (name, points) in enumerate(shown.items()):
        colour = (BLUE, INK)[number % 2]
        if len(points) > MANY:
            weeks = _weekly(points)
            days = [day for day, _ in weeks]
            low, high_end = [min(told) for _, told in weeks], [max(told) for _, told in weeks]
            axes.fill_between(days, low, high_end, color=colour, alpha=0.12, linewidth=0)
            heights, mark = [sum(told) / len(told) for _, told in weeks], "" if len(weeks) > MANY else "os"[number % 2]
        else:
            days, heights, mark = [at / DAY_S for at, _ in points], [score for _, score in points], "os"[number % 2]
        axes.plot(
            days, heights, color=colour, linewidth=1.1, linestyle=("-", "--")[number % 2],
            marker=mark, markersize=3.2, markerfacecolor=(BLUE, "white")[number % 2], markeredgewidth=0.7, label=name,
        )  # fmt: skip
    _days(axes, [at for points in shown.values() for at, _ in points], DATES if wide == WIDE_IN else DATES // 2)
    axes.set_ylim(-0.3, 10.3)
    axes.set_yticks([0, 2, 4, 6, 8, 10])
    axes.set_title(title if len(shown) > 1 else f"{title}, {next(iter(shown))}", fontsize=8.5, loc="left", pad=3)
    if len(shown) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, fontsize=7, ncols=2, borderaxespad=0)
    return _svg(made, f"{title} over time")


def _weekly(points: Sequence[tuple[float, float]]) -> list[tuple[float, list[float]]]:
    """The scores of each week, at its middle, in days since 1970."""
    weeks: dict[int, list[float]] = {}
    for at, score in points:
        weeks.setdefault(int(at // (7 * DAY_S)), []).append(score)
    return [((week + 0.5) * 7, found) for week, found in sorted(weeks.items())]


def _days(axes: Any, moments: Sequence[float], most: int) -> None:
    """At most so many dates under the axis; one where there is only one day."""
    first, last = min(moments), max(moments)
    if last - first < DAY_S:
        first, last = first - DAY_S / 2, last + DAY_S / 2
    count = min(most, int((last - first) // DAY_S) + 1)
    places = [first + (last - first) * step / max(1, count - 1) for step in range(count)]
    far = last - first > 300 * DAY_S
    days = [datetime.fromtimestamp(at).astimezone() for at in places]
    axes.set_xticks([at / DAY_S for at in places], [f"{day.day} {day:%b %Y}" if far else f"{day.day} {day:%b}" for day in days])
    margin = (last - first) * 0.02 / DAY_S
    axes.set_xlim(first / DAY_S - margin, last / DAY_S + margin)
