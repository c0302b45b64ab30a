"""The Python API: a massager, real or simulated, that runs programs. The second place beside the command line where all rooms meet.

    async with footctl.connect("sim") as massager:
        await massager.run("evening-unwind")
"""

from __future__ import annotations

import asyncio
import math
import secrets
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from footctl.core.events import Event, Identified, OperatorEvent, Pain, StopAsked
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.view import View
from footctl.errors import DeviceFaulted, DeviceRefused, FootctlError, LinkLost, LinkTimeout, SessionEnded, UsageError
from footctl.link.transport import Link
from footctl.run import persons
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.ledger import Books, Ledger, open_ledger
from footctl.run.presets import load_program
from footctl.run.session import Session

if TYPE_CHECKING:
    from simulator.world import World

Answer = Callable[[View], OperatorEvent | None]
Watcher = Callable[[View], None]

IDENTIFY_S = 5.0  # wall seconds; a board that resets when its port is opened needs some
SLICE_S = 30.0  # world seconds between two looks at the rest of the program: a hundredth of a wall second
LOOK_S = 0.2  # as often as telemetry comes
ENDS: dict[str, type[FootctlError]] = {
    "refused": DeviceRefused,
    "link_lost": LinkLost,
    "tripped": DeviceFaulted,
    "pain": SessionEnded,
    "stopped": SessionEnded,
}


class Massager:
    """A connected device. Get one from `connect`. One program at a time; everything from one event loop."""

    def __init__(self, identity: Identified, person: Person | None) -> None:
        self.identity = identity
        self._person = self._sitter = person
        self._view: View | None = None
        self._running = False
        self._program = ""

    @property
    def view(self) -> View | None:
        """How the session looks now, or how the last one ended."""
        return self._view

    async def run(self, program: str | Path, *, answer: Answer | None = None, watch: Watcher | None = None) -> View:
        """Run a preset or a program file to its end and give the last view.

        `answer` is asked at every view what the person says; None is what `--yes` says: it confirms the start and prompts, and
        presence only on a simulator that sees feet. `watch` gets every view. Raises ProfileError for a wrong program, DeviceRefused,
        LinkLost, DeviceFaulted or SessionEnded (pain, stop) for every end but a completed one.
        """
        if self._running:
            raise UsageError("a program is running already", "wait for it, or stop it")
        self._sitter = self._whose()
        host = Host(nonce=secrets.randbits(32), profile=load_program(str(program)), person=self._sitter)
        says = answer or Answers().to
        self._program = str(program)
        self._running = True
        try:
            view = self._view = await self._drive(host, says, watch or _nobody)
        finally:
            self._running = False
        outcome = view.outcome
        if outcome is not None and outcome.kind in ENDS:
            raise ENDS[outcome.kind](outcome.reason, outcome.hint)
        return view

    def act(self, *events: OperatorEvent) -> None:
        """What the person does now: footctl.core.events.Softer(), PauseAsked() … Nothing when no program runs."""
        if self._running:
            self._post(events)

    def stop(self) -> None:
        """Stop: everything off, the device latched; `run` ends when the device has read back that everything is off."""
        self.act(StopAsked(by="api"))

    def pain(self) -> None:
        """It hurts: everything off at once."""
        self.act(Pain(by="api"))

    def _whose(self) -> Person | None:
        """Whose limits hold now: at a real device, no looser ones than those of what they answered."""
        if self.identity.simulator or self._person is None:
            return self._person
        return persons.as_known(self._person)

    def _seen(self, view: View, says: Answer, watch: Watcher) -> OperatorEvent | None:
        self._view = view
        watch(view)
        return says(view)

    async def _drive(self, host: Host, says: Answer, watch: Watcher) -> View:
        raise NotImplementedError

    def _post(self, events: Sequence[Event]) -> None:
        raise NotImplementedError


def _nobody(view: View) -> None:
    """Nobody watches."""


class _Live(Massager):
    """On the wall clock, or N times as fast."""

    def __init__(self, identity: Identified, person: Person | None, link: Link, clock: Clock) -> None:
        super().__init__(identity, person)
        self._link = link
        self._clock = clock
        self._session: Session | None = None

    async def _drive(self, host: Host, says: Answer, watch: Watcher) -> View:
        session = self._session = Session(host, self._link, self._clock, note=lambda *turn: ledger.note(*turn) if ledger else None)
        trouble: list[Exception] = []
        ledger = self._books(session)

        def look(view: View) -> None:
            try:
                event = self._seen(view, says, watch)
            except Exception as error:  # a program's own mistake: it stops the device and is told at the end
                trouble.append(error)
                session.stop("the program that runs it failed", "api")
                raise
            if event is not None:
                session.post(event)

        session.subscribe(look)
        view = None
        try:
            view = await session.run()
        except asyncio.CancelledError:
            session.urgent_stop()
            raise
        finally:
            self._session = None
            if ledger is not None:
                ledger.close(view)
        if trouble:
            raise trouble[0]
        return view

    def _books(self, session: Session) -> Ledger | None:
        """Real sessions count towards the 24 h of their person; a journal that cannot be read or written refuses them."""
        if self.identity.simulator:
            return None
        name = None if self._sitter is None else self._sitter.name
        opened = open_ledger(secrets.token_hex(8), name, self._program, tell=warnings.warn)
        session.subscribe(Books(session, opened))
        return opened if isinstance(opened, Ledger) else None

    def _post(self, events: Sequence[Event]) -> None:
        if self._session is not None:
            self._session.post(*events)


