"""Who sits with a session on the wall clock: keys, signals, what is seen, a door for other terminals, and the questions after a pain press.

The session knows nothing of all this. When it is over, the device is given back first; then there is time to ask.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from footctl.core.events import Pain, PainTold
from footctl.core.pump import Note
from footctl.core.view import View
from footctl.errors import FootctlError, JournalError
from footctl.run.answers import Answers
from footctl.run.control import Control
from footctl.run.ledger import Ledger
from footctl.run.session import Session, on_signals, signals
from footctl.screens import hurt
from footctl.screens.hurt import Hurt
from footctl.screens.keys import Keys, reading
from footctl.screens.live.front import Front
from footctl.screens.live.wire import Opening
from footctl.screens.paper import Paper
from footctl.screens.plain import HELP, Plain, ending
from footctl.screens.spoken import Spoken
from footctl.screens.units import Units

ASK_S = 120.0  # for where and how strong; whoever has not answered by then is seeing to the foot
READ_S = 600.0  # for the last page
LEAVE = b"\r\nyYqQsS"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks at a session, who answers for the person, what books it. `opening`: of the live view; None for plain lines."""

    answers: Answers | None
    plain: Plain | None
    paper: Paper
    note: Note | None
    ledger: Ledger | JournalError | None
    session_id: str
    program: str
    opening: Opening | None = None
    spoken: Spoken | None = None


async def attend(session: Session, desk: Desk) -> View:
    """The session to its end, and what is asked after it."""
    if desk.answers is not None:
        session.subscribe(_answering(session, desk.answers))
    witness = Witness(session)
    session.subscribe(witness)
    with ExitStack() as stack:
        screen = _Screen(desk)
        stack.callback(screen.close)
        if screen.look is not None:
            session.subscribe(screen.look)
        if desk.spoken is not None:
            session.subscribe(desk.spoken)
        keys = Keys(session, screen.help)
        somebody = stack.enter_context(reading(keys))
        with signals(session), ExitStack() as door:
            about = {"session_id": desk.session_id, "program": desk.program, "link": session.link.name}
            try:
                door.callback(Control(session, about).close)
            except (OSError, FootctlError) as error:
                desk.paper.line(f"  ! other terminals cannot reach this session: {error}")
            view = await session.run()
        session.link.close()  # whoever wants to clear the latch need not wait for what is said here
        if somebody:
            with _Waiting(keys) as waiting:
                if hurt.asks(view) and not witness.told:
                    told = await _ask(Hurt(hurt.guess(witness.before)), waiting, screen)
                    session.afterwards(told)
                    screen.say(noted=hurt.said(told))
                read = view.phases and (desk.answers is None or hurt.asks(view))  # else what stays in the terminal is enough
                if read and screen.front is not None and screen.front.alive:
                    await waiting.until(lambda key: key in LEAVE, READ_S)
    screen.farewell(view)
    if session.unnoted:
        desk.paper.line(f"  ! from some moment on this session was not written down ({session.unnoted}): a fault in footctl")
    return view


def _answering(session: Session, answers: Answers) -> Callable[[View], None]:
    def answer(view: View) -> None:
        event = answers.to(view)
        if event is not None:
            session.post(event)

    return answer


class Witness:
    """Remembers how it was before a pain, and whether whoever reported it said more."""

    def __init__(self, session: Session) -> None:
        self.before: View | None = None
        self.told = False
        self._session = session

    def __call__(self, view: View) -> None:
        """A turn is over."""
        if view.outcome is None and view.state != "stopping":
            self.before = view
        for event in self._session.host.heard:
            if isinstance(event, Pain) and (event.where is not None or event.score is not None):
                self.told = True


class _Waiting:
    """Gives keys to whoever waits for one. A signal ends every waiting."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._stack = ExitStack()
        self._over = asyncio.Event()
        self._interrupted = False

    def __enter__(self) -> _Waiting:
        self._stack.enter_context(on_signals(self._interrupt))
        return self

    def __exit__(self, *error: object) -> None:
        self._keys.talk = None
        self._stack.close()

    def _interrupt(self, name: str) -> None:
        self._interrupted = True
        self._over.set()

    async def until(self, done: Callable[[bytes], bool], most_s: float) -> None:
        """Pass keys on until `done` says so, or for `most_s` seconds."""
        if self._interrupted:
            return
        self._over.clear()

        def key(pressed: bytes) -> None:
            if done(pressed):
                self._over.set()

        self._keys.talk = key
        try:
            await asyncio.wait_for(self._over.wait(), most_s)
        except TimeoutError:
            self._interrupted = True  # nobody is there


async def _ask(talk: Hurt, waiting: _Waiting, screen: _Screen) -> PainTold:
    """Where, how strong, or a mistake."""

    def key(pressed: bytes) -> bool:
        if talk.key(pressed) and talk.told is None:
            screen.say(talk.question)
        return talk.told is not None

    screen.say(talk.question)
    await waiting.until(key, ASK_S)
    talk.leave()
    assert talk.told is not None
    return talk.told


class _Screen:
    """The live view, or plain lines, behind one door."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.front: Front | None = None
        self.look: Callable[[View], None] | None = desk.plain
        if desk.opening is not None and desk.plain is not None:
            try:
                self.look = self.front = Front(desk.opening, desk.plain, self._fallen)
            except OSError as error:
                desk.paper.line(f"  ! the live view cannot start ({error.strerror or error}): plain lines instead")
            else:
                desk.paper.hold(self.front.note)

    def _fallen(self, why: str) -> None:
        self._desk.paper.release()
        self._desk.paper.line(f"  ! {why}")

    def help(self) -> None:
        """What the keys do."""
        if self.front is not None and self.front.alive:
            self.front.help()
        else:
            for text in HELP:
                self._desk.paper.line(f"  {text}")

    def say(self, asking: str = "", noted: str = "") -> None:
        """A question after the end, or what came of it."""
        if self._desk.spoken is not None:
            self._desk.spoken.say(asking or noted, urgent=bool(asking))
        if self.front is not None and self.front.alive:
            self.front.say(asking, noted)
        elif self._desk.plain is not None:
            self._desk.paper.line(f"  ? {asking}" if asking else f"  {noted}")

    def close(self) -> None:
        """The terminal is the shell's again."""
        if self.front is not None and self.front.alive:
            self.front.close()

    def farewell(self, view: View) -> None:
        """What stays in the terminal when the live view is gone."""
        if self.front is None or self.front.failed or self._desk.opening is None:
            return
        self._desk.paper.release()
        if view.outcome is not None:
            title = [] if view.plan is None else [view.plan.title]
            for text in (*title, *ending(view, view.outcome)):
                self._desk.paper.line(Units(self._desk.opening.units).words(text))
