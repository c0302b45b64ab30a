"""The differences of a plan as people read them: one sentence a cause, and what to do next. Knows no screen, and °C only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from footctl.core.budget import DAY
from footctl.core.plan import Limited
from footctl.core.quantities import show_time

UNITS = ("°C", "°C/min", "kPa", "kPa/s", "s", "%", "L", "CEM43")
NAMED_MOST = 3  # steps of one cause that are named; the rest are counted
_MARK = re.compile(r" *\[[^]]*\]")
_RULES = {"absolute": "for everybody", "program": "the program's own tier"}
ANOTHER = "choose another program, or see `footctl plan`"


def lowered(found: Sequence[Limited], sources: bool = False) -> list[str]:
    """Like "soak: 12 min → 10 min (tier sensitive)". `sources`: with what the number rests on."""
    told = []
    for group in _causes(found):
        first = group[0]
        name, unit = _named(first.what)
        given = "left out" if unit == "s" and not first.given else _value(first.given, unit) + _sign(unit)
        told.append(f"{_phases(group)}: {name}{_asked(group, unit)} → {given} ({_why(first, sources)})")
    return told


def refused(found: Sequence[Limited]) -> list[str]:
    """Like "no soak: the device has no heated bath"."""
    told = []
    for group in _causes(found):
        first = group[0]
        name, unit = _named(first.what)
        why = _plain(first.source) or _rule(first.rule)
        if first.what == "person":
            told.append(why)
        elif first.what == "phase kind":
            told.append(f"no {first.asked}: {why}")
        elif first.what in ("zones", "feet"):
            told.append(f"{_phases(group)}: nothing is left of its {first.what} ({first.asked}): {why}")
        else:
            told.append(f"{_phases(group)}, {name}{_asked(group, unit)}{_sign(unit)}: {why}")
    return told


def next_step(found: Sequence[Limited]) -> str:
    """What helps against the first cause that a person can do something about."""
    for what, asked, rule, step in _STEPS:
        if any(what in ("", one.what) and asked in ("", one.asked) and one.rule.startswith(rule) for one in found):
            return step
    return ANOTHER


# what, asked, how the rule begins; what to do next
_STEPS = (
    ("person", "", "", "when that is over, answer the questions again: footctl person screen"),
    ("phase kind", "massage", "tier", "ask a clinician; a dated statement that massage is allowed is told with: footctl person screen"),
    ("phase kind", "soak", "tier", "choose a program without water, like dry-gentle: footctl programs list"),
    ("phase kind", "soak", "person", "choose a program without water: footctl programs list"),
    ("phase kind", "massage", "person", "choose a program without massage: footctl programs list"),
    ("", "", DAY, "wait until tomorrow, or choose a program without it: footctl programs list"),
    ("", "", "device", "choose a program that fits this device: footctl programs list"),
)


def _causes(found: Sequence[Limited]) -> list[list[Limited]]:
    """What one rule did for one reason and with one result, together; in the order of the plan."""
    groups: dict[Limited, list[Limited]] = {}
    for one in found:
        asked = one.asked if isinstance(one.asked, str) else 0.0
        groups.setdefault(replace(one, phase="", asked=asked), []).append(one)
    return list(groups.values())


def _phases(group: Sequence[Limited]) -> str:
    names = list(dict.fromkeys(one.phase for one in group))
    if len(names) > NAMED_MOST:
        return f"{', '.join(names[: NAMED_MOST - 1])} and {len(names) - NAMED_MOST + 1} more"
    return ", ".join(names)


def _named(what: str) -> tuple[str, str]:
    """What changed, ready to stand before a value, and the unit. A time says by its value that it is one."""
    name, _, unit = what.rpartition(" ")
    if unit not in UNITS:
        return f"{what} ", ""
    return ("" if name == "time" else f"{name} "), unit


def _asked(group: Sequence[Limited], unit: str) -> str:
    if isinstance(group[0].asked, str):
        return group[0].asked
    numbers = [one.asked for one in group if not isinstance(one.asked, str)]
    least, most = _value(min(numbers), unit), _value(max(numbers), unit)
    return most if least == most else f"{least} to {most}"


def _value(value: float | str | None, unit: str) -> str:
    if value is None or isinstance(value, str):
        return value or "none"
    return show_time(value) if unit == "s" else f"{value:.2f}".rstrip("0").removesuffix(".")


def _sign(unit: str) -> str:
    return "" if unit in ("", "s") else f" {unit}"


def _rule(rule: str) -> str:
    return _RULES.get(rule, rule)


def _plain(source: str) -> str:
    """A source without the marks of where it was read."""
    return _MARK.sub("", source).strip(" ;")


def _why(one: Limited, sources: bool) -> str:
    numbers = one.rule.startswith(("tier", "absolute", "program"))  # these rest on sources; the others say why
    if not numbers:
        return _plain(one.source) or _rule(one.rule)
    return _rule(one.rule) + (f"; {one.source}" if sources and one.source else "")
