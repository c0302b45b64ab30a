"""A report on one session: what happened, what was felt, which limits held, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from footctl.core.change import MEASURES
from footctl.core.findings import Finding
from footctl.core.redflags import Flag
from footctl.run import telemetry
from footctl.run.lessons import Held
from footctl.run.past import Past, Whole
from footctl.screens import pasts
from footctl.screens.planned import minutes
from footctl.screens.report import charts, told, words
from footctl.screens.report.html import figure, heading, page, paragraph, table
from footctl.screens.units import Units

LAST = 10  # sessions in the chart of ratings
PRESSES = {"softer": -1, "firmer": 1}
MARKS = ("pain", "stop", "fault", *PRESSES, "pause")
NOTES_MOST = 6
TWO_COLUMNS = 7  # phases; so many and more stand side by side
SHOWN_LIMITS = (
    ("water_setpoint_max", "water at most", 100, "°C"), ("water_trip", "water ends the session from", 100, "°C"),
    ("soak_time", "in the water at most", 60, "min"), ("pressure_max", "pressure at most", 1000, "kPa"),
    ("pressure_trip", "pressure ends the session from", 1000, "kPa"), ("massage_foot", "massage of a foot at most", 60, "min"),
    ("session_time", "session at most", 60, "min"), ("thermal_dose", "heat dose at most", 1000, "CEM43 min"),
)  # fmt: skip


def html(whole: Whole, batches: Sequence[bytes], before: Sequence[Past], flags: Sequence[Flag], days: Mapping[str, str],
         held: Sequence[Held], units: Units) -> str:  # fmt: skip
    """The page. `before`: the person's sessions up to this one; `days`: rule to the day of its flag; `held`: learned ceilings."""
    one = whole.past
    name = one.name or "nobody named"
    title = one.title or one.program.rpartition("/")[2]
    tier = f"tier {one.tier}" if one.tier else ""
    facts = [name, pasts.moment(one.started), f"program {one.program}", tier, f"session {one.id}"]
    bad = one.outcome not in ("completed", "stopped") or bool(pasts.exceeded(one, whole.plan))
    elsewhere = _elsewhere(whole, before, flags)
    bad = bad or any(flag.rule.blocks and flag.rule.key not in elsewhere for flag in flags)
    parts = [
        f"<h1>{words.plain(title)}</h1>",
        paragraph(" · ".join(fact for fact in facts if fact), "who"),
        paragraph(units.words(pasts.verdict(one, whole.plan)), "verdict bad" if bad else "verdict"),
        words.simulated(1 if one.simulated else 0, 1),
        words.lost(one.lost_s),
        words.flags(flags, days, told.acknowledged(_findings(whole), flags), elsewhere),
        *_charts(whole, batches, units),
        *_side_by_side(whole),
        *_phases(whole),
        *_pains(whole, units),
        *_ratings(before),
        words.learned(held),
        *([] if pasts.by_hand(one) else _device(whole, units)),
        *words.how_to_read(),
    ]
    return page(f"{title}, {name}, {pasts.moment(one.started)}", parts)


def _findings(whole: Whole) -> list[Finding]:
    skin = [Finding(row["at"], "skin", row["finding"], foot=row["foot"]) for row in whole.skin]
    return skin + [Finding(row["at"], "note", row["text"]) for row in whole.notes]


def _elsewhere(whole: Whole, before: Sequence[Past], flags: Sequence[Flag]) -> dict[str, str]:
    """Of each flag that nothing of this session raised: when it was told, and which session had begun before."""
    one = whole.past
    own = {row["at"] for rows in (whole.ratings, whole.skin, whole.notes) for row in rows}
    own |= {int(one.started + row["at_s"]) for row in whole.pains}
    found = {}
    for flag in flags:
        if flag.at not in own:
            earlier = [past for past in before if past.started <= flag.at < one.started]
            after = f"; the session before that began {pasts.moment(earlier[-1].started)}" if earlier else ""
            found[flag.rule.key] = f"not of this session: told {pasts.moment(flag.at)}{after}"
    return found


def _side_by_side(whole: Whole) -> list[str]:
    drawn = charts.parts(used(whole))
    said = [heading("Said"), _said(whole)]
    if not drawn:
        return said
    limits = [heading("How much of each limit was used"), figure(drawn, "The red line is the limit in force.")]
    return ['<div class="columns"><div>', *limits, "</div><div>", *said, "</div></div>"]


