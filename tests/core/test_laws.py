"""The six laws of a mind, for the program engine: deterministic, total, monotone, quiet, levels, complete."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from footctl.core import commands as c
from footctl.core import events as e
from footctl.core.levels import ACTIVE, IDLE, OFF, PAUSED, Levels, towards
from footctl.core.program import Program
from tests.core.desk import BOTH, CAPS, KNEAD, NOBODY, PROMPT, REST, SOAK, Desk, desk, identity, profile, sample

FEET = st.sampled_from([NOBODY, BOTH, frozenset(("left",)), frozenset(("right",))])
WATER = st.none() | st.floats(min_value=0, max_value=60)
PRESSURE = st.none() | st.floats(min_value=0, max_value=90)
NAMES = st.sampled_from(
    ["Hello", "GetCaps", "SetLimits", "Start", "Pause", "Release", "Finish", "SetBath", "SetMassage", "SetLamp", "Checked", "Stop"]
)
ANY_NUMBER = st.floats() | st.integers(-5, 500).map(float)

SAMPLES = st.builds(
    sample,
    uptime_ms=st.integers(0, 1 << 32), water_c=WATER, water2_c=WATER, setpoint_c=WATER, heater_duty=st.sampled_from([0.0, 1.0]),
    heater_enable=st.booleans(), motor_enable=st.booleans(), check_due=st.booleans(),
    state=st.sampled_from(["idle", "active", "paused", "latched"]), in_bath=FEET, on_roller=FEET, left_kpa=PRESSURE, right_kpa=PRESSURE,
    fault=st.sampled_from([0, 0, 0, 0, 60, 61, 29, 15, 200]), active=st.sampled_from([0, 0, 26, 24]),
)  # fmt: skip
EVENTS = st.one_of(
    SAMPLES,
    st.builds(identity, boot_id=st.sampled_from([7, 7, 7, 8]), controller=st.booleans(), fault=st.sampled_from([0, 0, 61])),
    st.sampled_from([e.CapsRead(CAPS), e.CapsRead({}), e.CapsRead({**CAPS, "dwell": 10**9})]),
    st.builds(e.Accepted, NAMES),
    st.builds(e.Refused, NAMES, st.sampled_from(["not_permitted", "loosens", "out_of_range", "?"]), st.integers(-1, 99)),
    st.builds(e.Unanswered, NAMES),
    st.builds(e.ReadBack, st.booleans(), st.booleans(), st.sampled_from([0.0, 1.0]), st.just(0.0), st.just(0.0), st.just(60)),
    st.builds(
        e.FirstCause, st.integers(0, 255), st.just(0), st.just(1.0), st.just(1.0), st.just(0.0), st.just(0.0), st.just(0.0), st.just("idle")
    ),
    st.builds(e.Pressed, st.sampled_from(["yes", "latch", "cleared", "feet", "event_9"]), st.integers(0, 255)),
    st.builds(e.Silent, st.sampled_from([1.0, 3.0])),
    st.builds(e.Suspended, ANY_NUMBER),
    st.just(e.CarrierLost("gone")),
    st.builds(e.Tripped, st.integers(0, 255), st.just("why")),
    st.sampled_from([e.Begin(), e.Yes(), e.PauseAsked(), e.ResumeAsked(), e.Softer(), e.Firmer(), e.SkipAsked(), e.Pain(), e.StopAsked()]),
    st.builds(e.ExtendAsked, ANY_NUMBER),
    st.builds(e.PainScored, st.integers(-1, 11)),
    st.just(e.PainTold("left.heel", 3)),
    st.builds(e.ClearAsked, st.integers(0, 255)),
    st.just(e.Earlier(1.0, 1.0, 0.1)),
)
TURNS = st.lists(st.tuples(st.sampled_from([-1.0, 0.0, 0.05, 0.2, 1.0, 1.9, 2.5, 700.0]), st.lists(EVENTS, max_size=3)), max_size=25)
FULL = profile(PROMPT, SOAK, KNEAD, REST)
PLACES = ["connecting", "ready", "preheat", "feet_in", "soak", "dry", "massage", "rest", "finish"]


def _at(state: str) -> Desk:
    at = desk(PROMPT, SOAK, KNEAD, REST)
    at.until(state)
    return at


STARTS = {state: _at(state) for state in PLACES}


def _start(state: str) -> tuple[Program, float]:
    at = STARTS[state]
    return copy.deepcopy(at.program), at.now


@given(state=st.sampled_from(PLACES), turns=TURNS)
@settings(max_examples=150)
def test_total_deterministic_and_complete(state: str, turns: list[tuple[float, list[e.Event]]]) -> None:
    """Nothing that can happen raises, and the same happenings give the same words, so a record replays."""
    program, now = _start(state)
    twin, _ = _start(state)
    for dt, happened in turns:
        now += dt
        assert program.step(now, happened) == twin.step(now, happened)
        assert program.question == twin.question
        assert program.next_deadline == twin.next_deadline
    assert program.outcome == twin.outcome


@given(state=st.sampled_from(PLACES), turns=TURNS)
@settings(max_examples=100)
def test_quiet(state: str, turns: list[tuple[float, list[e.Event]]]) -> None:
    """A second step in the same instant, in which nothing happened, asks for nothing new."""
    program, now = _start(state)
    for dt, happened in turns:
        now += dt
        program.step(now, happened)
        program.step(now, [])
        assert program.step(now, []) == []


@given(state=st.sampled_from(PLACES), turns=TURNS)
@settings(max_examples=150)
def test_nothing_is_switched_on_after_an_end(state: str, turns: list[tuple[float, list[e.Event]]]) -> None:
    """From the moment that a stop is said, whatever else happens, nothing is said that could heat or move."""
    program, now = _start(state)
    program.step(now, [e.Pain()])
    for dt, happened in turns:
        now += dt
        for command in program.step(now, happened):
            assert isinstance(command, c.Greet | c.StopNow | c.ReadCause)
    program.step(now + 1000.0, [])
    assert program.outcome is not None


def _nearly_over(state: str) -> Desk:
    """In `state`, about a second before its time is up."""
    at = _at(state)
    run = at.program.running
    assert run is not None
    while run.left_s is not None and run.left_s > 1.1:
        at.turn(e.Yes())
    return at


LATE = [STARTS[state] for state in PLACES[2:8]] + [_nearly_over(state) for state in ("soak", "massage", "rest")]


@given(start=st.integers(0, len(LATE) - 1), gap=st.floats(min_value=0.001, max_value=2.0))
@settings(max_examples=150)
def test_monotone(start: int, gap: float) -> None:
    """A call that is late by up to two seconds says what the calls that it missed would have said, in their order."""
    at = LATE[start]
    prompt, late = copy.deepcopy(at.program), copy.deepcopy(at.program)
    end = at.now + gap
    said: list[c.Command] = []
    while (due := prompt.next_deadline) is not None and due < end:
        said += prompt.step(due, [])
    said += prompt.step(end, [])
    assert late.step(end, []) == said
    assert (late.state, late.next_deadline, late.phases) == (prompt.state, prompt.next_deadline, prompt.phases)


@given(state=st.sampled_from(PLACES), back=st.floats(min_value=0, max_value=100))
def test_time_that_goes_back_is_no_time(state: str, back: float) -> None:
    program, now = _start(state)
    program.step(now, [])
    before = copy.deepcopy(program)
    program.step(now - back, [])
    assert (program.state, program.next_deadline) == (before.state, before.next_deadline)


LEVELS = st.builds(
    Levels,
    state=st.sampled_from([ACTIVE, PAUSED]),
    heater=st.booleans(),
    motor=st.booleans(),
    water=st.none() | st.builds(c.SetWater, st.sampled_from([36.0, 38.0])),
    massage=st.none()
    | st.builds(c.SetMassage, st.just(BOTH), st.just(BOTH), st.just("rolling"), st.sampled_from([10.0, 20.0]), st.just(1.0), st.just(1.0)),
    lamp=st.sampled_from(["off", "wait", "feet_in"]),
)


def _sound(levels: Levels) -> Levels:
    """What a step can want: nothing without its enable, no motor in a pause."""
    motor = levels.motor and levels.state == ACTIVE
    return Levels(
        levels.state, levels.heater, motor, levels.water if levels.heater else None, levels.massage if motor else None, levels.lamp
    )


@settings(max_examples=1000)
@given(told=st.just(OFF) | LEVELS.map(_sound), want=st.just(OFF) | LEVELS.map(_sound))
def test_levels(told: Levels, want: Levels) -> None:
    """From anywhere to anywhere in a few commands, and what must go off does so before anything comes on."""
    if told.state == IDLE and want.state == PAUSED:
        return  # there is nothing to pause
    risen = False
    for _ in range(8):
        way = towards(told, want)
        if way is None:
            break
        command, now = way
        raises = isinstance(command, c.SetMassage) or (isinstance(command, c.SetWater) and command.target_c is not None)
        if raises:
            risen = True
            assert (now.heater, now.motor, now.state) == (want.heater, want.motor, want.state)
        lets_go = (told.massage is not None and now.massage is None) or (told.water is not None and now.water is None)
        assert not (risen and lets_go)
        told = now
    if want.state == PAUSED and told.state == PAUSED:
        return
    assert towards(told, want) is None
    assert told == want


@given(told=LEVELS.map(_sound), events=st.lists(st.sampled_from(["again", "next"]), max_size=6))
def test_saying_a_level_again_changes_nothing(told: Levels, events: list[str]) -> None:
    """Commands say what should be: the way from the same place is the same way."""
    want = Levels(ACTIVE, True, False, c.SetWater(38.0), None, "off")
    for happens in events:
        first: Any = towards(told, want)
        assert towards(told, want) == first
        if first is None:
            return
        if happens == "next":
            told = first[1]
