"""The six laws of a mind, held over the whole world: any operator, any moment, any wire.

Deterministic, total, monotone, quiet, levels instead of edges, complete. And safe throughout: what is true of the plant is
checked beside what the two minds believe.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from firmware_protocol import limits
from footctl.core.events import (
    Begin,
    ClearAsked,
    Event,
    ExtendAsked,
    Firmer,
    Pain,
    PauseAsked,
    ResumeAsked,
    SkipAsked,
    Softer,
    StopAsked,
    Yes,
)
from footctl.core.host import Host
from footctl.run.presets import load_program
from simulator.people import PEOPLE
from simulator.world import WIRES, World, play

Make = Callable[..., Any]
Turn = tuple[float, bytes, tuple[Event, ...], bytes]

OPERATOR: tuple[Event, ...] = (
    Begin(),
    Yes(),
    PauseAsked(),
    ResumeAsked(),
    Softer(),
    Firmer(),
    SkipAsked(),
    ExtendAsked(60.0),
    ClearAsked(60),
)


def recorded(somebody: Make, world: World, until: float, plan: Sequence[tuple[float, Any]] = ()) -> tuple[Host, list[Turn]]:
    turns: list[Turn] = []
    host = Host(nonce=9, profile=load_program("evening-unwind"))

    def note(now: float, got: bytes, did: Sequence[Event], sent: bytes) -> None:
        turns.append((now, got, tuple(did), sent))

    play(host, world, operator=somebody(world, plan), until=until, note=note)
    return host, turns


PLAN = ((70.0, PauseAsked()), (80.0, ResumeAsked()), (350.0, SkipAsked()), (400.0, Softer()), (520.0, Firmer()), (600.0, Pain()))


@pytest.mark.parametrize("wire", ["perfect", "lossy"])
def test_a_record_is_complete(somebody: Make, wire: str) -> None:
    """The record's input through a fresh host gives the record's output, byte by byte."""
    host, turns = recorded(somebody, World(wire=wire, seed=2), 700.0, PLAN)
    again = Host(nonce=9, profile=load_program("evening-unwind"))
    for now, got, did, sent in turns:
        again.receive(now, got)
        again.act(now, *did)
        assert again.data_to_send(now) == sent
    assert again.outcome == host.outcome
    assert again.outcome is not None
    assert again.outcome.kind == "pain"


def test_a_second_turn_in_the_same_instant_asks_for_nothing_new(somebody: Make) -> None:
    world = World()
    person = somebody(world, PLAN)
    host = Host(nonce=9, profile=load_program("evening-unwind"))
    while not host.done:
        now = world.run(world.now + 0.25)
        host.receive(now, world.read(now))
        host.act(now, *person(now, host))
        world.write(now, host.data_to_send(now))
        host.receive(now, b"")
        host.act(now)
        assert host.data_to_send(now) == b""
    assert host.outcome is not None
    assert host.outcome.kind == "pain"


def test_turns_that_come_late_reach_the_same_end(somebody: Make) -> None:
    """A host turned only twice a second lives through the same session as one that is turned whenever something arrives."""

    def run(grid: float) -> tuple[str, list[str], float]:
        world = World()
        host = Host(nonce=9, profile=load_program("quick-break"))
        person = somebody(world)
        while not host.done and world.now < 900:
            moment = world.now + grid if grid else world.run(world.now + 0.25)
            host.receive(moment, world.read(moment))
            host.act(moment, *person(moment, host))
            out = host.data_to_send(moment)
            if out:
                world.write(moment, out)
        assert host.outcome is not None
        return host.outcome.kind, [row.name for row in host.view(world.now).phases], world.now

    prompt, late = run(0.0), run(0.5)
    assert late[:2] == prompt[:2]
    assert late[2] == pytest.approx(prompt[2], abs=15.0)


class Sessions(RuleBasedStateMachine):
    """An operator who does anything at any time to a world where anything happens; the plant stays within its limits."""

    @initialize(
        preset=st.sampled_from(["evening-unwind", "quick-break", "first-time"]),
        wire=st.sampled_from(sorted(WIRES)),
        person=st.sampled_from([*sorted(PEOPLE), None]),
        seed=st.integers(0, 3),
    )
    def begin(self, preset: str, wire: str, person: str | None, seed: int) -> None:
        self.world = World(person=person, wire=wire, seed=seed)
        self.host = Host(nonce=seed + 1, profile=load_program(preset))
        self.hurt_at: float | None = None
        self.woke_at = 0.0
        self.boots = 1
        self.go(2.0)

    def go(self, seconds: float, *events: Event) -> None:
        todo = [events]

        def operator(now: float, host: Host) -> Sequence[Event]:
            return todo.pop() if todo else ()

        until = self.world.now + seconds
        play(self.host, self.world, operator=operator, until=until)
        self.world.advance(until)

    @rule(seconds=st.sampled_from([0.05, 0.3, 1.0, 5.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self.go(seconds)

    @rule(event=st.sampled_from(OPERATOR), seconds=st.sampled_from([0.0, 0.5, 10.0]))
    def act(self, event: Event, seconds: float) -> None:
        self.go(seconds, event)

    @rule()
    def agree(self) -> None:
        """Yes to whatever is asked, so that runs get somewhere."""
        for _ in range(5):
            question = self.host.view(self.world.now).question
            if question is not None and question.ready:
                self.go(1.0, {"start": Begin(), "resume": ResumeAsked()}.get(question.kind, Yes()))
            self.go(15.0)

    @rule(event=st.sampled_from([Pain(), StopAsked()]))
    def hurt(self, event: Event) -> None:
        self.go(0.0, event)
        self.hurt_at = self.world.now

    @rule()
    def hurt_at_the_device(self) -> None:
        self.world.press("stop")
        self.go(0.0)
        self.hurt_at = self.world.now

    @rule(side=st.sampled_from([0, 1]), place=st.sampled_from(["bath", "roller", "elsewhere"]))
    def step(self, side: int, place: str) -> None:
        self.world.plant.put(side, place)

    @rule(litres=st.floats(0.1, 1.0), celsius=st.floats(5.0, 60.0))
    def pour(self, litres: float, celsius: float) -> None:
        if self.world.plant.bath.volume_l < 7:
            self.world.plant.bath.pour(litres, celsius)

    @precondition(lambda self: self.boots < 3)
    @rule()
    def restart(self) -> None:
        self.boots += 1
        self.world.restart()

    @rule(seconds=st.sampled_from([0.5, 2.0, 10.0]))
    def cut(self, seconds: float) -> None:
        self.world.silent = True
        self.go(seconds)
        self.world.silent = False

    @rule(junk=st.binary(min_size=1, max_size=300))
    def babble(self, junk: bytes) -> None:
        self.world.write(self.world.now, junk)

    @rule()
    def sleep(self) -> None:
        """The laptop's lid closes for a minute."""
        self.world.advance(self.world.now + 60.0)
        self.woke_at = self.world.now
        self.go(0.2)

    @invariant()
    def pressure_is_within_its_trip(self) -> None:
        if hasattr(self, "world"):
            massager = self.world.plant.massager
            assert max(massager.left.kpa, massager.right.kpa) <= limits.ABSOLUTE[limits.PRESSURE_TRIP] / 1000

    @invariant()
    def heat_needs_a_closed_relay_and_a_setpoint_below_the_cap(self) -> None:
        if hasattr(self, "world"):
            world = self.world
            assert not world.board.heat_w or world.board.inputs.heater_contact
            assert not world.board.heat_w or world.plant.bath.far_c <= limits.ABSOLUTE[limits.WATER_SETPOINT_MAX] / 100 + 0.7

    @invariant()
    def who_was_hurt_is_let_go(self) -> None:
        if hasattr(self, "world") and self.hurt_at is not None and not self.world.silent and self.world.now >= self.hurt_at + 8.0:
            plant, inputs = self.world.plant, self.world.board.inputs
            assert max(plant.massager.left.kpa, plant.massager.right.kpa) < 4.0
            assert not inputs.heater_contact
            assert not inputs.motor_contact
            assert self.host.done or self.world.now < self.woke_at + 8.0  # the host learns it when it is awake again

    @invariant()
    def a_session_that_is_over_is_off(self) -> None:
        if hasattr(self, "world") and self.host.done:
            outcome = self.host.outcome
            assert outcome is not None
            if outcome.off_confirmed:
                assert not self.world.board.heat_w
                assert not self.world.board.inputs.heater_contact
                assert not self.world.board.inputs.motor_contact


TestSessions = pytest.mark.slow(Sessions.TestCase)
TestSessions.settings = settings(max_examples=20, stateful_step_count=20, suppress_health_check=list(HealthCheck))


def test_a_copy_of_a_world_with_its_host_goes_the_same_way(somebody: Make) -> None:
    world = World()
    host = Host(nonce=9, profile=load_program("evening-unwind"))
    play(host, world, operator=somebody(world), until=400.0)
    ends = []
    for one_host, one_world in [(host, world), copy.deepcopy((host, world))]:
        play(one_host, one_world, operator=somebody(one_world), until=500.0)
        ends.append((one_world.plant.bath.water_c, one_world.board.inputs.water1_adc, one_host.view(500.0)))
    assert ends[0] == ends[1]
