"""The link of a session without a device: nobody at the other end, and a bell for who is there. Nothing can be lost on it."""

from __future__ import annotations

from footctl.link.transport import Bell


class NoLink:
    """The verbs of a link."""

    name = "no device"

    def __init__(self) -> None:
        self._bell = Bell()

    def read(self, now: float) -> bytes:
        """Nothing comes."""
        return b""

    def write(self, now: float, data: bytes) -> None:
        """Nothing goes."""

    def urgent(self, data: bytes) -> None:
        """There is nothing to stop."""

    def reach(self, now: float, deadline: float | None) -> float:
        """Time goes by itself."""
        return now

    def next_event(self) -> float | None:
        """Nothing will come."""
        return None

    async def readable(self, wait_s: float | None) -> None:
        """Until somebody rings, or after `wait_s` wall seconds."""
        await self._bell.wait(wait_s)

    def ring(self) -> None:
        """Let `readable` return."""
        self._bell.ring()

    def close(self) -> None:
        """Nothing is held."""
