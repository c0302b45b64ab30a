"""What a person tells after a session - skin, scores, words, presses of the pain key - and patterns in it that take more than a look.

Patterns give the finding that completes them, or None. Which of them is a red flag, and what to do, footctl.core.redflags knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from footctl.core.change import POINTS, matters

DAY_S = 86_400
FEVER_NEAR_S = 3 * DAY_S  # a wound and a fever so close belong together [ENG]
RECENT_S = 30 * DAY_S  # scores and pain presses older than this say nothing about today [ENG]
OFTEN = 3  # pain presses at one place within that time [ENG]
SEVERE = 8  # out of 10; nothing starts from here on either [ENG]

# What a skin check can find. Shown to people in this order.
SKIN = {
    "ok": "nothing new",
    "redness": "redness that lasts longer than 30 minutes",
    "blister": "a blister",
    "burn": "a burn",
    "wound": "a wound, an ulcer, or broken skin",
    "colour": "skin that changed its colour",
    "swollen": "one foot, ankle or calf newly swollen",
    "hot": "a red, warm and swollen foot",
    "cold": "a cold foot that is pale or blue",
    "black": "black skin",
    "numb": "a place that feels less than before",
    "fever": "fever or shivering",
}


class Finding(NamedTuple):
    """One thing that was told. `kind`: skin (`what` of SKIN), note (`what` is the text), score (`what` a measure), pain (`what` a place).

    `moment` of a score: before, during, after. `at`: seconds on any one axis.
    """

    at: int
    kind: str
    what: str
    score: int | None = None
    foot: str = ""
    moment: str = ""


_NEGATED = re.compile(r"\b(no|not|without|never|neither|nor|isn't|wasn't|aren't|don't|didn't|hasn't)\b(?! (sure|certain))(\W+\w+){0,3}\W*$")


def has_word(text: str, pattern: str) -> str:
    """What of `text` fits, "" when nothing does or only what a "no" stands before."""
    low = text.lower().replace("\u2019", "'")
    for found in re.finditer(rf"\b(?:{pattern})(?!\w)", low):
        before = re.split(r"[.,;:!?\n]|\bbut\b", low[: found.start()])[-1]
        if not _NEGATED.search(before):
            return found.group()
    return ""


def _at(one: Finding) -> int:
    return one.at


def tells(one: Finding, skin: tuple[str, ...], words: str) -> bool:
    """True when it is one of these findings of the skin, or a note that has one of these words."""
    if one.kind == "skin":
        return one.what in skin
    return one.kind == "note" and bool(words) and bool(has_word(one.what, words))


def fever_and_wound(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """A wound or a hot foot, and within days a fever."""
    wounds = [one for one in findings if tells(one, ("wound", "hot", "burn", "black"), r"wounds?|ulcers?|sores?|pus")]
    fevers = [one for one in findings if tells(one, ("fever",), r"fever(ish)?|shiver(s|ing)?")]
    near = [max(fever, wound, key=_at) for fever in fevers for wound in wounds if abs(fever.at - wound.at) <= FEVER_NEAR_S]
    return max(near, key=_at, default=None)


def numbness_rose(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """Numbness that is clearly more than usual; where no usual is known, than the time before."""
    scores = [one for one in findings if one.kind == "score" and one.what == "numbness" and one.score is not None]
    for earlier, later in zip([None, *scores], scores, strict=False):
        base = usual.get("numbness", earlier.score if earlier is not None else None)
        if base is not None and later.score is not None and later.score - base >= POINTS:
            return later
    return None


def severe(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """Any severe pain."""
    told = [one for one in findings if one.kind in ("score", "pain") and (one.kind == "pain" or one.what == "pain")]
    return next((one for one in reversed(told) if one.score is not None and one.score >= SEVERE), None)


def pain_grew(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """The last three scores before sessions, all of them clearly above what is usual."""
    scores = [one for one in findings if one.kind == "score" and one.what == "pain" and one.moment == "before"]
    base = usual.get("pain", scores[0].score if scores else None)
    last = [one for one in scores[-3:] if base is not None and one.score is not None and one.score > base and matters(base, one.score)]
    return last[-1] if len(last) == 3 and last[-1].at - last[0].at <= RECENT_S else None


def worse_after(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """Two of the last three sessions ended with clearly more pain than they began with."""
    pairs: list[tuple[Finding, bool]] = []
    before: Finding | None = None
    for one in findings:
        if one.kind == "score" and one.what == "pain" and one.score is not None:
            if one.moment == "before":
                before = one
            elif one.moment == "after" and before is not None and before.score is not None:
                pairs.append((one, one.score - before.score >= POINTS))
                before = None
    grew = [one for one, did in pairs[-3:] if did]
    return grew[-1] if len(grew) >= 2 else None


def same_place(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """Often at one place within a month."""
    pains = [one for one in findings if one.kind == "pain" and one.what]
    for newest in reversed(pains):
        alike = [one for one in pains if one.what == newest.what and 0 <= newest.at - one.at <= RECENT_S]
        if len(alike) >= OFTEN:
            return newest
    return None
