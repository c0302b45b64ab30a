"""Persons as the journal keeps them: answers in words and in JSON, what holds for somebody today, and the two steps to loosen it.

Answers that would allow more than those before, today or on a day to come, are kept beside them, and the stricter of each holds, until a
person confirms the newer ones in a command of its own. The calendar is here; what answers mean is footctl.core.screening's business.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import reduce
from pathlib import Path

from firmware_protocol.messages import ZONES
from footctl.core.person import Person
from footctl.core.questions import BY_KEY, QUESTIONS, UNSURE
from footctl.core.screening import Given, Verdict, ever_loosens, join, judge, person, stricter_person, wrong
from footctl.errors import DeviceRefused, JournalError, UsageError
from footctl.run.journal import Journal, PersonRow, Screening

FILE_MOST = 64 * 1024
NAME_MOST = 60
_SAME = {"y": "yes", "n": "no", "?": UNSURE, "not sure": UNSURE, "true": "yes", "false": "no"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HINT = "footctl person questions shows every question and its answers"


def today() -> int:
    """This day, as the screening counts days."""
    return datetime.now().astimezone().date().toordinal()


def day_words(day: int) -> str:
    """A day as a date, like 2026-11-22."""
    return date.fromordinal(day).isoformat()


def moment_words(seconds: int) -> str:
    """A moment of the journal in local time, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


# ------------------------------------------------------------------------------------------------------------ answers in words


def named(text: str) -> str:
    """A person's name as it is kept. Raises UsageError when it cannot be one."""
    name = _tidy(text)
    if not name or len(name) > NAME_MOST or name.startswith("-") or not name.isprintable():
        raise UsageError(f"{text!r} is no name", f"one line of at most {NAME_MOST} letters")
    return name


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def answer(text: str, day: int) -> tuple[str, Given]:
    """`diabetes=checked:2026-05-02` as an answer given on `day`. Raises UsageError with what would be right."""
    key, equals, said = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} is no answer", "like --answer diabetes=no; " + _HINT)
    return key.strip(), given(key.strip(), said, day)


def given(key: str, said: object, day: int) -> Given:
    """What was said to the question `key`: a choice, with a date, feet or zones after a colon; a number on a scale."""
    question = BY_KEY.get(key)
    if question is None:
        near = difflib.get_close_matches(key, BY_KEY, n=1)
        raise UsageError(f"there is no question {key!r}", (f"did you mean {near[0]}? " if near else "") + _HINT)
    word, _, detail = _plain(key, said).partition(":")
    word = word.strip().lower()
    word = _SAME.get(word, word)
    if question.is_scale:
        number = 0 if word == "no" else int(word) if word.isascii() and word.isdecimal() else None
        made = Given(UNSURE if word == UNSURE else "", day, number=number)
    else:
        made = _with_detail(key, Given(word, day), detail)
    fault = wrong(key, made, day)
    if fault:
        raise UsageError(fault, _HINT)
    return made


def _plain(key: str, said: object) -> str:
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, int | str):
        return str(said)
    if isinstance(said, date) and not isinstance(said, datetime):
        return f"yes:{said.isoformat()}"
    raise UsageError(f'{key}: a text like "no" is expected, not {said!r}', _HINT)


def _with_detail(key: str, said: Given, detail: str) -> Given:
    words = [word.strip().lower() for word in detail.split(",") if word.strip()]
    if not words:
        return said
    if len(words) == 1 and _DATE.fullmatch(words[0]):
        try:
            return replace(said, day=date.fromisoformat(words[0]).toordinal())
        except ValueError as error:
            raise UsageError(f"{key}: {words[0]} is no date: {error}", "a date is written like 2026-05-31") from error
    if words == ["both"]:
        words = ["left", "right"]
    if set(words) <= {"left", "right"}:
        return replace(said, feet=frozenset(words))
    if set(words) <= set(ZONES):
        return replace(said, zones=frozenset(words))
    raise UsageError(f"{key}: {detail!r} is no date, foot or zone", f"2026-05-31; left, right or both; {', '.join(ZONES)}")


def read_answers(path: Path, day: int) -> dict[str, Given]:
    """The answers in a TOML file: question = "answer", a line each. All mistakes at once, as one UsageError."""
    try:
        data = path.read_bytes()
        if len(data) > FILE_MOST:
            raise UsageError(f"{path}: {len(data)} bytes; answers take at most {FILE_MOST}")
        table = tomllib.loads(data.decode())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}", 'a line looks like: diabetes = "no"') from error
    found, wrongs = {}, []
    for key, said in table.items():
        try:
            found[key] = given(key, said, day)
        except UsageError as error:
            wrongs.append(str(error))
    if wrongs:
        raise UsageError(f"{path}: " + "; ".join(wrongs), _HINT)
    return found


