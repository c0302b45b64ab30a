"""The link of a session without a device: nobody at the other end, and a bell for who is there. Nothing can be lost on it."""

from __future__ import annotations

from footctl.link.transport import Ringing


class NoLink(Ringing):
    """The verbs of a link."""

    def __init__(self) -> None:
        super().__init__("no device")

    def read(self, now: float) -> bytes:
        """Nothing comes."""
        return b""

    def write(self, now: float, data: bytes) -> None:
        """Nothing goes."""

    def urgent(self, data: bytes) -> None:
        """There is nothing to stop."""

    def close(self) -> None:
        """Nothing is held."""
