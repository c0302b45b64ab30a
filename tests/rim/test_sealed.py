"""A sealed link: what reaches the device and the host, and what a person is told when there is no proof."""

from __future__ import annotations

import asyncio

import pytest

from firmware.device.body import Body
from firmware.device.device import Device
from firmware_protocol import exchange, framing, messages
from footctl.core.envelope import Trouble
from footctl.errors import DeviceRefused
from footctl.link.sealed import Sealed, refusal

KEY = bytes(range(16))


class Wire:
    """A device at once behind the verbs of a link."""

    name = "wire"

    def __init__(self, key: bytes = KEY) -> None:
        body = Body()
        body.key, body.seed, body.cables = key, bytes(32), 0
        self.device = Device(body)
        self.inbox = b""
        self.said: list[bytes] = []
        self.calls: list[str] = []

    def read(self, now: float) -> bytes:
        data, self.inbox = self.inbox, b""
        return data

    def write(self, now: float, data: bytes) -> None:
        self.said.append(data)
        self.inbox += self.device.receive(round(now * 1000), data)

    def urgent(self, data: bytes) -> None:
        self.calls.append("urgent")
        self.write(0, data)

    def reach(self, now: float, deadline: float | None) -> float:
        return now + 1

    def next_event(self) -> float | None:
        return 5.0

    async def readable(self, wait_s: float | None) -> None:
        self.calls.append(f"readable {wait_s}")

    def ring(self) -> None:
        self.calls.append("ring")

    def close(self) -> None:
        self.calls.append("close")


def greeted(link: Sealed, role: int = messages.CONTROLLER) -> list[messages.Identity]:
    """The identities that a plain host gets."""
    host = exchange.Exchange(messages.TO_HOST)
    host.ask(messages.Hello(1, 1, role, 7))
    link.write(0, host.data_to_send(0))
    told = []
    for _ in range(4):
        told += [answer for kind, _, answer in host.receive(0, link.read(0)) if kind == messages.ANSWER]
    return told


def test_a_plain_host_is_the_controller_through_it() -> None:
    asked: list[tuple[str, int, bool]] = []

    def keys_of(serial: str, simulator: int, wants_proof: bool) -> list[bytes]:
        asked.append((serial, simulator, wants_proof))
        return [KEY]

    wire = Wire()
    link = Sealed(wire, keys_of)
    assert [identity.controller for identity in greeted(link)] == [1]
    assert asked == [("SIM-0001", 0, True)]
    assert KEY not in b"".join(wire.said)
    link.urgent(framing.encode(0x14, 0, b"\x3c"))
    assert wire.device.state == messages.LATCHED


def test_the_nonces_of_two_sessions_differ() -> None:
    wire = Wire()
    nonces = []
    for _ in range(2):
        greeted(Sealed(wire, lambda *about: [KEY]))
        nonces += [payload for code, _, payload in framing.Decoder().feed(b"".join(wire.said)) if code == 3]
        wire.said.clear()
        wire.device.disconnect(0)
    assert len(set(nonces)) == 2


def test_without_a_key_it_is_refused_and_looking_is_not() -> None:
    with pytest.raises(DeviceRefused, match="SIM-0001 wants proof") as told:
        greeted(Sealed(Wire(), lambda *about: []))
    assert "footctl device pair" in told.value.hint
    assert len(greeted(Sealed(Wire(), lambda *about: []), messages.OBSERVER)) == 1


def test_everything_else_is_the_links() -> None:
    wire = Wire()
    link = Sealed(wire, lambda *about: [])
    assert (link.name, link.reach(1.0, None), link.next_event(), link.read(0)) == ("wire", 2.0, 5.0, b"")
    asyncio.run(link.readable(0.5))
    link.ring()
    link.close()
    assert wire.calls == ["readable 0.5", "ring", "close"]


@pytest.mark.parametrize(
    ("kind", "why", "hint"),
    [
        ("no_key", "wants proof", "--label"), ("unproven", "cannot prove", "between"), ("wrong_key", "another key", "pair it again"),
        ("too_many", "lets nobody try", "wait 4 s"),
    ],
)  # fmt: skip
def test_every_trouble_says_what_to_do(kind: str, why: str, hint: str) -> None:
    told = refusal(Trouble(kind, "FB-1\x1b", 4000))
    assert why in str(told)
    assert hint in told.hint
    assert "\x1b" not in str(told)
