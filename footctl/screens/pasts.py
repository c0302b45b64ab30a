"""Past sessions as a person reads them: a line each, or one whole. Plain text; knows no terminal and no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from footctl.core.by_hand import HANDS
from footctl.core.change import MEASURES
from footctl.core.findings import SKIN
from footctl.core.redflags import Flag
from footctl.run.lessons import place_words
from footctl.run.past import Past, Whole
from footctl.screens.ink import Ink
from footctl.screens.planned import minutes

HEADINGS = ("when", "id", "program", "person", "time", "ended", "pain", "comfort", "dose")
RUNNING = "running"
SEEN_C = 0.05  # half of what is shown: rounding passes no limit
SEEN_PART = 0.05  # a load cell's tolerance at the peak of a stroke [ENG]
NOTHING = "–"


def moment(seconds: int) -> str:
    """A moment in local time, to the minute."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def line(one: Past) -> list[str]:
    """One session as cells under HEADINGS."""
    return [
        moment(one.started),
        one.short,
        one.program,
        (one.name or NOTHING) + (" (sim)" if one.simulated else ""),
        NOTHING if one.duration_s is None else minutes(one.duration_s),
        one.outcome or RUNNING,
        pair(one, "pain"),
        pair(one, "comfort"),
        NOTHING if not one.dose_cem43 else f"{one.dose_cem43:.3f}",
    ]


def pair(one: Past, measure: str) -> str:
    """Before and after, like 6 → 3."""
    before, after = one.score(measure, "before"), one.score(measure, "after")
    if before is None:
        return NOTHING if after is None else str(after)
    return f"{before} → {NOTHING if after is None else after}"


def exceeded(one: Past, plan: Mapping[str, Any]) -> list[str]:
    """Which limits in force were passed, as far as readings show; empty when none was. A plan that is not kept has no limits to pass."""
    limits: Mapping[str, int] = plan.get("limits", {})
    told = []
    if one.water_max_c is not None and "water_setpoint_max" in limits:
        most = (limits["water_setpoint_max"] + limits.get("heat_cut_above", 0)) / 100
        told += [f"water {one.water_max_c:.1f} °C of {most:.1f} °C"] if one.water_max_c > most + SEEN_C else []
    if one.pressure_max_kpa and "pressure_max" in limits:
        most = limits["pressure_max"] / 1000
        told += [f"pressure {one.pressure_max_kpa:.1f} kPa of {most:.1f} kPa"] if one.pressure_max_kpa > most * (1 + SEEN_PART) else []
    budget = plan.get("dose_budget_cem43")
    if one.dose_cem43 and budget is not None and one.dose_cem43 > budget:
        told.append(f"dose {one.dose_cem43:.2f} of {budget:.2f} CEM43 min")
    return told


def by_hand(one: Past) -> bool:
    """True for a session without a device: nobody measured anything."""
    return one.device == HANDS.serial


def verdict(one: Past, plan: Mapping[str, Any]) -> str:
    """One line on how it went."""
    parts = [_ended(one)]
    if by_hand(one):
        parts.append("not measured: done by hand")
    elif passed := exceeded(one, plan):
        parts.append(f"exceeded: {', '.join(passed)}")
    elif plan.get("limits") and one.duration_s:
        parts.append(_kept(one))
    if one.off is False and one.outcome != "completed":
        parts.append("the device did not confirm that it was off")
    if one.score("pain", "after") is not None:
        parts.append(f"pain {pair(one, 'pain')}")
    return "; ".join(parts)


def _ended(one: Past) -> str:
    """The outcome, and why where that says more than the outcome's own word."""
    outcome = one.outcome or RUNNING
    if outcome == "completed" or not one.reason or one.reason == "stopped (stop)":
        return outcome
    return one.reason if one.reason.startswith(f"{outcome} ") else f"{outcome}: {one.reason}"


def _kept(one: Past) -> str:
    """What may be claimed of limits where no reading passed one: no more than was read, and to the end only where that was seen."""
    if one.water_max_c is None and not one.pressure_max_kpa:
        return "nothing was measured"
    return "nothing exceeded" + ("" if one.off and not one.lost_s else " in what was recorded")


def record(one: Past) -> dict[str, Any]:
    """A session as plain values."""
    names = ("id", "started", "ended", "simulated", "program", "title", "tier", "device", "outcome", "reason", "duration_s")
    more = ("water_max_c", "pressure_max_kpa", "dose_cem43", "lost_s")
    scores: dict[str, dict[str, int]] = {}
    for (when, measure), score in one.scores.items():
        scores.setdefault(when, {})[measure] = score
    return {
        **{name: getattr(one, name) for name in (*names, *more)},  # a table of columns, nothing is chosen by it
        "person": one.name,
        "at": moment(one.started),
        "scores": scores,
    }


