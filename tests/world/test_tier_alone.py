"""The person's limits without the host: once told, the device keeps them against silence, against another program, and against itself."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from firmware_protocol import faults, limits, messages
from footctl.core.host import Host
from footctl.core.person import TIERS, Person
from footctl.run.presets import load_program
from simulator import mishaps
from simulator.world import World, play

Make = Callable[..., Any]
HEATER, MOTOR = messages.HEATER_ENABLE, messages.MOTOR_ENABLE
TOLERANCE_S = 0.45  # from the last heartbeat that arrived, up to a quarter before the silence, and a tick


def under_way(somebody: Make, tier: str, state: str, person: str = "adult") -> World:
    """A world in mid-session, in `state`."""
    world = World(person=person)
    attendant = somebody(world)
    preset = "evening-unwind" if tier == "standard" else "neuropathy-gentle"
    host = Host(nonce=11, profile=load_program(preset), person=Person("somebody", tier))
    while host.state != state:
        assert play(host, world, operator=attendant, until=world.now + 0.2) is None, host.outcome
    play(host, world, operator=attendant, until=world.now + 10.0)
    assert host.state == state
    return world


def told(tier: str) -> dict[str, int]:
    """What SET_LIMITS tells the device for a tier: each cap the stricter of the tier's and the absolute one."""
    return {
        row[0]: limits.tighter(number, TIERS[tier].caps[row[0]], limits.ABSOLUTE[number])
        for number, row in enumerate(limits.CAPS)
        if row[0] in TIERS[tier].caps
    }


def packed(caps: dict[str, int]) -> Any:
    numbers = {row[0]: number for number, row in enumerate(limits.CAPS)}
    return messages.SetLimits(b"".join(struct.pack("<Bi", numbers[name], value) for name, value in caps.items()))


def test_every_cap_of_the_wire_has_a_value_in_every_tier() -> None:
    for tier in TIERS.values():
        assert set(tier.caps) == {row[0] for row in limits.CAPS}
        assert set(tier.sources) == set(tier.caps)


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_the_session_tells_the_device_every_cap_of_the_tier(somebody: Make, tier: str) -> None:
    world = under_way(somebody, tier, "preheat")
    for number, row in enumerate(limits.CAPS):
        assert not limits.loosens(number, world.device.caps[number], TIERS[tier].caps[row[0]]), row[0]


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
@pytest.mark.parametrize("state", ["preheat", "soak", "massage"])
def test_without_the_host_everything_goes_off_at_the_tiers_times(somebody: Make, tier: str, state: str) -> None:
    world = under_way(somebody, tier, state)
    caps = TIERS[tier].caps
    world.silent = True
    since = world.now
    seen: dict[str, float] = {}
    while world.now < since + 8.0:
        world.advance(round(world.now + 0.05, 3))
        inputs, massager = world.board.inputs, world.plant.massager
        happened = {
            "heat": not inputs.heater_contact and not world.board.heat_w,
            "motor": not inputs.motor_contact,
            "released": max(massager.left.kpa, massager.right.kpa) < limits.RELEASED_PA / 1000,
            "latched": world.device.state == messages.LATCHED,
        }
        for what, true in happened.items():
            if true:
                seen.setdefault(what, world.now - since)
    assert seen["motor"] <= caps["release_lease"] / 1000 + TOLERANCE_S
    assert seen["released"] <= caps["release_lease"] / 1000 + 1.0 + TOLERANCE_S
    assert seen["heat"] <= caps["heat_lease"] / 1000 + TOLERANCE_S
    assert caps["abort_lease"] / 1000 - TOLERANCE_S <= seen["latched"] <= caps["abort_lease"] / 1000 + TOLERANCE_S
    assert world.device.cause == faults.LINK_LOST


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_another_program_on_the_same_session_gets_no_further(scripted: Make, tier: str) -> None:
    world = World(person=None)
    host = scripted(world)
    host.greet()
    caps = told(tier)
    host.do(packed(caps), messages.Start(HEATER | MOTOR))
    assert [world.device.caps[number] for number in range(len(limits.CAPS))] == [caps[row[0]] for row in limits.CAPS]
    refusals = {
        messages.SetBath(caps["water_setpoint_max"] + 1, 1, 1): caps["water_setpoint_max"],
        messages.SetBath(caps["water_setpoint_min"], caps["water_ramp"] + 1, 1): caps["water_ramp"],
        messages.SetMassage(3, 4, 1, caps["pressure_max"] + 1, 1000, 100): caps["pressure_max"],
        messages.SetMassage(3, 4, 1, 4000, caps["pressure_ramp"] + 1, 100): caps["pressure_ramp"],
    }
    for request, limit in refusals.items():
        answer = host.ask(request)
        assert (type(answer), answer.reason, answer.limit) == (messages.Nak, messages.OUT_OF_RANGE, limit)
    for number, row in enumerate(limits.CAPS):
        looser = caps[row[0]] + (1 if row[2] == limits.MOST else -1)
        answer = host.ask(packed({row[0]: looser}))
        assert (type(answer), answer.reason, answer.limit) == (messages.Nak, messages.LOOSENS, number), row[0]


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_a_host_that_only_beats_its_heart_does_not_keep_a_sleeper_warm(somebody: Make, scripted: Make, tier: str) -> None:
    """Nobody answers: the device asks by itself after the tier's time and ends."""
    world = World(person="asleep")
    host = scripted(world)
    host.greet()
    caps = told(tier)
    warm = min(3600, caps["water_setpoint_max"])
    host.do(packed(caps), messages.Start(HEATER), messages.SetBath(warm, 0, 1), messages.SetLamp(messages.LAMP_FEET_IN))
    while not world.device.budgets.unasked_ms:
        host.live(1.0)
        assert world.now < 120
    since = world.now
    while world.device.state != messages.LATCHED:
        host.live(1.0)
        assert world.now < since + 700
    assert world.device.cause == faults.CHECK_MISSED
    assert world.now - since == pytest.approx(caps["check_in"] + caps["check_answer"], abs=3.0)
    host.live(1.0)
    assert host.is_off


def test_a_welded_heater_trips_at_the_tiers_water_and_not_at_the_devices(somebody: Make) -> None:
    world = under_way(somebody, "sensitive", "soak")
    world.silent = True
    mishaps.happen(world, "heater-welded-unseen")
    hottest = 0.0
    end = world.now + 300.0
    while world.now < end:
        world.advance(round(world.now + 0.5, 3))
        hottest = max(hottest, world.plant.bath.inlet_c)
    assert world.device.state == messages.LATCHED
    assert hottest < limits.ABSOLUTE[limits.WATER_TRIP] / 100 - 3.0
