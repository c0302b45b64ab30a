"""Whole sessions in virtual time: the real host, the real device, every preset in every water over every wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, cast

import pytest

from firmware_protocol import limits, messages
from footctl.core.events import Event, Pain, StopAsked
from footctl.core.host import Host
from footctl.core.view import Outcome
from footctl.run.presets import list_programs, load_program
from simulator.describe import list_scenarios
from simulator.people import PEOPLE
from simulator.world import WIRES, World, play

Make = Callable[..., Any]
PRESETS = sorted(row["name"] for row in list_programs())
WET = [name for name in PRESETS if any(phase.kind == "soak" for phase in load_program(name).phases)]
SESSION_S = 2 * 3600.0


def run(world: World, person: Any, preset: str) -> tuple[Host, Outcome]:
    host = Host(nonce=11, profile=load_program(preset))
    outcome = play(host, world, operator=person, until=SESSION_S)
    assert outcome is not None, f"still {host.view(world.now).state} after {SESSION_S} s"
    return host, outcome


def is_off(world: World) -> bool:
    """Nothing at the plant is live, whatever anybody says about it."""
    plant, inputs = world.plant, world.board.inputs
    pressed = max(plant.massager.left.kpa, plant.massager.right.kpa)
    return not (world.board.heat_w or inputs.heater_contact or inputs.motor_contact) and pressed < 4.0


def completes(world: World, person: Any, preset: str) -> None:
    host, outcome = run(world, person, preset)
    assert outcome.kind == "completed", f"{outcome} in {host.view(world.now).phases}"
    assert outcome.off_confirmed
    assert is_off(world)
    world.advance(world.now + 10)
    assert world.plant.places == ["elsewhere", "elsewhere"], "the lamp says that it is over"
    plan = host.plan
    assert plan is not None
    assert person.kpa <= plan.pressure_max_kpa * 1.1 + 0.5
    if plan.water_max_c is not None and person.world.seed == 0:
        assert person.water_c <= plan.limits["feet_in_max"] / 100
    kinds = {row.outcome for row in host.view(world.now).phases}
    assert kinds == {"completed"}


@pytest.mark.slow
@pytest.mark.parametrize("wire", list(WIRES))
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_completes_over_every_wire(somebody: Make, preset: str, wire: str) -> None:
    world = World(wire=wire, seed=1)
    completes(world, somebody(world), preset)


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_every_zone_of_every_preset_feels_the_roller(somebody: Make, preset: str) -> None:
    """However long the massage before it was: a roller without an encoder must not lose its way."""
    world = World()
    person = somebody(world)
    felt: dict[tuple[int | None, int], float] = {}

    def feels(now: float, host: Host) -> Sequence[Event]:
        massager = world.plant.massager
        place = (host.view(now).step, world.device.massage.under(int(massager.carriage_mm)))
        felt[place] = max(felt.get(place, 0.0), massager.left.kpa, massager.right.kpa)
        return cast(Sequence[Event], person(now, host))

    host, outcome = run(world, feels, preset)
    assert outcome.kind == "completed"
    assert host.plan is not None
    for index, step in enumerate(host.plan.steps):
        for zone in step.zones:
            assert felt.get((index, messages.ZONES.index(zone)), 0.0) > limits.CONTACT_PA / 1000, (step.name, zone, felt)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", sorted(list_scenarios()))
@pytest.mark.parametrize("preset", WET)
def test_every_preset_completes_in_every_water(somebody: Make, preset: str, scenario: str) -> None:
    world = World(scenario=scenario)
    if scenario == "warm-fill" and load_program(preset).tier == "sensitive":
        _, outcome = run(world, somebody(world), preset)
        assert outcome.kind == "refused", "39 °C is above the trip of that tier"
        assert "above its trip" in outcome.reason
        assert is_off(world)
        return
    completes(world, somebody(world), preset)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(PEOPLE) - {"adult", "tender", "asleep"}))
def test_every_calm_person_gets_through(somebody: Make, name: str) -> None:
    world = World(person=name)
    completes(world, somebody(world), "evening-unwind")


def test_water_of_an_ordinary_session_stays_near_its_setpoint(somebody: Make) -> None:
    world = World()
    person = somebody(world)
    host, outcome = run(world, person, "evening-unwind")
    assert outcome.kind == "completed"
    assert host.plan is not None
    assert host.plan.water_max_c is not None
    assert person.water_c <= host.plan.water_max_c + 0.2


class Hurt:
    """Somebody who presses pain once, at a random moment of a random step before the last, by the key or at the device."""

    def __init__(self, person: Any, dice: Random) -> None:
        self.person = person
        self.dice = dice
        self.at: float | None = None
        self.step: int | None = None
        self.felt: float | None = None

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        events = list(self.person(now, host))
        view = host.view(now)
        if view.plan is not None and self.step is None:
            self.step = self.dice.randrange(len(view.plan.steps) - 1)
        if view.plan is not None and self.at is None and view.step == self.step and view.step is not None:
            self.at = now + self.dice.random() * (view.plan.steps[view.step].duration_s or 0.0)
        if self.at is not None and now >= self.at and self.felt is None:
            self.felt = now
            if self.dice.random() < 0.5:
                events.append(Pain(by="key"))
            else:
                self.person.world.press("stop")
        return events


@pytest.mark.slow
@pytest.mark.parametrize("wire", list(WIRES))
@pytest.mark.parametrize("preset", PRESETS)
def test_pain_at_any_moment_ends_everything_at_once(somebody: Make, preset: str, wire: str) -> None:
    for seed in range(2):
        world = World(seed=seed, wire=wire)
        person = Hurt(somebody(world), Random(f"{preset} {wire} {seed}"))
        host, outcome = run(world, person, preset)
        assert person.felt is not None, f"over before {person.at}"
        assert outcome.kind == "pain", outcome
        assert outcome.off_confirmed
        assert is_off(world)
        assert world.now - person.felt < 4.0
        before = world.plant.bath.heater_j
        world.advance(world.now + 600)
        assert is_off(world)
        assert world.plant.bath.heater_j - before == 0.0, "nothing comes back"
        assert host.done


@pytest.mark.parametrize("how", ["key", "button"])
def test_pain_under_the_roller_releases_within_a_second(somebody: Make, how: str) -> None:
    world = World()
    pressed: list[float] = []

    def when_pressed(now: float, host: Host) -> list[Event]:
        events = list(person(now, host))
        if not pressed and world.plant.massager.left.kpa > 8.0:
            pressed.append(world.now)
            if how == "key":
                events.append(Pain(by="key"))
            else:
                world.press("stop")
        return events

    person = somebody(world)
    host = Host(nonce=3, profile=load_program("quick-break"))
    outcome = None
    while outcome is None and world.now < 600:
        outcome = play(host, world, operator=when_pressed, until=world.now + 0.1)
        if pressed and world.now >= pressed[0] + 1.0:
            assert world.plant.massager.left.kpa < 4.0
            assert world.plant.massager.right.kpa < 4.0
    assert outcome is not None
    assert outcome.kind == "pain"
    assert outcome.off_confirmed


@pytest.mark.parametrize("when", [0.0, 3.0, 60.0, 400.0])
def test_stop_ends_in_order_with_the_outputs_read_back(somebody: Make, when: float) -> None:
    world = World()
    host, outcome = run(world, somebody(world, [(when, StopAsked())]), "evening-unwind")
    assert outcome.kind == "stopped"
    assert is_off(world)
    assert host.done


def test_a_tender_person_ends_the_session_at_the_device(somebody: Make) -> None:
    world = World(person="tender")
    _, outcome = run(world, somebody(world), "quick-break")
    assert outcome.kind == "pain"
    assert is_off(world)


def test_a_restart_in_mid_session_never_resumes(somebody: Make) -> None:
    world = World()
    _, outcome = run(world, somebody(world, [(100.0, World.restart)]), "evening-unwind")
    assert outcome.kind == "tripped"
    assert is_off(world)
    world.advance(world.now + 300)
    assert is_off(world)


def test_a_lost_link_never_resumes(somebody: Make) -> None:
    world = World()

    def cut(world: World) -> None:
        world.silent = True

    host, outcome = run(world, somebody(world, [(100.0, cut)]), "evening-unwind")
    assert outcome.kind == "link_lost"
    world.advance(world.now + limits.ABSOLUTE[limits.ABORT_LEASE] / 1000)
    assert is_off(world)
    world.silent = False
    world.advance(world.now + 60)
    assert is_off(world)
    assert host.done


def test_nobody_at_the_device_means_nothing_happens(somebody: Make) -> None:
    world = World(person=None)
    host = Host(nonce=5, profile=load_program("quick-break"))
    assert play(host, world, operator=somebody(world), until=120.0) is None
    assert world.plant.massager.left.travel_mm == 0.0
    assert host.view(world.now).question is not None


def test_a_host_that_never_ends_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.world.LONGEST_S", 5.0)
    with pytest.raises(RuntimeError, match="not over"):
        play(Host(nonce=5, profile=load_program("quick-break")), World())


def bytes_of(preset: str, seed: int, wire: str, until: float, somebody: Make) -> list[tuple[float, bytes, bytes]]:
    world = World(seed=seed, wire=wire)
    turns: list[tuple[float, bytes, bytes]] = []
    host = Host(nonce=9, profile=load_program(preset))
    play(host, world, operator=somebody(world), until=until, note=lambda now, got, operator, sent: turns.append((now, got, sent)))
    return turns


@pytest.mark.parametrize("wire", list(WIRES))
def test_the_same_seed_gives_the_same_session(somebody: Make, wire: str) -> None:
    assert bytes_of("evening-unwind", 3, wire, 90.0, somebody) == bytes_of("evening-unwind", 3, wire, 90.0, somebody)
