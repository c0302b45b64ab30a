"""The one pump: what arrived is judged at the time when it is there, not at the time when somebody began to read."""

from __future__ import annotations

from collections.abc import Sequence

from footctl.core.host import Host
from footctl.core.pump import turn


class Wire:
    """Nothing arrives; keeps when it was read and written."""

    def __init__(self) -> None:
        self.read_at: list[float] = []
        self.written_at: list[float] = []

    def read(self, now: float) -> bytes:
        self.read_at.append(now)
        return b""

    def write(self, now: float, data: bytes) -> None:
        self.written_at.append(now)


def test_a_turn_happens_at_one_moment() -> None:
    wire, noted = Wire(), []

    def note(now: float, data_in: bytes, operator: Sequence[object], data_out: bytes) -> None:
        noted.append(now)

    turn(Host(nonce=1), wire, 2.0, (), note)
    assert (wire.read_at, wire.written_at, noted) == ([2.0], [2.0], [2.0])
    wire = Wire()
    turn(Host(nonce=1), wire, 2.0, (), note, lambda: 32.0)
    assert (wire.read_at, wire.written_at, noted) == ([2.0], [32.0], [2.0, 32.0])
