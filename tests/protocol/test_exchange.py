"""One end of a link, step by step: numbers, answers, repeats, the duplicate filter, STOP, sessions, bounds."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import exchange, faults, framing, messages
from firmware_protocol.exchange import LOST, Exchange
from firmware_protocol.messages import ANSWER, DATAGRAM, REQUEST, TO_DEVICE, TO_HOST

HELLO = messages.Hello(1, 0, messages.CONTROLLER, 77)
LAMP = messages.SetLamp(2)
BATH = messages.SetBath(3800, 100, 1)
STOP = messages.Stop(faults.PAIN)
OFF = messages.Stopped(0, 0, 0, 0, messages.LATCHED, faults.PAIN)


def wire(message: Any, seq: int) -> bytes:
    return framing.encode(messages.code_of(message), seq, messages.pack(message))


def said(data: bytes) -> list[tuple[int, Any]]:
    return [(seq, messages.unpack(code, payload)) for code, seq, payload in framing.Decoder().feed(data)]


def identity(nonce: int, boot_id: int = 1) -> Any:
    return messages.Identity(1, 0, nonce, boot_id, 0, b"", b"", b"", 0, 0, 0, 0, 0, 0, 0, b"", 0, 0, 1)


def test_requests_go_one_at_a_time_and_answers_find_them() -> None:
    host = Exchange(TO_HOST)
    assert host.idle
    assert host.next_ms is None
    assert host.ask(LAMP)
    assert host.ask(BATH)
    assert not host.idle
    assert said(host.data_to_send(0)) == [(1, LAMP)]
    assert host.data_to_send(0) == b""
    assert host.next_ms == 200
    assert host.receive(5, wire(messages.Ack(0x12), 1)) == [(ANSWER, LAMP, messages.Ack(0x12))]
    assert said(host.data_to_send(5)) == [(2, BATH)]
    refused = messages.Nak(0x10, messages.OUT_OF_RANGE, 3600)
    assert host.receive(9, wire(refused, 2)) == [(ANSWER, BATH, refused)]
    assert host.idle
    assert host.receive(10, wire(refused, 2)) == []  # the answer to a repeat


def test_a_request_is_repeated_with_its_number_and_given_up_at_last() -> None:
    host = Exchange(TO_HOST)
    host.ask(LAMP)
    sent = {0: host.data_to_send(0)}
    gave_up = []
    for now in range(1, 3000):
        assert (host.next_ms is not None) == (not gave_up)
        gave_up += [(now, item) for item in host.receive(now, b"")]
        if data := host.data_to_send(now):
            sent[now] = data
    assert list(sent) == [0, 200, 500, 950, 1650]
    assert set(sent.values()) == {wire(LAMP, 1)}
    assert gave_up == [(2650, (LOST, LAMP, None))]
    assert host.idle
    assert host.receive(3000, wire(messages.Ack(0x12), 1)) == []


def test_a_late_turn_hears_the_answer_before_it_gives_up() -> None:
    host = Exchange(TO_HOST)
    host.ask(LAMP)
    for now in (0, 200, 500, 950, 1650):
        host.data_to_send(now)
    assert host.receive(9000, wire(messages.Ack(0x12), 1)) == [(ANSWER, LAMP, messages.Ack(0x12))]


def test_a_late_turn_gives_up_what_is_long_overdue() -> None:
    host = Exchange(TO_HOST)
    host.ask(LAMP)
    for now in (0, 200, 500, 950, 1650):
        host.data_to_send(now)
    assert host.receive(9000, b"") == [(LOST, LAMP, None)]


def test_a_request_is_sent_five_times_and_no_more_even_when_nobody_listens() -> None:
    host = Exchange(TO_HOST)
    host.ask(LAMP)
    sent = [bool(host.data_to_send(now)) for now in (0, 200, 500, 950, 1650, 2650, 9000, 90_000)]
    assert sent == [True] * 5 + [False] * 3


def test_a_read_back_with_another_number_is_of_another_stop() -> None:
    host = Exchange(TO_HOST)
    host.urgent(0, STOP)
    for number in (0, 2, 3, 255):
        assert host.receive(1, wire(OFF, number)) == []
    assert host.receive(1, wire(OFF, 1)) == [(ANSWER, STOP, OFF)]


def test_only_the_same_bytes_are_a_repeat() -> None:
    for first, other in (
        (messages.Pause(), messages.Release()),
        (messages.Release(), messages.Pause()),
        (messages.SetLamp(1), messages.SetLamp(2)),
        (messages.SetLamp(2), messages.SetLamp(1)),
    ):
        device = Exchange(TO_DEVICE)
        device.receive(0, wire(first, 5))
        device.answer(5, messages.Ack(messages.code_of(first)))
        device.data_to_send(0)
        assert device.receive(0, wire(other, 5)) == []
        assert device.data_to_send(0) == b"", "it is neither done nor said to be"


def test_an_answer_must_fit_its_request() -> None:
    host = Exchange(TO_HOST)
    host.ask(HELLO)
    host.data_to_send(0)
    for stale in (messages.Ack(0x10), messages.Nak(0x10, 1, 0), messages.Caps(b""), OFF, identity(nonce=76)):
        assert host.receive(1, wire(stale, 1)) == []
    assert host.receive(1, wire(identity(77), 2)) == []
    assert [item[0] for item in host.receive(1, wire(identity(77), 1))] == [ANSWER]


def test_newer_levels_replace_older_ones_and_never_pass_a_change_of_state() -> None:
    host = Exchange(TO_HOST)
    start, release = messages.Start(1), messages.Release()
    for message in (start, messages.SetMassage(1, 1, 1, 9, 1, 1), messages.SetLamp(1), messages.SetMassage(1, 1, 1, 5, 1, 1), release):
        assert host.ask(message)
    for message in (messages.SetMassage(1, 1, 1, 7, 1, 1), messages.Start(3), messages.Start(2), messages.SetLamp(3), messages.SetLamp(4)):
        assert host.ask(message)
    order = []
    while not host.idle:
        ((seq, message),) = said(host.data_to_send(0))
        order.append(message)
        host.receive(0, wire(messages.Ack(messages.code_of(message)), seq))
    assert order == [
        start, messages.SetMassage(1, 1, 1, 5, 1, 1), messages.SetLamp(1), release,
        messages.SetMassage(1, 1, 1, 7, 1, 1), messages.Start(2), messages.SetLamp(4),
    ]  # fmt: skip


def test_every_event_counts_and_the_line_has_an_end() -> None:
    device = Exchange(TO_DEVICE)
    taken = [device.ask(messages.Event(messages.YES, 0, 5)) for _ in range(exchange.LINE_MAX + 1)]
    assert taken == [True] * exchange.LINE_MAX + [False]
    device.drop_requests()
    assert device.idle
    assert device.ask(messages.Event(messages.YES, 0, 6))


def test_stop_overtakes_everything_and_is_repeated_until_it_is_answered() -> None:
    host = Exchange(TO_HOST)
    host.ask(LAMP)
    host.data_to_send(0)
    host.ask(BATH)
    host.tell(messages.Heartbeat(1, 2))
    host.urgent(10, STOP)
    first = host.data_to_send(10)
    assert first == b"\0" + wire(STOP, 2)
    host.urgent(15, STOP)  # a person hammers on the key
    assert host.data_to_send(15) == b""
    host.ask(messages.Clear(faults.PAIN))
    assert host.next_ms == 110
    for now in range(110, 60_000, 100):
        assert host.receive(now, b"") == []
        assert host.data_to_send(now) == first
    assert host.receive(60_000, wire(messages.Ack(0x12), 1)) == []  # the request before it is forgotten
    assert host.receive(60_000, wire(OFF, 2)) == [(ANSWER, STOP, OFF)]
    assert said(host.data_to_send(60_000)) == [(3, messages.Clear(faults.PAIN))]
    assert host.next_ms == 60_200


@pytest.mark.parametrize(("first", "then"), [(faults.STOPPED, faults.PAIN), (faults.PAIN, faults.STOPPED)])
def test_another_cause_is_another_stop(first: int, then: int) -> None:
    host = Exchange(TO_HOST)
    host.urgent(0, messages.Stop(first))
    host.urgent(50, messages.Stop(then))
    assert host.next_ms == 150
    assert said(host.data_to_send(50)) == [(2, messages.Stop(then))]
    assert host.receive(60, wire(OFF, 1)) == []
    assert host.receive(60, wire(OFF, 2)) == [(ANSWER, messages.Stop(then), OFF)]


def test_stop_is_applied_at_every_arrival_and_even_when_mutilated() -> None:
    device = Exchange(TO_DEVICE)
    for _ in range(2):
        assert device.receive(0, wire(STOP, 5)) == [(REQUEST, 5, STOP)]
        device.answer(5, OFF)
        assert said(device.data_to_send(0)) == [(5, OFF)]
    assert device.receive(0, framing.encode(0x14, 6, b"")) == [(REQUEST, 6, messages.Stop(0))]


def test_a_repeat_is_answered_again_and_not_applied_again() -> None:
    device = Exchange(TO_DEVICE)
    assert device.receive(0, wire(BATH, 1)) == [(REQUEST, 1, BATH)]
    assert device.receive(0, wire(BATH, 1)) == []  # not answered yet: nothing to repeat
    assert device.data_to_send(0) == b""
    device.answer(1, messages.Ack(0x10))
    answer = device.data_to_send(0)
    assert device.receive(50, wire(BATH, 1)) == []
    assert device.data_to_send(50) == answer
    for seq in range(2, 2 + exchange.REMEMBERED):
        device.receive(60, wire(LAMP, seq))
        device.answer(seq, messages.Ack(0x12))
    device.data_to_send(60)
    assert device.receive(70, wire(BATH, 1)) == []  # from long ago: no answer either
    assert device.data_to_send(70) == b""


def test_a_strange_frame_never_replaces_a_kept_answer() -> None:
    device = Exchange(TO_DEVICE)
    device.receive(0, wire(BATH, 1))
    device.answer(1, messages.Ack(0x10))
    device.data_to_send(0)
    device.receive(0, framing.encode(0x40, 1, b"") + framing.encode(0x12, 1, b"\x07"))
    assert said(device.data_to_send(0)) == [
        (1, messages.Nak(0x40, messages.UNKNOWN_MESSAGE, 0)),
        (1, messages.Nak(0x12, messages.OUT_OF_RANGE, 6)),
    ]
    device.receive(0, wire(STOP, 1))  # of an end that numbers it apart
    device.answer(1, OFF)
    device.data_to_send(0)
    device.receive(0, wire(BATH, 1))
    assert said(device.data_to_send(0)) == [(1, messages.Ack(0x10))]


def test_numbers_wrap_and_older_ones_are_dropped() -> None:
    device = Exchange(TO_DEVICE)
    heard = []
    for turn in range(600):
        heard += device.receive(0, wire(messages.SetBath(turn, 0, 0), turn & 0xFF))
        heard += device.receive(0, wire(messages.SetBath(9999, 0, 0), (turn - 1) & 0xFF))
        heard += device.receive(0, wire(messages.SetBath(9999, 0, 0), (turn - 100) & 0xFF)) if turn else []
    assert [message.water_cdeg for _, _, message in heard] == list(range(600))


def test_a_new_nonce_starts_anew_and_a_late_repeat_of_it_does_not() -> None:
    device = Exchange(TO_DEVICE)
    device.receive(0, wire(LAMP, 200))
    device.ask(messages.Event(messages.YES, 0, 5))
    assert device.receive(0, wire(HELLO, 1)) == [(REQUEST, 1, HELLO)]
    assert device.idle  # what happened before is none of this session's business
    for seq in range(2, 8):
        assert len(device.receive(0, wire(LAMP, seq))) == 1
    assert device.receive(0, wire(HELLO, 1)) == []
    assert device.receive(0, wire(LAMP, 3)) == []
    assert device.receive(0, wire(HELLO, 8)) == [(REQUEST, 8, HELLO)]  # renewed by the same host
    other = messages.Hello(1, 0, messages.CONTROLLER, 78)
    assert device.receive(0, wire(other, 1)) == [(REQUEST, 1, other)]


def test_a_device_that_restarted_is_heard_from_its_first_number_on() -> None:
    host = Exchange(TO_HOST)
    event = messages.Event(messages.YES, 0, 5)

    def meet(boot_id: int, nonce: int) -> None:
        host.ask(messages.Hello(1, 0, messages.CONTROLLER, nonce))
        ((seq, _),) = said(host.data_to_send(0))
        host.receive(0, wire(identity(nonce, boot_id), seq))

    meet(boot_id=1, nonce=7)
    assert host.receive(0, wire(event, 90)) == [(REQUEST, 90, event)]
    meet(boot_id=1, nonce=7)  # the same session: older numbers stay old
    assert host.receive(0, wire(event, 1)) == []
    meet(boot_id=2, nonce=7)
    assert host.receive(0, wire(event, 1)) == [(REQUEST, 1, event)]
    meet(boot_id=2, nonce=8)
    assert host.receive(0, wire(event, 1)) == [(REQUEST, 1, event)]


def test_datagrams_are_told_once_and_not_filtered() -> None:
    device, host = Exchange(TO_DEVICE), Exchange(TO_HOST)
    reading = messages.Telemetry(*range(6), 1, *range(10))
    for _ in range(300):
        device.tell(reading)
        ((kind, _, message),) = host.receive(0, device.data_to_send(0))
        assert (kind, message) == (DATAGRAM, reading)
    assert device.data_to_send(9999) == b""


def test_what_is_not_known_is_counted_and_remembered_once() -> None:
    host, device = Exchange(TO_HOST), Exchange(TO_DEVICE)
    for code in [*range(0x40, 0x50), *range(0x40, 0x50)]:
        assert host.receive(0, framing.encode(code, 0, b"")) == []
    assert host.strange == 32
    assert host.unknown == list(range(0x40, 0x40 + exchange.UNKNOWN_MAX))
    assert host.data_to_send(0) == b""  # a host says nothing to what it does not know
    for end, echo in ((host, LAMP), (device, OFF)):
        end.strange = 0
        assert end.receive(0, wire(echo, 1)) == []
        assert end.strange == 1
    assert device.unknown == []
    assert device.data_to_send(0) == b""
    assert device.receive(0, framing.encode(0x08, 1, b"short")) == []  # a datagram that is broken gets no answer
    assert device.data_to_send(0) == b""


def test_half_a_frame_before_a_pause_costs_no_other() -> None:
    device = Exchange(TO_DEVICE)
    half = wire(BATH, 1)[:-1]  # its delimiter was lost
    assert device.receive(0, half) == []
    assert device.receive(exchange.PAUSE_MS + 1, wire(LAMP, 2)) == [(REQUEST, 2, LAMP)]
    assert device.dropped == 1
    assert device.receive(1000, half) == []
    assert device.receive(1000 + exchange.PAUSE_MS, wire(LAMP, 3)) == [], "they came together"
    assert device.dropped == 2
    assert device.receive(2000, wire(BATH, 4)[:4]) == []
    assert device.receive(9000, wire(BATH, 4)[4:]) == [(REQUEST, 4, BATH)]
    assert device.dropped == 2


def test_a_flood_is_answered_as_far_as_the_room_goes_in_whole_frames() -> None:
    device = Exchange(TO_DEVICE)
    flood = b"".join(framing.encode(0x40, seq & 0xFF, b"") for seq in range(1000))
    for _ in range(10):
        device.receive(0, flood)
    out = device.data_to_send(0)
    assert len(out) <= exchange.OUT_MAX
    assert device.unsent + len(said(out)) == 10_000
    device.receive(1, flood[:9])
    assert len(said(device.data_to_send(1))) == 1


def test_datagrams_are_numbered_from_one_and_round() -> None:
    end = Exchange(TO_DEVICE)
    numbers = []
    for turn in range(260):
        end.tell(messages.Heartbeat(turn, turn))
        numbers += [seq for seq, _ in said(end.data_to_send(0))]
    assert numbers == [(turn + 1) % 256 for turn in range(260)]


def test_requests_are_numbered_from_one_and_round() -> None:
    end = Exchange(TO_HOST)
    numbers = []
    for turn in range(520):
        end.ask(LAMP)
        ((seq, _),) = said(end.data_to_send(turn))
        numbers.append(seq)
        end.receive(turn, wire(messages.Ack(0x12), seq))
    assert numbers == [(turn + 1) % 256 for turn in range(520)]


def test_what_is_broken_inside_counts_once() -> None:
    host = Exchange(TO_HOST)
    host.receive(0, framing.encode(0x20, 1, b"short"))
    assert (host.strange, host.dropped) == (1, 0)
    host.receive(0, framing.encode(0x20, 2, b"short"))
    assert host.strange == 2


def test_broken_frames_may_be_counted_anew() -> None:
    device = Exchange(TO_DEVICE)
    device.receive(0, b"\1\1\0\2\2\0")
    assert device.dropped == 2
    device.count_anew()
    assert device.dropped == 0


def test_the_first_number_after_a_restart_may_be_any() -> None:
    event = messages.Event(messages.YES, 0, 5)
    for first in (0, 1, 127, 128, 129, 200, 255):
        host = Exchange(TO_HOST)
        host.receive(0, wire(event, 90))
        host.forget_peer()
        assert host.receive(0, wire(event, first)) == [(REQUEST, first, event)]


def test_newer_is_less_than_half_a_turn_ahead() -> None:
    for ahead, heard in ((1, 1), (127, 1), (128, 0), (129, 0), (255, 0), (256, 0)):
        device = Exchange(TO_DEVICE)
        assert len(device.receive(0, wire(LAMP, 200))) == 1
        assert len(device.receive(0, wire(BATH, (200 + ahead) & 0xFF))) == heard, ahead


def test_bounds_are_where_the_reference_says() -> None:
    """In numbers, not in names: a bound that moves must be seen."""
    device = Exchange(TO_DEVICE)
    assert sum(device.ask(messages.Event(1, 0, number)) for number in range(40)) == 32
    host = Exchange(TO_HOST)
    for code in range(0x40, 0x60):
        host.receive(0, framing.encode(code, 0, b""))
    assert len(host.unknown) == 8
    for others, again in ((3, True), (4, False)):
        device = Exchange(TO_DEVICE)
        for seq in range(1, 2 + others):
            device.receive(0, wire(LAMP, seq))
            device.answer(seq, messages.Ack(0x12))
        device.data_to_send(0)
        device.receive(0, wire(LAMP, 1))
        assert bool(device.data_to_send(0)) is again, "four answers are kept for repeats"


def test_the_room_for_bytes_is_filled_to_the_last_one() -> None:
    beat = messages.Heartbeat(0x01010101, 0x01010101)
    assert (len(wire(beat, 1)), len(wire(HELLO, 1))) == (16, 15)
    for beats, hellos, unsent in ((128, 0, 0), (129, 0, 1), (114, 15, 1), (113, 15, 0)):  # 2,048 bytes, 2,064, 2,049, 2,033
        end = Exchange(TO_DEVICE)
        for _ in range(hellos):
            end.tell(HELLO)
        for _ in range(beats):
            end.tell(beat)
        assert end.unsent == unsent
        assert len(end.data_to_send(0)) == 16 * (beats - unsent) + 15 * hellos


def test_after_a_tenth_of_a_second_another_frame_may_begin() -> None:
    for pause, heard in ((0, []), (100, []), (101, [(REQUEST, 1, BATH)])):
        device = Exchange(TO_DEVICE)
        whole = wire(BATH, 1)
        assert device.receive(5000, whole[:5]) == []
        assert device.receive(5000 + pause, whole) == heard


def test_a_hundred_kilobytes_of_noise_say_nothing_to_an_owner() -> None:
    noise = random.Random(3)
    end = Exchange(TO_DEVICE)
    for now in range(1000):
        assert end.receive(now, noise.randbytes(100)) == []
        assert end.data_to_send(now) == b""
    assert end.dropped > 300
    assert end.receive(1000, b"\0" + wire(LAMP, 1)) == [(REQUEST, 1, LAMP)]


verbs = st.sampled_from(["ask", "tell", "urgent", "bytes", "wait", "answer"])
turns = st.lists(st.tuples(verbs, st.integers(0, 900), st.binary(max_size=40)), max_size=40)


@given(turns, st.sampled_from([TO_DEVICE, TO_HOST]))
def test_any_order_of_calls_is_total_quiet_and_deterministic(calls: list[tuple[str, int, bytes]], hears: int) -> None:
    """Laws 1, 2 and 4: no call raises, a second look in the same instant finds nothing new, and two ends do the same."""

    def live() -> list[Any]:
        end = Exchange(hears)
        now = 0
        told: list[Any] = []
        for verb, number, data in calls:
            if verb == "ask":
                told.append(end.ask((LAMP, BATH, HELLO, messages.Event(1, 0, number))[number % 4]))
            elif verb == "tell":
                end.tell(messages.Heartbeat(number, number))
            elif verb == "urgent":
                end.urgent(now, messages.Stop(number % 2 + 60))
            elif verb == "answer":
                end.answer(number % 256, messages.Ack(number % 256))
            elif verb == "wait":
                now += number
            told.append(end.receive(now, data if verb == "bytes" else framing.encode(number % 256, number % 7, data)))
            told.append(end.data_to_send(now))
            assert end.receive(now, b"") == []
            assert end.data_to_send(now) == b""
            assert end.next_ms is None or end.next_ms > now
        return told

    assert live() == live()
