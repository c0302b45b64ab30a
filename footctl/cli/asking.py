"""Asks the health questions on a terminal, a group at a time, in plain words. Knows no storage: left half-way, nothing is kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from footctl.core.person import TIERS
from footctl.core.questions import DAILY_LINE, GROUPS, QUESTIONS, UNSURE, Choice, Question
from footctl.core.screening import Given, judge
from footctl.errors import SessionEnded, UsageError
from footctl.run import persons
from footctl.screens.width import broken, columns

Read = Callable[[str], str]  # shows a prompt, gives the line

YES, NO, WHAT = ("y", "yes"), ("n", "no"), ("?", "not sure", UNSURE)
DETAILS = {
    "feet": "   Which foot? left, right or both: ",
    "zones": "   Which zones? of toes, ball, arch, heel, ankle, like toes,heel: ",
    "seen_on": "   On which day was that? like 2026-05-31; Enter when you do not know: ",
    "due_on": "   When is it due? like 2026-05-31; Enter when you do not know: ",
}


def read_line(prompt: str) -> str:
    """A line from the terminal. Raises SessionEnded when there is none any more."""
    print(_fitting(prompt), end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        print(file=sys.stderr)
        raise SessionEnded("left before the last question", "nothing was kept")
    return line.strip()


def say(text: str = "") -> None:
    """A line for the person; standard output is for results."""
    print(_fitting(text), file=sys.stderr)


def _fitting(text: str) -> str:
    """Broken between words where the terminal would break inside one; a space at the end, before what is typed, stays."""
    wide = columns(sys.stderr)
    lines = (broken(line, wide) for line in text.rstrip(" ").split("\n"))
    return "\n".join(lines) + " " * (len(text) - len(text.rstrip(" ")))


def full_form(day: int, read: Read = read_line) -> dict[str, Given]:
    """Every question. A group of which nothing applies is one answer."""
    answers: dict[str, Given] = {}
    for group, title in GROUPS.items():
        say(f"\n{title}")
        asked = [question for question in QUESTIONS if question.group == group and not question.only_daily and question.key != "statement"]
        if group == "usual":
            answers.update(_one_by_one(asked, day, read))
            continue
        for question in asked:
            say(f"  · {question.words.removesuffix('?')}")
        if choose("Does any of these apply? y yes, n none of them, ? not sure: ", read) == "no":
            answers.update({question.key: persons.given(question.key, "no", day) for question in asked})
        else:
            answers.update(_one_by_one(asked, day, read))
    statement = next(question for question in QUESTIONS if question.key == "statement")
    if TIERS[judge(answers, day).tier].needs_statement:
        answers.update(_one_by_one([statement], day, read))
    else:
        answers[statement.key] = persons.given(statement.key, "no", day)
    return answers


def daily_check(day: int, read: Read = read_line) -> dict[str, Given]:
    """The one line before a session; what is new, question by question. Empty when nothing is."""
    if choose(f"{DAILY_LINE} y/n: ", read, unsure=False) == "no":
        return {}
    found = _one_by_one([question for question in QUESTIONS if question.daily], day, read)
    return {key: said for key, said in found.items() if said.choice != "no"}


def choose(prompt: str, read: Read, unsure: bool = True) -> str:
    """Yes, no or not sure; asked again until it is one of them. Enter is none of them."""
    while True:
        said = somebody_says(read(prompt))
        if said and (unsure or said != UNSURE):
            return said
        say("   Please type y or n" + (", or ? when you are not sure" if unsure else ""))


def somebody_says(word: str) -> str:
    """Yes, no or unsure, as people type it; "" for anything else."""
    word = word.lower()
    return "yes" if word in YES else "no" if word in NO else UNSURE if word in WHAT else ""


def _one_by_one(questions: Sequence[Question], day: int, read: Read) -> dict[str, Given]:
    return {question.key: _ask(question, day, read) for question in questions}


def _ask(question: Question, day: int, read: Read) -> Given:
    keys = tuple(choice.key for choice in question.choices)
    if question.is_scale:
        prompt = f"  {question.words}  0 to 10, ? not sure: "
    elif keys == ("no", "yes"):
        prompt = f"  {question.words}  y, n, ? not sure: "
    else:
        prompt = f"     1 to {len(keys)}, ? not sure: "
        say(f"\n  {question.words}")
        for number, choice in enumerate(question.choices, 1):
            say(f"     {number}  {choice.words}")
    while True:
        word = read(prompt).lower()
        try:
            if word in WHAT:
                return persons.given(question.key, UNSURE, day)
            if question.is_scale:
                return persons.given(question.key, word, day)
            chosen = _choice(question, word)
            if chosen is not None:
                return _with_detail(question, chosen, day, read)
            words = ("y", "n") if keys == ("no", "yes") else tuple(str(number) for number in range(1, len(keys) + 1))
            say(f"   Please type one of: {', '.join(words)}, ?")
        except UsageError as error:
            say(f"   {error}")


def _choice(question: Question, word: str) -> Choice | None:
    if word.isascii() and word.isdecimal() and 1 <= int(word) <= len(question.choices):
        return question.choices[int(word) - 1]
    word = "yes" if word in YES else "no" if word in NO else word
    return question.choice(word)


def _with_detail(question: Question, choice: Choice, day: int, read: Read) -> Given:
    while choice.asks:
        try:
            return persons.given(question.key, f"{choice.key}:{read(DETAILS[choice.asks])}", day)
        except UsageError as error:
            say(f"   {error}")
    return persons.given(question.key, choice.key, day)
