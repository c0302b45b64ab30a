"""A report on some weeks of one person: did it help, did it hurt, how much was used, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from footctl.core.change import MEASURES, TOO_FEW, WORSE, Change
from footctl.core.findings import Finding
from footctl.core.redflags import Flag
from footctl.run.lessons import Held
from footctl.run.past import Past
from footctl.screens import pasts, trend
from footctl.screens.report import charts, told, words
from footctl.screens.report.html import figure, heading, page, paragraph, table
from footctl.screens.units import Units

WEEKS_MOST = 12  # rows of a table that still fits; longer spans go by the month, then by the year
MONTHS_MOST = 24
NOTES_MOST = 3
PLACES_MOST = 6
EACH_MOST = 5  # pains of a place, the newest


def html(name: str, since: int, until: int, sessions: Sequence[Past], findings: Sequence[Finding], flags: Sequence[Flag],
         days: Mapping[str, str], held: Sequence[Held], units: Units) -> str:  # fmt: skip
    """The page, of sessions from `since` to `until` (seconds since 1970), oldest first."""
    changes = trend.changes(sessions, tuple(MEASURES))
    span = f"{_day(since)} to {_day(until)}"
    worse = any(change.verdict == WORSE for change in changes if change.measure in ("pain", "numbness"))
    shown = [("pain", "Pain, 0 to 10"), ("comfort", "Comfort, 0 to 10")]
    other = [measure for measure in MEASURES if measure not in ("pain", "comfort") and trend.scores(sessions, measure, "before")]
    shown += [(measure, MEASURES[measure].words.capitalize()) for measure in other[:2]]
    many = any(len(points) > charts.MANY for measure, _ in shown for points in _series(sessions, measure).values())
    parts = [
        f"<h1>{words.plain(name)}: {span}</h1>",
        paragraph(_totals(sessions), "who"),
        paragraph(verdict(sessions, changes), "verdict bad" if worse or any(flag.rule.blocks for flag in flags) else "verdict"),
        words.simulated(sum(one.simulated for one in sessions), len(sessions)),
        words.flags(flags, days, told.acknowledged(findings, flags)),
        heading("Pain and comfort"),
        '<div class="columns">',
        *(figure(charts.scores(_series(sessions, measure), title, 1.4, charts.WIDE_IN / 2), "") for measure, title in shown),
        "</div>",
        paragraph(f"Lines of more than {charts.MANY} scores show the mean and the range of each week." if many else "", "small"),
        _changes(changes),
        heading("Sessions"),
        table(*_table(sessions, units)),
        told.table(findings, flags),
        *_pains(findings),
        *_notes(findings),
        words.learned(held),
        *words.how_to_read(),
    ]  # fmt: skip
    return page(f"{name}, {span}", parts)


def _day(at: int) -> str:
    day = datetime.fromtimestamp(at).astimezone()
    return f"{day.day} {day:%B %Y}"


def _totals(sessions: Sequence[Past]) -> str:
    ended: dict[str, int] = {}
    for one in sessions:
        ended[one.outcome or pasts.RUNNING] = ended.get(one.outcome or pasts.RUNNING, 0) + 1
    programs: dict[str, int] = {}
    for one in sessions:
        programs[one.program] = programs.get(one.program, 0) + 1
    most = sorted(programs, key=lambda program: -programs[program])[:3]
    how = ", ".join(f"{count} {kind}" for kind, count in sorted(ended.items(), key=lambda one: -one[1]))
    return f"{len(sessions)} session{'s' * (len(sessions) != 1)}: {how}. Mostly {', '.join(most)}." if sessions else "No session."


def verdict(sessions: Sequence[Past], changes: Sequence[Change]) -> str:
    """One line: what became of pain and comfort."""
    said = [change.sentence for change in changes if change.verdict != TOO_FEW and change.measure in ("pain", "comfort")]
    pains = sum(one.outcome == "pain" for one in sessions)
    tripped = sum(one.outcome == "tripped" for one in sessions)
    said += [f"{pains} ended by pain"] * bool(pains) + [f"{tripped} ended by a safety rule"] * bool(tripped)
    return "; ".join(said) or "too few ratings for a trend"


def _series(sessions: Sequence[Past], measure: str) -> dict[str, list[tuple[float, float]]]:
    return {when: [(float(at), float(score)) for at, score in trend.scores(sessions, measure, when)] for when in ("before", "after")}


def _changes(changes: Sequence[Change]) -> str:
    rows = [(*_first_and_last(one), one.count, one.verdict) for one in changes if one.count]
    head = ("0 to 10", "sessions", "at first", "at last", "ratings", "meaningful change")
    return table(head, rows, (2, 3, 4))


def _first_and_last(one: Change) -> tuple[str, str, str, str]:
    first, last = (pasts.NOTHING, pasts.NOTHING) if one.verdict == TOO_FEW else (f"{one.first:.1f}", f"{one.last:.1f}")
    return MEASURES[one.measure].words, one.moment, first, last


def _table(sessions: Sequence[Past], units: Units) -> tuple[Sequence[str], Sequence[Sequence[object]], Sequence[int]]:
    """A row a week, a month or a year, whichever fits."""
    head = ("", "sessions", "completed", "in all", "pain before", "pain after", "comfort", "most water", "most pressure", "heat dose")
    if not sessions:
        return head, [], ()
    weeks = (sessions[-1].started - sessions[0].started) / 604_800
    by: Callable[[Past], str] = _week if weeks <= WEEKS_MOST else _month if weeks <= MONTHS_MOST * 4.35 else _year
    rows: dict[str, list[Past]] = {}
    for one in sessions:
        rows.setdefault(by(one), []).append(one)
    return head, [(name, *_row(found, units)) for name, found in rows.items()], tuple(range(1, 10))


def _week(one: Past) -> str:
    day = datetime.fromtimestamp(one.started).astimezone()
    monday = day - timedelta(days=day.weekday())
    return f"week of {monday.day} {monday:%b}"


def _month(one: Past) -> str:
    return f"{datetime.fromtimestamp(one.started).astimezone():%B %Y}"


def _year(one: Past) -> str:
    return f"{datetime.fromtimestamp(one.started).astimezone():%Y}"


def _row(found: Sequence[Past], units: Units) -> tuple[object, ...]:
    measured = [one for one in found if not pasts.by_hand(one)]
    water = [one.water_max_c for one in measured if one.water_max_c is not None]
    return (
        len(found),
        sum(one.outcome == "completed" for one in found),
        f"{sum(one.duration_s or 0.0 for one in found) / 60:.0f} min",
        _mean(found, "pain", "before"),
        _mean(found, "pain", "after"),
        _mean(found, "comfort", "after"),
        units.text(max(water)) if water else pasts.NOTHING,
        f"{max(one.pressure_max_kpa or 0.0 for one in measured):.0f} kPa" if measured else pasts.NOTHING,
        f"{sum(one.dose_cem43 or 0.0 for one in measured):.2f}" if measured else pasts.NOTHING,
    )


def _mean(found: Sequence[Past], measure: str, when: str) -> str:
    known = [score for _, score in trend.scores(found, measure, when)]
    return f"{sum(known) / len(known):.1f}" if known else pasts.NOTHING


def _pains(findings: Sequence[Finding]) -> list[str]:
    places: dict[str, list[Finding]] = {}
    for one in findings:
        if one.kind == "pain":
            places.setdefault(one.what, []).append(one)
    often = sorted(places.items(), key=lambda row: -len(row[1]))[:PLACES_MOST]
    rows = [(" ".join(place.split(".")) or "not known", len(found), _each(found)) for place, found in often]
    head = ("place", "times", f"when, and how strong from 0 to 10 ({pasts.NOTHING}: not said)")
    return [heading("Where the pain key was pressed"), table(head, rows, (1,))] if rows else []


def _each(found: Sequence[Finding]) -> str:
    last = found[-EACH_MOST:]
    strong = [pasts.NOTHING if one.score is None else f"{one.score}" for one in last]
    pressed = ["" if one.kpa is None else f" at {one.kpa:.0f} kPa" for one in last]
    each = [f"{pasts.moment(one.at)[:10]}: {score}{kpa}" for one, score, kpa in zip(last, strong, pressed, strict=True)]
    return ("… " if len(found) > EACH_MOST else "") + "; ".join(each)


def _notes(findings: Sequence[Finding]) -> list[str]:
    notes = [one for one in findings if one.kind == "note"][-NOTES_MOST:]
    made = [paragraph(f"{pasts.moment(one.at)}: “{words.short(one.what)}”", "small") for one in notes]
    return [heading("Notes"), *made] if made else []
