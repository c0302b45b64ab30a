"""The host mind: bytes in, bytes out, against the real device mind in simulated water and against a hand-made far end."""

from __future__ import annotations

import copy
import struct
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol import exchange, faults, framing, limits, messages
from footctl.core import events as e
from footctl.core.host import Host
from footctl.core.machine import PROVING
from footctl.core.pump import turn
from simulator.world import World, play
from tests.core.desk import GUIDED, KNEAD, REST, SOAK, profile

QUICK = (KNEAD.replace("2 min", "30 s"), REST.replace("1 min", "15 s"))


def _operator(now: float, host: Host) -> Sequence[e.Event]:
    question = host.question
    if question is None or not question.ready or question.kind == "check_in":
        return ()
    return (e.Begin(),) if question.kind == "start" else (e.Yes(),)


class Far:
    """The far end of a wire by hand: answers what it is told to answer, and sends telemetry on demand."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.exchange = exchange.Exchange(messages.TO_DEVICE)
        self.now = 0.0
        self.heard: list[Any] = []
        self.silent = False
        self.boot_id = 7
        self.state = messages.IDLE
        self.enables = 0
        self.caps = list(limits.ABSOLUTE)
        self.beat_at = 0.0

    def turn(self, dt: float = 0.2, *operator: e.Event, telemetry: int | None = 0, data: bytes = b"") -> list[Any]:
        """Advance by dt, tell telemetry that is `telemetry` ms old (None: none), turn the host; give the messages that it said."""
        self.now = round(self.now + dt, 6)
        if telemetry is not None and not self.silent:
            self.exchange.tell(self.telemetry(round(self.now * 1000) - telemetry))
        sent = b"" if self.silent else self.exchange.data_to_send(round(self.now * 1000))
        self.host.receive(self.now, sent + data)
        self.host.act(self.now, *operator)
        said = self.host.data_to_send(self.now)
        assert self.host.data_to_send(self.now) == b""
        now = []
        for kind, seq, message in self.exchange.receive(round(self.now * 1000), said):
            if kind != exchange.LOST:
                now.append(message)
                self.answer(kind, seq, message)
        self.heard += now
        return now

    def telemetry(self, uptime_ms: int) -> Any:
        silent_ms = (self.now - self.beat_at) * 1000
        if silent_ms >= self.caps[limits.RELEASE_LEASE]:
            self.enables &= ~messages.MOTOR_ENABLE
        if silent_ms >= self.caps[limits.HEAT_LEASE]:
            self.enables = 0
        dropped = self.exchange.dropped
        return messages.Telemetry(
            max(uptime_ms, 0), 3400, 3400, 0, 0, 0, self.state, self.enables | 16, 0, 0, 0, 255, 0, 0, 0, uptime_ms // 50 & 255, dropped
        )

    def answer(self, kind: int, seq: int, message: Any) -> None:
        if type(message) is messages.Heartbeat:
            self.beat_at = self.now
        if kind != messages.REQUEST:
            return
        said: Any = messages.Ack(messages.code_of(message))
        if type(message) is messages.Hello:
            said = messages.Identity(
                1,
                0,
                message.nonce,
                self.boot_id,
                0,
                b"SIM-0001",
                b"m",
                b"f",
                1,
                0,
                3,
                31,
                31,
                50,
                500,
                limits.digest(tuple(self.caps)),
                self.state,
                0,
                message.role & 1,
            )
        elif type(message) is messages.GetCaps:
            said = messages.Caps(b"".join(value.to_bytes(4, "little", signed=True) for value in self.caps))
        elif type(message) is messages.SetLimits:
            for number, value in struct.iter_unpack("<Bi", message.limits):
                self.caps[number] = value
        elif type(message) is messages.SetMassage and message.pressure_pa > self.caps[limits.PRESSURE_MAX]:
            said = messages.Nak(messages.code_of(message), messages.OUT_OF_RANGE, self.caps[limits.PRESSURE_MAX])
        elif type(message) is messages.Stop:
            self.state, self.enables = messages.LATCHED, 0
            said = messages.Stopped(0, 0, 0, 0, 3, message.cause)
        elif type(message) is messages.Start:
            self.state, self.enables = messages.ACTIVE, message.enables
        elif type(message) is messages.GetCause:
            said = messages.Cause(0, 0, 0, 0, 0, 0, 0, 0)
        self.exchange.answer(seq, said)

    def said(self, kind: Any) -> list[Any]:
        return [message for message in self.heard if type(message) is kind]


def _far(**arguments: Any) -> Far:
    return Far(Host(nonce=5, **{"profile": profile(*QUICK), **arguments}))


def _massaging() -> Far:
    far = _far(profile=profile(GUIDED, KNEAD))
    while far.host.question is None:
        far.turn()
    far.turn(0.2, e.Begin())
    while far.host.state in PROVING:
        far.turn()
    for _ in range(5):
        far.turn()
    assert far.host.state == "guided"
    return far


def test_a_session_on_the_real_device_completes_and_its_record_replays() -> None:
    record: list[tuple[float, bytes, Sequence[e.Event], bytes]] = []
    host = Host(nonce=5, profile=profile(*QUICK))
    outcome = play(host, World(seed=1), operator=_operator, note=lambda *turned: record.append(turned))
    assert outcome is not None
    assert (outcome.kind, outcome.off_confirmed) == ("completed", True)
    again = Host(nonce=5, profile=profile(*QUICK))
    for now, data, operator, said in record:
        again.receive(now, data)
        again.act(now, *operator)
        assert again.data_to_send(now) == said
    assert again.view(record[-1][0]) == host.view(record[-1][0])


def test_what_the_person_asked_for_is_seen_in_the_same_turn_and_a_look_changes_nothing() -> None:
    def after(*wishes: e.Event, looks: bool = True) -> Host:
        host, world = Host(nonce=5, profile=profile(*QUICK)), World(seed=1)
        for tick in range(400):
            now = 0.05 * tick
            asked = (*_operator(now, host), *(wishes if tick == 380 else ()))
            turn(host, world, now, asked, lambda at, data, operator, out: notes.append(out))
            if looks:
                host.view(now)
        return host

    notes: list[bytes] = []
    host = after()
    assert (host.state, host.view(20.0).asked_kpa, host.view(20.0).asked_c) == ("massage", 20.0, None)
    looked, notes = notes, []
    after(looks=False)
    assert notes == looked
    assert after(e.Softer()).view(20.0).asked_kpa == 15.0
    assert after(e.SkipAsked()).view(20.0).asked_kpa is None
    host = Host(nonce=5, profile=profile(SOAK))
    play(host, World(seed=1), operator=_operator, until=20.0)
    assert (host.state, host.view(20.0).asked_c) == ("preheat", 38.0)
    host.act(20.1, e.Softer())
    assert (host.view(20.1).asked_c, host.view(20.1).asked_kpa) == (37.5, None)


def test_what_there_is_to_see() -> None:
    world = World(seed=1)
    host = Host(nonce=5, profile=profile(*QUICK))
    assert host.next_deadline == 0.0
    before = host.view(0.0)
    assert (before.state, before.elapsed_s, before.sample_age_s, before.question) == ("connecting", 0.0, None, None)
    assert (host.identity, host.caps, host.plan, host.outcome, host.first_cause, host.done) == (None, None, None, None, None, False)
    play(host, world, operator=_operator, until=20.0)
    view = host.view(20.0)
    assert view.state == host.state == "massage"
    assert view.phase_left_s is not None
    assert 0 < view.phase_left_s < 30
    assert view.sample is host.sample
    assert view.sample_age_s is not None
    assert view.sample_age_s < 0.3
    assert view.pressure_max_kpa > 3
    assert view.water_max_c == pytest.approx(34, abs=0.5)
    assert host.caps is not None
    assert host.identity is not None
    assert host.identity.simulator
    outcome = play(host, world, operator=_operator)
    assert outcome is host.outcome
    assert host.done
    assert host.next_deadline is None
    ended = host.view(1e6)
    assert ended.elapsed_s < 100


@pytest.mark.parametrize("wire", ["bytes", "lossy", "delayed", "flipping"])
def test_bad_wires_do_not_end_a_session(wire: str) -> None:
    outcome = play(Host(nonce=5, profile=profile(*QUICK)), World(seed=2, wire=wire), operator=_operator)
    assert outcome is not None
    assert outcome.kind == "completed"


def test_pain_reads_back_off_on_the_real_device() -> None:
    world = World(seed=3)
    host = Host(nonce=5, profile=profile(*QUICK))
    play(host, world, operator=_operator, until=15.0)
    pressed = host.sample
    assert pressed is not None
    assert pressed.motor_enable
    turn(host, world, 15.0, (e.Pain(),))
    started = world.now
    outcome = play(host, world)
    assert outcome is not None
    assert (outcome.kind, outcome.off_confirmed) == ("pain", True)
    assert world.now - started < 1.5


def test_a_copied_host_goes_its_own_way() -> None:
    world = World(seed=1)
    host = Host(nonce=5, profile=profile(*QUICK))
    play(host, world, operator=_operator, until=15.0)
    other, elsewhere = copy.deepcopy((host, world))
    turn(other, elsewhere, 15.0, (e.Pain(),))
    assert other.state == "stopping"
    assert host.state == "massage"
    outcome = play(host, world, operator=_operator)
    assert outcome is not None
    assert outcome.kind == "completed"


def test_an_observer_never_controls_but_may_stop() -> None:
    world = World(seed=1)
    host = Host(nonce=5, profile=profile(*QUICK), role="observer")
    play(host, world, until=25.0)
    assert host.state == "watching"
    assert host.sample is not None
    assert host.first_cause is not None
    assert host.plan is None
    outcome = play(host, world, operator=lambda now, host: (e.StopAsked(),))
    assert outcome is not None
    assert (outcome.kind, outcome.off_confirmed) == ("stopped", True)
    assert world.device.state == messages.LATCHED


def test_heartbeats_go_with_telemetry_and_at_the_latest_after_a_quarter_of_a_second() -> None:
    far = _massaging()
    far.heard = []
    for _ in range(10):
        far.turn()
    beats = far.said(messages.Heartbeat)
    assert len(beats) == 10
    assert [beat.turn for beat in beats] == sorted({beat.turn for beat in beats})
    assert beats[-1].echo_ms == round(far.now * 1000)
    far.heard = []
    for _ in range(10):
        far.turn(0.05, telemetry=None)
    assert len(far.said(messages.Heartbeat)) == 2
    far.heard = []
    far.turn(0.0, telemetry=None)
    assert far.said(messages.Heartbeat) == []


def test_the_heartbeat_advances_only_with_turns_of_the_control_loop() -> None:
    far = _massaging()
    far.host.receive(far.now + 0.3, b"")
    assert far.host.data_to_send(far.now + 0.3) == b""


def test_silence_is_told_at_one_second_and_ends_before_three() -> None:
    far = _massaging()
    far.silent = True
    start = far.now
    far.heard = []
    while far.host.outcome is None:
        due = far.host.next_deadline
        assert due is not None
        far.turn(max(due - far.now, 0.001), telemetry=None)
        if far.now < start + 0.99:
            assert not far.host.view(far.now).warnings
        if far.now < start + 2.89:
            assert not far.said(messages.Stop)
    assert far.said(messages.Hello)
    assert far.said(messages.Stop)
    assert far.host.outcome.kind == "link_lost"
    assert not far.host.outcome.off_confirmed
    assert far.now == pytest.approx(start + 5.9, abs=0.1)


def test_a_device_that_restarts_in_silence_is_found_out_by_its_boot_id() -> None:
    far = _massaging()
    far.boot_id, far.state, far.enables = 8, messages.IDLE, 0
    while far.host.outcome is None:
        far.turn(telemetry=0 if far.said(messages.Stop) else None)
    assert "restarted" in far.host.outcome.reason


def test_a_device_that_never_sends_telemetry_is_lost_too() -> None:
    far = _far()
    while far.host.outcome is None:
        far.turn(telemetry=None)
    assert far.host.outcome.kind == "link_lost"


def test_nobody_at_the_far_end() -> None:
    far = _far()
    far.silent = True
    far.exchange = exchange.Exchange(messages.TO_HOST)  # hears nothing that a host says
    while far.host.outcome is None:
        far.turn(telemetry=None)
    assert far.host.outcome.reason == "nobody answered"
    assert far.now == pytest.approx(9, abs=1)


def test_telemetry_that_a_full_buffer_held_back_counts_as_missing() -> None:
    far = _massaging()
    for age in (200, 400, 600, 800, 1000):
        far.turn(telemetry=age)
    kept = far.host.sample
    assert kept is not None
    assert kept.uptime_ms == round(far.now * 1000) - 1000
    for age in (1200, 1300, 1400):
        far.turn(telemetry=age)
    assert far.host.sample is kept


def test_telemetry_that_was_repeated_or_overtaken_is_dropped() -> None:
    far = _massaging()
    far.turn(telemetry=0)
    kept = far.host.sample
    far.turn(0.0, telemetry=0)
    far.turn(0.05, telemetry=300)
    assert far.host.sample is kept
    assert far.host.outcome is None


def test_uptime_that_goes_back_is_a_restart() -> None:
    far = _massaging()
    for _ in range(30):
        far.turn()
    far.turn(telemetry=6000)
    assert far.said(messages.Stop)
    while far.host.outcome is None:
        far.turn()
    assert "restarted" in far.host.outcome.reason


def test_a_late_turn_is_no_gap_but_a_longer_one_is() -> None:
    far = _massaging()
    far.turn(1.9)
    assert far.host.outcome is None
    assert not far.said(messages.Stop)
    far.turn(2.1)
    assert far.said(messages.Stop)


def test_what_the_supervisor_finds_stops_in_the_same_turn() -> None:
    far = _massaging()
    stuck = far.telemetry(0).sample
    told: list[Any] = []
    for number in range(12):
        uptime = round((far.now + 0.2) * 1000)
        frame = messages.pack(far.telemetry(uptime)._replace(sample=stuck))
        told += far.turn(telemetry=None, data=framing.encode(0x20, number, frame))
    assert messages.Stop(faults.SENSOR_STALE) in told
    far.turn()
    far.turn()
    assert far.host.outcome is not None
    assert "stopped advancing" in far.host.outcome.reason


def test_events_are_acknowledged_and_strange_messages_ignored() -> None:
    far = _massaging()
    far.exchange.ask(messages.Event(messages.YES, 0, 5))
    far.turn()
    assert e.Pressed("yes") in far.host.heard
    assert far.exchange.idle
    strange = framing.encode(0x32, 9, b"") + framing.encode(0x34, 9, b"\0\0") + framing.encode(0x7F, 1, b"x")
    far.turn(data=strange)
    assert far.host.outcome is None


FRAMES = st.builds(
    framing.encode,
    st.sampled_from([row.code for row in messages.TABLE] + [0, 0xFF]),
    st.integers(0, 255),
    st.binary(max_size=60),
)


@given(pieces=st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 3.0]), st.binary(max_size=40) | FRAMES), max_size=20))
@settings(max_examples=100)
def test_no_bytes_raise(pieces: list[tuple[float, bytes]]) -> None:
    far = _far()
    for _ in range(3):
        far.turn()
    for dt, data in pieces:
        far.turn(dt, e.Begin(), telemetry=None, data=data)
        far.host.view(far.now)


def _recorded() -> list[tuple[float, bytes, Sequence[e.Event], bytes]]:
    record: list[tuple[float, bytes, Sequence[e.Event], bytes]] = []
    host = Host(nonce=5, profile=profile(SOAK))
    play(host, World(seed=4), operator=_operator, until=3.0, note=lambda *turned: record.append(turned))
    return record


RECORD = _recorded()


@given(st.data())
@settings(max_examples=25)
def test_no_chunking_changes_what_is_heard(data: st.DataObject) -> None:
    """The same bytes at the same instant, in whatever pieces, give the same answer."""
    pieces = Host(nonce=5, profile=profile(SOAK))
    sizes = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=8))
    for now, arrived, operator, said in RECORD:
        rest = arrived
        while rest:
            sizes.append(sizes.pop(0))
            pieces.receive(now, rest[: sizes[0]])
            rest = rest[sizes[0] :]
        pieces.receive(now, b"")
        pieces.act(now, *operator)
        assert pieces.data_to_send(now) == said


@given(st.floats(0.0, 4000.0, allow_nan=False))
@settings(max_examples=100)
def test_a_deadline_that_was_met_is_not_due_again(at: float) -> None:
    host = Host(nonce=5)
    far = Far(host)
    far.now = at
    far.turn(0.0)
    far.turn(0.1)
    now = host.next_deadline
    while now is not None:
        host.act(now)
        host.data_to_send(now)
        due = host.next_deadline
        assert due is None or due > now
        now = due


def test_more_than_five_broken_frames_in_two_seconds_are_no_link() -> None:
    far = _massaging()
    for _ in range(5):
        far.turn(data=b"\x05broken\x00")
    assert not far.said(messages.Stop)
    for _ in range(11):
        far.turn()
    for _ in range(5):
        far.turn(data=b"\x05broken\x00")
    assert not far.said(messages.Stop)
    far.turn(data=b"\x05broken\x00")
    far.turn()
    assert far.said(messages.Stop)
    while far.host.outcome is None:
        far.turn()
    assert far.host.outcome.kind == "link_lost"
    assert far.host.outcome.reason == "6 broken frames from the device within two seconds"
    assert far.host.outcome.fault == faults.LINK_NOISY


def test_what_stutters_before_the_device_has_greeted_is_not_counted() -> None:
    far = _far()
    far.host.receive(0.0, b"\x05broken\x00" * 9)
    far.turn()
    far.turn()
    assert far.host.outcome is None
    assert far.host.identity is not None
