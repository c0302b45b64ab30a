"""A link that anybody in range can reach: what stays open, what needs the key's proof, what is told about those who have none."""

from __future__ import annotations

from typing import Any

import pytest

from firmware.device.body import Body
from firmware.device.links import DOUBLED, FORGET_MS, TRIES, WAIT_MS
from firmware_protocol import auth, exchange, faults, framing, messages
from tests.device.rig import HEATER, MOTOR, Peer, Rig, refused

M = messages
KEY = bytes(range(16))
SEED = bytes(range(100, 132))
HANDS_ON = [
    M.SetLimits(b""), M.Start(0), M.Start(HEATER | MOTOR), M.Pause(), M.Release(), M.Finish(), M.SetBath(3800, 0, 0),
    M.SetMassage(3, 4, 1, 20000, 10000, 500), M.SetLamp(2), M.Checked(), M.Clear(0), M.Arm(0),
]  # fmt: skip


def body_with(key: bytes = KEY, seed: bytes = SEED, cables: int = 0, features: int = 0x1F) -> Body:
    body = Body()
    body.key, body.seed, body.cables, body.features = key, seed, cables, features
    return body


def guarded(**what: Any) -> Rig:
    """A device that has a key and no cable; peer 0 is in the air like all others."""
    return Rig(body_with(**what))


def tagged_only(peer: Peer, role: int = M.CONTROLLER, nonce: int = 7, key: bytes = KEY, host_nonce: bytes = b"n" * 16) -> auth.Agreed:
    """HELLO and AUTH without a tag; from here on everything that `peer` says is tagged."""
    identity = peer.hello(role, nonce)
    assert identity.features & M.WANTS_PROOF
    proof = peer.ask(M.Auth(host_nonce))
    assert isinstance(proof, M.Proof), proof
    agreed = auth.Agreed(key, identity.serial, identity.boot_id, host_nonce, proof.nonce)
    assert (agreed.proof == proof.proof) == (key == KEY)
    lock = peer.exchange.lock = auth.Lock()
    lock.seal = agreed.for_host()
    return agreed


def prove(peer: Peer, role: int = M.CONTROLLER, nonce: int = 7, host_nonce: bytes = b"n" * 16) -> Any:
    """The whole proof; the tagged IDENTITY."""
    tagged_only(peer, role, nonce, host_nonce=host_nonce)
    return peer.hello(role, nonce)


def arm(rig: Rig) -> None:
    rig.put(arm_button=1)
    rig.pass_ms(3100)
    rig.put(arm_button=0)
    rig.pass_ms(100)
    assert rig.device.armed


def fault_records(rig: Rig) -> list[int]:
    """The faults in the black box."""
    box = rig.device.blackbox
    found = []
    for first in range(0, box.total, 14):
        records = box.read(first)
        found += [records[at + 4] for at in range(0, len(records), 15) if records[at + 4]]
    return found


# --- the owner


def test_who_proves_the_key_may_do_everything() -> None:
    rig = guarded()
    first = rig.host.hello()
    assert first.controller == 0
    identity = prove(rig.host)
    assert identity.controller == 1
    assert identity.features & M.ARMS_BY_HAND
    arm(rig)
    rig.do(M.Start(HEATER))
    rig.do(M.SetBath(3800, 0, 0))
    rig.pass_ms(10_000)
    assert rig.out.heater_pm
    assert rig.host.telemetry[-1].active == 0
    rig.do(M.Finish())
    assert rig.off
    assert fault_records(rig) == []


def test_a_heart_that_beats_with_tags_keeps_the_lease_and_one_without_does_not() -> None:
    rig = guarded()
    prove(rig.host)
    arm(rig)
    rig.do(M.Start(HEATER))
    lock, rig.host.exchange.lock = rig.host.exchange.lock, None
    rig.pass_ms(5500)
    assert rig.off
    assert rig.device.cause == faults.LINK_LOST
    rig.host.exchange.lock = lock


@pytest.mark.parametrize("nobodys", [b"", b"short", bytes(17)])
def test_without_a_key_nobody_may_do_anything_but_over_a_cable(nobodys: bytes) -> None:
    rig = guarded(key=nobodys, cables=0x02)
    assert rig.host.hello().controller == 0
    assert refused(rig.host.ask(M.Auth(bytes(16)))) == (M.UNKNOWN_MESSAGE, 0)
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_AUTHENTICATED, 0)
    assert rig.peer(1).hello().controller == 1


def test_without_random_numbers_a_key_is_no_use() -> None:
    rig = guarded(seed=b"too short")
    rig.host.hello()
    assert refused(rig.host.ask(M.Auth(bytes(16)))) == (M.UNKNOWN_MESSAGE, 0)


