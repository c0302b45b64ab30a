"""The real device mind in the simulated water, on orders from a host of a few lines."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from firmware_protocol import faults, limits, messages
from footctl.errors import UsageError
from simulator.world import WIRES, World

HEATER = messages.HEATER_ENABLE
MOTOR = messages.MOTOR_ENABLE
Make = Callable[..., Any]


def heated(scripted: Make, world: World, water_c: float, ramp: int = 0) -> Any:
    host = scripted(world)
    host.start(HEATER)
    host.do(messages.SetBath(round(water_c * 100), ramp, 1))
    return host


def test_identity_is_that_of_the_description(scripted: Make) -> None:
    identity = scripted(World(device="footbath-300w", speed=5)).greet()
    assert identity.model.rstrip(b"\0") == b"footbath-300w"
    assert (identity.heater_w, identity.volume_dl, identity.simulator) == (300, 50, 5)


def test_readings_match_the_water(scripted: Make) -> None:
    world = World()
    host = scripted(world)
    host.greet()
    host.live(2.0)
    for reading in (host.telemetry.water1_cdeg, host.telemetry.water2_cdeg):
        assert reading / 100 == pytest.approx(world.plant.bath.water_c, abs=0.15)
    assert host.telemetry.flags & messages.LEVEL_OK
    assert host.is_off


def test_telemetry_comes_five_times_a_second(scripted: Make) -> None:
    host = scripted(World())
    host.greet()
    host.seen.clear()
    host.live(10.0)
    assert len(host.seen) == 50
    times = [row.uptime_ms for row in host.seen]
    assert {later - earlier for earlier, later in pairwise(times)} == {200}


@pytest.mark.parametrize(
    ("device", "from_c", "to_c"), [("footbath-5l", 34, 38), ("footbath-3l", 30, 40), ("footbath-6l", 36, 38), ("footbath-800w", 34, 38)]
)
def test_water_overshoots_by_at_most_a_fifth_of_a_degree(scripted: Make, device: str, from_c: float, to_c: float) -> None:
    world = World(device=device, person=None)
    world.plant.bath.water_c = world.plant.bath.vessel_c = world.plant.bath.element_c = from_c
    host = heated(scripted, world, to_c)
    peak = 0.0
    for _ in range(60 * 15):
        host.live(1.0)
        peak = max(peak, world.plant.bath.inlet_c)
    assert to_c - 0.2 <= world.plant.bath.water_c
    assert peak <= to_c + 0.2


@pytest.mark.parametrize("setpoint", [36.0, 38.0, 40.0])
def test_water_is_back_in_band_within_90_s_after_feet_of_28_step_in(scripted: Make, setpoint: float) -> None:
    world = World(person=None)
    bath = world.plant.bath
    bath.water_c = bath.vessel_c = bath.element_c = setpoint - 1
    host = heated(scripted, world, setpoint)
    host.live(400)
    assert bath.water_c == pytest.approx(setpoint, abs=0.2)
    world.plant.put(0, "bath")
    world.plant.put(1, "bath")
    outside = 0.0
    peak = 0.0
    for tick in range(400):  # the device asks for a check-in after 600 s
        host.live(1.0)
        if abs(bath.water_c - setpoint) > 0.5:
            outside = tick + 1
        peak = max(peak, bath.inlet_c)
    assert outside <= 90
    assert peak <= setpoint + 0.5


@pytest.mark.parametrize("zone", range(5))
def test_rollers_reach_their_pressure_and_do_not_pass_it(scripted: Make, zone: int) -> None:
    world = World(person=None)
    host = scripted(world)
    host.start(MOTOR)
    world.plant.put(0, "roller")
    world.plant.put(1, "roller")
    host.live(0.5)
    for technique in (1, 2, 3, 4):
        host.do(messages.SetMassage(3, 1 << zone, technique, 30_000, 10_000, 500))
        peak = 0.0
        for _ in range(400):
            host.live(0.1)
            peak = max(peak, world.plant.massager.left.kpa, world.plant.massager.right.kpa)
        assert host.telemetry.state == messages.ACTIVE, faults.name(host.telemetry.cause)
        assert 27.0 <= peak <= 33.0


def press(scripted: Make, world: World, pressure_pa: int = 40_000, zone: int = 8) -> Any:
    """A host that presses on both heels, at the height of a stroke."""
    host = scripted(world)
    host.start(MOTOR)
    world.plant.put(0, "roller")
    world.plant.put(1, "roller")
    host.live(0.5)
    host.do(messages.SetMassage(3, zone, 4, pressure_pa, 20_000, 500))
    while world.plant.massager.left.kpa < 0.9 * pressure_pa / 1000:
        host.live(0.05)
        assert world.now < 60
    return host


def released(world: World, host: Any, within_s: float) -> None:
    until = world.now + within_s
    while world.now < until - 1e-9:
        host.live(0.05)
    assert world.plant.massager.left.kpa < 4.0
    assert world.plant.massager.right.kpa < 4.0
    assert not world.board.inputs.motor_contact


@pytest.mark.parametrize("how", ["stop", "pain", "button", "observer"])
def test_stop_from_anywhere_releases_within_a_second_and_latches(scripted: Make, how: str) -> None:
    world = World(person=None)
    host = press(scripted, world)
    cause = faults.PAIN if how in ("pain", "button") else faults.STOPPED
    if how == "button":
        world.press("stop")
    elif how == "observer":
        other = scripted(world, 1, messages.OBSERVER)
        other.greet()
        assert other.ask(messages.Stop(faults.STOPPED)).cause == cause
    else:
        assert host.ask(messages.Stop(cause)).cause == cause
    released(world, host, 1.0)
    host.live(0.5)
    assert host.telemetry.state == messages.LATCHED
    assert host.telemetry.cause == cause
    assert host.is_off
    host.live(60)
    assert host.telemetry.state == messages.LATCHED, "a latch never clears itself"


def test_silence_releases_then_cools_then_latches(scripted: Make) -> None:
    world = World(person=None)
    host = press(scripted, world)
    host.do(messages.Start(MOTOR | HEATER), messages.SetBath(3800, 0, 1))
    host.live(1.0)
    host.beats = False
    silent = world.now
    opened: dict[str, float] = {}
    while world.now < silent + 6:
        host.live(0.05)
        if not world.board.inputs.motor_contact:
            opened.setdefault("motor", world.now - silent)
        if not world.board.inputs.heater_contact:
            opened.setdefault("heater", world.now - silent)
        if host.telemetry.state == messages.LATCHED:
            opened.setdefault("latch", world.now - silent)
    caps = limits.ABSOLUTE
    assert opened["motor"] <= caps[limits.RELEASE_LEASE] / 1000 + 0.1
    assert opened["heater"] <= caps[limits.HEAT_LEASE] / 1000 + 0.1
    assert opened["latch"] <= caps[limits.ABORT_LEASE] / 1000 + 0.3
    assert opened["motor"] < opened["heater"] < opened["latch"]
    assert host.telemetry.cause == faults.LINK_LOST


def test_a_foot_that_leaves_stops_the_roller(scripted: Make) -> None:
    world = World(person=None)
    host = press(scripted, world)
    world.plant.put(0, "elsewhere")
    host.live(1.0)
    assert world.plant.massager.right.kpa < 4.0
    host.live(30)
    assert world.plant.massager.right.kpa < 4.0, "only a new order brings it back"
    assert host.telemetry.state != messages.LATCHED


@pytest.mark.parametrize(("stuck", "fault"), [(4095, faults.SENSOR_OPEN), (0, faults.SENSOR_SHORT)])
def test_a_broken_water_sensor_ends_the_heat(scripted: Make, stuck: int, fault: int) -> None:
    world = World(person=None)
    host = heated(scripted, world, 38.0)
    host.live(5)
    world.board.probes[1].stuck = stuck
    host.live(2)
    assert host.telemetry.state == messages.LATCHED
    assert host.telemetry.cause == fault
    assert world.board.heat_w == 0.0


def test_low_water_ends_the_heat(scripted: Make) -> None:
    world = World(person=None)
    host = heated(scripted, world, 38.0)
    host.live(5)
    world.plant.bath.drain(3.0)
    host.live(2.5)
    assert host.telemetry.cause == faults.LOW_WATER
    assert world.board.heat_w == 0.0


def test_hot_water_trips(scripted: Make) -> None:
    world = World(person=None)
    host = heated(scripted, world, 38.0)
    host.live(5)
    world.plant.bath.pour(2.0, 90.0)
    host.live(30)
    assert host.telemetry.cause == faults.OVER_TEMPERATURE
    assert host.is_off


def test_a_restart_boots_to_off_with_another_boot_id(scripted: Make) -> None:
    world = World(person=None)
    host = scripted(world)
    first = host.greet()
    host.do(messages.Start(HEATER | MOTOR), messages.SetBath(3800, 0, 1))
    host.live(3)
    assert world.board.heat_w > 0
    world.restart()
    assert world.board.heat_w == 0.0
    assert not world.board.inputs.heater_contact
    assert not world.board.inputs.motor_contact
    again = scripted(world, nonce=8)
    second = again.greet()
    assert second.boot_id != first.boot_id
    assert again.telemetry.uptime_ms < 2000
    assert again.is_off


def transcript(scripted: Make, seed: int, wire: str) -> list[Any]:
    world = World(seed=seed, wire=wire)
    host = scripted(world)
    host.greet()
    host.ask(messages.Start(HEATER))
    host.ask(messages.SetBath(3800, 0, 1))
    host.ask(messages.SetLamp(messages.LAMP_FEET_IN))
    host.live(20)
    return host.seen


@pytest.mark.parametrize("wire", list(WIRES))
def test_the_same_seed_gives_the_same_bytes(scripted: Make, wire: str) -> None:
    assert transcript(scripted, 3, wire) == transcript(scripted, 3, wire)


def test_another_seed_gives_other_noise(scripted: Make) -> None:
    assert transcript(scripted, 3, "perfect") != transcript(scripted, 4, "perfect")


def test_a_copy_goes_the_same_way_and_leaves_the_original_alone(scripted: Make) -> None:
    world = World(seed=5)
    host = heated(scripted, world, 38.0)
    host.live(10)
    twin = copy.deepcopy(host)
    for one in (host, twin):
        one.seen.clear()
        one.live(20)
    assert host.seen == twin.seen
    assert host.world is not twin.world
    twin.world.press("stop")
    twin.live(1)
    assert twin.telemetry.state == messages.LATCHED
    host.live(1)
    assert host.telemetry.state == messages.ACTIVE


def test_the_person_follows_the_lamp_to_the_part_that_is_live(scripted: Make) -> None:
    world = World()
    host = scripted(world)
    host.start(0)
    host.do(messages.SetLamp(messages.LAMP_FEET_IN))
    host.live(10)
    assert world.plant.places == ["elsewhere", "elsewhere"], "nothing is live, so nobody knows where to go"
    host.do(messages.Start(HEATER))
    host.live(6)
    assert world.plant.places == ["bath", "bath"]
    assert host.telemetry.presence_lamp & 0x0F == messages.BATH_LEFT | messages.BATH_RIGHT
    host.do(messages.SetLamp(messages.LAMP_FEET_OUT))
    host.live(6)
    assert world.plant.places == ["elsewhere", "elsewhere"]
    host.do(messages.Start(MOTOR), messages.SetLamp(messages.LAMP_FEET_IN))
    host.live(6)
    assert world.plant.places == ["roller", "roller"]
    assert host.telemetry.presence_lamp & 0x0F == messages.ROLLER_LEFT | messages.ROLLER_RIGHT


def test_the_person_answers_a_check_in_and_a_sleeper_does_not(scripted: Make) -> None:
    for person, pressed in (("adult", True), ("asleep", False)):
        world = World(person=person)
        host = scripted(world)
        host.start(0)
        host.do(messages.SetLamp(messages.LAMP_CHECK_IN))
        host.live(8)
        assert any(event.kind == messages.YES for event in host.events) is pressed


def test_a_tender_person_presses_the_button_when_it_hurts(scripted: Make) -> None:
    world = World(person="tender")
    host = scripted(world)
    host.start(MOTOR)
    host.do(messages.SetLamp(messages.LAMP_FEET_IN))
    host.live(6)
    host.do(messages.SetLamp(messages.LAMP_WAIT), messages.SetMassage(3, 8, 4, 40_000, 10_000, 500))
    host.live(15)
    assert host.telemetry.cause == faults.PAIN
    assert host.is_off


def test_four_peers_at_once(scripted: Make) -> None:
    world = World()
    hosts = [scripted(world, peer, messages.CONTROLLER if peer == 0 else messages.OBSERVER, peer + 1) for peer in range(4)]
    for host in hosts:
        host.greet()
    for _ in range(20):
        for host in hosts:
            host.live(0.05)
    assert len({host.telemetry.uptime_ms for host in hosts}) == 1
    world.disconnect(3)
    assert scripted(world, 3, messages.OBSERVER, 9).greet().controller == 0


def test_a_host_that_does_not_read_costs_no_memory(scripted: Make) -> None:
    world = World()
    host = scripted(world)
    host.greet()
    for _ in range(300):
        world.write(world.now, b"\0")  # alive enough to be sent telemetry
        host.exchange.tell(messages.Heartbeat(1, 0))
        world.write(world.now, host.exchange.data_to_send(0))
        world.advance(world.now + 20)
    port = world.peer(0)
    assert port.overflows
    assert len(port.inbox) <= 1 << 16


@pytest.mark.parametrize("what", ["device", "scenario", "person", "wire"])
def test_an_unknown_name_is_a_usage_error(what: str) -> None:
    with pytest.raises(UsageError, match="'x'"):
        World(**{what: "x"})
