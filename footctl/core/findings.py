"""What a person tells after a session - skin, scores, words, presses of the pain key - and patterns in it that take more than a look.

Patterns give the finding that completes them, or None. Which of them is a red flag, and what to do, footctl.core.redflags knows.
Words are English and laymen's: what is understood is surely there, what is not may be there all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import permutations
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
    "other": "something new, not said what",
}


class Finding(NamedTuple):
    """One thing that was told. `kind`: skin (`what` of SKIN), note (`what` is the text), score (`what` a measure), pain (`what` a place).

    `moment` of a score: before, during, after. `at`: seconds on any one axis. `kpa`: the pressure at a pain, where known.
    """

    at: int
    kind: str
    what: str
    score: int | None = None
    foot: str = ""
    moment: str = ""
    kpa: float | None = None


# What turns a finding into its opposite; not where it belongs to something else, as in "not sure", "no idea", "never had such".
_NO = (
    r"(?:no|not|without|neither|nor|nobody|(?:is|was|are|were|do|does|did|has|have|had)n'?t"
    r"|never(?! (?:had|have|felt|seen) (?:such|this|my|so)))"
)  # fmt: skip
_ELSE = r"(?! (?:sure|certain|only|just|know|idea|doubt|wonder|much|very|sle(?:ep|pt)|walk|stand)\b)"
_NEGATED = re.compile(rf"\b{_NO}\b{_ELSE}(\W+\w+){{0,3}}\W*$")
_ENDS = re.compile(r"[.,;:!?\n]|\b(?:but|and)\b")  # of what a "no" before them reaches
_LIST = re.compile(rf"\b{_NO}\b(?: \w+){{1,2}}(?:, \w+)+,? or\b")  # of "no redness, swelling or blisters" nothing is there
_NONE_AFTER = re.compile(r"\s*[:=?]\s*(?:no|none|nil)\b")  # "fever: no"
_BETWEEN = rf"[^\w.,;!?\n]+(?!(?:{_NO}|but|gone|less|fine)\b)\w+(?:'\w+)?"


def near(*signs: str, most: int = 4) -> str:
    """A pattern for these signs in any order, at most `most` words apart, and none of those a "no"."""
    gap = rf"(?:{_BETWEEN}){{0,{most}}}?[^\w.,;!?\n]+"
    return "|".join(gap.join(rf"\b(?:{sign})\b" for sign in order) for order in permutations(signs))


def has_word(text: str, pattern: str) -> str:
    """What of `text` fits, "" when nothing does or only what a "no" stands before."""
    low = text.lower().replace("\u2019", "'")
    low = _LIST.sub(lambda told: told.group().replace(",", " nor"), low)
    fits = re.compile(rf"\b(?:{pattern})(?!\w)")
    found = fits.search(low)
    while found is not None:
        before = _ENDS.split(low[: found.start()])[-1]
        if not _NEGATED.search(before) and not _NONE_AFTER.match(low, found.end()):
            return found.group()
        found = fits.search(low, found.start() + 1)  # what is denied may begin before what is not: "no pain in foot and toes are blue"
    return ""


# Signs that rules here and in footctl.core.redflags share.
FOOT = r"foot|feet|toes?|heels?|soles?|ankles?|arch(?:es)?"
INFECTED = (
    r"infected|cellulitis|blood poisoning|red (?:streak|line)s?|puss?|" + near(FOOT + "|legs?|skin|wound|nail", "infections?")
)  # fmt: skip
OPEN = "|".join((
    r"wounds?|ulcers?|(?<!cold )sores|open sore",
    r"(?:a|the|this|that|one|new|small|little|big) sore(?= (?:on|in|at|under|between|near|that)\b)",
    r"bleed(?:s|ing)?|bled|bloody|blood (?:on|from|came|comes)|puss?|broken skin|gash",
    near(FOOT + "|skin", r"(?:an?|small|little|deep|the|new|got|have) cut|cuts|cut (?:my|on|in|into|myself)|crack(?:s|ed)|raw|graze[ds]?"),
    near("skin", r"(?:came|comes?|coming|rubbed) off|peel(?:s|ed|ing)?|torn|tore|split|broken?|open|missing|hole"),
))  # fmt: skip
FEVER = r"fever(?:s|ish)?|shiver(?:s|ed|ing|y)?|chills|high temperature|(?<!water )temperature (?:of |is |was )?(?:3[89]|4[01]|10[0-4])"


def _at(one: Finding) -> int:
    return one.at


def tells(one: Finding, skin: tuple[str, ...], words: str) -> bool:
    """True when it is one of these findings of the skin, or a note that has one of these words."""
    if one.kind == "skin":
        return one.what in skin
    return one.kind == "note" and bool(words) and bool(has_word(one.what, words))


def fever_and_wound(findings: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    """A wound or a hot foot, and within days a fever."""
    wounds = [one for one in findings if tells(one, ("wound", "hot", "burn", "black"), f"{OPEN}|{INFECTED}")]
    fevers = [one for one in findings if tells(one, ("fever",), FEVER)]
    close = [max(fever, wound, key=_at) for fever in fevers for wound in wounds if abs(fever.at - wound.at) <= FEVER_NEAR_S]
    return max(close, key=_at, default=None)


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
