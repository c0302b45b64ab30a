"""Words for what goes wrong with Bluetooth, and whom a name means. No radio: tests/ble has one."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
)

from firmware_protocol import air, framing, messages
from footctl.errors import LinkBusy, LinkError, LinkLost, LinkNotFound, LinkTimeout
from footctl.link import bluetooth, claim
from footctl.link.ble import stops
from footctl.link.nearby import is_meant, link_is_meant
from footctl.link.radio import Radio
from footctl.run.session import PAIN_FRAME, STOP_FRAME

REASON = BleakBluetoothNotAvailableReason
ADDRESS = "DF:AB:B7:46:37:D8"
APPLES = "5AB5D1E0-4F0C-4D2C-9B3A-7C3D00000001"

ERRORS: list[tuple[BaseException, type[LinkError], str]] = [
    (BleakBluetoothNotAvailableError("x", REASON.NO_BLUETOOTH), LinkNotFound, "no Bluetooth adapter"),
    (BleakBluetoothNotAvailableError("x", REASON.NO_BLE_CENTRAL_ROLE), LinkNotFound, "no Bluetooth adapter"),
    (BleakBluetoothNotAvailableError("x", REASON.POWERED_OFF), LinkNotFound, "switched off"),
    (BleakBluetoothNotAvailableError("x", REASON.DENIED_BY_USER), LinkError, "may not use Bluetooth"),
    (BleakBluetoothNotAvailableError("x", REASON.UNKNOWN), LinkError, "may not use Bluetooth"),
    (BleakDeviceNotFoundError("x", "gone"), LinkNotFound, "not there any more"),
    (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["x"]), LinkNotFound, "bluetoothd"),
    (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", ["x"]), LinkError, "may not use Bluetooth"),
    (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), LinkNotFound, "switched off"),
    (BleakDBusError("org.bluez.Error.InProgress", ["br-connection-busy"]), LinkBusy, "busy"),
    (BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", ["x"]), LinkNotFound, "not there any more"),
    (BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]), LinkError, "le-connection-abort-by-local"),
    (TimeoutError(), LinkTimeout, "does not answer"),
    (FileNotFoundError(2, "No such file"), LinkNotFound, "D-Bus is not running"),
    (ConnectionRefusedError(), LinkNotFound, "D-Bus is not running"),
    (PermissionError(), LinkError, "may not use Bluetooth"),
    (EOFError(), LinkLost, "went away"),
    (BleakError("Service Discovery has not been performed yet"), LinkError, "Service Discovery"),
    (ValueError(), LinkError, "ValueError"),
    (LinkBusy("mine", "yours"), LinkBusy, "mine"),
]


@pytest.mark.parametrize(("error", "kind", "words"), ERRORS, ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "")
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "freebsd14"])
def test_every_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, platform: str, error: BaseException, kind: type[LinkError], words: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    told = bluetooth.explain(error, "Footbath-0001")
    assert type(told) is kind
    assert words in str(told)
    assert told.hint
    assert told.exit_code == 4


@pytest.mark.parametrize(
    ("wanted", "name", "address", "meant"),
    [
        ("any", None, ADDRESS, True),
        (ADDRESS.lower(), None, ADDRESS, True),
        (APPLES, None, APPLES.lower(), True),
        (ADDRESS, "Footbath-0001", "DF:AB:B7:46:37:D9", False),
        ("Footbath-0001", "Footbath-0001", ADDRESS, True),
        ("footbath-0001", "Footbath-0001", ADDRESS, True),
        ("SIM-0001", "Footbath-0001", ADDRESS, True),
        ("SIM-0002", "Footbath-0001", ADDRESS, False),
        ("Footbath-0001", None, ADDRESS, False),
    ],
)
def test_whom_a_name_means(wanted: str, name: str | None, address: str, meant: bool) -> None:
    assert is_meant(wanted, name, address) is meant
    label = f"{name} ({address})" if name else address
    assert link_is_meant(wanted, label) is meant


@pytest.mark.parametrize("link", ["/dev/ttyACM0", "127.0.0.1:4000", "simulator", ""])
def test_other_links_are_never_meant(link: str) -> None:
    assert not link_is_meant("any", link)


def test_the_name_ends_with_the_last_four_of_the_serial_number() -> None:
    assert air.name_of("FB-12345678") == "Footbath-5678"


def test_stop_is_known_in_a_stream() -> None:
    other = framing.encode(messages.code_of(messages.Release()), 1, messages.pack(messages.Release()))
    assert stops(STOP_FRAME)
    assert stops(other + PAIN_FRAME + other)
    assert not stops(other + other)
    assert not stops(b"")
    assert not stops(b"\0\0\0")


@pytest.mark.skipif(sys.platform != "linux", reason="programs share a link on Linux only")
def test_a_peripheral_has_one_holder_and_is_free_once_that_is_gone() -> None:
    address = "00:00:5E:00:53:01"
    held = claim.claim(address, "it")
    assert held is not None
    assert claim.holder(address) is not None
    assert address in claim.held()
    with pytest.raises(LinkBusy, match="it is in use by"):
        claim.claim(address.lower(), "it")
    held.close()
    assert claim.holder(address) is None
    assert address not in claim.held()


def test_elsewhere_nobody_holds_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "ALONE", False)
    assert claim.claim(ADDRESS, "it") is None
    assert claim.held() == {}


# ---------------------------------------------------------------------------------------------------------- the radio's thread


@pytest.fixture
def radio() -> Any:
    """A radio of this test's own."""
    made = Radio()
    yield made
    made.end()


def test_work_in_the_radios_thread_is_bounded(radio: Radio) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("after the limit, for nobody")

    async def cancelled_from_within() -> None:
        raise asyncio.CancelledError

    async def fine() -> int:
        return 3

    async def wrong() -> None:
        raise KeyError("as it is")

    async def story() -> None:
        assert await radio.ask(fine(), 1.0, "it") == 3
        for work in (never, late):
            with pytest.raises(LinkTimeout, match="no answer within"):
                await radio.ask(work(), 0.03, "it")
        with pytest.raises(LinkLost, match="broken off"):
            await radio.ask(cancelled_from_within(), 1.0, "it")
        with pytest.raises(KeyError):
            await radio.ask(wrong(), 1.0, "it")

    asyncio.run(story())


def test_a_caller_that_is_cancelled_cancels_the_work(radio: Radio) -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def story() -> None:
        asking = asyncio.ensure_future(radio.ask(work(), 5.0, "it"))
        await asyncio.sleep(0.03)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(story())
    radio.end()
    assert ended == [True]


def test_what_leaves_is_waited_for(radio: Radio) -> None:
    done: list[str] = []

    async def leaving(how: str) -> None:
        await asyncio.sleep(0.03)
        done.append(how)
        if how == "badly":
            raise RuntimeError("nobody listens")

    radio.leave(leaving("well"))
    radio.leave(leaving("badly"))
    asyncio.run(radio.left())
    assert sorted(done) == ["badly", "well"]
    radio.leave(leaving("at the end"))
    radio.end()
    assert "at the end" in done
    radio.later(done.append, "never")
    assert "never" not in done


def test_platform_hints_cover_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tables: tuple[Callable[[], dict[str, str]], ...] = (lambda: bluetooth.NO_RADIO, lambda: bluetooth.RADIO_OFF, lambda: bluetooth.DENIED)
    for table in tables:
        assert {"linux", "darwin", "win32"} <= set(table())


def test_a_name_of_a_socket_family_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: Any) -> Any:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket.socket, "bind", none)
    with pytest.raises(OSError, match="not supported"):
        claim.claim("00:00:5E:00:53:02", "it")
