"""A host without a program looks on. Whatever it sees, or no longer sees, it stops nobody's session; only a person does."""

from __future__ import annotations

import pytest

from firmware_protocol import faults, framing, messages
from footctl.core.events import ClearAsked, Pain, StopAsked
from footctl.core.host import Host

STOP = messages.code_of(messages.Stop(0))


class Far:
    """The device's end, by hand."""

    def __init__(self, role: str = "observer") -> None:
        self.host = Host(nonce=7, role=role)
        self.said: list[tuple[int, int, bytes]] = []
        self._decoder = framing.Decoder()

    def turn(self, now: float, *told: tuple[int, object], operator: tuple[object, ...] = ()) -> None:
        """Let `told` (sequence number, message) arrive, and note what the host says."""
        data = b"".join(framing.encode(messages.code_of(message), seq, messages.pack(message)) for seq, message in told)
        self.host.receive(now, data)
        self.host.act(now, *operator)  # type: ignore[arg-type]  # events all
        self.said += self._decoder.feed(self.host.data_to_send(now))

    def greet(self, boot_id: int = 1, cause: int = 0) -> None:
        """HELLO and its answer, at 0.1 s."""
        self.turn(0.0)
        [(code, seq, _)] = self.said
        assert code == messages.code_of(messages.Hello(1, 0, 1, 7))
        self.turn(0.1, (seq, identity(boot_id, cause)))

    @property
    def stopped(self) -> bool:
        return any(code == STOP for code, _, _ in self.said)


def identity(boot_id: int, cause: int) -> object:
    state = messages.LATCHED if cause else messages.IDLE
    return messages.Identity(
        1, 0, 7, boot_id, 100, b"SIM-0001", b"footbath-5l", b"0.1.0", 1, 0x1F, 3, 0x1F, 0x1F, 50, 500, b"\0" * 8, state, cause, 0
    )


def telemetry(uptime_ms: int, cause: int = 0) -> tuple[int, object]:
    state = messages.LATCHED if cause else messages.IDLE
    return 1, messages.Telemetry(uptime_ms, 3400, 3400, 0, 0, 0, state, messages.LEVEL_OK, 0, cause, 0, 255, 0, 0, 0, 1, 0)


@pytest.mark.parametrize("role", ["observer", "controller"])
def test_silence_ends_the_watching_and_stops_nobody(role: str) -> None:
    far = Far(role)
    far.greet()
    for now in range(1, 50):
        far.turn(0.1 + now / 10)
    assert far.host.outcome is not None
    assert far.host.outcome.kind == "link_lost"
    assert not far.stopped


def test_a_restart_ends_the_watching_and_stops_nobody() -> None:
    far = Far()
    far.greet()
    far.turn(0.2, telemetry(90_000))
    far.turn(0.4, telemetry(100))
    assert far.host.outcome is not None
    assert "restarted" in far.host.outcome.reason
    assert not far.stopped


def test_a_latch_is_looked_into_and_can_be_cleared() -> None:
    far = Far("controller")
    far.turn(0.0, telemetry(50, faults.PAIN))  # under way before our hello
    assert far.host.outcome is None
    far.said.clear()
    far.turn(0.2)
    far.said = [(code, seq, payload) for code, seq, payload in far.said if code != messages.code_of(messages.Heartbeat(0, 0))]
    far.turn(0.25, (far.said[0][1], identity(1, faults.PAIN)))
    far.turn(0.3, telemetry(300, faults.PAIN))
    assert far.said[-1][0] == messages.code_of(messages.GetCause())
    cause = messages.Cause(faults.PAIN, 40, 3400, 3390, 0, 0, 0, messages.ACTIVE)
    far.turn(0.4, (far.said[-1][1], cause))
    assert far.host.first_cause is not None
    assert far.host.first_cause.fault == faults.PAIN
    far.turn(0.5, operator=(ClearAsked(faults.PAIN),))
    assert far.said[-1][0] == messages.code_of(messages.Clear(faults.PAIN))
    assert not far.stopped


@pytest.mark.parametrize("word", [Pain(), StopAsked()])
def test_a_person_stops_from_anywhere(word: object) -> None:
    far = Far()
    far.greet()
    far.turn(0.2, operator=(word,))
    assert far.stopped
