"""One session: the pump, driven by an event loop, until the host mind says that it is over.

Knows when to turn the host (bytes came, its deadline passed, somebody acted) and who wants to see the result; knows nothing
about what a session means. Whatever a screen, a record or another terminal does, the loop goes on.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from firmware_protocol import faults, framing, messages
from footctl.core.events import CarrierLost, Event, StopAsked
from footctl.core.pump import Mind, Note, turn
from footctl.core.view import View
from footctl.errors import FootctlError, LinkLost
from footctl.link.transport import Link
from footctl.run import garbage
from footctl.run.clock import Clock

Subscriber = Callable[[View], None]

IDLE_S = 0.5  # longest wait without a turn, wall seconds: a lost wake-up must not outlast a second
BEHIND_S = 0.25  # an in-process world that lags more than this behind the wall clock slows down instead of racing
ENDING = {name: getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
HEAD_START_S = 0.0002  # the kernel hands bytes on in a thread of its own; whatever comes after STOP must not take its processor
LEAVE_S = 5.0  # after a stop was asked, host seconds until the session is left without confirmation; the mind gives up after 3


def stop_frame(cause: int = faults.STOPPED) -> bytes:
    """The bytes of STOP: valid in every state, without a session. The delimiter in front ends whatever half frame was under way."""
    return b"\x00" + framing.encode(messages.code_of(messages.Stop(cause)), 0, messages.pack(messages.Stop(cause)))


STOP_FRAME = stop_frame()
PAIN_FRAME = stop_frame(faults.PAIN)


class Session:
    """A host on a link. `post` and `subscribe` are for the loop's thread; `urgent_stop` is for any. `left`: not waited to the end."""

    def __init__(self, host: Mind, link: Link, clock: Clock, *, note: Note | None = None) -> None:
        self.host = host
        self.link = link
        self.clock = clock
        self.left = False
        self.unnoted = ""  # why nothing is noted any more
        self._note = note
        self._posted: list[Event] = []
        self._subscribers: list[Subscriber] = []
        self._moment = clock.now()
        self._leave_at: float | None = None
        self._error: FootctlError | None = None

    def post(self, *events: Event) -> None:
        """What the operator did; taken by the next turn, which comes at once."""
        self._posted.extend(events)
        self.link.ring()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with a view after every turn. One that raises is dropped. Returns how to unsubscribe."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def stop(self, why: str, by: str = "key") -> None:
        """First call: an orderly stop, outputs read back. Second: STOP on the wire, leave now."""
        if self._leave_at is not None:
            self.urgent_stop()
            self.left = True
            self.link.ring()
            return
        self._leave_at = self._moment + LEAVE_S
        self.post(StopAsked(why=why, by=by))

    def terminal_closed(self, why: str = "the terminal was closed", by: str = "terminal") -> None:
        """An orderly stop. A closing terminal tells twice, by the read that fails and by SIGHUP: that is not impatience."""
        if not self.stopping:
            self.stop(why, by)

    @property
    def stopping(self) -> bool:
        """True once an orderly stop was asked."""
        return self._leave_at is not None

    def urgent_stop(self, pain: bool = False) -> None:
        """STOP straight on the wire, from any thread, past the machine, which is told after."""
        self.link.urgent(PAIN_FRAME if pain else STOP_FRAME)
        time.sleep(HEAD_START_S)

    def afterwards(self, *events: Event) -> None:
        """What was said once it was over: for the record and whoever notes. The mind hears it and does nothing."""
        if self.host.done:
            self.host.act(self._moment, *events)
            self._noted(self._moment, b"", events, self.host.data_to_send(self._moment))

    def abandon(self, error: FootctlError) -> None:
        """End before anything was started: `run` raises `error`."""
        self._error = error
        self.left = True
        self.link.ring()

    def view(self) -> View:
        """What it looks like after the last turn."""
        return self.host.view(self._moment)

    async def run(self) -> View:
        """Turn the host until it is done or the session is left. Never raises for what a carrier, a screen or a person does."""
        with garbage.rare():
            while not self.left:
                self._turn()
                if self.host.done or self.left:
                    break
                if self._leave_at is not None and self._moment >= self._leave_at:
                    self.urgent_stop()
                    self.left = True
                    break
                await self.link.readable(self._wait_s())
        if self._error is not None:
            raise self._error
        if self.left:
            self._flush()
        return self.view()

    def _turn(self) -> None:
        now = self.clock.now()
        moment = max(self.link.reach(now, self.host.next_deadline), self._moment)
        if now - moment > BEHIND_S * self.clock.speed:
            self.clock.slip(moment)
        self._moment = moment
        try:
            turn(self.host, self.link, moment, self._posted, self._noted, self._later)
        except LinkLost as lost:
            moment = self._later()  # a carrier that goes while the machine sleeps is lost to the sleep
            event = CarrierLost(str(lost))
            self.host.act(moment, *self._posted, event)
            # Nobody can take what the mind says now, but the record must show it.
            self._noted(moment, b"", (*self._posted, event), self.host.data_to_send(moment))
        self._show()

    def _later(self) -> float:
        """The moment now; a world in this process stands where it was turned to."""
        self._moment = max(self.link.reach(self.clock.now(), self._moment), self._moment)
        return self._moment

    def _noted(self, now: float, data_in: bytes, operator: Sequence[Event], data_out: bytes) -> None:
        """The mind has taken this turn; what was posted is told."""
        self._posted = []
        if self._note is not None:
            try:
                self._note(now, data_in, operator, data_out)
            except Exception as error:  # whatever is written down, control goes on, and bytes that wait go out
                self.unnoted = f"{type(error).__name__}: {error}"
                self._note = None

    def _flush(self) -> None:
        """A world in this process takes an urgent write only when it is read."""
        try:
            self.link.read(self._moment)
        except LinkLost:
            return

    def _show(self) -> None:
        if not self._subscribers:
            return
        view = self.view()
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(view)
            except Exception:  # whatever a screen does, control goes on
                self._subscribers.remove(subscriber)

    def _wait_s(self) -> float:
        if self._posted:
            return 0.0
        wait = IDLE_S
        for moment in (self.host.next_deadline, self.link.next_event()):
            if moment is not None:
                wait = min(wait, self.clock.until(moment))
        return max(wait, 0.0)


@contextmanager
def signals(session: Session) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal stop `session`; the first two a second time leave at once. The loop must be running."""

    def heard(name: str) -> None:
        if name == "SIGHUP":
            session.terminal_closed(name, "signal")
        else:
            session.stop("Ctrl-C" if name == "SIGINT" else name, "signal")

    with on_signals(heard):
        yield


@contextmanager
def on_signals(heard: Callable[[str], None]) -> Iterator[None]:
    """Call `heard` in the loop's thread with the name of each signal that asks for an end; handlers are put back at the end."""
    loop = asyncio.get_running_loop()
    before = {name: signal.getsignal(number) for name, number in ENDING.items()}
    caught = [name for name, handler in before.items() if handler is not signal.SIG_IGN]  # nohup asked for SIGHUP to mean nothing
    for name in caught:
        try:
            loop.add_signal_handler(ENDING[name], heard, name)
        except NotImplementedError:  # Windows
            signal.signal(ENDING[name], lambda number, frame: loop.call_soon_threadsafe(heard, signal.Signals(number).name))
    try:
        yield
    finally:
        for name in caught:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(ENDING[name])
            signal.signal(ENDING[name], before[name])
