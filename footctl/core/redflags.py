"""When to seek help: rules over what a person tells after a session - skin, scores, words - with what to do and how soon.

Data first, judged by plain code. It diagnoses nothing: each rule says who should look, and when. Better once too often than once too
rarely: whoever read a flag acknowledges it. Needs review by a podiatrist before use on people. Sources as elsewhere: [S] seen in the
source named, [GK] general knowledge, [ENG] engineering choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from footctl.core import findings
from footctl.core.findings import FEVER, FOOT, INFECTED, OPEN, RECENT_S, SKIN, Finding, has_word, near, tells

NG19 = "NICE NG19 [S: as summarised at gpnotebook.com, lindermyers.co.uk]"
EMERGENCY = "emergency signs [GK]"
STOP_USING = "stop and be seen the same or next day [ENG]"
STUDY = "excluded from massage studies [S: th4.ilovetranslation.com 8vPqN2y8I9w]"

NOW, TODAY, NEXT_DAY, WEEK = "now", "today", "within one working day", "within a week"
HOW_SOON = (NOW, TODAY, NEXT_DAY, WEEK)
BLOCKING = (NOW, TODAY, NEXT_DAY)

# Laymen's words that several rules share; findings.near joins them in any order.
CANNOT = r"(?:can(?:'?t|not| not)|could(?:n'?t| not))"
NOT = r"(?:(?:do|did|does)(?:n'?t| not)|no longer|hardly|barely)"
HURTS = r"hurt(?:s|ing)?|pain(?:s|ful)?|ach(?:e|es|ing)|tender"
SWOLLEN = r"swollen|swelling|swell(?:s|ed)?|puffy"
LIMB = FOOT + "|legs?|calf|calves|shins?"
# What is blue, cold or hot when one of these words follows is not the foot.
THING = r"(?! (?:water|bath|basin|room|floor|air|shoes?|socks?|slippers?|stockings?|towels?|nails?|lights?|lamp|roller)\b)"
LASTING = r"(?:for|since|over|lasting|lasted|lasts) (?:\w+ ){0,2}?(?:hours?|days?|\d+ ?(?:min|h)\w*)"
BODY = LIMB + r"|toenails?|nails?|skin|chest|heart|breath\w*|knees?|numb(?:ness)?|burn\w*|dizz\w+"

@dataclass(frozen=True, slots=True)
class Rule:
    """One flag. `skin`: findings that raise it; `words`: a pattern that raises it when a note has it; `also`: anything harder.

    `also` gives the finding that completes it, or None, from all findings, oldest first, and the person's usual scores.
    """

    key: str
    title: str
    do: str
    soon: str
    source: str
    skin: tuple[str, ...] = ()
    words: str = ""
    also: Callable[[Sequence[Finding], Mapping[str, int]], Finding | None] | None = None

    @property
    def blocks(self) -> bool:
        """No session until somebody says that this was read."""
        return self.soon in BLOCKING


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that applies. `at`: of the newest finding behind it; `because`: what was told, in a few words."""

    rule: Rule
    at: int
    because: str = field(default="")


STOP = "Do not use it again before that."

