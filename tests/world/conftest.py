"""A host of a few lines, for tests that want to say one thing to a world and see what happens; and a person at a real host."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from firmware_protocol import messages, version
from firmware_protocol.exchange import LOST, Exchange
from footctl.core.events import Event
from footctl.core.host import Host
from footctl.run.answers import Answers
from simulator.world import World


class Scripted:
    """Speaks the wire on one peer of a world and beats its heart on every telemetry while `beats`."""

    def __init__(self, world: World, peer: int = 0, role: int = messages.CONTROLLER, nonce: int = 7) -> None:
        self.world = world
        self.port = world.peer(peer)
        self.exchange = Exchange(messages.TO_HOST)
        self.hello = messages.Hello(version.MAJOR, version.MINOR, role, nonce)
        self.beats = True
        self.telemetry: Any = None
        self.seen: list[Any] = []  # every telemetry
        self.events: list[Any] = []
        self.answers: list[Any] = []
        self._turns = 0

    def turn(self) -> None:
        now = self.world.now
        now_ms = int(now * 1000)
        for kind, seq, message in self.exchange.receive(now_ms, self.port.read(now)):
            if kind == messages.ANSWER:
                self.answers.append((seq, message))
            elif kind == LOST:
                self.answers.append((seq, None))
            elif isinstance(message, messages.Telemetry):
                self.telemetry = message
                self.seen.append(message)
                if self.beats:
                    self._turns += 1
                    self.exchange.tell(messages.Heartbeat(self._turns, message.uptime_ms))
            elif isinstance(message, messages.Event):
                self.events.append(message)
                self.exchange.answer(seq, messages.Ack(messages.code_of(message)))
        out = self.exchange.data_to_send(now_ms)
        if out:
            self.port.write(now, out)

    def live(self, seconds: float) -> None:
        """Let the world go on."""
        until = self.world.now + seconds
        while self.world.now < until:
            due = self.exchange.next_ms
            self.port.run(until if due is None else min(until, max(due / 1000, self.world.now + 0.001)))
            self.turn()

    def ask(self, message: Any, within_s: float = 8.0) -> Any:
        """Send a request; its answer."""
        self.answers.clear()
        self.exchange.ask(message)
        until = self.world.now + within_s
        self.turn()
        while not self.answers:
            assert self.world.now < until, f"no answer to {message}"
            self.live(0.05)
        request, answer = self.answers[-1]
        assert request == message
        return answer

    def greet(self) -> Any:
        """Say HELLO and wait for the first telemetry."""
        identity = self.ask(self.hello)
        self.live(0.5)
        assert self.telemetry is not None
        return identity

    def do(self, *requests: Any) -> None:
        """Send requests that must be accepted."""
        for request in requests:
            answer = self.ask(request)
            assert isinstance(answer, messages.Ack), f"{request}: {answer}"

    def start(self, enables: int) -> None:
        """Greet and close these enables."""
        self.greet()
        self.do(messages.Start(enables))

    @property
    def is_off(self) -> bool:
        """Both enables open by read-back, no duty, no pressure."""
        seen = self.telemetry
        enables = seen.flags & (messages.HEATER_ENABLE | messages.MOTOR_ENABLE)
        return not enables and not seen.duty_half_pct and max(seen.left_dapa, seen.right_dapa) < 400


@pytest.fixture
def scripted() -> Callable[..., Scripted]:
    """Makes a scripted host: scripted(world, peer=0, role=CONTROLLER)."""
    return Scripted


class Somebody:
    """The person at the host: says yes like --yes does, does what `plan` says at its time, and watches the true water and rollers.

    `plan` is a list of (world time, event or a call with the world), in order.
    """

    def __init__(self, world: World, plan: Sequence[tuple[float, Any]] = ()) -> None:
        self.world = world
        self.plan = list(plan)
        self.answers = Answers()
        self.water_c = 0.0  # hottest while a foot was in it
        self.kpa = 0.0
        self.duty_s = 0.0
        self._look = 0.0

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        plant = self.world.plant
        massager = plant.massager
        self.kpa = max(self.kpa, massager.left.kpa, massager.right.kpa)
        if plant.presence & 3:
            self.water_c = max(self.water_c, plant.bath.inlet_c)
        events: list[Event] = []
        while self.plan and now >= self.plan[0][0]:
            what = self.plan.pop(0)[1]
            if callable(what):
                what(self.world)
            else:
                events.append(what)
        if now >= self._look:
            self._look = now + 0.2
            answer = self.answers.to(host.view(now))
            if answer is not None:
                events.append(answer)
        return events


@pytest.fixture
def somebody() -> Callable[..., Somebody]:
    """Makes the person at the host: somebody(world, [(when, what)])."""
    return Somebody