def rest_no(answers: Mapping[str, Given], day: int) -> dict[str, Given]:
    """No, or 0, to every question of the full form that `answers` leaves out."""
    return {question.key: given(question.key, "no", day) for question in QUESTIONS if not question.only_daily} | dict(answers)


def said_words(said: Given) -> str:
    """An answer as it would be typed."""
    if said.number is not None:
        return str(said.number)
    detail = [day_words(said.day)] if said.day is not None else [*sorted(said.feet), *(zone for zone in ZONES if zone in said.zones)]
    return said.choice + (":" + ",".join(detail) if detail else "")


# ------------------------------------------------------------------------------------------------------------ answers in JSON


def to_json(answers: Mapping[str, Given]) -> str:
    """Answers as the journal keeps them: what was said, and when."""
    return json.dumps({key: {"said": said_words(said), "on": day_words(said.on)} for key, said in answers.items()})


def from_json(text: str) -> dict[str, Given]:
    """The reverse. What this version cannot read is left out: it counts as not answered."""
    found = {}
    for key, kept in json.loads(text).items():
        try:
            day = date.fromisoformat(kept["on"]).toordinal()
            found[key] = given(key, kept["said"], day)
        except (UsageError, ValueError, KeyError, TypeError):
            continue
    return found


# ------------------------------------------------------------------------------------------------------------ what holds


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for somebody today. `proposed`: what newer answers would allow and nobody confirmed yet; None: nothing waits."""

    row: PersonRow
    newest: Screening
    answers: Mapping[str, Given]
    verdict: Verdict
    proposed: Verdict | None = None

    def person(self) -> Person:
        """Whom a session would be for."""
        return person(self.row.name, self.verdict, day_words)


def standing(journal: Journal, name: str, day: int | None = None) -> Standing:
    """How it stands with `name`. Raises UsageError when nobody is called so."""
    row = journal.person(named(name))
    if row is None:
        known = [one.name for one in journal.persons()]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"footctl person screen {name!r} asks the health questions"
        raise UsageError(f"nobody is called {name!r} here", hint)
    return _standing(journal, row, today() if day is None else day)


def as_known(given: Person) -> Person:
    """`given`, and what the journal knows of whoever is called so: the stricter of both. Raises DeviceRefused when it cannot be read."""
    try:
        with Journal() as journal:
            row = journal.person(_tidy(given.name))
            if row is None:
                return given
            return stricter_person(replace(given, name=row.name), _standing(journal, row, today()).verdict, day_words)
    except JournalError as error:
        raise DeviceRefused(f"what {given.name} answered is not known: {error}", error.hint) from error


def _standing(journal: Journal, row: PersonRow, day: int) -> Standing:
    held = _held(journal, row)
    answers = [from_json(one.answers) for one in held]
    verdicts = [judge(one, day) for one in answers]
    return Standing(row, held[-1], answers[-1], reduce(join, verdicts), verdicts[-1] if len(held) > 1 else None)


def _held(journal: Journal, row: PersonRow) -> list[Screening]:
    """What counts, oldest first; the newest always does."""
    return [one for one in journal.screenings(row.id) if one.held]


def screen(journal: Journal, name: str, answers: Mapping[str, Given], day: int | None = None) -> Standing:
    """Keep new answers; what they leave out stays as it was answered before. Looser ones wait for `loosen`, stricter ones hold at once."""
    day = today() if day is None else day
    name = named(name)
    row = journal.person(name)
    held = [] if row is None else [from_json(one.answers) for one in _held(journal, row)]
    merged = {**(held[-1] if held else {}), **answers}
    looser = bool(held) and ever_loosens(merged, held, day)
    what = f"answered {len(answers)} of {len(QUESTIONS)} questions: {summary(judge(merged, day))}"
    if looser:
        what += "; that is looser, so it waits to be confirmed"
    row = journal.screened(name, to_json(merged), replaces=not looser, what=what)
    return _standing(journal, row, day)


def loosen(journal: Journal, name: str) -> Standing:
    """The second step: from now on only the newest answers count. Raises UsageError when none wait."""
    now = standing(journal, name)
    if now.proposed is None:
        raise UsageError(f"nothing of {now.row.name} waits to be loosened", f"new answers first: footctl person screen {now.row.name!r}")
    what = f"loosened: {summary(now.verdict)} became {summary(now.proposed)}"
    if not journal.only_newest(now.row.id, now.newest.id, what):
        raise UsageError(f"{now.row.name} was screened again just now", "look at the newer answers first")
    return standing(journal, name)


def summary(verdict: Verdict) -> str:
    """A verdict in a few words."""
    if verdict.refused:
        return "refused"
    words = [f"tier {verdict.tier}"]
    words += ["no water"] * bool(verdict.no_water) + ["no massage"] * bool(verdict.no_massage)
    words += [f"not the {side} foot" for side in sorted(verdict.feet)]
    words += [f"not the {zone}" for zone in ZONES if zone in verdict.zones]
    if verdict.limits:
        words.append("own limits")
    return ", ".join(words)
