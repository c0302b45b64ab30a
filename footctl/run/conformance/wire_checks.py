"""Frames, numbers, versions: paragraphs 1, 2, 3 and 5."""

from __future__ import annotations

import struct
from typing import Any

from firmware_protocol import framing, limits, messages, version
from footctl.run.conformance.peer import ANSWER_S, Broken, Heard, Talk, Untested, refused, told, want
from footctl.run.conformance.suite import Bench, check, values

PIECE_S = 0.0  # a simulator at speed 20 would take a pause of ours for the end of a frame (2.7)
NOISE_BYTES = 20_000
STRANGERS = 200
PAUSE_S = 0.2
LONG = 300


@check("1.1", "it does not matter how the carrier cuts the stream: a request that comes byte by byte is answered")
def pieces(bench: Bench) -> Talk[None]:
    peer = bench.peer
    wire = peer.frame(messages.GetCaps())
    for at in range(len(wire) - 1):
        yield from peer.send(wire[at : at + 1], PIECE_S)
    answer = yield from peer.raw(wire[-1:], peer.seq)
    want(isinstance(answer, messages.Caps), f"CAPS should come; {told(answer)} came")


@check("1.1", "several frames in one piece are each taken, in their order")
def together(bench: Bench) -> Talk[None]:
    peer = bench.peer
    wire = b"".join(peer.frame(message) for message in (messages.GetCaps(), messages.GetCause(), messages.LogRead(0)))
    last = peer.seq
    heard = yield from peer.send(wire, ANSWER_S, lambda heard: heard.seq == last and isinstance(heard.message, messages.LogData))
    order = [type(one.message) for one in heard if isinstance(one.message, messages.Caps | messages.Cause | messages.LogData)]
    want(
        order == [messages.Caps, messages.Cause, messages.LogData],
        f"CAPS, CAUSE, LOG_DATA should come; {[one.__name__ for one in order]} came",
    )


@check("2.5", "a frame with a wrong checksum is dropped without an answer and counted")
def bad_checksum(bench: Bench) -> Talk[None]:
    raw = bytearray(_raw(messages.GetCaps(), bench.peer.next_seq()))
    raw[-1] ^= 0x55
    yield from _dropped(bench, _stuffed(bytes(raw)), 1)


@check("2.5", "a frame whose distances lead beyond its end is dropped and counted")
def bad_distance(bench: Bench) -> Talk[None]:
    wire = bytearray(bench.peer.frame(messages.GetCaps()))
    wire[0] = 0xF0
    yield from _dropped(bench, bytes(wire), 1)


@check("2.5", "a frame of fewer than six bytes is dropped and counted")
def too_short(bench: Bench) -> Talk[None]:
    yield from _dropped(bench, _stuffed(b"\x05\x01\x02"), 1)


@check("2.5", "a frame of more bytes than one may have is dropped and counted once, and the next one is taken")
def too_long(bench: Bench) -> Talk[None]:
    yield from _dropped(bench, b"\x01" * LONG + b"\x00", 1)


@check("2.6", "delimiters in a row count as nothing")
def idle_line(bench: Bench) -> Talk[None]:
    yield from _dropped(bench, b"\x00" * 20, 0)