class _Virtual(Massager):
    """In a world of its own, as fast as the machine can. `world` is open: press its buttons, let mishaps happen."""

    def __init__(self, identity: Identified, person: Person | None, world: World) -> None:
        super().__init__(identity, person)
        self.world = world
        self._posted: list[Event] = []

    async def _drive(self, host: Host, says: Answer, watch: Watcher) -> View:
        from simulator.world import play

        next_look = 0.0

        def person(now: float, host: Host) -> Sequence[Event]:
            nonlocal next_look
            events, self._posted = self._posted, []
            if now >= next_look:
                next_look = now + LOOK_S
                event = self._seen(host.view(now), says, watch)
                if event is not None:
                    events.append(event)
            return events

        self._posted = []
        while not host.done:
            play(host, self.world, operator=person, until=self.world.now + SLICE_S)
            await asyncio.sleep(0)
        view = host.view(self.world.now)
        watch(view)
        return view

    def _post(self, events: Sequence[Event]) -> None:
        self._posted.extend(events)


@asynccontextmanager
async def connect(
    target: str = "sim",
    *,
    speed: float | None = None,
    person: Person | None = None,
    scenario: str | None = None,
    device: str | None = None,
    sitter: str | None = "adult",
    seed: int = 0,
) -> AsyncIterator[Massager]:
    """A massager for as long as the block lasts.

    `target`: "sim" for a simulator in this process, a serial port, "tcp://host:port", or "ble:" and a name, serial number or address.
    `speed`: of the in-process simulator, N times real time, None as fast as the machine can; a served one says how fast it goes.
    `person`: whose limits hold; None is the simulator's healthy adult, or the sensitive tier at a real device. There, for a name that
    the journal knows, what they answered holds as well: the stricter of both. `scenario`, `device`, `sitter` (who sits at it) and `seed`
    describe "sim".
    Raises LinkError when nobody is there.
    """
    if target == "sim":
        async with _simulated(speed, person, scenario, device, sitter, seed) as massager:
            yield massager
        return
    if speed is not None:
        raise UsageError("speed is for the in-process simulator", "a served simulator says itself how fast it goes")
    link = await _open(target)
    try:
        from footctl.link.discover import identify

        identity = await identify(link, IDENTIFY_S)
        if identity is None:
            raise LinkTimeout(f"{target}: nobody answers our hello", "is it switched on, and is this the right port?")
        yield _Live(identity, person, link, Clock(identity.simulator or 1))
    finally:
        link.close()


@asynccontextmanager
async def _simulated(
    speed: float | None, person: Person | None, scenario: str | None, device: str | None, sitter: str | None, seed: int
) -> AsyncIterator[Massager]:
    from simulator.world import World, play

    factor = 1 if speed is None or speed == math.inf else max(1, round(speed))
    world = World(device=device, scenario=scenario, person=sitter, seed=seed, speed=factor)
    asking = Host(nonce=secrets.randbits(32), role="observer")
    play(asking, world, until=LOOK_S)
    if asking.identity is None:
        raise LinkTimeout("the simulated device does not answer")
    if speed is None or speed == math.inf:
        yield _Virtual(asking.identity, person, world)
        return
    from footctl.link.inprocess import InProcess

    link = InProcess(world)
    clock = Clock(speed)
    clock.slip(world.now)
    try:
        yield _Live(asking.identity, person, link, clock)
    finally:
        link.close()


async def _open(target: str) -> Link:
    way, _, address = target.partition(":")
    if way not in ("tcp", "ble"):
        from footctl.link.serial_port import open_serial

        return open_serial(target)
    from footctl.link.sealed import Sealed
    from footctl.run import keys

    if way == "tcp":
        from footctl.link.tcp import open_tcp

        return Sealed(await open_tcp(address.removeprefix("//")), keys.candidates)
    from footctl.link.ble import keys_for, open_ble

    return Sealed(await open_ble(address), keys_for(address, keys.candidates, keys.paired))
