"""A plan as a person reads it before agreeing to it, and as a program reads it. Knows no device and no terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from footctl.core import preheat
from footctl.core.differences import lowered, next_step, refused
from footctl.core.events import Identified
from footctl.core.plan import Limited, Plan, Step
from footctl.screens.ink import Ink
from footctl.screens.units import Units
from footctl.screens.width import broken

NOTHING = "–"
ZONE_ORDER = ("toes", "ball", "arch", "heel", "ankle")
HEADINGS = ("phase", "time", "water", "pressure", "notes")
LONGEST_NAME = 24
LONGEST_NOTE = 72
SHORTEST_NOTE = 10


def plan_text(plan: Plan, identity: Identified | None, ink: Ink, ready_at: str | None = None, wide: int | None = None,
              units: Units | None = None) -> str:  # fmt: skip
    """The whole plan. `ready_at`: when the preheat would be over, as a clock on the wall shows it. `wide`: the terminal's columns."""
    said = (units or Units()).words
    heading = " · ".join([plan.title, minutes(plan.duration_s), f"tier {plan.tier}", *([device_text(identity)] if identity else [])])
    lines = [ink.bold(broken(heading, wide))]
    rows = [tuple(said(cell) for cell in _row(step, plan, ready_at)) for step in plan.steps]
    if rows:
        widths = [max(len(row[column]) for row in [HEADINGS, *rows]) for column in range(4)]
        room = LONGEST_NOTE if wide is None else min(LONGEST_NOTE, max(SHORTEST_NOTE, wide - len(_line(("", "", "", "", "|"), widths)) + 1))
        lines.append(ink.dim(_line(HEADINGS, widths)))
        lines += [_line((*row[:4], _cut(row[4], room)), widths) for row in rows]
    lines += [broken(said("  " + " · ".join(sums)), wide) for sums in _sums(plan) if sums]
    lines += [ink.warn(broken(said(f"  lowered: {words}"), wide)) for words in lowered(plan.lowered, sources=True)]
    lines += [ink.bad(broken(said(f"  refused: {words}"), wide)) for words in refused(plan.refused)]
    lines += [broken(f"  next: {next_step(plan.refused)}", wide)] if plan.refused else []
    lines += [broken(said(f"  {note}"), wide) for note in plan.notes]
    return "\n".join(lines)


def plan_record(plan: Plan, identity: Identified | None) -> dict[str, Any]:
    """The plan as plain values for JSON."""
    return {
        "program": plan.program,
        "title": plan.title,
        "tier": plan.tier,
        "simulated": identity is not None and identity.simulator > 0,
        "device": None
        if identity is None
        else {"serial": identity.serial, "model": identity.model, "volume_l": identity.volume_l, "heater_w": identity.heater_w},
        "steps": [_step_record(step) for step in plan.steps],
        "lowered": [_limited_record(one) for one in plan.lowered],
        "refused": [_limited_record(one) for one in plan.refused],
        "duration_s": plan.duration_s,
        "preheat_s": plan.preheat_s,
        "water_max_c": plan.water_max_c,
        "pressure_max_kpa": plan.pressure_max_kpa,
        "dose_cem43": plan.dose_cem43,
        "dose_budget_cem43": plan.dose_budget_cem43,
        "pressure_time_part": plan.pressure_time_part,
        "limits": dict(plan.limits),
        "notes": list(plan.notes),
    }


def device_text(identity: Identified) -> str:
    """Who the device is, in one line."""
    kind = "simulator" if identity.simulator else "device"
    parts = [f"{identity.volume_l:.1f} L", f"{identity.heater_w} W"] if identity.heater_w else []
    zones = len(identity.zones)
    return f"{kind} {identity.serial} ({', '.join([*parts, f'{zones} zone' + 's' * (zones != 1)])})"


