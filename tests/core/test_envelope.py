"""The envelope between a plain host and a link that wants proof: real frames, a real device mind at the far end, and strangers between."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.device.body import Body
from firmware.device.device import Device
from firmware_protocol import auth, exchange, framing, messages
from footctl.core import envelope
from footctl.core.envelope import BROKEN, Envelope, Trouble

M = messages
KEY = bytes(range(16))
HELLO = M.Hello(1, 1, M.CONTROLLER, 7)
OBSERVER = M.Hello(1, 1, M.OBSERVER, 7)


def frame(message: Any, seq: int = 1) -> bytes:
    return framing.encode(M.code_of(message), seq, M.pack(message))


def body_with(key: bytes = KEY, cables: int = 0, boot_id: int = 1) -> Body:
    body = Body()
    body.key, body.seed, body.cables, body.boot_id = key, bytes(range(32)), cables, boot_id
    return body


class Line:
    """A plain host's exchange, an envelope that is given `keys` when it wants one, a device."""

    def __init__(self, *keys: bytes, body: Body | None = None) -> None:
        self.keys = keys
        self.host = exchange.Exchange(M.TO_HOST)
        self.envelope = Envelope()
        self.device = Device(body or body_with())
        self.now_ms = 0
        self.items: list[Any] = []
        self.on_the_air: list[tuple[str, bytes]] = []
        self.nonces = 0

    def up(self, data: bytes) -> None:
        """Bytes reach the host's end."""
        self.on_the_air.append(("up", data))
        host, device = self.envelope.inward(self.now_ms / 1000, data)
        if self.envelope.wanted is not None:
            self.nonces += 1
            more, question = self.envelope.give(self.keys, bytes((self.nonces,)) * 16)
            host += more
            device += question
        items = self.host.receive(self.now_ms, host)
        for kind, seq, message in items:
            if kind == M.REQUEST:
                self.host.answer(seq, M.Ack(M.code_of(message)))
        self.items += items
        if device:
            self.down(device)

    def down(self, data: bytes) -> None:
        """Bytes reach the device."""
        self.on_the_air.append(("down", data))
        answer = self.device.receive(self.now_ms, data)
        if answer:
            self.up(answer)

    def turn(self, span_ms: int = 0) -> None:
        self.now_ms += span_ms
        data = self.envelope.outward(self.host.data_to_send(self.now_ms))
        if data:
            self.down(data)
        told = self.device.outgoing(self.now_ms)
        if told:
            self.up(told)
        self.items += self.host.receive(self.now_ms, b"")

    def ask(self, message: Any) -> Any:
        """The answer, or None."""
        self.items.clear()
        self.host.ask(message)
        for _ in range(3):
            self.turn()
        return next((told for kind, request, told in self.items if kind == M.ANSWER and request == message), None)

    def types(self, way: str) -> list[int]:
        """The types of the frames that went over the air."""
        decoder = framing.Decoder()
        return [code for where, data in self.on_the_air if where == way for code, _, _ in decoder.feed(data)]


def proven(*keys: bytes) -> Line:
    line = Line(*(keys or (KEY,)))
    assert line.ask(HELLO).controller == 1
    assert line.envelope.stage == envelope.PROVEN
    return line


def test_a_plain_host_becomes_the_controller_of_a_device_that_wants_proof() -> None:
    line = proven()
    assert line.ask(M.SetLamp(2)) == M.Ack(0x12)
    assert line.device.lamp == 2
    assert line.types("down") == [0x01, 0x03, 0x81, 0x92]
    assert line.types("up") == [0x02, 0x04, 0x82, 0xB0]
    assert line.envelope.trouble is None
    assert KEY not in b"".join(data for _, data in line.on_the_air)