@check("2.7", "a frame in pieces of 20 bytes, with pauses as a poor radio makes them, is taken")
def pauses(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seq = peer.next_seq()
    wire = peer.wire(messages.code_of(messages.GetCaps()), seq, b"\xff" * 60)  # a longer payload is read as far as it is known (5.2)
    for at in range(0, len(wire) - 20, 20):
        yield from peer.send(wire[at : at + 20], PAUSE_S)
    answer = yield from peer.raw(wire[at + 20 :], seq)
    want(isinstance(answer, messages.Caps), f"GET_CAPS in slow pieces should be answered with CAPS; {told(answer)} came")


@check("2.7", "half a frame costs no other: after a pause the next byte may begin a new one")
def half_a_frame(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.send(peer.frame(messages.GetCause())[:4], 0.25)
    answer = yield from peer.ask(messages.GetCaps())
    want(isinstance(answer, messages.Caps), f"the whole frame after it should be answered with CAPS; {told(answer)} came")


@check("2.5", "it survives any garbage: after 20,000 bytes of noise it answers, and is as it was")
def garbage(bench: Bench) -> Talk[None]:
    peer = bench.peer
    before = yield from peer.sample()
    for _ in range(NOISE_BYTES // 250):
        yield from peer.send(bench.dice.randbytes(250), 0.02)
    yield from peer.send(b"\x00", 0.25)
    yield from peer.surely(messages.GetCaps())
    after = yield from peer.sample()
    want(after.state == before.state, f"its state should still be {messages.STATES[before.state]}; it is {messages.STATES[after.state]}")
    want(after.uptime_ms > before.uptime_ms, "it should not have restarted")


@check("5.3", "a flood of messages that it does not know is survived: it goes on answering and telling")
def strangers(bench: Bench) -> Talk[None]:
    peer = bench.peer
    for _ in range(STRANGERS // 10):
        yield from peer.send(framing.encode(0x7E, 0, b"") * 10, 0.02)
    yield from peer.listen(0.5)
    yield from peer.surely(messages.GetCaps())
    yield from peer.sample()


@check("3.4", "an answer carries the number of its request, an ACK its type")
def answer_fits(bench: Bench) -> Talk[None]:
    peer = bench.peer
    answer = yield from peer.ask(messages.SetLamp(messages.LAMP_WAIT), 0x5A)
    want(isinstance(answer, messages.Ack), f"ACK with number 0x5a should come; {told(answer)} came")
    want(answer.message == messages.code_of(messages.SetLamp(0)), f"the ACK should name type 0x12; it names 0x{answer.message:02x}")


@check("3.6", "a repeat of a request is answered with the same bytes")
def repeat_same_bytes(bench: Bench) -> Talk[None]:
    peer = bench.peer
    wires = [peer.frame(message) for message in (messages.SetLamp(1), messages.GetCaps(), messages.SetLamp(2), messages.GetCause())]
    first: list[bytes | None] = []
    again: list[bytes | None] = []
    for answers in (first, again):
        for wire in wires:
            answers.append((yield from _answer_bytes(bench, wire)))
    want(None not in first, "every one of four requests should be answered")
    differ = sum(one != other for one, other in zip(first, again, strict=True))
    want(not differ, f"repeats of the last four should be answered with the same bytes; {differ} were not")


@check("3.6", "a repeat of a request is not applied again")
def repeat_applied_once(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.alive()
    start = peer.frame(messages.Start(0))
    yield from peer.raw(start, peer.seq)
    yield from peer.do(messages.Pause())
    yield from peer.raw(start, start_seq(start))
    sample = yield from _settled(bench)
    want(
        sample.state == messages.PAUSED,
        f"START, PAUSE, START again with its old number: paused should stay; it is {messages.STATES[sample.state]}",
    )


@check("3.7", "a request with an older number is dropped without an answer")
def overtaken(bench: Bench) -> Talk[None]:
    peer = bench.peer
    if peer.guarded:
        raise Untested("the order of tagged requests is that of their counters (13.6)")
    yield from peer.alive()
    yield from peer.start(0)
    old = (peer.seq - 3) & 0xFF
    answer = yield from peer.ask(messages.Pause(), old)
    want(answer is None, f"PAUSE with a number from before should not be answered; {told(answer)} came")
    sample = yield from _settled(bench)
    want(sample.state == messages.ACTIVE, f"it should not have paused; it is {messages.STATES[sample.state]}")


@check("3.7", "numbers wrap: after 255 comes 0")
def wrapping(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.ask(messages.GetCause(), (peer.seq + 100) & 0xFF)
    peer.seq = (peer.seq + 100) & 0xFF
    while peer.seq < 250:
        peer.seq = min(peer.seq + 100, 250)
        yield from peer.ask(messages.GetCause(), peer.seq)
    for _ in range(12):
        answer = yield from peer.ask(messages.GetCause())
        want(isinstance(answer, messages.Cause), f"number {peer.seq} should be answered; {told(answer)} came")


@check("3.9", "a refused request changes nothing at all")
def refusal_changes_nothing(bench: Bench) -> Talk[None]:
    peer = bench.peer
    before = values((yield from peer.do(messages.GetCaps())))
    water, loose = limits.WATER_SETPOINT_MAX, limits.WATER_TRIP
    wanted = struct.pack("<BiBi", water, before[water] - 100, loose, before[loose] + 1)
    refused((yield from peer.ask(messages.SetLimits(wanted))), messages.LOOSENS, loose)
    after = values((yield from peer.do(messages.GetCaps())))
    want(after == before, "a SET_LIMITS of which one limit loosens should leave every cap as it was; some changed")


@check("5.1", "a HELLO of another major version is refused with wrong_version and its own")
def other_major(bench: Bench) -> Talk[None]:
    peer = bench.peer
    answer = yield from peer.ask(messages.Hello(version.MAJOR + 1, 0, messages.CONTROLLER, bench.dice.getrandbits(32)))
    refused(answer, messages.WRONG_VERSION, version.MAJOR)


@check("5.2", "a payload that is longer than expected is taken, the rest ignored")
def longer_payload(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seq = peer.next_seq()
    answer = yield from peer.raw(peer.wire(0x12, seq, b"\x01later"), seq)
    want(isinstance(answer, messages.Ack), f"SET_LAMP with five more bytes should be acknowledged; {told(answer)} came")


@check("5.2", "a payload that is too short is refused with malformed and the least length")
def shorter_payload(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seq = peer.next_seq()
    refused((yield from peer.raw(peer.wire(0x10, seq, b"\x01\x02"), seq)), messages.MALFORMED, 5)


@check("5.3", "a type that it does not know is refused with unknown_message")
def unknown_type(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seq = peer.next_seq()
    answer = yield from peer.raw(framing.encode(0x7E, seq, b"abc"), seq)
    refused(answer, messages.UNKNOWN_MESSAGE)
    want(answer.message == 0x7E, f"the NAK should name type 0x7e; it names 0x{answer.message:02x}")


@check("5.3", "a message that goes the wrong way is ignored: it is an echo")
def echo(bench: Bench) -> Talk[None]:
    peer = bench.peer
    sample = yield from peer.sample()
    seq = peer.next_seq()
    answer = yield from peer.raw(framing.encode(0x20, seq, messages.pack(sample)), seq, 0.5)
    want(answer is None, f"its own TELEMETRY coming back should not be answered; {told(answer)} came")


@check("5.4", "a list that does not hold whole items is refused with malformed")
def half_an_item(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seq = peer.next_seq()
    refused((yield from peer.raw(peer.wire(0x07, seq, bytes(7)), seq)), messages.MALFORMED)


def start_seq(wire: bytes) -> int:
    """The number in a frame."""
    frame = framing.decode(wire[:-1])
    assert frame is not None
    return frame[1]


def _answer_bytes(bench: Bench, wire: bytes) -> Talk[bytes | None]:
    seq = start_seq(wire)

    def answers(heard: Heard) -> bool:
        return heard.seq == seq and heard.message is not None and messages.BY_CODE[heard.code].kind == messages.ANSWER

    for heard in (yield from bench.peer.send(wire, ANSWER_S, answers)):
        if answers(heard):
            return bytes((heard.code,)) + heard.payload
    return None


def _settled(bench: Bench) -> Talk[Any]:
    """Telemetry from after what was asked last."""
    yield from bench.peer.listen(0.3)
    return (yield from bench.peer.sample())


def _dropped(bench: Bench, wire: bytes, count: int) -> Talk[None]:
    peer = bench.peer
    before = (yield from peer.sample()).dropped
    if before + count > 255:
        raise Untested("its counter of broken frames is at its end already")
    heard = yield from peer.send(wire, 0.5)
    answers = [one for one in heard if one.message is not None and messages.BY_CODE[one.code].kind == messages.ANSWER]
    want(not answers, "a broken frame gets no answer; one came")
    sample = yield from peer.sample()
    if sample.dropped - before != count:
        raise Broken(f"TELEMETRY's `dropped` should have grown by {count}; it grew by {sample.dropped - before}")
    answer = yield from peer.ask(messages.GetCaps())
    want(isinstance(answer, messages.Caps), f"the next request should be answered with CAPS; {told(answer)} came")


def _raw(message: Any, seq: int) -> bytes:
    """A frame before stuffing."""
    wire = framing.encode(messages.code_of(message), seq, messages.pack(message))
    raw = bytearray(wire[:-1])
    at = 0
    while at < len(raw):
        step = raw[at]
        raw[at] = 0
        at += step
    return bytes(raw[1:])


def _stuffed(raw: bytes) -> bytes:
    """COBS, whatever the checksum says."""
    out = bytearray()
    for piece in raw.split(b"\x00"):
        out.append(len(piece) + 1)
        out += piece
    return bytes(out) + b"\x00"
