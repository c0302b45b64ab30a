"""Sessions, telemetry and events, limits, the black box: paragraphs 4, 10, 11 and 12."""

from __future__ import annotations

import hashlib
import struct
from itertools import pairwise

from firmware_protocol import framing, limits, messages
from footctl.run.conformance.peer import Broken, Heard, Peer, Talk, Untested, refused, told, want
from footctl.run.conformance.suite import Bench, check, values

FIVE_S = 5.0
RECORD = struct.Struct(messages.LOG_RECORD)


def second(bench: Bench) -> Peer:
    """The other line."""
    if bench.other is None:
        raise Untested("needs a second connection at the same time: --tcp has one")
    return bench.other


@check("4.1", "IDENTITY answers HELLO with its nonce, and makes its sender the controller")
def identity(bench: Bench) -> Talk[None]:
    peer = bench.peer
    about = yield from peer.hello()
    want(about.nonce == peer.nonce, f"IDENTITY should repeat the nonce {peer.nonce}; it says {about.nonce}")
    want(about.controller == 1, "the only host that asks should be the controller")
    want(about.boot_id == bench.identity.boot_id, "`boot_id` should stay the same while the device runs")


@check("4.2", "a HELLO with the nonce of the running session changes nothing")
def renewed(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    yield from peer.hello(nonce=peer.nonce)
    yield from peer.listen(0.5)
    sample = yield from peer.sample()
    want(
        sample.state == messages.ACTIVE and bool(sample.flags & 1),
        "after HELLO with the same nonce it should be active with the heater enable closed, as before",
    )


@check("4.3", "a HELLO with another nonce is taken whatever its number")
def new_session_any_number(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.ask(messages.GetCause(), (peer.seq + 50) & 0xFF)
    number = (peer.seq + 20) & 0xFF
    answer = yield from peer.ask(messages.Hello(1, 0, messages.CONTROLLER, bench.dice.getrandbits(32)), number)
    peer.seq = number
    want(isinstance(answer, messages.Identity), f"IDENTITY should come; {told(answer)} came")
    answer = yield from peer.ask(messages.GetCaps())
    want(isinstance(answer, messages.Caps), f"numbers begin anew with the session; the request after HELLO got {told(answer)}")


@check("4.5", "an observer reads, and changes nothing")
def observer(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.hello(messages.OBSERVER)
    for message in (messages.GetCaps(), messages.GetCause(), messages.LogRead(0)):
        answer = yield from peer.surely(message)
        want(not isinstance(answer, messages.Nak), f"{type(message).__name__} of an observer should be answered; {told(answer)} came")
    for message in (
        messages.Start(0),
        messages.SetLimits(b""),
        messages.SetBath(0, 0, 0),
        messages.SetLamp(1),
        messages.Clear(60),
        messages.Checked(),
    ):
        refused((yield from peer.surely(message)), messages.NOT_CONTROLLER)


@check("4.5", "an observer's STOP stops")
def observer_stops(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.hello(messages.OBSERVER)
    answer = yield from peer.ask(messages.Stop(60))
    want(
        isinstance(answer, messages.Stopped) and answer.state == messages.LATCHED,
        f"STOPPED in state latched should come; {told(answer)} came",
    )


@check("4.4", "without a session, everything but HELLO and STOP is refused with not_controller")
def no_session(bench: Bench) -> Talk[None]:
    other = second(bench)
    if other.identity is not None:
        raise Untested("the second connection has had a session already")
    refused((yield from other.surely(messages.GetCaps())), messages.NOT_CONTROLLER)
    refused((yield from other.surely(messages.Start(0))), messages.NOT_AUTHENTICATED if bench.peer.guarded else messages.NOT_CONTROLLER)


@check("4.6", "a second controller is told that it is not one, and refused with busy; its STOP stops")
def second_controller(bench: Bench) -> Talk[None]:
    other = second(bench)
    about = yield from other.hello()
    want(about.controller == 0, "IDENTITY should say `controller` 0 to the second")
    refused((yield from other.surely(messages.Start(0))), messages.BUSY)
    answer = yield from other.surely(messages.Stop(60))
    want(isinstance(answer, messages.Stopped) and answer.state == messages.LATCHED, f"its STOP should latch; {told(answer)} came")


@check("4.7", "when a session begins everything is off, the session's limits are gone, and the state is idle")
def session_begins_off(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    yield from peer.do(messages.SetLimits(struct.pack("<Bi", limits.WATER_SETPOINT_MAX, bench.caps[limits.WATER_SETPOINT_MAX] - 100)))
    about = yield from peer.hello()
    want(about.state == messages.IDLE, f"IDENTITY of the new session should say idle; it says {messages.STATES[about.state]}")
    yield from peer.until(lambda sample: not sample.flags & 3, 1.0, "both enables open when a session begins")
    want(values((yield from peer.do(messages.GetCaps()))) == bench.caps, "the limits of the session before should be gone")


@check("4.9", "hardware does not claim to be simulated")
def no_simulator(bench: Bench) -> Talk[None]:
    speed = bench.identity.simulator
    if speed and bench.simulator_allowed:
        raise Untested(f"it says that it is a simulator at speed {speed}, and --simulator allows it")
    want(not speed, f"`simulator` should be 0; it is {speed}. Add --simulator when it is one")
    yield from bench.peer.listen(0.0)


@check("4.10", "`caps_hash` is the digest of the caps in force")
def caps_hash(bench: Bench) -> Talk[None]:
    caps = values((yield from bench.peer.do(messages.GetCaps())))
    about = yield from bench.peer.hello()
    digest = hashlib.sha256(b"".join(struct.pack("<i", value) for value in caps)).digest()[:8]
    want(about.caps_hash == digest, f"it should be {digest.hex()}; it is {about.caps_hash.hex()}")


@check("4.11", "texts in IDENTITY are ASCII, padded with zero bytes")
def texts(bench: Bench) -> Talk[None]:
    for name in ("serial", "model", "firmware"):
        text = getattr(bench.identity, name).rstrip(b"\x00")
        want(bool(text) and all(32 <= byte < 127 for byte in text), f"`{name}` should be printable ASCII; it is {text!r}")
    yield from bench.peer.listen(0.0)


@check("10.1", "TELEMETRY comes five times a second")
def five_a_second(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.sample()
    first = peer.telemetry.uptime_ms
    heard = yield from peer.listen(FIVE_S)
    count = sum(isinstance(one.message, messages.Telemetry) for one in heard)
    want(21 <= count <= 29, f"25 should come in 5 s; {count} came")
    passed = (peer.telemetry.uptime_ms - first) & 0xFFFFFFFF
    want(4200 <= passed <= 5800, f"`uptime_ms` should grow by 5,000 in 5 s; it grew by {passed}")


@check("10.1", "TELEMETRY ends 30 s after a peer was last heard")
def telemetry_ends(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.surely(messages.GetCause())
    first = (yield from peer.sample()).uptime_ms
    yield from peer.listen(15.0)
    if peer.seal is not None:  # beside a proven host nobody is heard (10.7)
        for strange in (messages.Heartbeat(1, first), messages.GetCause()):
            yield from peer.send(framing.encode(messages.code_of(strange), peer.next_seq(), messages.pack(strange)), 0.0)
    yield from peer.listen(18.0)  # a radio's connection may end after 35 s (1.7)
    lasted = ((peer.telemetry.uptime_ms - first) & 0xFFFFFFFF) / 1000
    want(28.0 <= lasted <= 32.0, f"the last should come 30 s after the last request; it came after {lasted:.1f} s")
    yield from peer.hello()
    yield from peer.sample()


@check("10.2", "`sample` counts conversions")
def samples_count(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seen = set()
    for _ in range(5):
        seen.add((yield from peer.sample()).sample)
    want(len(seen) > 1, "`sample` should move within a second; it stood still")


@check("10.5", "an EVENT that is not acknowledged is repeated, the same bytes; one that is comes once")
def events(bench: Bench) -> Talk[None]:
    peer = bench.peer
    peer.acknowledges = False
    heard = list((yield from peer.send(peer.frame(messages.Stop(60)), 1.6)))
    latches = [one for one in heard if isinstance(one.message, messages.Event) and one.message.kind == messages.LATCH]
    want(len(latches) >= 2, f"EVENT latch should come, and again 200 ms later; it came {len(latches)} times in 1.6 s")
    want(len({(one.seq, one.payload) for one in latches}) == 1, "its repeats should be the same bytes with the same number")
    want(latches[0].message.value == 60, f"its value should be the fault 60; it is {latches[0].message.value}")
    peer.acknowledges = True
    yield from peer.listen(2.0)
    heard = yield from peer.listen(2.0)
    want(not any(_is(one, messages.LATCH) for one in heard), "after its ACK the event should not come again")


def _is(heard: Heard, kind: int) -> bool:
    return isinstance(heard.message, messages.Event) and heard.message.kind == kind


@check("11.1", "no cap in force is looser than the absolute one")
def caps_absolute(bench: Bench) -> Talk[None]:
    caps = values((yield from bench.peer.do(messages.GetCaps())))
    want(len(caps) >= len(limits.CAPS), f"{len(limits.CAPS)} caps should come; {len(caps)} came")
    for number, (name, unit, _, absolute, _) in enumerate(limits.CAPS):
        want(
            not limits.loosens(number, caps[number], absolute), f"{name} should allow no more than {absolute} {unit}; it is {caps[number]}"
        )


@check("11.3", "SET_LIMITS tightens at once: caps in force, and what is asked for beyond them")
def tightened(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    cap = limits.WATER_SETPOINT_MAX
    lower = bench.caps[cap] - 300
    yield from peer.do(messages.SetLimits(struct.pack("<Bi", cap, lower)))
    want(values((yield from peer.do(messages.GetCaps())))[cap] == lower, f"GET_CAPS should read {lower}")
    refused((yield from peer.surely(messages.SetBath(lower + 1, 0, 0))), messages.OUT_OF_RANGE, lower)


@check("11.3", "a limit that would loosen is refused with loosens and its number")
def loosening(bench: Bench) -> Talk[None]:
    for number in (limits.WATER_TRIP, limits.PRESSURE_MAX, limits.DWELL_OFF):
        step = 1 if limits.CAPS[number][2] == limits.MOST else -1
        asked = struct.pack("<Bi", number, bench.caps[number] + step)
        refused((yield from bench.peer.surely(messages.SetLimits(asked))), messages.LOOSENS, number)


@check("11.3", "a limit with an unknown number is refused with unsupported")
def unknown_cap(bench: Bench) -> Talk[None]:
    refused((yield from bench.peer.surely(messages.SetLimits(struct.pack("<Bi", 250, 0)))), messages.UNSUPPORTED, 250)


@check("11.4", "what was tightened cannot be loosened again in the same session")
def no_way_back(bench: Bench) -> Talk[None]:
    peer = bench.peer
    number = limits.PRESSURE_MAX
    lower = bench.caps[number] // 2
    yield from peer.do(messages.SetLimits(struct.pack("<Bi", number, lower)))
    refused((yield from peer.surely(messages.SetLimits(struct.pack("<Bi", number, bench.caps[number])))), messages.LOOSENS, number)
    want(values((yield from peer.do(messages.GetCaps())))[number] == lower, f"it should still be {lower}")


@check("12.1", "the black box is read from any record on, and ends with an empty LOG_DATA")
def black_box(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    yield from peer.listen(3.2)
    records, total = yield from _log(peer)
    want(total >= 3, f"three seconds of activity should leave three records; there are {total}")
    want(len(records) >= total, f"LOG_DATA says {total} records; {len(records)} could be read")
    last = [record for record in records if not record[1]][-3:]
    for before, after in pairwise(last):
        gap = (after[0] - before[0]) & 0xFFFFFFFF
        want(700 <= gap <= 1300, f"samples should be a second apart while it is active; two are {gap} ms apart")


@check("12.1", "faults stand between the samples")
def black_box_fault(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    yield from peer.listen(1.2)
    yield from peer.surely(messages.Stop(61))
    records, _ = yield from _log(peer)
    want(any(record[1] == 61 for record in records[-3:]), "the last records should hold fault 61 after a STOP for pain")


def _log(peer: Peer) -> Talk[tuple[list[tuple[int, ...]], int]]:
    records: list[tuple[int, ...]] = []
    while True:
        answer = yield from peer.do(messages.LogRead(len(records)))
        if not isinstance(answer, messages.LogData):
            raise Broken(f"LOG_READ is answered with LOG_DATA; {told(answer)} came")
        want(answer.first == len(records), f"LOG_DATA should begin with record {len(records)}; it says {answer.first}")
        if not answer.records:
            return records, answer.total
        records += [RECORD.unpack_from(answer.records, at) for at in range(0, len(answer.records), RECORD.size)]
        if len(records) > answer.total + 20:
            raise Broken(f"LOG_DATA should end after {answer.total} records; {len(records)} came")