def test_heartbeats_are_tagged_stop_is_not_and_events_come_with_one() -> None:
    line = proven()
    line.host.tell(M.Heartbeat(1, 2))
    line.turn()
    line.device._feet_moved(1)
    for _ in range(3):
        line.turn()
    assert [told for kind, _, told in line.items if kind == M.REQUEST] == [M.Event(M.FEET, 1, 0)]
    line.host.urgent(line.now_ms, M.Stop(60))
    line.turn()
    assert [told for kind, request, told in line.items if kind == M.ANSWER and request == M.Stop(60)]
    assert line.types("down")[3:] == [0x88, 0xB0, 0x14]
    assert line.types("up")[3:5] == [0xA1, 0x15]
    assert line.device.links.all[0].exchange.lock is not None
    assert line.device.links.all[0].exchange.lock.forged == 0


def test_a_repeat_of_the_host_is_the_same_frame_and_not_applied_twice() -> None:
    line = proven()
    line.host.ask(M.SetLamp(2))
    first = line.envelope.outward(line.host.data_to_send(0))
    again = line.envelope.outward(line.host.data_to_send(200))
    assert first == again
    for n in range(envelope.REPEATS):
        line.envelope.outward(frame(M.SetLamp(3), 50 + n))
    assert line.envelope.outward(frame(M.SetLamp(2), 2)) != first  # long ago: a new one, with a counter of its own


def test_a_hello_of_the_running_session_renews_it_with_a_tag() -> None:
    line = proven()
    line.device.lamp = 3
    assert line.ask(HELLO).controller == 1
    assert line.types("down")[-1] == 0x81
    assert line.device.lamp == 3  # nothing began anew


def test_another_session_is_proven_anew() -> None:
    line = proven()
    assert line.ask(M.Hello(1, 1, M.CONTROLLER, 8)).controller == 1
    assert line.types("down") == [0x01, 0x03, 0x81] * 2
    assert line.nonces == 2


def test_an_observer_needs_no_proof() -> None:
    line = Line()
    assert line.ask(OBSERVER).controller == 0
    assert isinstance(line.ask(M.GetCaps()), M.Caps)
    assert line.types("down") == [0x01, 0x05]
    line = proven()
    assert line.ask(M.Hello(1, 1, M.OBSERVER, 9)).nonce == 9
    assert line.types("down")[-1] == 0x01


def test_over_a_cable_nobody_asks_for_a_key_that_is_not_there() -> None:
    line = Line(body=body_with(cables=1))
    assert line.ask(HELLO).controller == 1
    assert line.ask(M.SetLamp(2)) == M.Ack(0x12)
    assert line.types("down") == [0x01, 0x12]
    assert line.ask(HELLO).controller == 1


def test_where_a_key_is_known_its_proof_is_wanted_even_if_the_device_does_not_ask() -> None:
    """Who takes the bit out of IDENTITY gains nothing."""
    line = Line(KEY, body=body_with(cables=1))
    assert line.ask(HELLO).controller == 1
    assert line.types("down") == [0x01, 0x03, 0x81]


# --- what does not begin


def test_of_several_keys_the_one_that_the_device_proves_is_used() -> None:
    line = proven(KEY[::-1], KEY, bytes(16))
    assert line.types("down") == [0x01, 0x03, 0x81]


def test_without_a_key_there_is_no_session() -> None:
    line = Line()
    assert line.ask(HELLO) is None
    assert line.envelope.trouble == Trouble("no_key", "SIM-0001")


def test_a_device_that_cannot_prove_itself_is_not_ours() -> None:
    line = Line(KEY, body=body_with(key=b"", cables=1))
    assert line.ask(HELLO) is None
    assert line.envelope.trouble == Trouble("unproven", "SIM-0001")
    assert line.types("down") == [0x01, 0x03]


def test_a_device_with_another_key_is_not_ours() -> None:
    line = Line(KEY[::-1])
    assert line.ask(HELLO) is None
    assert line.envelope.trouble == Trouble("wrong_key", "SIM-0001")
    assert 0x81 not in line.types("down")