# --- arming


def test_in_the_air_a_start_needs_a_hand_at_the_device_whatever_the_body_says() -> None:
    rig = guarded()
    prove(rig.host)
    rig.pass_ms(400)
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_ARMED, 0)
    rig.do(M.Start(0))
    rig.do(M.Finish())
    arm(rig)
    rig.do(M.Start(HEATER))


def test_arming_over_a_cable_is_the_owners_choice_and_never_one_for_the_air() -> None:
    rig = guarded(cables=0x01, features=0x1F | M.ARMS_BY_HAND)
    assert rig.host.hello().features & M.ARMS_BY_HAND
    rig.pass_ms(400)
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_ARMED, 0)
    rig.do(M.Arm(0))
    assert not rig.host.hello().features & M.ARMS_BY_HAND
    rig.do(M.Start(HEATER))
    rig.do(M.Finish())
    rig.do(M.Arm(1))
    assert refused(rig.host.ask(M.Start(HEATER))) == (M.NOT_ARMED, 0)
    rig.do(M.Arm(0))
    rig.host.hello(M.OBSERVER, nonce=8)
    plain = guarded(cables=0x01)
    plain.host.hello()
    assert refused(plain.host.ask(M.Arm(1))) == (M.UNSUPPORTED, 0)
    air = rig.peer(1)
    assert prove(air).features & M.ARMS_BY_HAND
    assert refused(air.ask(M.Arm(0))) == (M.BY_CABLE, 0)
    assert refused(air.ask(M.Start(HEATER))) == (M.NOT_ARMED, 0)


# --- the key


def test_the_key_is_told_over_a_cable_and_nowhere_else() -> None:
    rig = guarded(cables=0x01)
    rig.host.hello(M.OBSERVER)
    assert rig.host.ask(M.GetKey()) == M.Key(KEY)
    air = rig.peer(1)
    air.hello()
    assert refused(air.ask(M.GetKey())) == (M.BY_CABLE, 0)
    prove(air)
    assert refused(air.ask(M.GetKey())) == (M.BY_CABLE, 0)


def test_over_a_cable_the_key_is_proven_when_asked_for() -> None:
    rig = guarded(cables=0x01)
    identity = rig.host.hello()
    assert not identity.features & (M.WANTS_PROOF | M.ARMS_BY_HAND)
    proof = rig.host.ask(M.Auth(b"n" * 16))
    assert proof.proof == auth.Agreed(KEY, identity.serial, identity.boot_id, b"n" * 16, proof.nonce).proof
    lock = rig.host.exchange.lock = auth.Lock()
    lock.seal = auth.Agreed(KEY, identity.serial, identity.boot_id, b"n" * 16, proof.nonce).for_host()
    assert rig.host.hello().controller == 1
    rig.put(presence=1)
    rig.pass_ms(400)
    assert (M.FEET, 1) in rig.host.events
    rig.host.exchange = exchange.Exchange(M.TO_HOST)  # the next host at that cable has no key
    assert rig.host.hello(nonce=9).controller == 1
    rig.put(presence=0)
    rig.pass_ms(400)
    assert (M.FEET, 0) in rig.host.events


# --- strangers


@pytest.mark.parametrize("message", HANDS_ON, ids=lambda message: type(message).__name__)
def test_a_stranger_changes_nothing_and_is_told_about(message: Any) -> None:
    rig = guarded()
    prove(rig.host)
    rig.host.events.clear()
    stranger = rig.peer(1)
    assert stranger.hello(nonce=99).controller == 0
    assert refused(stranger.ask(message)) == (M.NOT_AUTHENTICATED, 0)
    assert (rig.device.state, rig.device.lamp, rig.off) == (M.IDLE, M.LAMP_OFF, True)
    rig.pass_ms(400)
    assert (M.INTRUSION, faults.INTRUDER) in rig.host.events
    assert rig.host.telemetry[-1].active == faults.INTRUDER
    assert fault_records(rig) == [faults.INTRUDER]
    rig.pass_ms(11_000)
    assert rig.host.telemetry[-1].active == 0


@pytest.mark.parametrize("message", [M.GetCaps(), M.GetCause(), M.LogRead(0)], ids=lambda message: type(message).__name__)
def test_anybody_may_look(message: Any) -> None:
    rig = guarded()
    stranger = rig.peer(1)
    stranger.hello(M.OBSERVER)
    assert not isinstance(stranger.ask(message), M.Nak)
    rig.pass_ms(400)
    assert stranger.telemetry
    assert fault_records(rig) == []


