"""Bare `footctl` on a terminal: where, which program, for whom, each one line and Enter. Then it is `footctl run`, and says so.

Starts nothing itself: the session that follows shows its plan and asks before anything is switched on.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from footctl.errors import FootctlError, JournalError, SessionEnded

Choice = tuple[str, list[str]]  # words for the person, flags for `footctl run`

LEAVE = ("q", "quit", "n", "no")
NOBODY = "nobody by name: the most careful limits hold"


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal and the settings know of this user: persons, and what was run last."""

    persons: tuple[str, ...] = ()
    person: str | None = None
    program: str | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    """It has no flags: whoever knows what they want says `footctl run`."""


def run(args: argparse.Namespace) -> int:
    """Ask, then run. 6 when somebody leaves."""
    from footctl.cli import main

    print("Warm water and massage for feet, step by step. Enter takes what is in brackets; q leaves, and nothing is started.")
    words = ["run", *chosen()]
    print(f"\nThe same without questions: footctl {shlex.join(words)}\n", flush=True)
    return main.main(words)


def chosen() -> list[str]:
    """The words behind `footctl run`."""
    known = _known()
    device = _pick("Where?", _devices())
    program = _pick("Which program?", *_programs(known))
    person: list[str] = []
    if known.persons and device != ["--sim"]:
        people: list[Choice] = [(name, ["--person", name]) for name in known.persons] + [(NOBODY, ["--person", "-"])]
        usual = known.persons.index(known.person) if known.person in known.persons else 0
        person = _pick("For whom?", people, usual)
    return [*program, *device, *person]


def _pick(question: str, choices: Sequence[Choice], usual: int = 0) -> list[str]:
    """One of `choices`, by its number or the beginning of its words."""
    from footctl.cli.asking import read_line
    from footctl.screens.width import broken, columns

    wide = columns(sys.stdout)
    print(f"\n{question}")
    for number, (words, _) in enumerate(choices, 1):
        print(broken(f"  {number:>2}  {words}", wide))
    while True:
        line = read_line(f"[{usual + 1}] ").strip().lower()
        if line in LEAVE:
            raise SessionEnded("nothing was started")
        if not line:
            return choices[usual][1]
        if line.isascii() and line.isdecimal() and 1 <= int(line) <= len(choices):
            return choices[int(line) - 1][1]
        begins = [flags for words, flags in choices if words.lower().startswith(line)]
        if len(begins) == 1:
            return begins[0]
        print(f"  {line!r} is none of these; type a number from 1 to {len(choices)}, or q")


def _devices() -> list[Choice]:
    """Real devices that answer come first, then the usual one of the settings, then what is always there."""
    from footctl.cli.devices import served_ports
    from footctl.link.discover import find, serial_ports
    from footctl.run import settings
    from footctl.screens.planned import device_text

    print("\nLooking for devices …", flush=True)
    ports = serial_ports()
    seen = {port for port, _ in ports}
    found = asyncio.run(find(ports + [(port, "served simulator") for port in served_ports() if port not in seen]))
    choices: list[Choice] = []
    for one in found:
        if one.identity is not None:
            speed = ["--speed", str(one.identity.simulator)] if one.identity.simulator > 1 else []
            choices.append((f"{device_text(one.identity)} at {one.port}", ["--port", one.port, *speed]))
    usual = settings.load().device
    if usual is not None and usual[1] not in {one.port for one in found if one.identity is not None}:
        choices.append((f"your usual device, {usual[1]}", [f"--{usual[0]}", usual[1]]))
    choices.append(("the simulator, to try everything: nothing gets warm and nothing moves", ["--sim"]))
    choices.append(("no device: your own hands, a bowl, and footctl says what to do", ["--no-device"]))
    return choices


def _programs(known: Known) -> tuple[list[Choice], int]:
    """Every program with its summary, and which is the usual one."""
    from footctl.cli.flags import FIRST
    from footctl.run.presets import list_programs, list_taken_in

    rows = [*list_programs(), *list_taken_in()]
    rows.sort(key=lambda row: row["name"] != FIRST)
    wide = max(len(row["name"]) for row in rows)
    choices: list[Choice] = [(f"{row['name']:<{wide}}  {row['summary']}", [row["name"]]) for row in rows]
    names = [row["name"] for row in rows]
    return choices, names.index(known.program) if known.program in names else 0


def _known() -> Known:
    """What was run last, and by whom; a journal that cannot be read is no reason not to begin."""
    from footctl.run import settings
    from footctl.run.journal import Journal

    now = settings.load()
    try:
        with Journal() as journal:
            people = journal.persons()
            sessions = [row for one in [None, *(person.id for person in people)] for row in journal.sessions(one)]
    except (JournalError, FootctlError):
        return Known((), now.person, now.program)
    last = max(sessions, key=lambda row: str(row["started"]), default=None)
    program = now.program or (None if last is None else str(last["program"]))
    return Known(tuple(person.name for person in people), now.person, program)
