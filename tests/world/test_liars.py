"""Hostile far ends in virtual time: a bounded end that is the right one, and nothing above the gate on the way."""

from __future__ import annotations

import gc
import struct
import tracemalloc

import pytest

from firmware_protocol import limits, messages
from footctl.core.events import Pain
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.core.pump import turn
from footctl.core.view import Outcome
from footctl.run.answers import Answers
from simulator.world import World
from tests.world.liars import LIES, Liar

PROGRAM = """\
name = "Both"
tier = "standard"

[[phase]]
kind = "soak"
water = "35 C"
for = "60 s"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "12 kPa"
for = "30 s"
"""

TURN_S = 0.05
LONGEST_S = 2 * 3600.0  # the longest session and the longest preheat of any tier, and a little


def live(liar: Liar, host: Host, most_s: float = LONGEST_S) -> float:
    """Turn the host against the liar until it is done; the time at the end."""
    answers = Answers()
    now, step, hurt = 0.0, 0, False
    while not host.done and now < most_s:
        events = []
        if step % 4 == 0 and (answer := answers.to(host.view(now))) is not None:
            events.append(answer)
        if liar.lie.pain and not hurt and liar.began is not None and now > liar.began + 1.0:
            hurt = True
            events.append(Pain(by="key"))
        turn(host, liar, now, events)
        step += 1
        now = round(step * TURN_S, 6)
    return now


def nothing_above_the_gate(liar: Liar, host: Host) -> None:
    """Every number that the host ever said, against the plan, and that against the absolute caps."""
    plan = host.plan
    most = {} if plan is None else plan.limits
    for number, row in enumerate(limits.CAPS):
        assert row[0] not in most or not limits.loosens(number, most[row[0]], row[3])
    stopped = False
    for _, message in liar.heard:
        match message:
            case messages.SetBath(water_cdeg=asked, ramp_cdeg_min=1) | messages.SetMassage(pressure_pa=asked, ramp_pa_s=1):
                # What the proof before heat wants to hear a no to: one more than the limit, as slow as can be.
                assert asked - 1 in (most["water_setpoint_max"], most["pressure_max"])
                assert not stopped
            case messages.SetBath():
                assert message.water_cdeg <= most.get("water_setpoint_max", 0)
                assert message.ramp_cdeg_min <= most.get("water_ramp", 0)
                assert not (stopped and message.water_cdeg)
            case messages.SetMassage():
                assert message.pressure_pa <= most.get("pressure_max", 0)
                assert message.ramp_pa_s <= max(1, most.get("pressure_ramp", 0))
                assert not (stopped and message.feet)
            case messages.SetLimits():
                for number, value in struct.iter_unpack("<Bi", message.limits):
                    assert not limits.loosens(number, value, limits.ABSOLUTE[number])
            case messages.Start():
                assert not stopped
            case messages.Clear():
                raise AssertionError("nobody asked to clear")
            case messages.Stop():
                stopped = True


@pytest.mark.parametrize("name", LIES)
def test_a_lie_has_a_bounded_end_and_nothing_passes_the_gate(name: str) -> None:
    lie = LIES[name]
    liar = Liar(World(seed=3), lie)
    host = Host(nonce=5, profile=parse_program(PROGRAM, "both.toml"))
    end = live(liar, host)
    outcome = host.outcome
    assert outcome is not None, f"no end after {end:.0f} s, in state {host.state}"
    assert outcome.kind in lie.ends, outcome
    assert outcome.reason
    assert outcome.reason.isprintable()
    assert liar.began is not None, "the session never came so far"
    nothing_above_the_gate(liar, host)
    if lie.bare:
        assert not [message for _, message in liar.heard if type(message) in (messages.Start, messages.SetBath, messages.SetMassage)]
        assert end < 30
    elif outcome.kind in ("tripped", "link_lost", "pain"):
        assert end < liar.began + lie.within_s, "it took too long to find out"
        off_in_the_end(liar, end)
    honest_about_off(liar, outcome)


def nothing_above_the_absolute_caps(liar: Liar) -> None:
    """For whoever does not see the plan."""
    for _, message in liar.heard:
        if type(message) is messages.SetBath:
            assert message.water_cdeg <= limits.ABSOLUTE[limits.WATER_SETPOINT_MAX]
        elif type(message) is messages.SetMassage:
            assert message.pressure_pa <= limits.ABSOLUTE[limits.PRESSURE_MAX]


def off_in_the_end(liar: Liar, now: float) -> None:
    """Whatever the lie, the true device is off soon after: it was told, or it missed the heartbeat."""
    world = liar.world
    world.advance(now + 6.0)
    plant = world.plant
    assert max(plant.massager.left.kpa, plant.massager.right.kpa) < 4.0
    assert not world.board.inputs.heater_contact
    assert not world.board.inputs.motor_contact


def honest_about_off(liar: Liar, outcome: Outcome) -> None:
    """Off is confirmed only by a read-back that says so."""
    if liar.lie.pain:
        assert not outcome.off_confirmed


FLOODS = (
    "noise without end",
    "a frame without end",
    "a flood of strangers' identities",
    "answers that nobody asked for",
    "telemetry a thousand times a second",
    "a storm of unknown messages",
    "a storm of yes",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOODS)
def test_memory_stays_flat(name: str) -> None:
    """What the host holds after ten seconds of flood is what it holds after thirty."""
    liar = Liar(World(seed=3), LIES[name])
    host = Host(nonce=5, profile=parse_program(PROGRAM, "both.toml"))
    answers = Answers()
    held = []
    tracemalloc.start()
    try:
        for step in range(40_000):
            now = round(step * TURN_S, 6)
            answer = answers.to(host.view(now)) if step % 4 == 0 else None
            turn(host, liar, now, () if answer is None else (answer,))
            liar.heard.clear()
            if liar.began is not None and now >= liar.began + 10.0 * (len(held) + 1):
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
                if len(held) == 3:
                    break
    finally:
        tracemalloc.stop()
    assert held[2] - held[0] < 50_000
