"""A run on the virtual clock: no waiting, no event loop. The world stands still while a person thinks about a question."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from firmware_protocol import messages
from footctl.core.events import Begin, Event, PainScored, ResumeAsked, Sample, StopAsked, Yes
from footctl.core.host import Host
from footctl.core.pump import Note
from footctl.core.view import Question, View
from footctl.errors import JournalError, SessionEnded
from footctl.run import garbage
from footctl.run.answers import Answers
from footctl.run.ledger import READY, Ledger
from footctl.run.session import ENDING
from footctl.screens.paper import Paper
from footctl.screens.plain import Plain
from simulator.world import World, play

LOOK_S = 1.0  # how often somebody looks at the run, world seconds


class Interrupted(Exception):
    """A signal ends the waiting for an answer."""


class Onlooker:
    """The operator of `play`: answers, shows, and passes on a stop that a signal asked for."""

    def __init__(self, answers: Answers | None, plain: Plain | None, paper: Paper, ledger: Ledger | None) -> None:
        self.stopped_by: str | None = None
        self.asking = False
        self.bell: socket.socket | None = None  # readable once a signal has come
        self._answers = answers
        self._plain = plain
        self._paper = paper
        self._ledger = ledger
        self._seen: Sample | None = None
        self._prepared = False
        self._told = False
        self._next = 0.0

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        """What the person does at `now`."""
        if self.stopped_by is not None and not self._told:
            self._told = True
            return (StopAsked(why=self.stopped_by, by="signal"),)
        if self._ledger is not None and (known := self._book(now, host, self._ledger)) is not None:
            return (known,)
        if now < self._next or (self._plain is None and host.question is None):
            return ()
        self._next = now + LOOK_S
        view = host.view(now)
        if self._plain is not None:
            self._plain(view)
        event = self._answers.to(view) if self._answers is not None else self._ask(view)
        return () if event is None else (event,)

    def _book(self, now: float, host: Host, ledger: Ledger) -> Event | None:
        """Every new reading goes into the journal; what is known from earlier goes to the mind, once."""
        if host.sample is not self._seen:
            self._seen = host.sample
            ledger(host.view(now))
        if ledger.pain_before is not None and host.state == READY:
            score, ledger.pain_before = ledger.pain_before, None
            return PainScored(score)
        if self._prepared or host.identity is None:
            return None
        self._prepared = True
        return ledger.rehearsed

    def _ask(self, view: View) -> Event | None:
        question = view.question
        if question is None or not question.ready:
            return None
        try:
            self.asking = True  # from here on a signal interrupts; one that came before is seen now
            if self.stopped_by is not None:
                return None
            self._paper.drain()
            if self._rung():
                return None
            line = sys.stdin.readline()
        except Interrupted:
            return None  # the next turn passes the stop on
        finally:
            self.asking = False
        return answer_to(question, line)

    def _rung(self) -> bool:
        """Wait at a terminal for a line or a signal; True: a signal. One that comes just before a read begins would not end it."""
        if self.bell is None or os.name != "posix" or not sys.stdin.isatty():
            return False
        return self.bell in select.select((sys.stdin, self.bell), (), ())[0]


def answer_to(question: Question, line: str) -> Event | None:
    """A typed line as an answer: Enter or y is yes, n and the end of the input stop, anything else asks again."""
    word = line.strip().lower()
    if not line or word in ("n", "no", "s", "stop", "q"):
        return StopAsked(why="declined", by="key")
    if word not in ("", "y", "yes"):
        return None
    answers: dict[str, Event] = {"start": Begin(), "resume": ResumeAsked()}
    return answers.get(question.kind, Yes(by="key"))


def run_virtual(
    host: Host,
    world: World,
    answers: Answers | None,
    plain: Plain | None,
    paper: Paper,
    note: Note | None,
    ledger: Ledger | JournalError | None = None,
) -> View:
    """Turn `host` on `world` to the end."""
    onlooker = Onlooker(answers, plain, paper, ledger if isinstance(ledger, Ledger) else None)
    with passing_on(onlooker), garbage.rare():
        if play(host, world, operator=onlooker, note=note) is None:
            raise SessionEnded(f"the scenario killed this program; the device is {messages.STATES[world.device.state]}")
    view = host.view(world.now)
    if plain is not None:
        plain(view)
    return view


@contextmanager
def passing_on(onlooker: Onlooker) -> Iterator[None]:
    """Signals become the person's stop; a second one leaves at once: there is nothing real to switch off."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if onlooker.stopped_by is not None:
            raise SessionEnded("left before the simulator confirmed")
        onlooker.stopped_by = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        if onlooker.asking:
            raise Interrupted

    onlooker.bell, ringer = socket.socketpair()
    ringer.setblocking(False)
    before = {number: signal.signal(number, pass_on) for number in ENDING.values() if signal.getsignal(number) is not signal.SIG_IGN}
    rung_before = signal.set_wakeup_fd(ringer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(rung_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        ringer.close()
        onlooker.bell.close()
