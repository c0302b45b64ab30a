"""Proof before heat against the real device mind, whole and with one guard taken out: each is refused for what it lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from firmware.device import requests
from firmware.device.device import Device
from firmware_protocol import limits, messages
from firmware_protocol.exchange import Exchange
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.view import Outcome
from footctl.run.presets import load_program
from simulator.world import WIRES, World, play

Make = Callable[..., Any]
CONTROLLER = 2


def run(world: World, person: Any, preset: str = "evening-unwind", until: float = 60.0, **host: Any) -> tuple[Host, Outcome | None]:
    minds = {"profile": load_program(preset), **host}
    mind = Host(nonce=11, **minds)
    return mind, play(mind, world, operator=person, until=until)


def refused(somebody: Make, why: str, preset: str = "evening-unwind", told_off: bool = True) -> None:
    world = World()
    mind, outcome = run(world, somebody(world), preset)
    assert outcome is not None, mind.state
    assert outcome.kind == "refused"
    assert why in outcome.reason
    assert outcome.off_confirmed == told_off
    assert world.plant.bath.heater_j == 0.0
    assert world.plant.massager.left.travel_mm == 0.0
    inputs = world.board.inputs
    assert not inputs.heater_contact
    assert not inputs.motor_contact


def taken(patch: pytest.MonkeyPatch, kind: Any, answer: Callable[..., Any]) -> None:
    """The device answers a request in another way."""
    patch.setitem(requests._TABLE, kind, (answer, CONTROLLER))


@pytest.mark.parametrize("preset", ["evening-unwind", "quick-break"])
def test_a_device_without_a_dead_man_is_refused(monkeypatch: pytest.MonkeyPatch, somebody: Make, preset: str) -> None:
    monkeypatch.setattr(Device, "_lapsed", lambda device, silent_ms: 0)
    refused(somebody, "roller off without heartbeat: still on", preset)


@pytest.mark.parametrize(("opens", "why"), [("_open_heater", "heater off without"), ("_open_motor", "roller off without")])
def test_a_device_that_lets_one_output_live_on_is_refused(monkeypatch: pytest.MonkeyPatch, somebody: Make, opens: str, why: str) -> None:
    whole, lapsed = getattr(Device, opens), Device._lapsed

    def half(device: Device, silent_ms: int) -> int:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Device, opens, lambda device: None)
            return 0 * lapsed(device, silent_ms)

    monkeypatch.setattr(Device, "_lapsed", half)
    refused(somebody, why)
    assert getattr(Device, opens) is whole


def test_a_device_that_takes_more_than_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch, somebody: Make) -> None:
    taken(monkeypatch, messages.SetBath, lambda device, link, message, code: messages.Ack(code))
    refused(somebody, "water of 40.01 °C: accepted")
    monkeypatch.undo()
    taken(monkeypatch, messages.SetMassage, lambda device, link, message, code: messages.Ack(code))
    refused(somebody, "pressure of 50.001 kPa: accepted", "quick-break")


def test_a_device_that_forgets_the_persons_limits_is_refused(monkeypatch: pytest.MonkeyPatch, somebody: Make) -> None:
    taken(monkeypatch, messages.SetLimits, lambda device, link, message, code: messages.Ack(code))
    refused(somebody, "limits in force: not ")


def test_a_device_whose_caps_are_others_than_it_greeted_with_is_refused(monkeypatch: pytest.MonkeyPatch, somebody: Make) -> None:
    def looser(device: Device, link: Any, message: Any, code: int) -> Any:
        values = list(device.caps)
        values[limits.PRESSURE_MAX] = limits.ABSOLUTE[limits.PRESSURE_MAX] + 1
        return messages.Caps(b"".join(value.to_bytes(4, "little", signed=True) for value in values))

    monkeypatch.setitem(requests._TABLE, messages.GetCaps, (looser, 1))
    refused(somebody, "another cap table", told_off=False)  # before its first telemetry


def test_a_device_that_does_not_notice_broken_frames_is_refused(monkeypatch: pytest.MonkeyPatch, somebody: Make) -> None:
    monkeypatch.setattr(Exchange, "dropped", 0)
    refused(somebody, "a broken frame: not noticed")


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
@pytest.mark.parametrize("wire", sorted(WIRES))
def test_a_whole_device_passes_over_every_wire_and_nothing_latches(somebody: Make, wire: str, tier: str) -> None:
    for seed in range(8):
        world = World(wire=wire, seed=seed)
        person = somebody(world)
        mind = Host(nonce=11, profile=load_program("evening-unwind"), person=Person("somebody", tier))
        while mind.state not in ("prompt", "preheat"):
            assert play(mind, world, operator=person, until=world.now + 0.5) is None, (seed, mind.outcome)
            assert world.now < 30.0
        assert all(row.passed for row in mind.view(world.now).proof)
        assert world.device.cause == 0


def test_a_program_of_massage_alone_is_soon_under_way(somebody: Make) -> None:
    world = World()
    mind, outcome = run(world, somebody(world), "quick-break", until=12.0)
    assert outcome is None
    assert mind.state == "massage"


def test_many_sessions_on_one_device_do_not_fill_its_counter(somebody: Make) -> None:
    world = World()
    world.device.links.all[0].exchange._decoder.dropped = 255
    mind, outcome = run(world, somebody(world), "quick-break", until=12.0)
    assert outcome is None, outcome
    assert mind.state == "massage"


@pytest.mark.parametrize("wire", sorted(WIRES))
def test_the_self_test_latches_the_device_and_clears_it(somebody: Make, wire: str) -> None:
    world = World(wire=wire, seed=2)
    mind, outcome = run(world, somebody(world), profile=None, selftest=True)
    assert outcome is not None
    assert outcome.kind == "completed", outcome
    assert world.device.cause == 0
    assert world.device.state == messages.IDLE
    assert [row.what for row in mind.view(world.now).proof][-1] == "clear"
    assert world.plant.bath.heater_j == 0.0


def test_the_self_test_finds_a_device_that_never_latches(monkeypatch: pytest.MonkeyPatch, somebody: Make) -> None:
    whole = Device._lapsed
    monkeypatch.setattr(Device, "_lapsed", lambda device, silent_ms: 0 * whole(device, silent_ms))
    world = World()
    _, outcome = run(world, somebody(world), profile=None, selftest=True)
    assert outcome is not None
    assert outcome.kind == "refused"
    assert "latched without heartbeat: not after" in outcome.reason