def test_too_many_tries_are_told_with_how_long_to_wait() -> None:
    line = Line(KEY)
    line.device.receive(0, frame(M.Hello(1, 1, M.OBSERVER, 99)))
    for n in range(3):
        line.device.receive(0, frame(M.Auth(bytes((0x80 + n,)) * 16), 2 + n))
    line.ask(HELLO)
    assert line.envelope.trouble == Trouble("too_many", "SIM-0001", 1000)


def test_a_device_that_restarts_in_the_middle_of_the_proof_does_not_know_us() -> None:
    line = Line(KEY)
    line.host.ask(HELLO)
    plain = line.envelope.outward(line.host.data_to_send(0))
    identity = line.device.receive(0, plain)
    assert line.envelope.inward(0, identity) == (b"", b"")
    _, question = line.envelope.give((KEY,), b"n" * 16)
    _, ours = line.envelope.inward(0, line.device.receive(0, question))
    line.device = Device(body_with(boot_id=2))
    assert line.envelope.inward(0, line.device.receive(0, ours)) == (b"", b"")
    assert line.envelope.trouble == Trouble("wrong_key", "SIM-0001")


# --- a bad wire


def test_every_step_of_the_proof_may_be_lost_once_or_come_twice() -> None:
    for lost in range(6):
        line = Line(KEY)
        count = -1
        whole = line.device.receive

        def lossy(data: bytes, lost: int = lost, line: Line = line, whole: Any = whole) -> None:
            nonlocal count
            count += 1
            if count == lost and lost % 2 == 0:
                return  # on the way down
            answer = whole(line.now_ms, data)
            if count == lost:
                return  # on the way up
            answer += whole(line.now_ms, data) if lost == 5 else b""
            if answer:
                line.up(answer)

        line.down = lossy  # type: ignore[method-assign]
        line.host.ask(HELLO)
        for _ in range(20):
            line.turn(100)
        assert line.envelope.stage == envelope.PROVEN, lost
        assert [told.controller for kind, _, told in line.items if kind == M.ANSWER] == [1], lost
        assert line.envelope.forged == 0


def test_a_host_that_gave_up_once_and_asks_again_is_proven_all_the_same() -> None:
    """A board that restarts when its port is opened hears only the second HELLO: the same session, another number."""
    line = Line(KEY)
    down = line.down
    vars(line)["down"] = lambda data: None  # nothing gets there
    line.host.ask(HELLO)
    for _ in range(40):
        line.turn(100)
    assert line.host.idle, "given up"
    vars(line)["down"] = down
    told = line.ask(HELLO)
    assert told is not None
    assert told.controller == 1
    assert line.envelope.stage == envelope.PROVEN


def test_what_is_no_frame_goes_through_as_it_is() -> None:
    line = proven()
    broken = b"\x00\x05\x92\x01\x00"
    assert line.envelope.outward(broken + b"\x33") == broken + b"\x33"
    assert line.envelope.inward(0, broken) == (BROKEN, b""), "which the host counts"


def test_a_frame_whose_end_never_came_costs_no_other() -> None:
    line = proven()
    good = frame(M.Telemetry(*([0] * 17)))
    assert line.envelope.inward(1.0, good[:5]) == (b"", b"")
    assert line.envelope.inward(1.2, good) == (good + BROKEN, b"")
    assert line.envelope.inward(2.0, good[:5]) == (b"", b"")
    assert line.envelope.inward(2.2, good[5:]) == (good, b""), "a pause is no end"


def test_what_never_ends_is_not_kept() -> None:
    line = proven()
    good = frame(M.Telemetry(*([0] * 17)))
    told = b""
    for n in range(50):
        told += line.envelope.inward(n / 1000, b"\x55" * 99)[0]
        assert len(line.envelope._decoder._held) <= framing.WIRE_MAX
    told += line.envelope.inward(0.05, b"\x55\0" + good)[0]
    before = line.host.dropped
    assert [kind for kind, _, _ in line.host.receive(0, told)] == [M.DATAGRAM]
    assert line.host.dropped == before + 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_any_chunks_do(cuts: list[int]) -> None:
    stream = frame(M.Telemetry(*([1] * 17))) * 3 + b"garbage\0" + frame(M.Stopped(0, 0, 0, 0, 3, 60))
    line = Envelope()
    told, rest = b"", stream
    for cut in cuts:
        told += line.inward(0, rest[:cut])[0]
        rest = rest[cut:]
    told += line.inward(0, rest)[0]
    whole, host = framing.Decoder(), framing.Decoder()
    assert host.feed(told) == whole.feed(stream)
    assert host.dropped == whole.dropped == 1


