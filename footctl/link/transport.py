"""What a link is to the rest of the rim: bytes in, bytes out, never blocking, and somebody who waits for them.

Knows nothing about frames. `read` and `write` are the pump's; the rest is what a session around the pump needs.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from footctl.errors import LinkLost

GONE_HINT = "check the cable and the device's power; it switches itself off without a host"
READ_MAX = 4096  # more per call only costs allocation: a device sends 180 bytes a second


class Link(Protocol):
    """A byte carrier. `read` and `write` raise footctl.errors.LinkLost when it is gone."""

    name: str

    def read(self, now: float) -> bytes:
        """What has arrived, perhaps nothing."""
        ...

    def write(self, now: float, data: bytes) -> None:
        """Hand over all of `data` or drop it whole; never wait."""
        ...

    def urgent(self, data: bytes) -> None:
        """Put `data` on the wire now, from any thread. Errors are swallowed: the mind hears of a lost carrier from `read`."""
        ...

    def reach(self, now: float, deadline: float | None) -> float:
        """The moment to which the host may be turned at once. A real carrier goes by itself: `now`."""
        ...

    def next_event(self) -> float | None:
        """Host time at which bytes may be there without `ring`; None when the carrier rings by itself."""
        ...

    async def readable(self, wait_s: float | None) -> None:
        """Return when bytes may be there, when somebody rang, or after `wait_s` wall seconds."""
        ...

    def ring(self) -> None:
        """Let `readable` return. Only from the loop's thread."""
        ...

    def close(self) -> None:
        """Give the carrier back. Closing twice is harmless."""
        ...


class Bell:
    """One waiter, many who may ring. A ring while nobody waits is kept for the next wait."""

    def __init__(self) -> None:
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the waiter, or the next one."""
        self._rung = True
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def wait(self, wait_s: float | None) -> None:
        """Return at a ring or after `wait_s` seconds; never without one turn of the loop, so that nobody else starves."""
        if self._rung or (wait_s is not None and wait_s <= 0):
            self._rung = False
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        waiter = self._waiter = loop.create_future()
        alarm = None if wait_s is None else loop.call_later(wait_s, self.ring)
        try:
            await waiter
        finally:
            self._waiter = None
            self._rung = False
            if alarm is not None:
                alarm.cancel()


class Ringing:
    """The verbs that every link has whose carrier goes and rings by itself."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._bell = Bell()

    def reach(self, now: float, deadline: float | None) -> float:
        """A real carrier goes by itself."""
        return now

    def next_event(self) -> float | None:
        """It rings by itself."""
        return None

    async def readable(self, wait_s: float | None) -> None:
        """Until bytes are there, somebody rings, or after `wait_s` wall seconds."""
        await self._bell.wait(wait_s)

    def ring(self) -> None:
        """Let `readable` return."""
        self._bell.ring()


class Carrier(Ringing):
    """A link that can go away. Needs a running loop. `_gone`: why it went, None while it is there."""

    gone_hint = GONE_HINT

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._gone: str | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()

    def _check(self) -> None:
        """Raises LinkLost when it was closed, or has gone."""
        if self._closed:
            raise LinkLost(f"{self.name} is closed")
        if self._gone is not None:
            raise self._farewell()

    def _farewell(self) -> LinkLost:
        return LinkLost(f"{self.name} went away: {self._gone}", self.gone_hint)