def _phases(whole: Whole) -> list[str]:
    rows = [_phase(row) for row in whole.phases]
    head = ("from", "phase", "lasted", "ended")
    if not rows:
        return []
    half = len(rows) if len(rows) < TWO_COLUMNS else (len(rows) + 1) // 2
    tables = [f"<div>{table(head, part, (2,))}</div>" for part in (rows[:half], rows[half:]) if part]
    kind = "columns" if len(tables) > 1 else ""
    return ["<section>", heading("Phases"), f'<div class="{kind}">', *tables, "</div></section>"]


def _charts(whole: Whole, batches: Sequence[bytes], units: Units) -> list[str]:
    columns = telemetry.unpack(batches)
    at = [value / 60_000 for value in columns["t_ms"]]
    if pasts.by_hand(whole.past):
        return [paragraph("Done by hand, without a device: nothing was measured.", "small")]
    if len(at) < 2:
        return [paragraph("No readings were kept of this session.", "small")]
    spans = [(row["started_s"] / 60, at[-1] if row["ended_s"] is None else row["ended_s"] / 60, row["name"]) for row in whole.phases]
    limits: Mapping[str, int] = whole.plan.get("limits", {})
    curve = charts.Curve(at, spans, marks(whole), _bands(whole, spans, units))
    found = [heading("Water and pressure")]
    warmest = [_degrees(max(pair), units) for pair in zip(columns["water"], columns["water2"], strict=True)]
    if any(value is not None for value in warmest) and any(row["kind"] in ("preheat", "soak") for row in whole.phases):
        setpoint = [_degrees(value, units) for value in columns["setpoint"]]
        most = limits.get("water_setpoint_max")
        drawn = charts.water(curve, warmest, setpoint, None if most is None else units.of(most / 100), units.sign)
        found.append(figure(drawn, "Water: the warmer of two sensors. Shaded blue: the band in which the soak's clock runs."))
    zones: dict[str, tuple[list[float | None], list[float | None]]] = {}
    for number in range(1, 6):
        there = columns["zone"]
        sides = (columns["left"], columns["right"])
        left, right = ([_kpa(kpa) if zone == number else 0.0 for kpa, zone in zip(side, there, strict=True)] for side in sides)
        zones[telemetry.zone(number)] = (left, right)
    drawn = charts.pressure(curve, zones, limits.get("pressure_max", 0) / 1000)
    if drawn:
        most_kpa = f"{limits['pressure_max'] / 1000:g} kPa" if "pressure_max" in limits else "the limit"
        text = f"Pressure by zone, with its peak. Solid: left foot; dotted: right foot; red: {most_kpa}, the limit in force."
        found.append(figure(drawn, text))
    return found


def marks(whole: Whole) -> list[charts.Mark]:
    """What happened, for the charts; without presses of softer and firmer that changed nothing."""
    found: list[charts.Mark] = []
    level = 0  # presses up less presses down
    ends: dict[tuple[int | None, str], int] = {}  # the level at which no more was left; told once, however often it is tried again
    for row in whole.events:
        at, kind = row["at_s"] / 60, row["kind"]
        if kind in PRESSES:
            step = _adjustable(whole, row["at_s"])
            if step is None or ends.get((step, kind)) == level:
                continue
            level += PRESSES[kind]
        if kind == "warning" and found and found[-1].at == at and row["words"].startswith(f"no {found[-1].kind} than this"):
            press = found.pop().kind
            level -= PRESSES[press]
            ends[_adjustable(whole, row["at_s"]), press] = level
        elif kind in MARKS:
            found.append(charts.Mark(at, kind))
    return found


def _adjustable(whole: Whole, at_s: float) -> int | None:
    """The number of the phase in which there is water or pressure to change at `at_s`; None when there is nothing."""
    steps = whole.plan.get("steps", ())
    for row in reversed(whole.phases):
        if row["started_s"] <= at_s:
            step = steps[row["number"]] if row["number"] < len(steps) else {"technique": "not known"}
            return row["number"] if "technique" in step or "water_c" in step else None
    return None


def _bands(whole: Whole, spans: Sequence[tuple[float, float, str]], units: Units) -> list[tuple[float, float, float, float]]:
    steps = whole.plan.get("steps", ())
    return [
        (begin, end, units.of(steps[row["number"]]["water_c"]), units.step(steps[row["number"]].get("band_c", 0.5)))
        for row, (begin, end, _) in zip(whole.phases, spans, strict=True)
        if row["kind"] == "soak" and row["number"] < len(steps) and "water_c" in steps[row["number"]]
    ]


def _degrees(value: int, units: Units) -> float | None:
    return None if value == telemetry.NONE else units.of(value / 100)