# --- strangers between


def test_words_put_into_the_devices_mouth_do_not_reach_the_host() -> None:
    line = proven()
    other = auth.Agreed(b"x" * 16, b"SIM-0001", 1, b"n" * 16, b"d" * 16).for_device()
    code = M.code_of(M.Event(1, 0, 0)) + 0x80
    forged = framing.encode(code, 9, other.close(code, 9, M.pack(M.Event(M.YES, 0, 5))))
    for lie in (frame(M.Event(M.YES, 0, 5)), frame(M.Ack(0x10), 2), frame(M.Nak(0x10, M.OUT_OF_RANGE, 5), 2), forged,
                framing.encode(0xC0, 1, bytes(12)), framing.encode(0x82, 1, b""), framing.encode(0x02, 1, b"short"),
                frame(M.Nak(0x01, M.NOT_AUTHENTICATED, 0), 77), frame(M.Nak(0x12, M.NOT_AUTHENTICATED, 0), 78)):  # fmt: skip
        assert line.envelope.inward(0, lie) == (b"", b"")
        assert line.envelope.stage == envelope.PROVEN
    assert line.envelope.forged == 9
    assert line.ask(M.SetLamp(2)) == M.Ack(0x12)
    assert line.types("down")[-1] == 0x92


def test_what_the_device_said_before_is_not_heard_again() -> None:
    line = proven()
    line.ask(M.SetLamp(2))
    line.ask(M.SetLamp(3))
    tagged = [data for way, data in line.on_the_air if way == "up" and data[1] >= 0x80]
    for data in tagged:
        assert line.envelope.inward(0, data) == (b"", b"")
    assert line.envelope.forged == len(tagged) - 1  # the newest is a repeat


@pytest.mark.parametrize("lie", [frame(M.Nak(0x30, 1, 0), 2), frame(M.Nak(0x01, M.BUSY, 0), 1), frame(HELLO), frame(M.Event(1, 0, 0), 2)])
def test_lies_in_the_middle_of_the_proof_change_nothing(lie: bytes) -> None:
    line = Line(KEY)
    line.host.ask(HELLO)
    hello = line.envelope.outward(line.host.data_to_send(0))
    line.envelope.inward(0, line.device.receive(0, hello))
    _, question = line.envelope.give((KEY,), b"n" * 16)
    assert line.envelope.inward(0, lie) == (b"", b"")
    host, ours = line.envelope.inward(0, line.device.receive(0, question))
    assert line.envelope.inward(0, lie) == (b"", b"")
    host, _ = line.envelope.inward(0, line.device.receive(0, ours))
    assert [told.controller for _, _, told in line.host.receive(0, host)] == [1]


def test_an_identity_that_answers_nothing_wants_no_key() -> None:
    line = Envelope()
    assert line.give((KEY,), bytes(16)) == (b"", b"")
    line.outward(frame(HELLO, 4))
    wrong = frame(M.Identity(1, 1, 7, 1, 0, b"", b"", b"", 1, 0, 0, 0, 0, 0, 0, b"", 0, 0, 1), 5)
    assert line.inward(0, wrong) == (wrong, b"")
    assert line.wanted is None


# --- a device that restarts


def restarted(boot_id: int = 2) -> Line:
    """In a proven session; nothing was said since."""
    line = proven()
    line.device = Device(body_with(boot_id=boot_id))
    line.items.clear()
    return line


