"""Strangers on the same air as the owner: the water never warms for them, the owner's session goes on or stops safely, and it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from firmware_protocol import faults, framing, messages
from footctl.core.envelope import Envelope
from footctl.core.events import Event
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.core.view import Outcome
from simulator import mishaps
from simulator.board import Access
from simulator.world import Port, World, play
from tests.world.conftest import Somebody
from tests.world.stranger import HEAT, Stranger

KEY = b"a test's own key"
PROGRAM = """\
name = "Short"
summary = "For a test."
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
for = "60 s"
"""
TURN_S = 0.25
FORGOTTEN = messages.Nak(messages.code_of(messages.Hello(1, 1, messages.CONTROLLER, 7)), messages.NOT_AUTHENTICATED, 0)


class Air(World):
    """A world whose peers are all in the air, with the owner's host on peer 0. `said`: what the owner sent, as anybody can hear it."""

    def __init__(self, seed: int = 3, **options: Any) -> None:
        super().__init__(seed=seed, access=Access(0, KEY, b"%d" % seed), **options)
        self.envelope = Envelope()
        self.said: list[bytes] = []
        self.nonces = 0

    def read(self, now: float) -> bytes:
        host, device = self.envelope.inward(now, super().read(now))
        if self.envelope.wanted is not None:
            self.nonces += 1
            more, question = self.envelope.give((KEY,), b"%16d" % self.nonces)
            host += more
            device += question
        assert self.envelope.trouble is None, self.envelope.trouble
        if device:
            self.said.append(device)
            super().write(now, device)
        return host

    def write(self, now: float, data: bytes) -> None:
        data = self.envelope.outward(data)
        self.said.append(data)
        super().write(now, data)

    def in_the_black_box(self) -> set[int]:
        """The faults that the device wrote down."""
        box = self.device.blackbox
        records = b"".join(box.read(first) for first in range(0, box.total, 14))
        return {records[at + 4] for at in range(0, len(records), 15)} - {0}


class Attacked(Somebody):
    """The person at the owner's host, while strangers talk. Looks at the water, the outputs and the setpoint as it goes."""

    def __init__(self, world: Air, strangers: Sequence[tuple[Stranger, Port]]) -> None:
        super().__init__(world)
        self.strangers = strangers
        self.warnings: set[str] = set()
        self.setpoint_cdeg = 0
        self._next = 0.0

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        if now >= self._next:
            self._next = now + TURN_S
            for stranger, port in self.strangers:
                stranger.hear(port.read(now))
                port.write(now, stranger.say())
        self.warnings |= set(host.view(now).warnings)
        self.setpoint_cdeg = max(self.setpoint_cdeg, self.world.device.thermostat.target_cdeg)
        return super().__call__(now, host)


def ran(world: Air, strangers: Sequence[tuple[Stranger, Port]] = (), nonce: int = 7) -> tuple[Outcome, Attacked]:
    """The owner's session to its end."""
    person = Attacked(world, strangers)
    outcome = play(Host(nonce=nonce, profile=parse_program(PROGRAM, "short.toml")), world, operator=person, until=world.now + 1800)
    assert outcome is not None
    return outcome, person


def alone(world: Air, strangers: Sequence[tuple[Stranger, Port]], seconds: float, look: Callable[[], None] | None = None) -> None:
    """Strangers and nobody else. Nothing may ever be switched on."""
    until = world.now + seconds
    while world.now < until:
        for stranger, port in strangers:
            stranger.hear(port.read(world.now))
            port.write(world.now, stranger.say())
        world.advance(world.now + TURN_S)
        inputs = world.board.inputs
        assert not inputs.heater_contact
        assert not inputs.motor_contact
        assert world.device.thermostat.target_cdeg == 0
        assert world.board.heat_w == 0
        if look is not None:
            look()


def off(world: World) -> bool:
    inputs = world.board.inputs
    return not inputs.heater_contact and not inputs.motor_contact and world.board.heat_w == 0


def test_the_owner_over_the_air() -> None:
    """First without strangers: proof, a hand at the button, water, rollers, end."""
    world = Air()
    outcome, person = ran(world)
    assert outcome.kind == "completed", outcome
    assert person.setpoint_cdeg == 3500
    assert world.in_the_black_box() == set()
    assert world.envelope.forged == 0
    plain = framing.Decoder().feed(b"".join(world.said))
    assert {code for code, _, _ in plain} >= {0x01, 0x03, 0x81, 0x88, 0x89, 0x90, 0x91, 0x8C}
    assert {code for code, _, _ in plain if code < 0x80} == {0x01, 0x03}
    assert KEY not in b"".join(world.said)


