"""Sentences that every report has: red flags, what was learned, how to read it, what it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from footctl.core.change import SOURCE
from footctl.core.redflags import Flag
from footctl.run.lessons import Held
from footctl.screens.pasts import moment
from footctl.screens.report.html import heading, paragraph

NOTE_LETTERS = 220
NOWHERE: Mapping[str, str] = {}
CHANGE = f"What counts as a change: {SOURCE}."
NOT_ADVICE = (
    "footctl diagnoses nothing. Its limits come from published sources and have not been reviewed by a podiatrist and a safety engineer."
    " Scores and notes are what the person typed; temperatures and pressures are the device's own readings."
)
DOSE = (
    "The heat dose (CEM43) is heat as equivalent minutes at 43 °C: each degree above counts double, each degree below a quarter, taken at"
    " the warmer sensor plus half a degree. 2 is the limit given without medical supervision (van Rhoon 2013); the lowest published dose"
    " that did lasting damage is 320."
)


def plain(text: str) -> str:
    """Text that somebody typed, safe inside HTML."""
    return escape(text)


def short(text: str) -> str:
    """A note as far as it fits."""
    return text if len(text) <= NOTE_LETTERS else text[: NOTE_LETTERS - 1] + "…"


def simulated(count: int, total: int) -> str:
    """Says plainly that there was no person."""
    if not count:
        return ""
    what = "This session was simulated" if total == 1 else f"{count} of these {total} sessions were simulated"
    return paragraph(f"{what}: no person and no water. It says nothing about anybody's feet.", "sim")


def lost(seconds: float) -> str:
    """Says what is missing."""
    return paragraph(f"{seconds:.0f} s of readings are missing: the disk did not take them." if seconds else "", "sim")


def flags(found: Sequence[Flag], days: Mapping[str, str], read: Sequence[Flag] = (), elsewhere: Mapping[str, str] = NOWHERE) -> str:
    """Red flags with what to do and how soon.

    `days`: rule to the day of its newest finding; `read`: those that were acknowledged; `elsewhere`: rule to where else it was told.
    """
    known = "; ".join(f"{flag.rule.title} ({flag.because}, {moment(flag.at)[:10]})" for flag in read)
    told = f"Acknowledged: {known}." if read else ""
    if not found:
        return paragraph(f"No red flag stands now. {told}" if read else "No red flag stands in what was told.", "small")
    made = heading("When to seek help")
    for flag in found:
        kind = "flag urgent" if flag.rule.blocks else "flag"
        head = f"{flag.rule.title}: {flag.rule.soon}"
        said = "; ".join(part for part in (f"{flag.because}, {days[flag.rule.key]}", elsewhere.get(flag.rule.key, "")) if part)
        made += f'<div class="{kind}"><b>{escape(head)}</b>{escape(flag.rule.do)} <span class="small">({escape(said)})</span></div>'
    return made + paragraph(told, "small")


def learned(held: Sequence[Held]) -> str:
    """Ceilings that pain and "softer" taught."""
    if not held:
        return ""
    told = "; ".join(f"{one.words} at most {one.most_words} ({one.why})" for one in held)
    return heading("Learned comfort") + paragraph(f"{told}. These only fall by themselves; a person raises them.", "small")


def how_to_read() -> list[str]:
    """The last section."""
    return [heading("How to read this"), paragraph(DOSE, "small"), paragraph(CHANGE, "small"), paragraph(NOT_ADVICE, "small")]
