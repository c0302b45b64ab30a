"""Proof of the key: HMAC as published, keys that fit one session alone, tagged frames that cannot be bent, sent back or again."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import auth, framing, golden, golden_auth, messages
from firmware_protocol.exchange import LOST, RETRY_MS, SEALED, Exchange
from firmware_protocol.messages import ANSWER, DATAGRAM, REQUEST, TO_DEVICE, TO_HOST

ENTRIES = golden.read("auth.json")

# RFC 4231, section 4: key, data, HMAC-SHA-256. Test case 5 gives the first 16 bytes.
RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (b"\xaa" * 131, b"This is a test using a larger than block-size key and a larger than block-size data. "
     b"The key needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "data", "right"), RFC_4231, ids=range(1, 8))
def test_hmac_is_the_published_one(key: bytes, data: bytes, right: str) -> None:
    assert auth.mac(auth.pads(key), data).hex()[: len(right)] == right


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_is_that_of_the_library(key: bytes, data: bytes) -> None:
    assert auth.mac(auth.pads(key), data) == hmac.new(key, data, hashlib.sha256).digest()


def test_equal_is_equal_and_nothing_else_is() -> None:
    assert auth.same(b"abc", b"abc")
    assert not auth.same(b"abc", b"abd")
    assert not auth.same(b"abc", b"bbc")
    assert not auth.same(b"abc", b"ab")
    assert not auth.same(b"ab", b"abc")


# --- golden frames


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["name"].startswith("session")], ids=lambda entry: entry["name"])
def test_a_golden_session_is_what_the_page_says(entry: dict[str, Any]) -> None:
    """PROTOCOL.md 13.4, written anew with the library's HMAC."""
    raw = {name: bytes.fromhex(entry[name]) for name in ("key", "serial", "host_nonce", "device_nonce")}
    about = raw["serial"] + entry["boot_id"].to_bytes(4, "little") + raw["host_nonce"] + raw["device_nonce"]
    assert len(about) == 48

    def of(label: bytes) -> str:
        return hmac.new(raw["key"], label + about, hashlib.sha256).hexdigest()

    assert entry["to_device"] == of(b"footbath 1 key to device")
    assert entry["to_host"] == of(b"footbath 1 key to host")
    assert entry["proof"] == of(b"footbath 1 device proof")[:32]
    made = auth.Agreed(raw["key"], raw["serial"], entry["boot_id"], raw["host_nonce"], raw["device_nonce"])
    assert [made.to_device.hex(), made.to_host.hex(), made.proof.hex()] == [entry["to_device"], entry["to_host"], entry["proof"]]


def test_no_two_sessions_share_anything() -> None:
    sessions = [entry for entry in ENTRIES if entry["name"].startswith("session")]
    secrets = [entry[name][:32] for entry in sessions for name in ("to_device", "to_host", "proof")]
    assert len(set(secrets)) == 3 * len(sessions) >= 15


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["name"].startswith("frame")], ids=lambda entry: entry["name"])
def test_a_golden_tagged_frame_is_what_the_page_says(entry: dict[str, Any]) -> None:
    """PROTOCOL.md 13.5, written anew with the library's HMAC."""
    ((code, seq, body),) = framing.Decoder().feed(bytes.fromhex(entry["wire"]))
    assert (code, seq) == (entry["type"], entry["seq"])
    payload, counter, tag = body[:-12], body[-12:-8], body[-8:]
    assert int.from_bytes(counter, "little") == entry["counter"]
    key = bytes.fromhex(ENTRIES[0][entry["way"]])
    assert tag == hmac.new(key, bytes((code, seq)) + payload + counter, hashlib.sha256).digest()[:8]
    assert golden.plain(messages.unpack(code - 0x80, payload)) == entry["fields"]


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry["name"].startswith("stream")], ids=lambda entry: entry["name"])
def test_a_golden_stream_is_heard_and_answered_as_written(entry: dict[str, Any]) -> None:
    again = golden_auth.stream_entry(entry["name"].removeprefix("stream-"), bytes.fromhex(entry["in"]))
    assert json.loads(json.dumps(again)) == entry


HARMLESS = ("GetCaps", "GetCause", "LogRead", "Hello", "Auth", "Stop")


def test_in_no_golden_stream_is_anything_tagged_heard_that_the_host_did_not_say() -> None:
    said = {"Hello": [1], "SetLamp": [2, 3, 4, 5], "Heartbeat": [9, 10]}
    for entry in ENTRIES:
        for heard in entry.get("heard", ()):
            if heard["tagged"]:
                assert next(iter(heard["fields"].values())) in said[heard["message"]], entry["name"]


# --- two ends


