"""Whole sessions on the board's own program: real MicroPython, a board's heap, the simulator's water behind the pins, a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from firmware.device.body import Inputs, Outputs
from footctl.core.events import Event
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.run.answers import Answers
from footctl.run.presets import read_program
from simulator.pico.process import Stepped
from simulator.world import LONGEST_S, World, play

SHORT = b"""
name = "Evening, short"
tier = "standard"

[[phase]]
kind = "soak"
water = "34.5 C"
for = "1 min"

[[phase]]
kind = "prompt"
text = "Keep them warm."
confirm = true

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = { from = "15 kPa", to = "25 kPa" }
for = "1 min"

[[phase]]
kind = "rest"
text = "Nothing to do."
for = "10 s"
"""


class Watched:
    """A mind on a board, with what its heap held at every full second."""

    def __init__(self, mind: Stepped) -> None:
        self.mind = mind
        self.used: list[int] = []
        self.receive, self.outgoing, self.disconnect = mind.receive, mind.outgoing, mind.disconnect
        self.state = self.cause = 0

    def tick(self, now_ms: int, inputs: Inputs) -> Outputs:
        out = self.mind.tick(now_ms, inputs)
        if not now_ms % 1000:
            self.used.append(self.mind.program.signals.used)
        return out


class Sitter:
    """Somebody at the screen who says yes when it is so, as for a simulator that sees feet."""

    def __init__(self) -> None:
        self._answers = Answers()

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        view = host.view(now)
        if view.identity is not None:
            view = replace(view, identity=replace(view.identity, simulator=1))
        answer = self._answers.to(view)
        return () if answer is None else (answer,)


def session(mind: Any, text: bytes, seed: int = 0) -> tuple[Any, World]:
    """Run a program on it to the end."""
    world = World(device="footbath-pico-w", seed=seed)
    world.board.device = mind
    host = Host(nonce=seed + 1, profile=parse_program(text, "program"), person=None)
    return play(host, world, operator=Sitter()), world


@pytest.mark.parametrize("text", [SHORT, read_program("quick-break")], ids=["short evening", "quick-break"])
def test_a_session_ends_as_it_should(stepped: Callable[..., Stepped], text: bytes) -> None:
    mind = Watched(stepped())
    outcome, _ = session(mind, text)
    assert outcome.kind == "completed", outcome
    assert outcome.off_confirmed
    assert not mind.mind.program.signals.outputs.heater_enable
    assert not mind.mind.program.signals.outputs.motor_enable
    # What a second leaves behind the next one tidies up: the second half of the session needs no more than the first.
    half = len(mind.used) // 2
    assert max(mind.used[half:]) <= max(mind.used[:half]) * 1.02


@pytest.mark.soak
def test_eight_hours_of_sessions(stepped: Callable[..., Stepped]) -> None:
    """Over a pseudo-terminal, on a clock that the world moves: no session misses a lease, and no hour leaves anything in memory."""
    mind = Watched(stepped())
    world = World(device="footbath-pico-w")
    world.board.device = mind  # type: ignore[assignment]
    programs = (read_program("evening-unwind"), read_program("quick-break"), SHORT)
    number = 0
    while world.now < 8 * 3600:
        host = Host(nonce=number + 1, profile=parse_program(programs[number % 3], "program"), person=None)
        outcome = play(host, world, operator=Sitter(), until=world.now + LONGEST_S)
        assert outcome is not None
        assert outcome.kind == "completed", (number, world.now, outcome)
        number += 1
        world.advance(world.now + 60)
    hours = [max(mind.used[hour * 3600 : (hour + 1) * 3600]) for hour in range(8)]
    print("most bytes in use, hour by hour:", hours)
    assert max(hours[2:]) <= max(hours[:2]) * 1.02, hours
