"""Readings and bytes on CPython, from the source, and on real MicroPython, from what is flashed: the same pins, the same bytes.

The world, its person and the host are real; every record goes to both. Ticks wrap on the way.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.device.body import Inputs, Outputs
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.run.presets import read_program
from simulator.pico import process
from simulator.pico.signals import UP as SWAP
from simulator.pico.signals import Signals
from simulator.world import LONGEST_S, World, play
from tests.board.test_sessions import SHORT, Sitter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
UP = struct.Struct("<I3HBH")
HOURS = 8


class Twins:
    """In place of the virtual board's mind: one on each interpreter, and they must agree."""

    def __init__(self, flash: Path) -> None:
        fakes = [process.FAKE]
        boards = ROOT / "firmware" / "boards" / "pico_w"
        desk = {"PYTHONPATH": ":".join(map(str, [HERE / "desk", *fakes, boards, ROOT])), "PYTHONSAFEPATH": "1"}
        board = {"MICROPYPATH": ":".join(map(str, [*fakes, flash / "lib", ".frozen"]))}
        script = str(HERE / "twin.py")
        commands = (
            ([sys.executable, script], desk),
            ([str(process.micropython()), "-X", f"heapsize={process.HEAP}", script], board),
        )
        self.both = []
        for command, paths in commands:
            env = {**os.environ, **paths, "FOOT_STEPPED": "1", "FOOT_PINS": ""}
            self.both.append(subprocess.Popen(command, env=env, cwd=flash, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        self.signals = Signals(0)
        self.state = self.cause = 0
        self.records = 0
        self._out = b""
        self.signals.see(Inputs())

    def tick(self, now_ms: int, inputs: Inputs) -> Outputs:
        self.signals.see(inputs)
        self._out += self._record(now_ms, b"", tick=True)
        return self.signals.outputs

    def receive(self, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        return self._record(now_ms, data, tick=False)

    def outgoing(self, now_ms: int, peer: int = 0) -> bytes:
        out, self._out = self._out, b""
        return out

    def disconnect(self, peer: int) -> None:
        pass

    def _record(self, now_ms: int, data: bytes, *, tick: bool) -> bytes:
        wire = self.signals.down(now_ms) + struct.pack("<BH", tick, len(data)) + data
        answers = []
        for one in self.both:
            assert one.stdin is not None
            one.stdin.write(wire)
            one.stdin.flush()
        for one in self.both:
            assert one.stdout is not None
            head = one.stdout.read(UP.size)
            assert len(head) == UP.size, (self.records, one.args, one.wait(5))
            answers.append(head + one.stdout.read(UP.unpack(head)[-1]))
        assert answers[0] == answers[1], (self.records, now_ms, answers)
        self.records += 1
        levels, carriage, left, right, port_b, size = UP.unpack(answers[0][: UP.size])
        self.signals.drive(struct.pack(SWAP, 0, levels, carriage, left, right, port_b, 0, 0))
        return answers[0][UP.size : UP.size + size]

    def close(self) -> None:
        for one in self.both:
            one.kill()
            one.communicate()


@pytest.fixture
def twins(program: Path, must_have: Callable[[object, str], None]) -> Iterator[Twins]:
    must_have(process.micropython(), "micropython")
    made = Twins(program)
    yield made
    made.close()


def live(twins: Twins, seconds: float, texts: tuple[bytes, ...]) -> list[str]:
    """Session after session until the time is over; how each ended."""
    world = World(device="footbath-pico-w")
    world.board.device = twins  # type: ignore[assignment]
    ended = []
    while world.now < seconds:
        profile = parse_program(texts[len(ended) % len(texts)], "program")
        outcome = play(Host(nonce=len(ended) + 1, profile=profile, person=None), world, operator=Sitter(), until=world.now + LONGEST_S)
        ended.append(outcome.kind if outcome else "none")
        world.advance(world.now + 60)
    return ended


def test_a_session_through_the_wrap(twins: Twins) -> None:
    ended = live(twins, 60, (SHORT,))
    assert ended == ["completed"]
    assert twins.records > 5000


@pytest.mark.soak
def test_eight_hours(twins: Twins) -> None:
    ended = live(twins, HOURS * 3600, (read_program("evening-unwind"), read_program("quick-break"), SHORT))
    assert set(ended) == {"completed"}, ended
    assert twins.records > HOURS * 3600 * 20
