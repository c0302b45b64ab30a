"""A link to a world that lives in this process, on the host's own clock. Knows nothing about what the world is.

The world moves only when it is read, so a late loop runs it in small steps up to now: nothing is ever skipped, and a host
that was busy never looks suspended to itself. An urgent write waits for the next turn, because nothing happens in the world before.
"""

from __future__ import annotations

from typing import Protocol

from footctl.link.transport import Bell


class World(Protocol):
    """A transport on a clock of its own, as simulator.world has it."""

    @property
    def next_event(self) -> float:
        """When bytes for the host may next be there."""
        ...

    def run(self, until: float) -> float:
        """Advance to the first instant at which bytes reach the host, at most to `until`; give that instant."""
        ...

    def read(self, now: float) -> bytes:
        """What arrived by `now`."""
        ...

    def write(self, now: float, data: bytes) -> None:
        """Bytes for the device."""
        ...


class InProcess:
    """`world` behind the verbs of a link."""

    def __init__(self, world: World, name: str = "simulator") -> None:
        self.name = name
        self.world = world
        self._bell = Bell()
        self._urgent: list[bytes] = []

    def read(self, now: float) -> bytes:
        """What the world sent by `now`."""
        while self._urgent:
            self.world.write(now, self._urgent.pop(0))
        return self.world.read(now)

    def write(self, now: float, data: bytes) -> None:
        """Bytes for the device in the world."""
        self.world.write(now, data)

    def urgent(self, data: bytes) -> None:
        """Delivered before anything else of the next turn."""
        self._urgent.append(data)

    def reach(self, now: float, deadline: float | None) -> float:
        """No further than the first bytes for the host, or its deadline."""
        if self._urgent:
            return self.world.run(0.0)  # where it stands
        return self.world.run(now if deadline is None else min(now, deadline))

    def next_event(self) -> float | None:
        """When the world may have bytes."""
        return self.world.next_event

    async def readable(self, wait_s: float | None) -> None:
        """Until somebody rings, or after `wait_s` wall seconds."""
        await self._bell.wait(wait_s)

    def ring(self) -> None:
        """Let `readable` return."""
        self._bell.ring()

    def close(self) -> None:
        """Nothing is held."""