RULES = (
    Rule(
        "breath", "Sudden breathlessness or chest pain", "Call an ambulance. It can be a clot in the lung.", NOW, EMERGENCY,
        words=r"breathless(?:ness)?|(?:short(?:ness)?|out) of breath|gasping|wheez(?:e|ing)|"
        + f"(?:{CANNOT}|hardly|barely)" + r" (?:breathe|(?:get|catch) (?:\w+ ){0,2}(?:air|breath))|"
        + near("breath(?:e|ing)", "hard|trouble|difficult(?:y|ies)?|problems?|struggl(?:e|ed|ing)", most=2) + "|"
        + near("chest", HURTS + "|tight(?:ness)?|pressure|heavy|heaviness|stabbing"),
    ),
    Rule(
        "collapse", "Collapse or fainting", "Call an ambulance unless it is over and explained; then see a doctor today.", NOW, EMERGENCY,
        words=r"collapsed?|faint(?:ed|ing)|(?:feel|feels|felt|feeling) faint|(?:passed|passing|blacked) out|unconscious",
    ),
    Rule(
        "cold_foot", "A cold, pale or blue foot, or black skin",
        "A foot without blood is an emergency: call an ambulance or go to hospital.", NOW, NG19, skin=("cold", "black"),
        words=r"gangrene|pulseless|no pulse|cold,? (?:and )?(?:pale|blue|white)|" + near(LIMB + "|skin|spots?", "black" + THING) + "|"
        + near(LIMB, "(?:blue|bluish|purple|(?:ice|stone|freezing)[- ]cold|icy)" + THING) + "|"
        + near(LIMB, "(?:went|turned|goes|gone) (?:white|pale)") + "|" + near(LIMB, "cold", "pale|white"),
    ),
    Rule(
        "sepsis", "A wound or a hot foot, and fever", "Go to hospital now: an infection may be in the blood.", NOW, NG19,
        also=findings.fever_and_wound,
    ),
    Rule(
        "infection", "A sign of infection",
        "Be seen today; go to hospital now with fever, when redness spreads, or when you feel ill. " + STOP, TODAY,
        NG19 + "; today [ENG]", words=INFECTED,
    ),
    Rule(
        "clot", "One leg, calf or foot newly swollen, or a calf that hurts", "Be seen today: it can be a clot. " + STOP, TODAY,
        "contraindication lists [S: droracle.ai/articles/202521]", skin=("swollen",),
        words=near(LIMB, SWOLLEN) + "|" + near("calf|leg|shin", HURTS) + r"|sore calf|calf (?:is|feels) sore",
    ),
    Rule(
        "hot_foot", "A red, warm and swollen foot",
        "A foot service or a doctor must look within one working day; keep weight off it. With diabetes it counts as Charcot until shown"
        " otherwise. " + STOP, NEXT_DAY, "NICE NG19; Charcot [S: iatrox.com]", skin=("hot",),
        words=near("foot|side", "warmer|hotter", "other")
        + r"|charcot|(?:red|hot|warm),? (?:and )?(?:hot|warm|red)?,? ?(?:and )?swollen foot|"
        + near(FOOT, f"(?:red,? (?:and )?hot|hot,? (?:and )?red){THING}") + "|"
        + near("foot|toe|heel|ankle", f"(?:red,? (?:and )?warm|warm,? (?:and )?red){THING}"),  # of two, after a warm bath, it is ordinary
    ),
    Rule(
        "wound", "A wound, an ulcer or broken skin",
        "Cover it clean and dry. With diabetes or numb feet be seen within one working day. " + STOP
        + " Healed? Say so: footctl person screen.", NEXT_DAY, NG19, skin=("wound",), words=OPEN,
    ),
    Rule(
        "burn", "A burn", "Cool it under running water for 20 minutes, no ice; have it seen today. " + STOP, TODAY,
        "cooling [GK]; " + STOP_USING, skin=("burn",),
        words=r"scald(?:ed|s)?|(?:a|got|was) burn(?:t|ed)?|burns?(?= (?:on|at|from)\b)|burns|burn(?:t|ed) (?:me|my|myself)|"
        + near(FOOT + "|skin", "burn(?:t|ed)"),
    ),
    Rule(
        "blister", "A blister", "Leave it closed, keep it dry; have it seen within one working day. " + STOP, NEXT_DAY, STOP_USING,
        skin=("blister",), words=r"blister(?:s|ed)?",
    ),
    Rule(
        "colour", "Skin that changed its colour, or redness that stays",
        "Redness that lasts longer than 30 minutes, or another colour: have it seen within one working day. " + STOP, NEXT_DAY, STOP_USING,
        skin=("colour", "redness"),
        words=r"discolou?r(?:ed|ation)|colou?r change|changed (?:its |the )?colou?r|(?:stay(?:s|ed)|still|remains) red|"
        + r"bruis(?:e[ds]?|ing)|rash|dark spots?|redness (?:stay(?:s|ed)|remains|" + NOT + " (?:go|fade))|"
        + near("red(?:ness)?", LASTING, most=3) + r"|red(?:ness)? after (?:an|one) hour|"
        + near(LIMB + "|skin", f"(?:dark|mottled|gr[ae]y){THING}", most=2),
    ),
    Rule(
        "numb", "New numbness",
        "Feet that feel less cannot warn: have sensation checked within one working day. " + STOP, NEXT_DAY, STOP_USING, skin=("numb",),
        words=r"(?:newly|suddenly|more|completely) numb|new numbness|(?:lost|loss of) (?:all |the )?(?:feeling|sensation)|"
        + r"no (?:feeling|sensation) (?:left )?in|" + NOT + r" feel (?:any of )?(?:my|the) (?:\w+ )?(?:" + LIMB + ")|"
        + f"(?:{CANNOT}|unable to|not able to|barely)" + r" feel(?! (?:any )?(?:pain|difference|discomfort|change))|"
        + f"(?:{LIMB}) (?:fell|is|are|was|went|feels?) (?:asleep|dead|to sleep)|"
        + near(LIMB, r"(?<!as )(?<!less )(?<!always )(?<!usually )(?<!usual )numb(?:ness)?(?! as (?:usual|always|before|ever))"),
        also=findings.numbness_rose,
    ),
    Rule(
        "fever", "Fever or shivering",
        "No session while it lasts. Ask a doctor within one working day; today when a foot is red, hot, sore or open.", NEXT_DAY,
        STUDY + "; when [ENG]", skin=("fever",), words=FEVER,
    ),
    Rule(
        "unsaid", "Something new, not said what", "Have it looked at within one working day. " + STOP, NEXT_DAY, STOP_USING,
        skin=("other",),
    ),
    Rule(
        "severe", "Severe pain",
        "Pain of 8 or more out of 10: ask your doctor or podiatrist within a week, sooner when it stays.", WEEK, "[ENG]",
        also=findings.severe,
    ),
    Rule(
        "burning", "Burning, or skin that cannot bear touch",
        "Ask your doctor or a neurologist within a week: it can be nerve pain that needs treatment. Choose a gentler program.",
        WEEK, "[ENG]",
        words=r"burning|on fire|(can ?not|can't) (bear|stand) (the |any )?(touch|sock|sheet)s?"
        r"|oversensitive|hypersensitive|electric shocks?",
    ),
    Rule(
        "growing", "Pain before sessions has grown", "Three times in a row clearly more than usual: see a podiatrist within a week.", WEEK,
        "2 points or 30 % [S: Farrar 2001]; three in a row [ENG]", also=findings.pain_grew,
    ),
    Rule(
        "worse_after", "More pain after sessions than before",
        "Two of the last three ended with 2 points more: choose a gentler program, and ask a podiatrist within a week.", WEEK,
        "2 points [S: Farrar 2001]; two of three [ENG]", also=findings.worse_after,
    ),
    Rule(
        "same_place", "Pain again and again at one place",
        "Three times within 30 days: let a podiatrist look at it within a week.", WEEK, "[ENG]",
        also=findings.same_place,
    ),
)  # fmt: skip
BY_KEY = {rule.key: rule for rule in RULES}


