"""Over Bluetooth the device that was named is the one that there is a session with, whatever who answers says the first time."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.backends import fail

from firmware.device.body import Body
from firmware.device.device import Device
from firmware_protocol import air, exchange, framing, messages
from footctl.cli import links
from footctl.cli.running import _tell_unproven
from footctl.core.host import Host
from footctl.core.view import View
from footctl.errors import DeviceRefused, LinkNotFound
from footctl.link import ble
from footctl.link.inprocess import InProcess
from footctl.link.nearby import Seen
from footctl.link.sealed import Sealed
from footctl.run import keys
from footctl.run.clock import Clock
from footctl.run.presets import load_program
from footctl.run.session import Session
from simulator.world import World
from tests.rim.views import an_identity

KEY = bytes(range(16))
ADDRESS = "AA:BB:CC:DD:EE:FF"


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


class Impostor:
    """A device behind the verbs of a link that has no key, wants no proof, and names `first` to who looks, `then` to who controls."""

    def __init__(self, first: str, then: str) -> None:
        self.name = f"{air.name_of(first)} ({ADDRESS})"
        self.first, self.then = first.encode(), then.encode()
        self.closed = False
        self._device = Device(Body())
        self._inbox = b""

    def read(self, now: float) -> bytes:
        data, self._inbox = self._inbox, b""
        return data

    def write(self, now: float, data: bytes) -> None:
        for code, _, payload in framing.Decoder().feed(data):
            if code == messages.code_of(messages.Hello(1, 1, 1, 1)):
                looks = messages.unpack(code, payload).role == messages.OBSERVER
                self._device.body.serial = self.first if looks else self.then  # type: ignore[misc]
        self._inbox += self._device.receive(round(now * 1000), data)

    async def readable(self, wait_s: float | None) -> None:
        await asyncio.sleep(0)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Callable[[Impostor], None]:
    """It is the only one within reach."""

    def there(one: Impostor) -> None:
        async def find(wanted: str) -> list[Seen]:
            return [Seen(ADDRESS, air.name_of(one.first.decode()), -40, None)]

        async def open_seen(seen: Seen) -> Any:
            return one

        monkeypatch.setattr(ble, "find", find)
        monkeypatch.setattr(ble, "open_seen", open_seen)

    return there


def session(wanted: str) -> tuple[str, str]:
    """The serial number of the device with which a session could begin, and how far it is proven."""
    link = asyncio.run(links.open_named(argparse.Namespace(tcp=None, port=None, ble=wanted)))
    assert isinstance(link, Sealed)
    host = exchange.Exchange(messages.TO_HOST)
    host.ask(messages.Hello(1, 1, messages.CONTROLLER, 7))
    link.write(0, host.data_to_send(0))
    [identity] = [answer for kind, _, answer in host.receive(0, link.read(0)) if kind == messages.ANSWER]
    return identity.serial.rstrip(b"\0").decode(), link.envelope.stage


@pytest.mark.parametrize(
    ("wanted", "then"),
    [
        ("FB-0001", "FB-9999"), ("FB-0001", "fb-0001"), ("FB-0001", "FX-0001"), ("fb-0001", "fb-0001"), ("Footbath-0001", "FB-9999"),
        ("Footbath-0001", "FX-0001"), ("footbath-0001", "fb-0001"),
    ],
)  # fmt: skip
def test_who_names_another_number_when_it_counts_evades_no_proof(around: Callable[[Impostor], None], wanted: str, then: str) -> None:
    keys.keep("FB-0001", KEY)
    around(Impostor("FB-0001", then))
    with pytest.raises(DeviceRefused, match=f"{wanted}.*is {then}, not FB-0001") as told:
        session(wanted)
    assert "in its name" in told.value.hint


@pytest.mark.parametrize(("wanted", "then"), [("FB-0001", "FB-9999"), ("Footbath-0001", "FB-9999")])
def test_nor_is_another_one_taken_where_nothing_is_paired(around: Callable[[Impostor], None], wanted: str, then: str) -> None:
    around(Impostor("FB-0001", then))
    with pytest.raises(DeviceRefused, match=f"{wanted} is {then}"):
        session(wanted)


@pytest.mark.parametrize("wanted", ["FB-0001", "fb-0001", "Footbath-0001", "footbath-0001", ADDRESS, "any"])
def test_the_one_that_was_named_is_taken(around: Callable[[Impostor], None], wanted: str) -> None:
    keys.keep("FB-9999", KEY)
    around(Impostor("FB-0001", "FB-0001"))
    assert session(wanted) == ("FB-0001", "plain")


@pytest.mark.parametrize("wanted", [ADDRESS, "any"])
def test_an_address_and_any_name_no_number(around: Callable[[Impostor], None], wanted: str) -> None:
    """Nobody can know here whose address it is; `links.unproven` says that nothing is proven."""
    keys.keep("FB-0001", KEY)
    around(Impostor("FB-0001", "FB-9999"))
    assert session(wanted) == ("FB-9999", "plain")


def test_of_two_that_share_a_name_each_proves_itself(around: Callable[[Impostor], None]) -> None:
    for serial in ("FB-0001", "FX-0001"):
        keys.keep(serial, KEY)
    around(Impostor("FX-0001", "FX-0001"))
    with pytest.raises(ValueError, match="unpack"):
        session("Footbath-0001")  # there is no answer before the proof


def test_who_has_another_number_from_the_start_is_nobody_to_find(around: Callable[[Impostor], None]) -> None:
    one = Impostor("FX-0001", "FX-0001")
    around(one)
    with pytest.raises(LinkNotFound, match="FB-0001"):
        session("FB-0001")
    assert one.closed


@pytest.mark.parametrize(("simulator", "told"), [(0, ["FB-0001"]), (1, [])])
def test_that_nothing_is_proven_is_told_once(simulator: int, told: list[str], virtual: Callable[[Any], Any]) -> None:
    """Whatever way it was named; a simulator has nobody's feet in it."""
    world = World(speed=1)
    world.board.device.body.serial = b"FB-0001"  # type: ignore[misc]
    world.board.device.body.simulator = simulator  # type: ignore[misc]
    lines: list[str] = []

    async def story(loop: Any) -> None:
        link = links.sealed(InProcess(world))
        clock = Clock(awake=loop.time, always=loop.time)
        session = Session(Host(nonce=5, profile=load_program("quick-break")), link, clock)
        _tell_unproven(session, link, SimpleNamespace(paper=SimpleNamespace(line=lines.append)))  # type: ignore[arg-type]

        def leave(view: View) -> None:
            session.left = view.state == "ready"

        session.subscribe(leave)
        await session.run()

    virtual(story)
    assert [line.split(":")[0].rpartition(" ")[2] for line in lines] == told
    assert all("nothing proves that this is" in line for line in lines)


def test_over_a_cable_or_with_a_proof_there_is_nothing_to_tell() -> None:
    view = Host(nonce=5).view(0.0)
    one = Impostor("FB-0001", "FB-0001")
    assert links.unproven(replace(view, identity=an_identity(simulator=0)), one) == ""  # type: ignore[arg-type]
    link = Sealed(one, lambda *about: [])  # type: ignore[arg-type]
    assert links.unproven(view, link) == ""
    link.envelope.stage = "proven"
    assert links.unproven(replace(view, identity=an_identity(simulator=0)), link) == ""
