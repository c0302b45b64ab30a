"""What a device finds in its memory at power-up, and who may let it start."""

from __future__ import annotations

import pytest

from bench.speed import Person
from firmware_protocol import faults, limits, messages
from footctl.cli.main import main
from footctl.core.host import Host
from footctl.core.view import Outcome
from footctl.run import keys
from footctl.run.presets import load_program
from simulator import serve
from simulator.board import Access, Board
from simulator.mishaps.base import Mishap
from simulator.world import World, play


class Firmest(Mishap):
    """Nothing goes wrong: it only looks."""

    kpa = 0.0

    def drive(self, board: Board) -> None:
        massager = board.plant.massager
        self.kpa = max(self.kpa, massager.left.kpa, massager.right.kpa)


def ran(world: World, program: str = "quick-break") -> Outcome:
    outcome = play(Host(nonce=1, profile=load_program(program)), world, operator=Person())
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(("scenario", "program"), [("f42-calibration-torn", "quick-break"), ("f42-calibration-torn", "evening-unwind")])
def test_without_a_calibration_nothing_is_warmer_or_firmer_than_the_strictest_caps(scenario: str, program: str) -> None:
    world = World(scenario=scenario)
    watch = Firmest()
    world.board.mishaps["watch"] = watch
    outcome = ran(world, program)
    assert outcome.kind in ("completed", "refused"), outcome
    assert watch.kpa <= 15.0 * 1.1 + 1.0
    assert world.device.caps[limits.WATER_SETPOINT_MAX] == 3600
    assert world.plant.bath.water_c <= 36.5


def test_a_calibration_that_cannot_be_true_lets_nothing_start() -> None:
    world = World(scenario="f43-calibration-implausible")
    outcome = ran(world)
    assert outcome.kind == "refused"
    assert "calibration" in outcome.reason
    assert world.device.supervisor.held == faults.CALIBRATION_BAD


def test_nothing_starts_before_somebody_at_the_device_holds_its_button() -> None:
    outcome = ran(World(scenario="f50-not-armed"))
    assert outcome.kind == "refused"
    assert "held" in outcome.reason
    world = World(scenario="f50-not-armed")
    world.press("arm", 3.2)
    world.advance(4.0)
    assert world.device.armed
    assert ran(world).kind == "completed"
    assert world.device.state == messages.IDLE
    assert not world.device.armed


def boot_ids(access: Access | None, seed: int = 0) -> list[int]:
    """Of two lives of one world."""
    world = World(person=None, seed=seed, access=access)
    first = world.device.body.boot_id
    world.restart()
    return [first, world.device.body.boot_id]


def test_the_same_world_says_the_same_boot_id_and_one_with_another_secret_another() -> None:
    assert boot_ids(None) == boot_ids(None)
    mine, theirs = Access(0, bytes(16), b"mine" * 8), Access(0, bytes(16), b"theirs" * 8)
    assert boot_ids(mine) == boot_ids(mine)
    every = [*boot_ids(None), *boot_ids(mine), *boot_ids(mine, seed=-1), *boot_ids(theirs)]
    assert len(set(every)) == len(every)


def test_a_served_simulator_has_another_boot_id_at_each_start(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[World] = []
    monkeypatch.setattr(serve, "serve", lambda world, *_, **__: served.append(world))
    monkeypatch.setattr(keys, "simulator_key", lambda: bytes(16))
    for _ in range(3):
        assert main(["sim", "serve", "--tcp", "127.0.0.1:0"]) == 0
    assert len({world.device.body.boot_id for world in served}) == 3
