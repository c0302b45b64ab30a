"""What real Bluetooth stacks do to a program, one lesson a section, each on both benches: the link must cope."""

from __future__ import annotations

import ast
import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from bleak.exc import BleakError

from firmware_protocol import air, framing, messages
from footctl.errors import FootctlError, LinkBusy, LinkError, LinkLost, LinkNotFound, LinkTimeout, UsageError
from footctl.link.ble import WRITE_S, BleLink, open_ble
from footctl.link.nearby import SCAN_S, everybody
from footctl.link.radio import radio
from footctl.run.session import STOP_FRAME
from simulator.peripheral import Peripheral
from tests.ble.conftest import BENCH, SLOWER, Massager, until
from tests.ble.gadget import HANGS, SECRET, Gadget
from tests.ble.process import Process
from tests.ble.sky import Sky

Make = Callable[..., Gadget]
Serve = Callable[..., Massager]
Footctl = Callable[..., Process]

pytestmark = pytest.mark.usefixtures("here")


def linked(gadget: Gadget, story: Callable[[BleLink], Coroutine[Any, Any, Any]]) -> Any:
    """What `story(link)` gives, of a link to `gadget`."""

    async def whole() -> Any:
        link = await open_ble(gadget.address)
        assert isinstance(link, BleLink)
        try:
            return await story(link)
        finally:
            link.close()
            await radio().left()

    return asyncio.run(whole())


async def _read(link: BleLink, count: int, wait_s: float = 5.0 * SLOWER) -> bytes:
    """At least so many bytes of `link`."""
    data = b""
    async with asyncio.timeout(wait_s):
        while len(data) < count:
            data += link.read(0.0)
            if len(data) < count:
                await link.readable(0.5)
    return data


async def _lost(link: BleLink, wait_s: float) -> LinkLost:
    """The error with which `link` ends."""
    async with asyncio.timeout(wait_s):
        while True:
            try:
                link.read(0.0)
            except LinkLost as error:
                return error
            await link.readable(0.1)


# 1. Pairing gives nothing that a program could rely on


def test_nothing_of_ours_pairs() -> None:
    for path in Path("footctl").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
        assert not [node.lineno for node in calls if node.attr in ("pair", "unpair")], path


def test_a_link_works_where_pairing_fails(gadget: Make) -> None:
    async def story(link: BleLink) -> None:
        with pytest.raises((BleakError, NotImplementedError, LinkTimeout)):
            await radio().ask(link._client.pair(), 10.0 * SLOWER, "pairing")
        if link._client.is_connected:  # BlueZ ends the link of a pairing that failed
            link.write(0.0, b"still here\0")
            assert await _read(link, 11) == b"still here\0"

    linked(gadget(), story)


# 2. What asks for encryption may never answer


@pytest.mark.parametrize("door", [SECRET, HANGS])
def test_nothing_waits_for_ever(gadget: Make, door: str) -> None:
    async def story(link: BleLink) -> None:
        begin = time.monotonic()
        with pytest.raises((LinkTimeout, BleakError)):
            await radio().ask(link._client.read_gatt_char(door), 1.0, "that value")
        assert time.monotonic() - begin < 1.0 + 0.5 * SLOWER

    linked(gadget(), story)


# 4. Programs of one computer share a link, and who lets go first ends it for all


def test_a_second_link_is_refused_and_the_first_goes_on(gadget: Make) -> None:
    there = gadget()

    async def story(link: BleLink) -> None:
        with pytest.raises(LinkBusy, match="in use by"):
            await open_ble(there.address)
        link.write(0.0, b"mine\0")
        assert await _read(link, 5) == b"mine\0"

    linked(there, story)
    linked(there, story)  # what was let go can be had again


# 5. The name is often missing


@pytest.mark.parametrize("wanted", ["any", "SIM-0001"])
def test_a_massager_without_a_name_is_found(sky: Sky, serve: Serve, wanted: str) -> None:
    sky.air.answers = False
    serve()

    async def story() -> str:
        link = await open_ble(wanted)
        link.close()
        return link.name

    assert ":" in asyncio.run(story())


def test_a_nameless_one_with_another_number_is_not_taken(sky: Sky, serve: Serve) -> None:
    sky.air.answers = False
    serve()
    with pytest.raises(LinkNotFound, match="SIM-0009"):
        asyncio.run(open_ble("SIM-0009"))