def two_ends() -> tuple[Exchange, Exchange]:
    """A host's and a device's exchange right after the host's proof."""
    host, device = Exchange(TO_HOST), Exchange(TO_DEVICE)
    host.lock, device.lock = auth.Lock(), auth.Lock()
    host.lock.seal = golden_auth.agreed().for_host()
    device.lock.offered = golden_auth.agreed().for_device()
    host.ask(messages.Hello(1, 1, 1, 7))
    ((kind, seq, _),) = device.receive(0, host.data_to_send(0))
    assert kind == REQUEST + SEALED
    identity = messages.Identity(1, 1, 7, 1, 0, b"", b"", b"", 1, 0, 0, 0, 0, 0, 0, b"", 0, 0, 1)
    device.answer(seq, identity)
    assert [item[0] for item in host.receive(0, device.data_to_send(0))] == [ANSWER]
    return host, device


def test_what_two_proven_ends_say_arrives_with_a_tag() -> None:
    host, device = two_ends()
    host.ask(messages.SetBath(3800, 100, 1))
    host.tell(messages.Heartbeat(1, 2))
    items = device.receive(1, host.data_to_send(1))
    assert [(kind, message) for kind, _, message in items] == [
        (DATAGRAM + SEALED, messages.Heartbeat(1, 2)),
        (REQUEST + SEALED, messages.SetBath(3800, 100, 1)),
    ]
    device.answer(items[1][1], messages.Ack(0x10))
    device.ask(messages.Event(messages.YES, 0, 5))
    device.tell(messages.Telemetry(*([0] * 17)))
    items = host.receive(2, device.data_to_send(2))
    assert sorted(kind for kind, _, _ in items) == [ANSWER, DATAGRAM, REQUEST + SEALED]
    host.answer(next(seq for kind, seq, _ in items if kind == REQUEST + SEALED), messages.Ack(0x21))
    assert [item[0] for item in device.receive(3, host.data_to_send(3))] == [ANSWER]
    assert host.idle
    assert device.idle


def test_a_repeat_of_what_was_answered_is_no_replay() -> None:
    host, device = two_ends()
    sent = []
    for lamp in (2, 3):
        host.ask(messages.SetLamp(lamp))
        sent.append(host.data_to_send(lamp))
        ((_, seq, _),) = device.receive(lamp, sent[-1])
        device.answer(seq, messages.Ack(0x12))
        host.receive(lamp, answer := device.data_to_send(lamp))
        sent.append(answer)
    assert device.receive(9, sent[0]) == []
    assert device.data_to_send(9) == sent[1]
    assert device.lock is not None
    assert device.lock.replayed == 0


def test_an_answer_without_a_tag_is_no_answer() -> None:
    host, device = two_ends()
    host.ask(messages.SetLamp(2))
    ((_, seq, _),) = device.receive(1, host.data_to_send(1))
    assert host.receive(1, framing.encode(0x30, seq, b"\x12")) == []
    assert not host.idle
    device.answer(seq, messages.Ack(0x12))
    assert [item[0] for item in host.receive(1, device.data_to_send(1))] == [ANSWER]


def test_stop_goes_and_comes_without_a_tag() -> None:
    host, device = two_ends()
    host.urgent(1, messages.Stop(60))
    ((kind, seq, message),) = device.receive(1, host.data_to_send(1))
    assert (kind, message) == (REQUEST, messages.Stop(60))
    device.answer(seq, messages.Stopped(0, 0, 0, 0, 3, 60), sealed=False)
    assert [item[0] for item in host.receive(1, device.data_to_send(1))] == [ANSWER]


def test_words_without_a_tag_disturb_nothing_beside_a_proven_session() -> None:
    """A HELLO with another nonce would drop what the device still has to tell, and later numbers would make the owner's old."""
    host, device = two_ends()
    device.ask(messages.Event(messages.YES, 0, 5))
    for message, seq in ((messages.Hello(1, 1, 2, 99), 200), (messages.GetCaps(), 201), (messages.GetCaps(), 200)):
        plain = framing.encode(messages.code_of(message), seq, messages.pack(message))
        assert device.receive(1, plain) == [(REQUEST, seq, message)]
    host.ask(messages.SetLamp(2))
    ((_, seq, _),) = device.receive(1, host.data_to_send(1))
    device.answer(seq, messages.Ack(0x12))
    first = device.data_to_send(1)
    told = host.receive(1, first)
    assert sorted(kind for kind, _, _ in told) == [ANSWER, REQUEST + SEALED]
    for _ in range(6):
        device.receive(1, framing.encode(0x05, 9, b""))
    assert device.receive(400, host.data_to_send(400)) == []


