"""From answers to what is allowed: a verdict, the stricter of two verdicts, whether one loosens another, a Person for the session.

Answers only tighten: a verdict is the join of what each answer does, so one more adverse answer never allows more. Not sure, not
answered and out of date are answers too, and not the kindest ones. It knows no calendar, no names of days and no storage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from firmware_protocol.limits import CAPS, LEAST
from firmware_protocol.messages import ZONES
from footctl.core.events import FOOT_SIDES
from footctl.core.person import Person, stricter
from footctl.core.questions import (
    BY_KEY,
    NOTHING,
    PAIN_MOST,
    PAIN_RISE,
    QUESTIONS,
    SCALE_DAYS,
    SCALE_MOST,
    SENSITIVE_PRESSURE,
    SENSITIVE_WET,
    UNDATED,
    UNSURE,
    Choice,
    Effect,
    Question,
)
from footctl.core.told import listed

SILENT = "silent"  # what was said by whoever said nothing
_IS_LEAST = {row[0]: row[2] == LEAST for row in CAPS}
_FEET = frozenset(FOOT_SIDES)
_ZONES = frozenset(ZONES)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, given on the day `on`. `choice` is a choice's key or "unsure"; a scale has its `number` instead.

    `day`: the day that belongs to it, of a check or a birth. `feet`, `zones`: those it is about; no feet means both,
    no zones all of them.
    """

    choice: str = ""
    on: int = 0
    day: int | None = None
    feet: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Because:
    """One ground of a verdict: which question, what was said, the sentence, the last day it holds (None: until answered otherwise)."""

    question: str
    said: str
    sentence: str
    until: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person's answers allow. The default allows everything that a healthy adult may have.

    `refused`, `no_water`, `no_massage`: sentences why not, empty when it may be. `limits`, `after_soak`: caps in the wire's units, with
    `reasons`. `statement`: day of the clinician's statement that is valid now. `until`: the last day before some answer must be given
    again. `again`: the questions that must be.
    """

    tier: str = "standard"
    refused: tuple[str, ...] = ()
    no_water: tuple[str, ...] = ()
    no_massage: tuple[str, ...] = ()
    feet: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=dict)
    after_soak: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    statement: int | None = None
    usual_pain: int | None = None
    nuts: bool = False
    because: tuple[Because, ...] = ()
    until: int | None = None
    again: tuple[str, ...] = ()


def judge(answers: Mapping[str, Given], today: int) -> Verdict:
    """What these answers allow today."""
    verdict = Verdict()
    for question in QUESTIONS:
        verdict = _both(verdict, _of(question, answers.get(question.key), today))
    verdict = _both(verdict, _unmatched(answers, today))
    usual = _number(answers, "usual_pain", today)
    verdict = _both(verdict, _pain_now(answers, usual or 0, today))
    return replace(verdict, usual_pain=usual, statement=_statement(answers, today))


def join(one: Verdict, other: Verdict) -> Verdict:
    """The stricter of both in everything: what holds while a looser set of answers waits to be confirmed."""
    statement = None if one.statement is None or other.statement is None else min(one.statement, other.statement)
    usual = min(one.usual_pain or 0, other.usual_pain or 0)
    return replace(_both(one, other), usual_pain=usual, statement=statement)


def loosens(new: Verdict, old: Verdict) -> bool:
    """True when `new` allows anything that `old` does not."""
    if stricter(new.tier, old.tier) != new.tier:
        return True
    for now, before in ((new.refused, old.refused), (new.no_water, old.no_water), (new.no_massage, old.no_massage)):
        if before and not now:
            return True
    if old.feet - new.feet or old.zones - new.zones or old.without - new.without:
        return True
    if _caps_loosen(new.limits, old.limits) or _caps_loosen(new.after_soak, old.after_soak):
        return True
    if (old.nuts and not new.nuts) or (new.usual_pain or 0) > (old.usual_pain or 0):
        return True
    return new.statement is not None and (old.statement is None or new.statement > old.statement)


def ever_loosens(new: Mapping[str, Given], held: Sequence[Mapping[str, Given]], today: int) -> bool:
    """True when `new` allows on any day from `today` on what `held`, all of them together, do not. `held` is not empty.

    A refusal that ends tomorrow hides none that lasts. An answer that is given again before it is too old only prolongs, which is no
    loosening; a check of the feet is another one when its date is another.
    """
    before = [_given_again(answers, new, today) for answers in held]
    turns = {day for answers in (new, *before) for day in _turns(answers) if day > today}
    return any(loosens(judge(new, day), reduce(join, [judge(answers, day) for answers in before])) for day in (today, *turns))


def _given_again(answers: Mapping[str, Given], new: Mapping[str, Given], today: int) -> dict[str, Given]:
    """`answers`, those that still hold as if they were given when the new ones are. What turns into another by itself keeps its age."""
    again = dict(answers)
    for key in answers.keys() & new.keys():
        question, given = BY_KEY[key], answers[key]
        choice = question.choice(given.choice)
        if _holds(given, _last(question, given), today) and not (choice is not None and choice.then):
            again[key] = replace(given, on=new[key].on)
    return again


def _turns(answers: Mapping[str, Given]) -> Iterator[int]:
    """The days on which these answers may begin to mean something else."""
    for key, given in answers.items():
        last = _last(BY_KEY[key], given)
        yield given.on
        if last is not None:
            yield last + 1


def person(name: str, verdict: Verdict, day: Callable[[int], str]) -> Person:
    """Whom a session is for. `day` writes a date."""
    return Person(
        name=name,
        tier=verdict.tier,
        screened=True,
        excluded_zones=verdict.zones,
        excluded_feet=verdict.feet,
        no_water=" ".join(verdict.no_water),
        no_massage=" ".join(verdict.no_massage),
        statement=None if verdict.statement is None else day(verdict.statement),
        limits=verdict.limits,
        after_soak=verdict.after_soak,
        reasons=verdict.reasons,
        refused=" ".join(verdict.refused),
        without=verdict.without,
        usual_pain=verdict.usual_pain,
        nuts=verdict.nuts,
        notes=tuple(f"{one.sentence} (until {day(one.until)})" if one.until is not None else one.sentence for one in verdict.because),
    )


def stricter_person(given: Person, known: Verdict, day: Callable[[int], str]) -> Person:
    """`given` as somebody described them, and what their own answers allow: the stricter of both in everything."""
    said = Verdict(
        tier=given.tier,
        refused=_told(given.refused),
        no_water=_told(given.no_water),
        no_massage=_told(given.no_massage),
        feet=given.excluded_feet,
        zones=given.excluded_zones,
        without=given.without,
        limits=given.limits,
        after_soak=given.after_soak,
        reasons=given.reasons,
        statement=known.statement if given.statement else None,
        usual_pain=given.usual_pain,
        nuts=given.nuts,
    )
    both = person(given.name, join(said, known), day)
    return replace(both, notes=given.notes + both.notes)


def _told(sentence: str) -> tuple[str, ...]:
    return (sentence,) if sentence else ()


def wrong(key: str, given: Given, today: int) -> str:
    """Why this cannot be an answer to the question `key`, "" when it can."""
    question = BY_KEY.get(key)
    if question is None:
        return f"there is no question {key!r}"
    if question.is_scale:
        fine = given.choice == UNSURE or (given.number is not None and 0 <= given.number <= SCALE_MOST)
        return "" if fine else f"{key}: a whole number from 0 to {SCALE_MOST}, or {UNSURE}"
    choice = question.choice(given.choice)
    if choice is None and given.choice != UNSURE:
        return f"{key}: {', '.join(one.key for one in question.choices)} or {UNSURE}, not {given.choice!r}"
    asks = choice.asks if choice is not None else ""
    if given.day is not None and asks not in ("seen_on", "due_on"):
        return f"{key}={given.choice} has no date"
    if given.day is not None and asks == "seen_on" and given.day > today:
        return f"{key}={given.choice}: that day has not come yet"
    if given.day is not None and asks == "due_on" and given.day < today:
        return f"{key}={given.choice}: that day is over"
    if given.feet and asks != "feet":
        return f"{key}={given.choice} is not about one foot"
    if asks == "zones" and not given.zones:
        return f"{key}={given.choice}: say which zones, like {key}={given.choice}:toes,ball"
    if given.zones and asks != "zones":
        return f"{key}={given.choice} is not about zones"
    if key == "statement" and asks and given.day is None:
        return f"{key}={given.choice}: say its date, like {key}={given.choice}:2026-01-31"
    return ""


# ------------------------------------------------------------------------------------------------------- one answer at a time


def _of(question: Question, given: Given | None, today: int) -> Verdict:
    """What one answer does, or the lack of one."""
    if question.is_scale:
        return _scale_age(question, given, today)
    choice = question.choice(given.choice) if given is not None else None
    if choice is None or given is None:
        unsure = question.choice(question.unsure)
        if unsure is None or (given is None and question.only_daily):
            return Verdict()
        if given is not None:
            return _effect(question, unsure, Given(UNSURE), None, " (Not sure, so this counts.)" if unsure.why else "")
        silent = replace(unsure, why=f"{question.words} Not answered, so the stricter line counts." if unsure.why else "")
        return replace(_effect(question, silent, Given(SILENT), None), again=(question.key,) if unsure.why else ())
    until = last_day(choice, given)
    if _holds(given, until, today):
        return _effect(question, choice, given, until)
    later = question.choice(choice.then)
    if later is not None:
        return _effect(question, later, given, None)
    asked = f"{question.words} was answered too long ago: the sensitive limits until it is answered again."
    stale = Verdict(tier="sensitive", because=(Because(question.key, "too long ago", asked, None, "[ENG]"),), again=(question.key,))
    return _both(_effect(question, choice, given, None), stale)


def last_day(choice: Choice, given: Given) -> int | None:
    """The last day on which this answer holds, None when it has none."""
    if choice.days is None:
        return None
    if choice.asks == "due_on" and given.day is not None:
        return min(given.day, given.on + choice.days)
    if choice.asks == "seen_on":
        return given.on + UNDATED if given.day is None else given.day + choice.days
    return given.on + choice.days


def _last(question: Question, given: Given) -> int | None:
    """The last day of an answer to any question, None when it has none."""
    if question.is_scale:
        return given.on + SCALE_DAYS[question.key]
    choice = question.choice(given.choice)
    return None if choice is None else last_day(choice, given)


def _holds(given: Given, last: int | None, today: int) -> bool:
    """An answer from a day to come is one of a wrong clock, and does not hold yet."""
    return given.on <= today and (last is None or today <= last)


def _effect(question: Question, choice: Choice, given: Given, until: int | None, aside: str = "") -> Verdict:
    effect = choice.effect
    feet = (given.feet or _FEET) if effect.spares and choice.asks == "feet" else frozenset()
    zones = (given.zones or _ZONES) if effect.spares and choice.asks == "zones" else frozenset()
    sentence = choice.why.format(feet=f"{min(feet)} foot" if len(feet) == 1 else "both feet", zones=listed(zones)) + aside
    limits = dict(effect.limits)
    if effect.gentle:
        limits.update(SENSITIVE_PRESSURE)
    after_soak = dict(SENSITIVE_WET) if effect.gentle else {}
    told = (sentence,)
    return Verdict(
        tier=effect.tier,
        refused=told if effect.refused else (),
        no_water=told if effect.no_water else (),
        no_massage=told if effect.no_massage else (),
        feet=feet,
        zones=zones,
        without=effect.without,
        limits=limits,
        after_soak=after_soak,
        reasons=dict.fromkeys((*limits, *effect.without), sentence),
        nuts=effect.nuts,
        because=(Because(question.key, given.choice or choice.key, sentence, until, question.source),) if effect is not NOTHING else (),
        until=until if choice.days else None,
    )


def _scale_age(question: Question, given: Given | None, today: int) -> Verdict:
    """A baseline that is missing or old restricts nothing by itself; it is unknown, and must be asked again."""
    if question.only_daily or (given is not None and given.number is not None and _holds(given, _last(question, given), today)):
        return Verdict()
    return Verdict(again=(question.key,))


def _number(answers: Mapping[str, Given], key: str, today: int) -> int | None:
    """What was said on a scale, or what not sure counts as there."""
    given, question = answers.get(key), BY_KEY[key]
    if given is None or not _holds(given, _last(question, given), today):
        return None
    return int(question.unsure) if given.choice == UNSURE and question.unsure else given.number


def _unmatched(answers: Mapping[str, Given], today: int) -> Verdict:
    """Feet said to be as usual numb or tingling, but not where it was asked: that is numbness which nobody checked."""
    usual = (answers.get("usual_numbness"), answers.get("usual_tingling"))
    felt = any(given is not None and (given.number or given.choice == UNSURE) for given in usual)
    diabetes = answers.get("diabetes")
    question = BY_KEY["diabetes"]
    unchecked = question.choice("unchecked")
    if not felt or diabetes is None or diabetes.choice != "no" or unchecked is None:
        return Verdict()
    return _effect(question, unchecked, Given(), None, " (Numbness or tingling was named as usual.)")


def _pain_now(answers: Mapping[str, Given], usual: int, today: int) -> Verdict:
    pain = _number(answers, "pain_now", today)
    if pain is None or pain < min(PAIN_MOST, usual + PAIN_RISE):
        return Verdict()
    question, given = BY_KEY["pain_now"], answers["pain_now"]
    felt = f"Not sure how much it hurts, so it counts as {pain} of {SCALE_MOST}" if given.choice == UNSURE else f"Pain of {pain} now"
    choice = Choice("pain", "", Effect(refused=True), f"{felt}, usually {usual}: not today. If it stays, show the foot to someone.", days=0)
    return _effect(question, choice, given, today)


def _statement(answers: Mapping[str, Given], today: int) -> int | None:
    """Day of the clinician's statement, if it has one and is not too old."""
    given, choice = answers.get("statement"), BY_KEY["statement"].choice("yes")
    if given is None or choice is None or given.choice != choice.key or given.day is None:
        return None
    until = last_day(choice, given)
    return given.day if until is not None and given.day <= today <= until else None