def test_a_name_that_two_bear_is_no_name(gadget: Make) -> None:
    one, other = gadget(), gadget()
    until(lambda: {seen.address for seen in asyncio.run(everybody())} >= {one.address, other.address}, "both advertise")

    async def both() -> None:
        while True:
            (await open_ble("any")).close()

    with pytest.raises(UsageError, match="several"):
        asyncio.run(both())


# 6. Long writes vanish, or come in an order of their own


def test_a_write_is_cut_to_what_a_packet_takes(gadget: Make) -> None:
    for mtu in (23, 517):
        there = gadget(mtu=mtu)
        data = bytes(range(1, 201)) * 3 + b"\0"

        async def story(link: BleLink, data: bytes = data) -> bytes:
            link.write(0.0, data)
            return await _read(link, len(data), 10.0 * SLOWER)

        assert linked(there, story) == data
        assert b"".join(there.heard) == data
        assert max(len(piece) for piece in there.heard) <= min(mtu - 3, air.LONGEST)
        there.end()


def test_a_simulator_that_is_held_up_loses_none_of_the_smallest_packets(sky: Sky) -> None:
    """For Linux each of them takes as much room on a line as a whole frame."""
    peripheral = Peripheral("SIM-0001", sky.socket("massager"), mtu=23)
    pieces = [bytes((number,)) * 20 for number in range(1, 40)]

    async def story() -> None:
        link = await open_ble(peripheral.address)
        assert isinstance(link, BleLink)
        for piece in pieces:
            last = piece is pieces[-1]  # with a response: by then it has heard all
            await radio().ask(link._client.write_gatt_char(air.TO_DEVICE, piece, response=last), 5.0 * SLOWER, "a write")
        carrier = peripheral.accept()
        assert carrier is not None
        assert carrier.read() == b"".join(pieces)
        carrier.close()
        link.close()
        await radio().left()

    try:
        asyncio.run(story())
    finally:
        peripheral.close()


def test_a_full_backlog_loses_whole_frames(gadget: Make) -> None:
    there = gadget(mtu=23)
    there.hears = False
    frame = bytes(range(1, 100)) + b"\0"

    async def story(link: BleLink) -> int:
        for _ in range(40):
            link.write(0.0, frame)
        there.hears = True
        data = await _read(link, 7 * len(frame), 20.0 * SLOWER)
        assert set(data.split(b"\0")) == {frame[:-1], b""}
        return link.dropped_writes

    assert linked(there, story) >= 30


# STOP is written with a response, in front of whatever waits