def test_anybody_may_stop() -> None:
    rig = guarded()
    prove(rig.host)
    arm(rig)
    rig.do(M.Start(HEATER))
    assert isinstance(rig.peer(1).ask(M.Stop(60)), M.Stopped)
    assert rig.off
    assert rig.device.state == M.LATCHED
    assert isinstance(rig.host.ask(M.Stop(60)), M.Stopped)  # the owner's own goes without a tag, too


def test_a_stranger_does_not_take_the_controllers_place_even_when_it_is_empty() -> None:
    rig = guarded()
    stranger = rig.peer(1)
    assert stranger.hello().controller == 0
    assert rig.device.links.controller is None
    assert prove(rig.host).controller == 1


def test_the_wrong_key_is_no_key() -> None:
    rig = guarded()
    stranger = rig.peer(1)
    tagged_only(stranger, key=bytes(16))
    stranger.exchange.ask(M.Hello(1, 1, M.CONTROLLER, 7))
    heard = rig.device.receive(rig.now, stranger.exchange.data_to_send(rig.now), 1)
    code, _, payload = framing.Decoder().feed(heard)[0]
    assert refused(M.unpack(code, payload)) == (M.NOT_AUTHENTICATED, 0)
    assert fault_records(rig) == [faults.INTRUDER]
    assert rig.device.links.controller is None


def test_a_stolen_session_id_opens_nothing() -> None:
    """The nonce of HELLO is no secret; a stranger says HELLO with the owner's, on a link of its own."""
    rig = guarded()
    prove(rig.host, nonce=0x5E55)
    arm(rig)
    rig.do(M.Start(HEATER))
    stranger = rig.peer(1)
    assert stranger.hello(nonce=0x5E55).controller == 0
    assert refused(stranger.ask(M.SetBath(4100, 0, 0))) == (M.NOT_AUTHENTICATED, 0)
    rig.do(M.SetBath(3500, 0, 0))
    assert rig.device.thermostat.target_cdeg == 3500


def test_words_slipped_into_the_owners_link_do_not_disturb_its_session() -> None:
    rig = guarded()
    prove(rig.host)
    arm(rig)
    rig.do(M.Start(HEATER))
    for code, seq, message in ((0x01, 250, M.Hello(1, 1, M.OBSERVER, 5)), (0x01, 1, M.Hello(1, 1, M.CONTROLLER, 6)),
                               (0x03, 251, M.Auth(b"x" * 16)), (0x10, 252, M.SetBath(4100, 0, 0)), (0x0C, 253, M.Finish()),
                               (0x08, 9, M.Heartbeat(1, 2)), (0x30, 1, M.Ack(0x21)), (0x01, 7, M.Hello(9, 0, 1, 5))):  # fmt: skip
        rig.device.receive(rig.now, framing.encode(code, seq, M.pack(message)), 0)
    rig.device.outgoing(rig.now)
    rig.do(M.SetBath(3500, 0, 0))
    rig.pass_ms(4000)
    assert rig.device.thermostat.target_cdeg == 3500
    assert rig.out.heater_enable
    assert fault_records(rig) == [faults.INTRUDER]


class Recorded(exchange.Exchange):
    """An end whose every word somebody writes down."""

    def __init__(self, said: list[bytes]) -> None:
        super().__init__(M.TO_HOST)
        self.said = said

    def data_to_send(self, now_ms: int) -> bytes:
        data = super().data_to_send(now_ms)
        self.said.append(data)
        return data


def test_a_recorded_session_is_worth_nothing_the_next_time() -> None:
    """Every byte that the owner ever said, said again: to the same device later, on the same link and on another."""
    rig = guarded()
    said: list[bytes] = []
    rig.host.exchange = Recorded(said)
    prove(rig.host)
    arm(rig)
    rig.do(M.Start(HEATER))
    rig.do(M.SetBath(4000, 0, 0))
    rig.pass_ms(3000)
    rig.do(M.Finish())
    rig.beats = False
    rig.host.exchange = exchange.Exchange(M.TO_HOST)
    rig.pass_ms(9000)
    arm(rig)
    for peer in (1, 0):
        for data in said:
            rig.device.receive(rig.now, data, peer)
            rig.tick()
            assert rig.off
            assert rig.device.state == M.IDLE
    assert set(fault_records(rig)) == {faults.INTRUDER, faults.REPLAYED}


