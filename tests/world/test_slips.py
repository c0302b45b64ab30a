"""A served simulator on a busy machine loses time that it cannot catch up with: its host must not take what comes after for old."""

from __future__ import annotations

import pytest

from footctl.core.host import Host
from footctl.core.pump import turn
from simulator.world import World

EVERY_S = 20.0
PIECE_S = 0.7  # less than what makes one frame too old


class Slipping:
    """The cable of a world that now and then loses a piece of its time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lost_s = 0.0

    def read(self, now: float) -> bytes:
        return self.world.read(now - self.lost_s)

    def write(self, now: float, data: bytes) -> None:
        self.world.write(now - self.lost_s, data)


@pytest.mark.parametrize(("speed", "outcome"), [(10, None), (1, "link_lost")])
def test_time_that_a_faster_simulator_loses(speed: int, outcome: str | None) -> None:
    host = Host(nonce=1)
    line = Slipping(World(speed=speed))
    for number in range(600):
        now = number * 0.2
        line.lost_s = PIECE_S * (now // EVERY_S)
        turn(host, line, now)
    assert (host.outcome.kind if host.outcome else None) == outcome


def test_one_long_stop_is_a_silence_all_the_same() -> None:
    host = Host(nonce=1)
    line = Slipping(World(speed=10))
    for number in range(150):
        now = number * 0.2
        line.lost_s = 5.0 if now > 20 else 0.0
        turn(host, line, now)
    assert host.outcome is not None
    assert host.outcome.kind == "link_lost"