def test_stop_comes_first_and_is_answered(gadget: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    there = gadget(mtu=23)
    other = framing.encode(messages.code_of(messages.Release()), 1, messages.pack(messages.Release()))

    async def story(link: BleLink) -> list[tuple[bytes, bool]]:
        written: list[tuple[bytes, bool]] = []
        write = link._client.write_gatt_char

        async def noted(door: Any, data: bytes, response: bool) -> None:
            written.append((bytes(data), response))
            await write(door, data, response=response)

        link._client.write_gatt_char = noted
        link.write(0.0, other)
        await _read(link, len(other))
        for _ in range(20):
            link.write(0.0, other)
        link.urgent(STOP_FRAME)
        await _read(link, len(STOP_FRAME))
        await asyncio.sleep(0.3 * SLOWER)
        link.write(0.0, STOP_FRAME)
        await _read(link, len(STOP_FRAME))
        return written

    written = linked(there, story)
    firm = b"".join(data for data, response in written if response)
    assert STOP_FRAME in firm
    assert firm.count(STOP_FRAME) >= 2
    before = [data for data, response in written if not response]
    assert len(b"".join(before)) <= 3 * len(other) + 40  # what was on its way; the rest is forgotten


# 7. Peripherals that are not there, adapters that are off, a system without D-Bus


def test_one_that_vanished_between_scan_and_connect(gadget: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    there = gadget()
    monkeypatch.setattr("footctl.link.ble.CONNECT_S", 1.5)
    connect = BleLink.connect

    async def too_late(self: BleLink) -> None:
        there.vanish()
        await connect(self)

    monkeypatch.setattr(BleLink, "connect", too_late)
    begin = time.monotonic()
    with pytest.raises(LinkError) as caught:
        asyncio.run(open_ble(there.address))
    assert caught.value.hint
    assert caught.value.exit_code == 4
    assert time.monotonic() - begin < SCAN_S + 3 * 1.5 + 2.0 * SLOWER


def test_nobody_is_there() -> None:
    begin = time.monotonic()
    with pytest.raises(LinkNotFound, match="Footbath-4711") as caught:
        asyncio.run(open_ble("Footbath-4711"))
    assert "within some metres" in caught.value.hint
    assert time.monotonic() - begin < SCAN_S + 2.0 * SLOWER


def test_it_offers_something_else(gadget: Make) -> None:
    there = gadget(to_device=HANGS.replace("0007", "0009"))
    with pytest.raises(LinkNotFound, match="does not offer the service"):
        asyncio.run(open_ble(there.address))


def test_a_dropped_link_is_a_lost_link(gadget: Make) -> None:
    there = gadget()

    async def story(link: BleLink) -> None:
        there.drop()
        error = await _lost(link, 3.0 * SLOWER)
        assert "broke off" in str(error)
        assert error.hint
        with pytest.raises(LinkLost):
            link.write(0.0, b"x\0")
        link.urgent(STOP_FRAME)  # never raises

    linked(there, story)


def test_no_system_bus(spawn: Callable[..., Process], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    process = spawn("device", "info", "--ble", "SIM-0001", main="tests.ble.test_lessons:with_the_systems_own")
    assert process.wait(60.0 * SLOWER) == 4
    assert "D-Bus is not running" in process.told()[1]


def with_the_systems_own(words: list[str]) -> int:
    """footctl with bleak's own back end, whatever bench this is."""
    import bleak
    from bleak.backends import adapter, client, scanner

    vars(bleak)["get_platform_scanner_backend_type"] = scanner.get_platform_scanner_backend_type
    vars(bleak)["get_platform_client_backend_type"] = client.get_platform_client_backend_type
    vars(bleak)["get_platform_adapter_backend_type"] = adapter.get_platform_adapter_backend_type
    from footctl.cli.main import main

    return main(words)


# 8. A request that waits while the link drops is cancelled from within by some stacks


def test_a_request_that_waits_while_the_link_drops(gadget: Make) -> None:
    there = gadget()

    async def story(link: BleLink) -> None:
        there.hears = False
        link.write(0.0, STOP_FRAME)  # with a response that does not come
        await asyncio.sleep(0.2)
        there.vanish()
        error = await _lost(link, WRITE_S + 3.0 * SLOWER)
        assert "went away" in str(error)

    linked(there, story)


def test_a_question_that_waits_while_the_link_drops(gadget: Make) -> None:
    there = gadget()

    async def story(link: BleLink) -> None:
        asking = asyncio.ensure_future(radio().ask(link._client.read_gatt_char(HANGS), 5.0 * SLOWER, "that value"))
        await asyncio.sleep(0.2)
        there.vanish()
        with pytest.raises((FootctlError, BleakError)):
            await asking

    linked(there, story)


def test_a_peripheral_that_takes_nothing_is_a_lost_link(gadget: Make) -> None:
    there = gadget()

    async def story(link: BleLink) -> None:
        there.hears = False
        begin = time.monotonic()
        link.write(0.0, STOP_FRAME)
        error = await _lost(link, WRITE_S + 3.0 * SLOWER)
        assert "took nothing" in str(error)
        assert time.monotonic() - begin >= WRITE_S

    linked(there, story)


# What a second is worth: scan, connect, hello


def test_found_connected_and_known_in_three_seconds(serve: Serve) -> None:
    serve()

    async def story() -> tuple[float, str]:
        from footctl.link.discover import identify

        begin = time.monotonic()
        link = await open_ble("Footbath-0001")
        identity = await identify(link, 5.0 * SLOWER)
        took = time.monotonic() - begin
        link.close()
        assert identity is not None
        return took, identity.serial

    for _ in range(3):
        took, serial = asyncio.run(story())
        assert serial == "SIM-0001"
        assert took < (3.0 if BENCH == "bumble" else 15.0), took
