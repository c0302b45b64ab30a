"""Hosts made to hurt: the device holds the absolute caps against whatever comes over the wire, and is off soon after it stops coming."""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from firmware_protocol import framing, limits, messages
from simulator.world import World

HARD_C = limits.ABSOLUTE[limits.WATER_TRIP] / 100
TRIP_KPA = limits.ABSOLUTE[limits.PRESSURE_TRIP] / 1000
MECHANICAL_KPA = 80.0
OFF_S = 6.0  # the longest abort lease and the release
LIVES_S = 900.0
LOOK_S = 0.05

Make = Callable[..., Any]


def extreme(dice: Random, most: int) -> int:
    """A number of the field: often one of its ends."""
    return dice.choice((0, 1, most // 2, most - 1, most, dice.randrange(most + 1)))


def water(dice: Random) -> Any:
    """Any setpoint: as warm as may be, a hair more, or any number that fits."""
    asked = dice.choice((4100, 4100, 4101, extreme(dice, 0x7FFF)))
    return messages.SetBath(asked, dice.choice((0, 200, 201, extreme(dice, 0xFFFF))), dice.choice((1, 1, 1, dice.randrange(4))))


def press(dice: Random) -> Any:
    """Any pressure: as much as may be, a hair more, or any number that fits."""
    asked = dice.choice((60_000, 60_000, 60_001, extreme(dice, 0xFFFFFFFF)))
    ramp = dice.choice((20_000, 20_000, 20_001, max(1, extreme(dice, 0xFFFF))))
    return messages.SetMassage(dice.choice((3, 3, 1)), dice.randrange(1, 32), dice.randrange(1, 6), asked, ramp, dice.choice((400, 1000)))


def looser(dice: Random) -> Any:
    """Limits that allow more than any may."""
    caps = dice.sample(range(len(limits.CAPS)), dice.randint(1, 6))
    return messages.SetLimits(b"".join(struct.pack("<Bi", cap, dice.choice((-1, 0x7FFFFFFF, limits.ABSOLUTE[cap] + 1))) for cap in caps))


def whim(dice: Random) -> Any:
    """Something that ends or changes a session."""
    fault = dice.randrange(256)
    return dice.choice((messages.Pause(), messages.Release(), messages.Finish(), messages.Stop(fault), messages.Clear(fault), looser(dice)))


class Watched:
    """What the foot feels, looked at on every tick."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.water_c = self.kpa = 0.0
        self.over_s = self.longest_over_s = 0.0

    def look(self) -> None:
        plant = self.world.plant
        self.water_c = max(self.water_c, plant.bath.inlet_c, plant.bath.water_c)
        kpa = max(plant.massager.left.kpa, plant.massager.right.kpa)
        self.kpa = max(self.kpa, kpa)
        self.over_s = self.over_s + LOOK_S if kpa > TRIP_KPA else 0.0
        self.longest_over_s = max(self.longest_over_s, self.over_s)

    def holds(self) -> None:
        """The absolute caps, whatever was asked."""
        assert self.water_c < HARD_C + 0.5  # what the element gives off after the cut
        assert self.kpa < MECHANICAL_KPA
        assert self.longest_over_s <= 0.15 + 1e-9  # three samples, then it is on its way up

    def off_soon(self) -> None:
        """The host is gone."""
        world = self.world
        world.advance(world.now + OFF_S)
        assert max(world.plant.massager.left.kpa, world.plant.massager.right.kpa) < limits.RELEASED_PA / 1000
        assert not world.board.inputs.heater_contact
        assert not world.board.inputs.motor_contact


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_any_requests_with_any_values(scripted: Make, seed: int) -> None:
    """Heat in even seeds, pressure in odd ones, each as high and as wild as the wire can say; what latches is cleared and begun anew."""
    dice = Random(seed)
    enable, level = ((messages.CLOSE_HEATER, water), (messages.CLOSE_MOTOR, press))[seed % 2]
    world = World(person="numb", seed=seed, scenario=("strong-heater", "warm-fill", "small-basin")[seed % 3])
    host = scripted(world)
    host.greet()
    watched = Watched(world)
    reached = 0
    mood = level(dice)
    while world.now < LIVES_S:
        seen = host.telemetry
        if seen.state == messages.LATCHED:
            host.exchange.ask(messages.Clear(seen.cause))
        elif seen.state != messages.ACTIVE or not seen.flags & enable:
            host.exchange.ask(messages.Start(dice.choice((enable, 3))))
        host.exchange.ask(messages.SetLamp(messages.LAMP_FEET_IN))
        host.exchange.ask(messages.Checked())
        host.exchange.ask(mood)
        host.live(LOOK_S)
        if dice.random() < 0.03:
            mood = level(dice)
        if dice.random() < 0.3:
            host.exchange.ask(dice.choice((water, press))(dice))
        if dice.random() < 0.01:
            host.exchange.ask(whim(dice))
        for _ in range(20):
            host.live(LOOK_S)
            watched.look()
        reached += seen.setpoint_cdeg > 3900 or max(seen.left_dapa, seen.right_dapa) > 2000
    assert reached > 60, "it never came near what it must not pass"
    watched.holds()
    watched.off_soon()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_most_that_may_be_asked_is_never_passed(scripted: Make, seed: int) -> None:
    """A host that follows the rules to the letter and asks for every cap at once, as long as the device lets it."""
    world = World(person="numb", seed=seed, scenario="strong-heater")
    host = scripted(world)
    host.start(3)
    watched = Watched(world)
    most = messages.SetMassage(3, 31, 1 + seed, limits.ABSOLUTE[limits.PRESSURE_MAX], limits.ABSOLUTE[limits.PRESSURE_RAMP], 1000)
    while world.now < 3 * LIVES_S:
        if round(world.now / LOOK_S) % 20 == 0:
            for request in (messages.SetLamp(messages.LAMP_FEET_IN), messages.SetBath(limits.ABSOLUTE[0], 0, 1), most, messages.Checked()):
                host.exchange.ask(request)
            if world.device.state == messages.IDLE:
                host.exchange.ask(messages.Start(3))
        host.live(LOOK_S)
        watched.look()
    assert watched.water_c > 40 or watched.kpa > 40
    watched.holds()
    watched.off_soon()


@pytest.mark.slow
def test_bytes_that_are_almost_frames(scripted: Make) -> None:
    dice = Random(8)
    world = World(person="numb", seed=8)
    host = scripted(world)
    host.start(3)
    watched = Watched(world)
    while world.now < LIVES_S / 3:
        row = dice.choice(messages.TABLE)
        data = bytearray(framing.encode(row.code, dice.randrange(256), dice.randbytes(dice.randrange(40))))
        if dice.random() < 0.5:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        world.write(world.now, bytes(data) + dice.randbytes(dice.randrange(300)))
        host.live(LOOK_S)
        watched.look()
    watched.holds()
    watched.off_soon()


@pytest.mark.slow
def test_four_hosts_who_all_want_something_else(scripted: Make) -> None:
    dice = Random(9)
    world = World(person="numb", seed=9)
    hosts = [scripted(world, peer=number, nonce=100 + number) for number in range(4)]
    for host in hosts:
        host.exchange.ask(host.hello)
    watched = Watched(world)
    while world.now < LIVES_S / 3:
        for host in hosts:
            if dice.random() < 0.1:
                host.exchange.ask(dice.choice((messages.Start(3), water(dice), press(dice), whim(dice))))
            host.turn()
        world.advance(world.now + LOOK_S)
        watched.look()
    watched.holds()
    watched.off_soon()


@pytest.mark.parametrize("beats", ["none", "the same turn", "an old echo", "an echo from the future"])
def test_a_heartbeat_must_be_fresh(scripted: Make, beats: str) -> None:
    world = World(person="adult", seed=4)
    host = scripted(world)
    host.start(3)
    host.do(messages.SetBath(3800, 0, 1))
    assert world.board.inputs.heater_contact
    host.beats = False
    stale = host.telemetry.uptime_ms
    for _ in range(40):
        if beats == "the same turn":
            host.exchange.tell(messages.Heartbeat(7, host.telemetry.uptime_ms))
        elif beats == "an old echo":
            host.exchange.tell(messages.Heartbeat(int(world.now * 1000), stale - 2000 & 0xFFFFFFFF))
        elif beats == "an echo from the future":
            host.exchange.tell(messages.Heartbeat(int(world.now * 1000), host.telemetry.uptime_ms + 60_000))
        host.live(0.2)
    assert host.is_off
    assert world.device.state == messages.LATCHED