# ------------------------------------------------------------------------------------------------------- of two the stricter


def _both(one: Verdict, other: Verdict) -> Verdict:
    limits = _strictest(one.limits, other.limits)
    after_soak = _strictest(one.after_soak, other.after_soak)
    reasons = dict(other.reasons)
    for name, reason in one.reasons.items():
        if name not in other.limits or limits[name] == one.limits.get(name, limits[name]):
            reasons[name] = reason
    untils = [until for until in (one.until, other.until) if until is not None]
    return Verdict(
        tier=stricter(one.tier, other.tier),
        refused=_all(one.refused, other.refused),
        no_water=_all(one.no_water, other.no_water),
        no_massage=_all(one.no_massage, other.no_massage),
        feet=one.feet | other.feet,
        zones=one.zones | other.zones,
        without=one.without | other.without,
        limits=limits,
        after_soak=after_soak,
        reasons=reasons,
        nuts=one.nuts or other.nuts,
        because=one.because + tuple(because for because in other.because if because not in one.because),
        until=min(untils, default=None),
        again=_all(one.again, other.again),
    )


def _all(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return one + tuple(text for text in other if text not in one)


def _strictest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    caps = dict(one)
    for name, value in other.items():
        caps[name] = value if name not in caps else (max if _IS_LEAST[name] else min)(caps[name], value)
    return caps


def _caps_loosen(new: Mapping[str, int], old: Mapping[str, int]) -> bool:
    return any(name not in new or (new[name] < value if _IS_LEAST[name] else new[name] > value) for name, value in old.items())