@pytest.mark.parametrize("wire", ["bytes", "lossy", "delayed", "flipping"])
def test_a_bad_wire_is_no_stranger(wire: str) -> None:
    """What a wire loses, repeats, delays or flips neither ends the proof nor raises an alarm."""
    for seed in (3, 4, 8):
        world = Air(seed, wire=wire)
        outcome, person = ran(world)
        assert outcome.kind == "completed", (seed, outcome)
        assert world.in_the_black_box() == set()
        assert world.envelope.forged == 0
        assert not any("key" in warning for warning in person.warnings)


@pytest.mark.parametrize("wire", ["lossy", "delayed"])
def test_strangers_on_a_bad_wire(wire: str) -> None:
    world = Air(5, wire=wire)
    outcome, person = ran(world, [(Stranger(number), world.peer(number)) for number in (1, 2)])
    assert outcome.kind == "completed", outcome
    assert person.setpoint_cdeg == 3500


@pytest.mark.parametrize("arms", [False, True])
def test_strangers_alone_warm_nothing(arms: bool) -> None:
    """Every message with every value for ten minutes, from three places at once; even with somebody holding the button all the while."""
    world = Air(person=None, arms=False)
    water = world.plant.bath.water_c

    def hand() -> None:
        if arms and round(world.now / TURN_S) % 40 == 0:
            world.press("arm", 3.3)

    alone(world, [(Stranger(seed), world.peer(seed)) for seed in (1, 2, 3)], 600.0, hand)
    assert world.plant.bath.water_c <= water
    assert world.device.lamp == messages.LAMP_OFF
    assert world.device.links.controller is None
    assert faults.INTRUDER in world.in_the_black_box()
    assert world.device.state == messages.IDLE


@pytest.mark.parametrize("seed", range(3))
def test_the_owners_session_goes_on_among_strangers(seed: int) -> None:
    world = Air(seed)
    strangers = [(Stranger(10 * seed + number), world.peer(number)) for number in (1, 2, 3)]
    outcome, person = ran(world, strangers)
    assert outcome.kind == "completed", outcome
    assert person.setpoint_cdeg == 3500
    assert person.water_c < 36.0
    assert person.kpa < 15.0
    assert faults.INTRUDER in world.in_the_black_box()
    assert any("without the device's key" in warning for warning in person.warnings)
    for stranger, _ in strangers:
        granted = [told for told in stranger.heard if isinstance(told, messages.Ack)]
        assert not granted
        assert not [told for told in stranger.heard if isinstance(told, messages.Identity) and told.controller]


def test_a_stranger_who_was_there_first_keeps_nobody_out() -> None:
    """It says hello before the owner, with the owner's own session id, begins proofs, and shouts between any two of the owner's words."""
    world = Air()
    racing = Stranger(5, nonce=7)
    port = world.peer(1)
    alone(world, [(racing, port)], 30.0)
    port.write(world.now, b"".join(racing.frame(message) for message in (messages.Hello(1, 1, messages.CONTROLLER, 7), *HEAT)))
    outcome, person = ran(world, [(racing, port)], nonce=7)
    assert outcome.kind == "completed", outcome
    assert person.setpoint_cdeg == 3500


def test_a_recorded_session_opens_nothing() -> None:
    """Word for word as the owner said it, at once and in its own time, on another link and on the owner's, with the button held."""
    world = Air()
    outcome, _ = ran(world)
    assert outcome.kind == "completed"
    recorded = list(world.said)
    assert len(recorded) > 300
    for number in (1, 0):
        world.disconnect(number)
        for pause_s in (0.0, 0.05):
            world.press("arm", 3.3)
            world.advance(world.now + 4.0)
            assert world.device.armed
            for data in recorded:
                world.peer(number).write(world.now, data)
                world.advance(world.now + pause_s)
                assert off(world)
                assert world.device.state == messages.IDLE
    assert faults.INTRUDER in world.in_the_black_box()
    alone(world, [(Stranger(4, recorded=recorded), world.peer(2))], 60.0)


def test_a_recorded_session_does_not_disturb_the_next_one() -> None:
    world = Air()
    first, _ = ran(world)
    recorded = list(world.said)
    world.disconnect(0)
    strangers = [(Stranger(number, recorded=recorded), world.peer(number)) for number in (1, 2)]
    outcome, person = ran(world, strangers, nonce=8)
    assert (first.kind, outcome.kind) == ("completed", "completed")
    assert any("without the device's key" in warning for warning in person.warnings)


