"""The host's end against the device's end over good and bad wires, in virtual time: exactly once, in order, and STOP always."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol import faults, messages
from firmware_protocol.exchange import LOST, RETRY_MS, Exchange
from firmware_protocol.messages import ANSWER, DATAGRAM, REQUEST, TO_DEVICE, TO_HOST
from simulator.wire import Wire

WIRES: dict[str, dict[str, Any]] = {
    "perfect": {},
    "byte by byte": {"chunk": 1},
    "lossy": {"drop": 0.2},
    "delayed": {"delay_s": 0.3, "jitter_s": 0.4},
}
GIVE_UP_S = sum(RETRY_MS) / 1000


class Link:
    """Two ends and two wires. The device's owner applies and acknowledges at once; the host's owner notes what it is told."""

    def __init__(self, seed: int, **bad: Any) -> None:
        self.now = 0.0
        self.host, self.device = Exchange(TO_HOST), Exchange(TO_DEVICE)
        self.down, self.up = Wire(seed, **bad), Wire(seed + 1, **bad)
        self.applied: list[Any] = []
        self.told: list[Any] = []
        self.answered: list[tuple[Any, Any]] = []
        self.lost: list[Any] = []
        self.readings: list[Any] = []

    def turn(self) -> None:
        """Both ends look once at what has arrived."""
        now_ms = int(self.now * 1000 + 1e-6)  # a due time in ms survives the way through seconds
        for kind, seq, message in self.device.receive(now_ms, self.down.pull(self.now)):
            if kind == REQUEST:
                self.applied.append(message)
                stop = type(message) is messages.Stop
                self.device.answer(seq, messages.Stopped(0, 0, 0, 0, 3, message.cause) if stop else messages.Ack(messages.code_of(message)))
        for kind, seq, message in self.host.receive(now_ms, self.up.pull(self.now)):
            if kind == ANSWER:
                self.answered.append((seq, message))
            elif kind == LOST:
                self.lost.append(seq)
            elif kind == DATAGRAM:
                self.readings.append(message)
            else:
                self.told.append(message)
                self.host.answer(seq, messages.Ack(messages.code_of(message)))
        for end, wire in ((self.host, self.down), (self.device, self.up)):
            wire.push(self.now, end.data_to_send(now_ms))
            assert end.data_to_send(now_ms) == b""

    def run(self, seconds: float) -> None:
        """Jump from happening to happening until nothing is left to happen or the time is over."""
        end = self.now + seconds
        self.turn()
        while True:
            times = [at for at in (self.down.next_arrival, self.up.next_arrival) if at is not None]
            times += [due / 1000 for due in (self.host.next_ms, self.device.next_ms) if due is not None]
            if not times or min(times) > end:
                self.now = end
                return
            self.now = max(self.now, min(times))
            self.turn()


def one_after_the_other(link: Link, count: int) -> list[Any]:
    """Ask `count` different requests, each after the end of the one before, while the device reports events and readings."""
    asked = [messages.SetBath(number, 0, 0) for number in range(count)]
    for number, message in enumerate(asked):
        link.host.ask(message)
        link.device.ask(messages.Event(messages.YES, 0, number))
        link.device.tell(messages.Telemetry(number, *range(5), 1, *range(10)))
        link.run(GIVE_UP_S + 0.001)
        assert link.host.idle
        assert link.device.idle
    return asked


def exactly_once(link: Link, asked: list[Any]) -> None:
    """Answered: applied once. Given up: applied once or not at all. In order, either way round."""
    assert [request for request, _ in link.answered] + link.lost == sorted(asked, key=lambda message: message in link.lost)
    assert all(answer == messages.Ack(0x10) for _, answer in link.answered)
    assert [message for message in asked if message in link.applied] == link.applied
    assert all(request in link.applied for request, _ in link.answered)
    told = [event.uptime_ms for event in link.told]
    assert told == sorted(set(told))


@pytest.mark.parametrize("wire", WIRES)
def test_requests_and_events_arrive_once_and_in_order(wire: str) -> None:
    link = Link(11, **WIRES[wire])
    asked = one_after_the_other(link, 60)
    exactly_once(link, asked)
    assert len(link.lost) <= (2 if wire == "lossy" else 0)
    assert len(link.told) >= (58 if wire == "lossy" else 60)
    assert len(link.readings) >= (35 if wire == "lossy" else 60)
    assert link.host.dropped == link.device.dropped == 0  # a lost piece is a whole frame here
    assert link.host.strange == link.device.strange == 0


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    chunk=st.sampled_from([None, None, 1, 7, 20]),
    delay_s=st.sampled_from([0, 0.015, 0.3, 1.0]),
    jitter_s=st.sampled_from([0, 0.05, 0.6]),
    drop=st.sampled_from([0, 0.2, 0.5]),
    flip=st.sampled_from([0, 0.1, 0.5]),
    repeat=st.sampled_from([0, 0.3]),
    overtake=st.sampled_from([0, 0.3]),
)
def test_no_wire_makes_a_request_count_twice_or_change(seed: int, **bad: Any) -> None:
    link = Link(seed, **bad)
    exactly_once(link, one_after_the_other(link, 12))


@pytest.mark.parametrize("wire", WIRES)
def test_stop_gets_through_in_front_of_all_that_waits(wire: str) -> None:
    for seed in range(20):
        link = Link(seed, **WIRES[wire])
        for number in range(5):
            link.host.ask(messages.SetBath(number, 0, 0))
            link.host.ask(messages.SetLamp(number))
            link.host.ask(messages.Release())
        link.turn()  # the first one is on its way
        link.host.urgent(int(link.now * 1000 + 1e-6), messages.Stop(faults.PAIN))
        asked_at = link.now
        while messages.Stop(faults.PAIN) not in link.applied:
            link.run(0.01)
            assert link.now - asked_at < 2.0  # 20 % lost: one in 10^14 has to wait that long
        assert link.now - asked_at < (0.75 if wire == "delayed" else 0.015 if wire != "lossy" else 2.0)
        link.run(5.0)
        assert link.host.idle
        assert link.answered[-1] == (messages.Stop(faults.PAIN), messages.Stopped(0, 0, 0, 0, 3, faults.PAIN))
        assert {type(message) for message in link.applied} <= {messages.SetBath, messages.Stop}  # what waited is forgotten


def test_stop_is_heard_as_soon_as_a_dead_wire_lives_again() -> None:
    link = Link(1)
    link.down.push(0.0, b"\x05half a frame")  # what was on its way when the plug was pulled
    link.host.urgent(0, messages.Stop(faults.STOPPED))
    link.down, dead = Wire(2, drop=1.0), link.down
    link.run(60.0)
    assert link.applied == []
    link.down = dead
    link.run(0.2)
    assert set(link.applied) == {messages.Stop(faults.STOPPED)}
    assert link.host.idle


def test_a_host_that_restarts_is_heard_whatever_its_numbers_were() -> None:
    link = Link(4)
    for number in range(130):
        link.host.ask(messages.SetBath(number, 0, 0))
        link.run(0.01)
    link.host = Exchange(TO_HOST)
    link.host.ask(messages.Hello(1, 0, messages.CONTROLLER, 99))
    link.host.ask(messages.SetLamp(1))
    link.run(0.01)
    assert link.applied[-1:] == [messages.Hello(1, 0, messages.CONTROLLER, 99)]