def test_a_new_host_on_the_owners_link_proves_itself_anew() -> None:
    rig = guarded()
    prove(rig.host)
    arm(rig)
    rig.do(M.Start(HEATER))
    rig.host.exchange = exchange.Exchange(M.TO_HOST)
    assert prove(rig.host, nonce=8, host_nonce=b"m" * 16).controller == 1
    assert rig.off
    assert rig.device.state == M.IDLE


def test_the_owner_gives_its_place_up_with_a_tag_and_the_carrier_takes_it_with_it() -> None:
    rig = guarded()
    prove(rig.host)
    assert prove(rig.peer(1)).controller == 0
    assert refused(rig.peer(1).ask(M.SetLamp(1))) == (M.BUSY, 0)
    rig.host.hello(M.OBSERVER)
    assert rig.peer(1).hello().controller == 1
    rig.device.disconnect(1)
    assert rig.device.links.controller is None
    assert rig.host.hello().controller == 1


def test_a_frame_with_a_tag_after_the_carrier_went_is_a_strangers() -> None:
    rig = guarded()
    prove(rig.host)
    rig.device.disconnect(0)
    rig.host.exchange.ask(M.SetLamp(2))
    assert rig.device.receive(rig.now, rig.host.exchange.data_to_send(rig.now))
    assert rig.device.lamp == M.LAMP_OFF
    assert fault_records(rig) == []  # it may be the owner's, after a restart


# --- how often


def begin(rig: Rig, nonce: int) -> Any:
    return rig.host.ask(M.Auth(bytes((nonce,)) * 16))


def test_proofs_that_are_begun_and_never_given_are_slowed_down() -> None:
    rig = guarded()
    rig.host.hello()
    for nonce in range(TRIES):
        assert isinstance(begin(rig, nonce), M.Proof)
    waits = []
    for nonce in range(TRIES, TRIES + DOUBLED + 3):
        reason, wait = refused(begin(rig, nonce))
        assert reason == M.TOO_MANY
        waits.append(wait)
        rig.pass_ms(wait - 50)
        assert refused(begin(rig, nonce + 100))[0] == M.TOO_MANY
        rig.pass_ms(100)
        assert isinstance(begin(rig, nonce), M.Proof)
    assert waits == [WAIT_MS << min(double, DOUBLED) for double in range(len(waits))]
    assert fault_records(rig)[0] == faults.INTRUDER
    rig.device.disconnect(0)  # connecting anew does not help
    rig.host.exchange = exchange.Exchange(M.TO_HOST)
    rig.host.hello(nonce=8)
    assert refused(begin(rig, 200))[0] == M.TOO_MANY
    rig.pass_ms(FORGET_MS)
    for nonce in range(TRIES):
        assert isinstance(begin(rig, nonce), M.Proof)


def test_a_proof_that_is_given_counts_for_nothing() -> None:
    rig = guarded()
    for nonce in range(3 * TRIES):
        rig.host.exchange = exchange.Exchange(M.TO_HOST)
        assert prove(rig.host, nonce=nonce, host_nonce=bytes((nonce,)) * 16).controller == 1


def test_the_same_question_gets_the_same_proof_and_another_one_another() -> None:
    rig = guarded()
    rig.host.hello()
    first = begin(rig, 1)
    assert begin(rig, 1) == first
    assert begin(rig, 2).nonce != first.nonce
    assert begin(rig, 1) != first


def test_intrusions_are_told_once_in_ten_seconds_of_each_kind() -> None:
    rig = guarded()
    prove(rig.host)
    stranger = rig.peer(1)
    stranger.hello()
    for _ in range(100):
        stranger.ask(M.SetLamp(2))
        rig.pass_ms(50)
    assert fault_records(rig) == [faults.INTRUDER]
    rig.pass_ms(6000)
    stranger.ask(M.SetLamp(2))
    assert fault_records(rig) == [faults.INTRUDER] * 2


def test_what_led_to_a_latch_is_not_written_over() -> None:
    rig = guarded()
    prove(rig.host)
    rig.host.ask(M.Stop(60))
    rig.pass_ms(61_000)
    stranger = rig.peer(1)
    stranger.hello()
    total = rig.device.blackbox.total
    stranger.ask(M.SetLamp(2))
    assert rig.device.blackbox.total == total
    rig.pass_ms(200)
    assert rig.host.events[-1] == (M.INTRUSION, faults.INTRUDER)


def test_the_largest_answer_still_fits_with_its_tag() -> None:
    rig = guarded()
    prove(rig.host)
    arm(rig)
    rig.do(M.Start(HEATER))
    rig.pass_ms(20_000)
    answer = rig.host.ask(M.LogRead(0))
    assert len(answer.records) == 14 * 15
