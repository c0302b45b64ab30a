"""Who a session is for: --person, the check of the day, and the ledger that books what it uses up. Shared by `run`, `set` and `plan`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from footctl.core.events import Earlier, Event
from footctl.core.person import Person
from footctl.core.pump import Note
from footctl.core.screening import SILENT
from footctl.errors import DeviceRefused, FootctlError, JournalError, ProfileError, UsageError
from footctl.run import flags, lessons, persons
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger, day_notes, open_ledger
from footctl.run.presets import read_program
from footctl.run.record import Recorder
from footctl.screens.keys import somebody_there


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits there. `person` None: nobody was named, and the device decides whose limits hold. `row`: their number in the journal."""

    person: Person | None = None
    row: int | None = None


def sitter(args: argparse.Namespace) -> Sitter:
    """Whom the flags name, once the check of the day is answered. Raises DeviceRefused when the answers forbid a session."""
    if args.person is None:
        if args.daily_ok:
            raise UsageError("--daily-ok says something about a person", "name one: --person NAME")
        return Sitter()
    with Journal() as journal:
        standing = persons.standing(journal, args.person)
        _refuse(standing)
        if not args.daily_ok:
            if not somebody_there():
                hint = "is nothing new? add --daily-ok; --yes does not answer this. Something is: footctl person screen"
                raise DeviceRefused("the check of the day is not answered: standard input is no terminal", hint)
            standing = _checked(journal, standing)
        return Sitter(standing.person(), standing.row.id)


def last_program(name: str | None) -> str | None:
    """What that person ran last and can still be read; None for somebody who was never screened."""
    if name is None:
        return None
    try:
        with Journal() as journal:
            row = journal.person(persons.named(name))
            rows = [] if row is None else journal.sessions(row.id)
    except FootctlError:
        return None  # the session will say so
    for one in reversed(rows):
        program = str(one["program"])
        try:
            read_program(program)
        except ProfileError:
            continue
        return program
    return None


def planned(args: argparse.Namespace, simulated: bool) -> tuple[Person | None, Earlier | None]:
    """Person and earlier use for a plan; nobody is asked anything, nothing is written."""
    if args.person is None and simulated:
        return None, None
    with Journal() as journal:
        standing = None if args.person is None else persons.standing(journal, args.person)
        person, row = (None, None) if standing is None else (standing.person(), standing.row.id)
        if simulated:
            return person, lessons.rehearsed(journal, row)
        day = journal.day(row)
        return person, lessons.earlier(journal, row, day, day_notes(day, journal.clock()))


def _checked(journal: Journal, standing: persons.Standing) -> persons.Standing:
    from footctl.cli.asking import daily_check

    news = daily_check(persons.today())
    if not news:
        return standing
    standing = persons.screen(journal, standing.row.name, news)
    _refuse(standing)
    return standing


def _refuse(standing: persons.Standing) -> None:
    verdict, name = standing.verdict, standing.row.name
    if not verdict.refused:
        return
    grounds = [one for one in verdict.because if one.sentence in verdict.refused]
    reasons = [one.sentence for one in grounds if one.said != SILENT]
    silent = [one.question for one in grounds if one.said == SILENT]
    if silent:
        reasons.append(f"Not answered: {', '.join(silent)}.")
    raise DeviceRefused(f"not for {name} now. {' '.join(reasons)}", f"all that was answered: footctl person show {name!r}")


def ledger(
    args: argparse.Namespace, sitting: Sitter, session_id: str, program: str, tell: Callable[[str], None]
) -> Ledger | JournalError | None:
    """What books the session, or the error when it cannot: a real device is refused then, a simulated one is not written down."""
    if args.no_device or (args.sim and sitting.row is not None):
        with Journal() as journal:
            blocked = flags.blocked(journal, sitting.row, simulated=args.sim)
        if blocked is not None:
            raise blocked
    opened = open_ledger(session_id, sitting.row, program, simulated=args.sim, tell=tell)
    if args.sim and isinstance(opened, JournalError):
        tell(f"this session is not written down: {opened}")
        return None
    return opened


def noting(recorder: Recorder | None, ledger: Ledger | JournalError | None) -> Note | None:
    """Who hears of every turn: the record, the journal, both, or nobody."""
    notes = [one.note for one in (recorder, ledger) if isinstance(one, Recorder | Ledger)]
    if not notes:
        return None
    if len(notes) == 1:
        return notes[0]

    def note(now: float, data_in: bytes, operator: Sequence[Event], data_out: bytes) -> None:
        for one in notes:
            one(now, data_in, operator, data_out)

    return note