def minutes(seconds: float) -> str:
    """A duration as people say it: 45 s, 4 min, 1 h 05 min."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole = round(seconds / 60)
    if abs(seconds - 60 * whole) >= 5 and seconds < 600:
        return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
    return f"{whole} min" if whole < 60 else f"{whole // 60} h {whole % 60:02} min"


def number(value: float) -> str:
    """A reading without needless zeros: 38, 37.5."""
    return f"{value:.1f}".removesuffix(".0")


def in_zone_order(zones: Iterable[str]) -> list[str]:
    """From the toes to the ankle; names this page does not know come last."""
    known = set(zones)
    return [zone for zone in ZONE_ORDER if zone in known] + sorted(known - set(ZONE_ORDER))


def _row(step: Step, plan: Plan, ready_at: str | None) -> tuple[str, str, str, str, str]:
    note = ", ".join(_notes(step))
    if step.kind == "preheat" and ready_at:
        note = f"ready about {ready_at}"
    elif step.text and step.kind not in ("feet_in", "finish"):  # what they ask is what they are called
        words = " ".join(step.text.split())
        note = f"{note}: {words}" if note else words
    return _cut(step.name, LONGEST_NAME).replace("_", " "), _time(step, plan), _water(step), _pressure(step), note


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _time(step: Step, plan: Plan) -> str:
    if step.kind == "preheat" and plan.preheat_s:
        return f"~{minutes(60 * max(1, round(plan.preheat_s / 60)))}"  # an estimate pretends no seconds
    if step.duration_s is None:
        return "you"
    return minutes(step.duration_s)


def _water(step: Step) -> str:
    if step.water_c is None:
        return NOTHING
    if step.kind == "preheat":
        return f"{number(preheat.ROOM_C)} → {number(step.water_c)} °C"
    return f"{number(step.water_c)} °C" + (f" ±{number(step.band_c)}" if step.kind == "soak" else "")


def _pressure(step: Step) -> str:
    if not step.pressure_to_kpa:
        return NOTHING
    if step.pressure_from_kpa == step.pressure_to_kpa:
        return f"{number(step.pressure_to_kpa)} kPa"
    return f"{number(step.pressure_from_kpa)} → {number(step.pressure_to_kpa)} kPa"


def _notes(step: Step) -> list[str]:
    notes = []
    if step.technique:
        notes.append(f"{step.technique} {' + '.join(in_zone_order(step.zones))}".rstrip())
        notes.append("both feet" if len(step.feet) > 1 else f"{next(iter(step.feet), 'no')} foot")
    if step.least_s:
        notes.append(f"at least {minutes(step.least_s)}")
    if step.confirm or step.kind == "feet_in":
        notes.append("confirm")
    if step.kind == "soak":
        notes.append("clock holds outside the band")
    if step.bubbles:
        notes.append("bubbles")
    return notes


def _sums(plan: Plan) -> list[list[str]]:
    """Two lines: the peaks and what they use up; what the gate changed."""
    used = []
    if plan.water_max_c is not None:
        used.append(f"water at most {number(plan.water_max_c)} °C")
        used.append(f"dose {plan.dose_cem43:.2f} of {plan.dose_budget_cem43:.2f} CEM43 min")
    if plan.pressure_max_kpa:
        used.append(f"pressure at most {number(plan.pressure_max_kpa)} kPa")
        used.append(f"pressure-time {100 * plan.pressure_time_part:.0f} % of budget")
    counts = {"lowered": len(lowered(plan.lowered)), "refused": len(refused(plan.refused))}
    changed = [f"{count or 'nothing'} {word}" for word, count in counts.items()]
    return [used, changed]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    name, time, water, pressure, notes = row
    return f"  {name:<{widths[0]}}  {time:>{widths[1]}}  {water:<{widths[2]}}  {pressure:<{widths[3]}}  {notes}".rstrip()


def _step_record(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "name": step.name,
        "duration_s": step.duration_s,
        "least_s": step.least_s,
        "confirm": step.confirm,
        "text": step.text,
        "water_c": step.water_c,
        "feet": sorted(step.feet),
        "zones": in_zone_order(step.zones),
        "technique": step.technique,
        "pressure_from_kpa": step.pressure_from_kpa,
        "pressure_to_kpa": step.pressure_to_kpa,
        "speed_pct": step.speed_pct,
    }


def _limited_record(one: Limited) -> dict[str, Any]:
    return {"phase": one.phase, "what": one.what, "asked": one.asked, "given": one.given, "rule": one.rule, "source": one.source}