def _kpa(value: int) -> float | None:
    return None if value == telemetry.NONE else max(0.0, value / 100)


def used(whole: Whole) -> list[tuple[str, float, str]]:
    """What was used of each limit: name, part, words."""
    one, limits = whole.past, whole.plan.get("limits", {})
    lasted: dict[str, float] = {}
    for row in whole.phases:
        lasted[row["kind"]] = lasted.get(row["kind"], 0.0) + (row["ended_s"] or row["started_s"]) - row["started_s"]
    pressed = lasted.get("massage", 0.0) + lasted.get("stretch", 0.0)
    rows = []
    budget = whole.plan.get("dose_budget_cem43")
    if one.dose_cem43 and budget:
        rows.append(("heat dose", one.dose_cem43 / budget, f"{one.dose_cem43:.3f} of {budget:.2f} CEM43 min"))
    for name, seconds, cap in (("in the water", lasted.get("soak", 0.0), "soak_time"), ("massage of a foot", pressed, "massage_foot")):
        if seconds and limits.get(cap):
            rows.append((name, seconds / limits[cap], f"{seconds / 60:.0f} of {limits[cap] / 60:.0f} min"))
    if one.pressure_max_kpa and pressed and limits.get("pressure_max"):
        most = limits["pressure_max"] / 1000
        rows.append(("highest pressure", one.pressure_max_kpa / most, f"{one.pressure_max_kpa:.0f} of {most:.0f} kPa"))
    return rows


def _said(whole: Whole) -> str:
    rows = []
    for key, measure in MEASURES.items():
        before, after = whole.past.score(key, "before"), whole.past.score(key, "after")
        if before is not None or after is not None:
            rows.append((measure.words, pasts.NOTHING if before is None else before, pasts.NOTHING if after is None else after))
    made = table(("0 to 10", "before", "after"), rows, (1, 2)) or paragraph("Nobody rated this session.", "small")
    seen = dict.fromkeys((row["finding"], row["foot"]) for row in whole.skin)
    skin = [pasts.skin(finding, foot) for finding, foot in seen]
    made += paragraph(f"Skin: {'; '.join(skin)}." if skin else "", "small")
    for row in whole.notes[-NOTES_MOST:]:
        made += paragraph(f"“{words.short(row['text'])}”", "small")
    return made


def _phase(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    lasted = pasts.NOTHING if row["ended_s"] is None else minutes(row["ended_s"] - row["started_s"])
    begin = int(row["started_s"])
    return f"{begin // 60}:{begin % 60:02}", row["name"], lasted, row["outcome"]


def _pains(whole: Whole, units: Units) -> list[str]:
    rows = [(f"{int(row['at_s']) // 60}:{int(row['at_s']) % 60:02}", units.words(pasts.pain(row))) for row in whole.pains]
    return [heading("Pain during the session"), table(("at", "what was felt there"), rows)] if rows else []


def _ratings(before: Sequence[Past]) -> list[str]:
    last = [one for one in before if one.scores][-LAST:]
    if len(last) < 2:
        return []
    series = {f"pain {when}": [(float(one.started), float(score)) for one in last if (score := one.score("pain", when)) is not None]
              for when in ("before", "after")}  # fmt: skip
    drawn = charts.scores(series, f"Pain over the last {len(last)} rated sessions", 1.2)
    return [heading("Ratings"), figure(drawn, "")] if drawn else []


def _device(whole: Whole, units: Units) -> list[str]:
    one, plan = whole.past, whole.plan
    limits: Mapping[str, int] = plan.get("limits", {})
    device = " ".join(part for part in (one.device or "not known", one.model or "") if part)
    firmware = f", firmware {one.firmware}" if one.firmware else ""
    rows = []
    for name, what, scale, unit in SHOWN_LIMITS:
        if name in limits:
            value = limits[name] / scale
            rows.append((what, "none" if not value else units.text(value) if unit == "°C" else f"{value:g} {unit}"))
    half = (len(rows) + 1) // 2
    pairs = [(*row, *(rows[half + place] if half + place < len(rows) else ("", ""))) for place, row in enumerate(rows[:half])]
    lowered = [f"{row['phase']}: {row['what']} {row['asked']} → {row['given']} ({row['rule']})" for row in plan.get("lowered", ())]
    return [
        heading("Device and limits in force"),
        paragraph(f"Device {device}{firmware}."),
        table(("limit", "", "limit", ""), pairs),
        paragraph("Lowered before the start: " + "; ".join(units.words(text) for text in lowered) + "." if lowered else "", "small"),
    ]