def test_a_device_that_restarted_is_told_as_what_it_is() -> None:
    """A request is refused as the device says it; a HELLO gets an IDENTITY with the new boot_id, and the host ends the session."""
    line = restarted()
    assert line.ask(M.SetLamp(2)) == M.Nak(0x12, M.NOT_AUTHENTICATED, 0)
    identity = line.ask(HELLO)
    assert (identity.boot_id, identity.controller) == (2, 0)
    assert line.ask(M.SetLamp(2)) == M.Nak(0x12, M.NOT_AUTHENTICATED, 0)
    assert line.envelope.forged == 0, "no stranger is blamed for it"


def test_after_a_restart_nothing_is_said_or_heard_without_a_tag() -> None:
    line = restarted()
    line.ask(HELLO)
    assert line.types("down")[-2:] == [0x81, 0x01]
    assert line.envelope.stage == envelope.PROVEN
    for lie in (frame(M.Event(M.YES, 0, 5), 9), frame(M.Ack(0x12), 9)):
        assert line.envelope.inward(0, lie) == (b"", b"")
    line.ask(M.SetLamp(2))
    assert line.types("down")[-1] == 0x92
    assert line.envelope.forged == 0, "they may be its own"


def asked_again() -> tuple[Line, int]:
    """The host greeted anew in a proven session, and somebody else was quicker with an answer. Its number."""
    line = proven()
    line.host.ask(HELLO)
    decoder = framing.Decoder()
    [(code, seq, _)] = decoder.feed(line.envelope.outward(line.host.data_to_send(0)))
    assert code == 0x81
    plain = line.envelope.inward(0, frame(M.Nak(0x01, M.NOT_AUTHENTICATED, 0), seq))
    assert plain == (b"", frame(HELLO, seq)), "who is there now?"
    return line, seq


def test_who_only_says_that_the_device_restarted_changes_nothing() -> None:
    """The device answers as the one that it is; that has no tag, and is not taken for an answer of the session."""
    line, seq = asked_again()
    answer = line.device.receive(0, frame(HELLO, seq))
    assert line.envelope.inward(0, answer) == (b"", b"")
    assert line.envelope.forged == 1
    for _ in range(3):
        line.turn(300)
    assert [told.controller for kind, _, told in line.items if kind == M.ANSWER and isinstance(told, M.Identity)][-1] == 1
    assert line.ask(M.SetLamp(3)) == M.Ack(0x12)
    assert line.types("down")[-1] == 0x92


def test_of_an_identity_without_a_tag_nothing_is_believed_but_that_the_session_is_over() -> None:
    line, seq = asked_again()
    lie = M.Identity(1, 1, 7, 666, 0, b"FB-9999", b"model", b"", 20, 0, 0, 0, 0, 0, 0, b"", 0, 0, 1)
    for not_that in (frame(lie, seq + 1), frame(lie._replace(nonce=8), seq)):
        assert line.envelope.inward(0, not_that) == (b"", b"")
    host, device = line.envelope.inward(0, frame(lie, seq))
    [(_, _, told)] = line.host.receive(0, host)
    assert (told.boot_id, told.controller, told.serial.rstrip(b"\0"), told.simulator) == (666, 0, b"SIM-0001", 0)
    assert device == b""
    assert line.envelope.stage == envelope.PROVEN


def test_whoever_ends_a_session_that_goes_on_is_counted_again() -> None:
    line, seq = asked_again()
    lie = M.Identity(1, 1, 7, 666, 0, b"SIM-0001", b"", b"", 1, 0, 0, 0, 0, 0, 0, b"", 0, 0, 1)
    line.envelope.inward(0, frame(lie, seq))
    line.envelope.inward(0, frame(M.Event(M.YES, 0, 5), 9))
    assert line.envelope.forged == 0
    for _ in range(3):
        line.turn(300)  # the device itself answers
    for told in (lie, M.Nak(0x01, M.NOT_AUTHENTICATED, 0), M.Event(M.YES, 0, 5)):
        assert line.envelope.inward(1, frame(told, seq)) == (b"", b"")
    assert line.envelope.forged == 3