@pytest.mark.parametrize("seed", range(3))
def test_words_slipped_into_the_owners_own_link(seed: int) -> None:
    """The most that somebody on the same wire can do: among the owner's frames, and old ones of this session. It goes on, or is off."""
    world = Air(seed)
    stranger = Stranger(seed)
    cable = world.peer(0)

    class Slipping:
        """Writes to the owner's port past the envelope; what comes back goes to the owner, who must bear it."""

        def read(self, now: float) -> bytes:
            return b""

        def write(self, now: float, data: bytes) -> None:
            stranger.recorded = world.said[-40:]
            cable.write(now, data)

    outcome, person = ran(world, [(stranger, Slipping())])  # type: ignore[list-item]
    assert outcome.kind in ("completed", "link_lost", "tripped"), outcome
    assert outcome.kind != "completed" or person.setpoint_cdeg == 3500
    assert person.setpoint_cdeg in (0, 3500)
    world.advance(world.now + 6.0)
    assert off(world)
    assert world.in_the_black_box() & {faults.INTRUDER, faults.REPLAYED}


def test_words_put_into_the_devices_mouth_start_nothing() -> None:
    """A yes that nobody pressed, an arming that was none, an ACK for what was refused: the host takes none of it for the device's."""
    world = Air(arms=False)
    genuine = world.envelope
    host = Host(nonce=7, profile=parse_program(PROGRAM, "short.toml"))
    told = [FORGOTTEN, messages.Event(messages.YES, 0, 5), messages.Event(messages.ARMING, 1, 5), messages.Ack(0x09)]
    lies = b"".join(framing.encode(messages.code_of(lie), seq, messages.pack(lie)) for seq, lie in enumerate(told * 8))
    person = Somebody(world)

    def lied_to(now: float, mind: Host) -> Sequence[Event]:
        if genuine.stage == "proven":
            told, back = genuine.inward(now, lies)
            assert (told, back) == (b"", b"")
        return person(now, mind)

    outcome = play(host, world, operator=lied_to, until=400.0)
    assert outcome is not None
    assert outcome.kind == "refused"
    assert "nobody held the device's button" in outcome.reason
    assert genuine.forged > 20
    assert off(world)


def test_a_device_that_is_said_to_have_forgotten_its_keys_keeps_them() -> None:
    """In the soak somebody between says so, then presses "yes" in the device's name: it goes on, with tags, and that is counted."""
    world = Air()
    person = Somebody(world)
    lies = [FORGOTTEN, messages.Event(messages.YES, 0, 5), messages.Ack(0x10)]
    said_before = 0

    def lied_to(now: float, mind: Host) -> Sequence[Event]:
        nonlocal said_before
        if mind.state == "soak" and lies:
            said_before = said_before or len(world.said)
            lie = lies.pop(0)
            assert world.envelope.inward(now, framing.encode(messages.code_of(lie), 77, messages.pack(lie))) == (b"", b"")
        return person(now, mind)

    outcome = play(Host(nonce=7, profile=parse_program(PROGRAM, "short.toml")), world, operator=lied_to, until=1800.0)
    assert outcome is not None
    assert outcome.kind == "completed", outcome
    assert not lies
    assert world.envelope.forged == 3
    assert all(code >= 0x80 for code, _, _ in framing.Decoder().feed(b"".join(world.said[said_before:])))


def test_a_device_that_restarts_in_a_proven_session_ends_it() -> None:
    """It knows our tags no more and says so without one: that is no stranger, and the outputs are read back."""
    world = Air()
    person = Somebody(world)
    begun: list[float] = []

    def blinking(now: float, mind: Host) -> Sequence[Event]:
        if mind.state == "soak" and not begun:
            begun.append(now)
            mishaps.happen(world, "power-blink")
        return person(now, mind)

    outcome = play(Host(nonce=7, profile=parse_program(PROGRAM, "short.toml")), world, operator=blinking, until=1800.0)
    assert outcome is not None
    assert (outcome.kind, outcome.reason, outcome.off_confirmed) == ("tripped", "the device restarted", True)
    assert world.now < begun[0] + 2.0
    assert world.envelope.stage == "proven"
    assert world.envelope.forged == 0
    assert off(world)


def test_anybody_may_stop_and_the_owner_is_told() -> None:
    world = Air()
    world_stop = framing.encode(0x14, 1, b"\x3c")

    class Stopping(Stranger):
        def say(self) -> bytes:
            return world_stop if world.now > 90.0 else b""

    outcome, _ = ran(world, [(Stopping(1), world.peer(1))])
    assert outcome.kind == "stopped"
    assert outcome.off_confirmed
    assert off(world)
    assert world.device.state == messages.LATCHED


def test_a_key_that_was_changed_ends_what_was_paired() -> None:
    world = Air()
    world.board.device.body.key = b"a very other key"  # type: ignore[misc]
    host = Host(nonce=7, profile=parse_program(PROGRAM, "short.toml"))
    with pytest.raises(AssertionError, match="wrong_key"):
        play(host, world, operator=Somebody(world), until=60.0)
    assert off(world)