def skin_named(text: str) -> list[str]:
    """What of SKIN somebody says in their own words, like "two blisters"; a rule's words stand for its first finding."""
    named = {key for key in SKIN if key != "ok" and has_word(text, f"{key}s?")}
    meant = {rule.skin[0] for rule in RULES if rule.skin and not named & {*rule.skin} and rule.words and has_word(text, rule.words)}
    return [key for key in SKIN if key in named | meant]


def only_partly_understood(text: str) -> bool:
    """True for words about the body in which no rule finds anything: they may mean something all the same."""
    return bool(has_word(text, BODY)) and not any(rule.words and has_word(text, rule.words) for rule in RULES)


def flags(found: Iterable[Finding], usual: Mapping[str, int], read_until: Mapping[str, int], now: int) -> list[Flag]:
    """The flags that stand at `now`, the most urgent first. Those that block stand until they are read, the others for a month.

    `usual`: the person's ordinary scores, measure to 0-10. `read_until`: rule to the moment up to which it was acknowledged; what was
    told until then raises it no more.
    """
    told = sorted(found, key=lambda one: one.at)
    standing = []
    for rule in RULES:
        since = read_until.get(rule.key, -1)
        since = since if rule.blocks else max(since, now - RECENT_S)
        newest = _raises(rule, [one for one in told if one.at > since], usual)
        if newest is not None:
            standing.append(Flag(rule, newest.at, _because(rule, newest)))
    return sorted(standing, key=lambda flag: HOW_SOON.index(flag.rule.soon))


def _raises(rule: Rule, told: Sequence[Finding], usual: Mapping[str, int]) -> Finding | None:
    newest = rule.also(told, usual) if rule.also is not None else None
    for one in told:
        if tells(one, rule.skin, rule.words) and (newest is None or one.at >= newest.at):
            newest = one
    return newest


def _because(rule: Rule, one: Finding) -> str:
    where = f", {one.foot} foot" if one.foot in ("left", "right") else ", both feet" if one.foot == "both" else ""
    if one.kind == "skin":
        return f"skin check: {SKIN.get(one.what, one.what)}{where}"
    if one.kind == "note":
        return f"a note says: {has_word(one.what, rule.words) or one.what[:60]}"
    if one.kind == "pain":
        place = " ".join(one.what.split(".")) or "a place not named"
        return f"pain at {place}" + (f", {one.score} out of 10" if one.score is not None else "")
    return f"{one.what} {one.score} out of 10" + (f", {one.moment} a session" if one.moment else "")
