"""Too long on one spot, in the simulated world. Strokes lift themselves long before: what guards the dwell is met only when those fail."""

from __future__ import annotations

import copy

import pytest

from firmware.device import grip, massage
from firmware_protocol import faults, limits, messages
from simulator import mishaps, ordeal
from simulator.hazards import cases
from simulator.ordeal import TICK_S
from simulator.world import World, play

PRESS = ("massage", "rolling", "stretch")
NEVER = 1_000_000_000
CAP_S = 10.0  # of the standard tier
SLOW_S = 0.25  # the device counts what it reads, a little later than it is


def kpa(world: World) -> float:
    return max(world.plant.massager.left.kpa, world.plant.massager.right.kpa)


def pressed_spans(phase: str, seconds: float) -> tuple[list[float], list[float], World, set[int]]:
    """How long, one after the other, a spot was pressed and then free; and which interlocks the device told."""
    one = ordeal.saved()[phase]
    host, world, attendant = copy.deepcopy((one.host, one.world, one.attendant))
    assert world.device.caps[limits.DWELL] == CAP_S * 1000
    pressed: list[float] = [0.0]
    free: list[float] = []
    held = set()
    begun = world.now
    down = kpa(world) * 1000 > limits.CONTACT_PA
    assert down
    while world.now < begun + seconds and host.outcome is None:
        play(host, world, operator=attendant, until=world.now + TICK_S)
        now_down = kpa(world) * 1000 > limits.CONTACT_PA
        if now_down != down:
            (pressed if now_down else free).append(0.0)
            down = now_down
        (pressed if down else free)[-1] += TICK_S
        held.add(world.device.supervisor.held)
    return pressed, free, world, held


@pytest.mark.parametrize("phase", ["massage", "stretch"])
def test_a_stroke_without_end_is_ended_by_the_devices_dwell_guard(monkeypatch: pytest.MonkeyPatch, phase: str) -> None:
    ordeal.saved()
    rows = tuple((name, step, 60_000, rest, 0, part) for name, step, _, rest, _, part in massage.STROKES)
    monkeypatch.setattr(massage, "STROKES", rows)
    monkeypatch.setattr(massage, "DWELL_PART_PM", NEVER)
    pressed, free, world, held = pressed_spans(phase, 60.0)
    assert faults.DWELL in held
    assert world.device.state == messages.ACTIVE
    full = [(down, up) for down, up in zip(pressed, free, strict=False) if down >= CAP_S - SLOW_S]
    assert len(full) >= 2
    for down, up in full[:-1]:
        assert down <= CAP_S + ordeal.RELEASE_S
        assert up >= CAP_S, "relief after a full dwell"


@pytest.mark.parametrize("phase", ["massage", "stretch"])  # rolling goes from spot to spot
def test_a_stroke_that_ends_itself_never_meets_the_guard(phase: str) -> None:
    pressed, _, _, held = pressed_spans(phase, 60.0)
    assert max(pressed) < CAP_S * 0.8
    assert faults.DWELL not in held


@pytest.mark.parametrize("phase", PRESS)
def test_rollers_that_hang_are_lifted_by_the_spring_when_the_dwell_is_over(phase: str) -> None:
    one = ordeal.saved()[phase]
    host, world, attendant = copy.deepcopy((one.host, one.world, one.attendant))
    mishaps.happen(world, "rollers-hang")
    begun = None
    end = world.now + 60.0
    while not world.device.cause and world.now < end:
        play(host, world, operator=attendant, until=world.now + TICK_S)
        if kpa(world) * 1000 <= limits.CONTACT_PA:
            begun = None
        elif begun is None:
            begun = world.now
        assert begun is None or world.now - begun <= CAP_S + TICK_S / 2
    assert world.device.first_cause.fault == faults.STALLED
    world.advance(world.now + ordeal.RELEASE_S)
    assert kpa(world) == 0.0


@pytest.mark.parametrize("phase", PRESS)
def test_the_host_sees_the_dwell_that_a_device_lets_pass(monkeypatch: pytest.MonkeyPatch, phase: str) -> None:
    ordeal.saved()
    monkeypatch.setattr(grip, "LET_GO_MS", NEVER)
    monkeypatch.setattr(grip.Grip, "_lock", lambda self, now_ms, carriage_mm: None)
    hangs = next(case for case in cases() if case.mishap == "rollers-hang")
    verdict = ordeal.run(phase, [hangs], demand=False)
    assert (verdict.outcome, verdict.host_fault) == ("tripped", faults.DWELL)
    assert verdict.ended_s is not None
    assert verdict.ended_s < CAP_S + 4.0
    assert verdict.wrong == ()