def test_a_new_proof_ends_what_waits_under_the_old_keys() -> None:
    _, device = two_ends()
    device.ask(messages.Event(messages.YES, 0, 5))
    assert device.data_to_send(1)
    assert device.lock is not None
    later = auth.Agreed(golden_auth.KEY, golden_auth.SERIAL, 9, b"a" * 16, b"b" * 16)
    device.lock.offered = later.for_device()
    assert device.receive(2, golden_auth.tagged(later.for_host(), 1, messages.Hello(1, 1, 1, 8)))
    assert device.idle
    assert device.lock.offered is None


def test_a_device_that_has_lost_the_session_says_so_once_a_request_and_is_no_witness_of_forgery() -> None:
    host, _ = two_ends()
    device = Exchange(TO_DEVICE)
    device.lock = auth.Lock()
    host.ask(messages.SetLamp(2))
    host.tell(messages.Heartbeat(1, 2))
    assert device.receive(1, host.data_to_send(1)) == []
    ((code, _, payload),) = framing.Decoder().feed(device.data_to_send(1))
    assert messages.unpack(code, payload) == messages.Nak(0x12, messages.NOT_AUTHENTICATED, 0)
    assert (device.lock.forged, device.lock.replayed) == (0, 0)


def test_a_request_whose_answer_nobody_can_read_is_given_up() -> None:
    host, _ = two_ends()
    host.ask(messages.SetLamp(2))
    now = 0
    lost = []
    for wait in (0, *RETRY_MS):
        now += wait
        lost += host.receive(now, b"")
        host.data_to_send(now)
    assert [item[0] for item in lost] == [LOST]


@given(st.data())
def test_no_change_of_a_tagged_frame_is_taken(data: st.DataObject) -> None:
    """Any change of type, number, payload, counter or tag, with a good checksum around it: nothing is heard, something is counted."""
    seal = golden_auth.agreed().for_host()
    message = data.draw(st.sampled_from((messages.SetLamp(2), messages.SetBath(3800, 100, 1), messages.Clear(60), messages.Start(3))))
    _, device = two_ends()
    seal.close(0, 0, b"")
    code = messages.code_of(message) + 0x80
    frame = bytes((code, 5)) + seal.close(code, 5, messages.pack(message))
    at = data.draw(st.integers(0, len(frame) - 1))
    bent = bytearray(frame)
    bent[at] ^= data.draw(st.integers(1, 255))
    how = data.draw(st.sampled_from(("bent", "cut", "longer")))
    bent = {"bent": bent, "cut": bytearray(frame[: max(2, at)]), "longer": bytearray(frame[:at] + b"\x55" + frame[at:])}[how]
    if bytes(bent) == frame:
        return
    items = device.receive(1, framing.encode(bent[0], bent[1], bytes(bent[2:])))
    assert [item for item in items if item[0] >= SEALED] == []
    for kind, _, heard in items:  # without the bit it is anybody's
        assert kind in (REQUEST, DATAGRAM)
        assert type(heard) is messages.Stop or bent[0] < 0x80


@given(st.lists(st.integers(0, 30), max_size=60), st.randoms(use_true_random=False))
def test_whatever_is_sent_again_nothing_is_applied_twice(order: list[int], dice: Any) -> None:
    """A recorded session, played back in any order and as often as one likes: each request and heartbeat is heard at most once."""
    host = golden_auth.agreed().for_host()
    script = [messages.SetLamp(n % 7) if n % 3 else messages.Heartbeat(n, n) for n in range(31)]
    recorded = [golden_auth.tagged(host, n, message) for n, message in enumerate(script)]
    device = Exchange(TO_DEVICE)
    device.lock = auth.Lock()
    device.lock.seal = golden_auth.agreed().for_device()
    heard: list[Any] = []
    for n in order:
        for kind, seq, message in device.receive(0, recorded[n]):
            heard.append((type(message), seq))
            if kind == REQUEST + SEALED:
                device.answer(seq, messages.Ack(0x12))
        device.data_to_send(0)
    assert len(heard) == len(set(heard))
    for kind in (messages.SetLamp, messages.Heartbeat):
        numbers = [seq for made, seq in heard if made is kind]
        assert numbers == sorted(numbers)


def test_without_a_key_authentication_is_unknown() -> None:
    device = Exchange(TO_DEVICE)
    assert device.receive(0, golden_auth.tagged(golden_auth.agreed().for_host(), 1, messages.SetLamp(2))) == []
    assert device.receive(0, framing.encode(0x03, 2, bytes(16))) == []
    answers = [messages.unpack(code, payload) for code, _, payload in framing.Decoder().feed(device.data_to_send(0))]
    assert answers == [messages.Nak(0x92, messages.UNKNOWN_MESSAGE, 0), messages.Nak(0x03, messages.UNKNOWN_MESSAGE, 0)]
    assert device.receive(0, framing.encode(0x94, 3, b"\x3d" + bytes(12))) == [(REQUEST, 3, messages.Stop(61))]