def whole_text(whole: Whole, ink: Ink) -> str:
    """Everything about one session."""
    one = whole.past
    who = one.name or "nobody named"
    head = f"{one.title or one.program} · {moment(one.started)} · {who}" + (" · simulated" if one.simulated else "")
    lines = [ink.bold(head), f"  {verdict(one, whole.plan)}"]
    device = "no device" if by_hand(one) else f"device {one.device} {one.model or ''}".rstrip() if one.device else ""
    facts = [f"tier {one.tier}" if one.tier else "", device]
    facts += [f"water at most {one.water_max_c:.1f} °C" if one.water_max_c is not None else ""]
    facts += [f"pressure at most {one.pressure_max_kpa:.0f} kPa" if one.pressure_max_kpa else ""]
    facts += [f"dose {one.dose_cem43:.3f} CEM43 min" if one.dose_cem43 else "", f"id {one.id}"]
    lines.append("  " + " · ".join(fact for fact in facts if fact))
    if one.lost_s:
        lines.append(ink.warn(f"  {one.lost_s:.0f} s of telemetry were not kept: the disk did not take them"))
    lines += _lowered(whole.plan, ink)
    lines += [ink.dim("phases")] + [_phase(row) for row in whole.phases] if whole.phases else []
    lines += [ink.dim("pain")] + [f"  {_clock(row['at_s'])}  {pain(row)}" for row in whole.pains] if whole.pains else []
    lines += [ink.dim("learned")] + [_lesson(row) for row in whole.lessons] if whole.lessons else []
    said = [f"  {moment(row['at'])}  {row['moment']}: {MEASURES[row['measure']].words} {row['score']}" for row in whole.ratings]
    said += [f"  {moment(row['at'])}  skin: {skin(row['finding'], row['foot'])}" for row in whole.skin]
    said += [f"  {moment(row['at'])}  {row['text']}" for row in whole.notes]
    lines += [ink.dim("said"), *said] if said else []
    lines += [ink.dim("events")] + [f"  {_clock(row['at_s'])}  {row['words']}" for row in whole.events] if whole.events else []
    return "\n".join(lines)


def skin(finding: str, foot: str) -> str:
    """What a skin check found, like "a blister, left foot"."""
    where = "" if finding == "ok" else {"left": ", left foot", "right": ", right foot"}.get(foot, ", both feet")
    return SKIN.get(finding, finding) + where


def _lowered(plan: Mapping[str, Any], ink: Ink) -> list[str]:
    lowered: Sequence[Mapping[str, Any]] = plan.get("lowered", ())
    return [ink.warn(f"  lowered: {one['phase']}: {one['what']} {one['asked']} → {one['given']} ({one['rule']})") for one in lowered]


def _phase(row: Mapping[str, Any]) -> str:
    lasted = "" if row["ended_s"] is None else minutes(row["ended_s"] - row["started_s"])
    return f"  {_clock(row['started_s'])}  {row['name']:<24.24} {lasted:>12}  {row['outcome']}"


def _lesson(row: Mapping[str, Any]) -> str:
    unit = "°C" if row["place"] == "water" else "kPa"
    return f"  {place_words(row['place'])}: at most {row['most']:g} {unit} ({row['why']})" + ("; lifted since" if row["raised"] else "")


def pain(row: Mapping[str, Any]) -> str:
    """One pain in words."""
    place = " ".join(word for word in (row["foot"], row["zone"]) if word) or "place not known"
    parts = [place]
    parts += [f"{row['pressure_kpa']:.0f} kPa"] if row["pressure_kpa"] is not None else []
    parts += [row["technique"]] if row["technique"] else []
    parts += [f"water {row['water_c']:.1f} °C"] if row["water_c"] is not None else []
    parts += [f"{row['score']} out of 10"] if row["score"] is not None else []
    return ", ".join(parts) + (" (a mistake: nothing hurt)" if row["mistake"] else "")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:>3}:{int(seconds) % 60:02}"


def flag_lines(flags: Sequence[Flag], since: Mapping[str, str], ink: Ink) -> list[str]:
    """Red flags with what to do and how soon. `since`: rule to the day of its newest finding."""
    lines = []
    for flag in flags:
        head = f"! {flag.rule.title} ({flag.because}, {since[flag.rule.key]})"
        lines.append((ink.bad if flag.rule.blocks else ink.warn)(head))
        lines.append(f"    {flag.rule.do}")
        block = "; no session until it is acknowledged" if flag.rule.blocks else ""
        lines.append(f"    how soon: {flag.rule.soon}{block}   [{flag.rule.key}]")
    return lines
