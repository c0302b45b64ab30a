"""Who advertises our service nearby, and which of them is meant by a name. Connects to nobody.

A peripheral is known by its service: the name is often missing, and on macOS the address is one that only this computer knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from firmware_protocol import air
from footctl.errors import LinkBusy, LinkError, LinkNotFound, UsageError
from footctl.link import claim
from footctl.link.bluetooth import FAR, explain
from footctl.link.radio import radio

SCAN_S = 5.0  # devices advertise several times a second; a poor radio hears one in five
LISTEN_S = 3.0  # to list all that there are
OTHERS_S = 0.4  # listening on for a second one after the first, when any will do
NAMES_S = 1.0  # listening on for the name of one that has told none: the answer that holds it is often missed
START_S = 5.0  # for the system to begin or end a scan
ANY = "any"
ADDRESS = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A peripheral. `name` None: it has not told. `handle` is the library's."""

    address: str
    name: str | None
    rssi: int
    handle: Any

    @property
    def label(self) -> str:
        """How it is named to a person."""
        return f"{self.name} ({self.address})" if self.name else self.address


def is_meant(wanted: str, name: str | None, address: str) -> bool:
    """Whether `wanted`, an address, an advertised name, a serial number or "any", may mean the peripheral of this name and address."""
    if wanted == ANY:
        return True
    if ADDRESS.fullmatch(wanted):
        return wanted.lower() == address.lower()
    return name is not None and wanted.lower() in (name.lower(), serial_of(wanted, name).lower())


def serial_of(wanted: str, name: str) -> str:
    """`wanted` when it is a serial number that this advertised name may belong to; else the name itself."""
    return wanted if air.name_of(wanted).lower() == name.lower() else name


def link_is_meant(wanted: str, link_name: str) -> bool:
    """As `is_meant`, for a link that is called as Seen.label has it."""
    told = re.fullmatch(r"(?:(.*) \()?(" + ADDRESS.pattern + r")\)?", link_name, re.IGNORECASE)
    return told is not None and is_meant(wanted, told[1], told[2])


async def everybody() -> list[Seen]:
    """All that advertise, the strongest first. Raises LinkError."""
    return await _scan(LISTEN_S, lambda one: LISTEN_S)


async def find(wanted: str) -> list[Seen]:
    """Who may be meant, the likeliest first: whoever is called so, or, when nobody is, whoever told no name.

    Raises LinkNotFound when there is nobody, UsageError when "any" or a name means several.
    """

    def on(one: Seen) -> float:
        if is_meant(wanted, one.name, one.address):
            return OTHERS_S if wanted == ANY else 0.0
        return NAMES_S if one.name is None and not ADDRESS.fullmatch(wanted) else SCAN_S

    seen = await _scan(SCAN_S, on)
    called = [one for one in seen if is_meant(wanted, one.name, one.address)]
    if not called and not ADDRESS.fullmatch(wanted):
        called = [one for one in seen if one.name is None]
    if not called:
        others = [one.label for one in seen] + [f"{address}, to which {holder} is connected" for address, holder in claim.held().items()]
        who = "no massager" if wanted == ANY else f"nobody called {wanted}"
        holder = claim.holder(wanted)
        if holder is not None:
            raise LinkBusy(f"{wanted} is in use by {holder}", claim.BUSY_HINT)
        there = f"; there are: {', '.join(others)}" if others else ""
        raise LinkNotFound(f"{who} is within reach{there}", f"{FAR} `footctl devices` looks around")
    if len(called) > 1 and (wanted == ANY or wanted.lower() == (called[0].name or "").lower()):
        raise UsageError("several devices are within reach", f"name one with --ble: {', '.join(one.label for one in called)}")
    return called


async def _scan(most_s: float, on: Callable[[Seen], float]) -> list[Seen]:
    """Everybody who is heard within `most_s`, or within the least of what `on` gives after somebody was heard for the first time."""
    await radio().left()  # who was just let go advertises again only then
    try:
        seen = await radio().ask(_listen(most_s, on), 2 * START_S + most_s, "Bluetooth")
    except (UsageError, LinkError):
        raise
    except Exception as error:
        raise explain(error, "Bluetooth") from error
    return sorted(seen, key=lambda one: -one.rssi)


async def _listen(most_s: float, on: Callable[[Seen], float]) -> list[Seen]:
    """In the radio's thread."""
    from bleak import BleakScanner
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    await _let_go_forgotten()
    seen: dict[str, Seen] = {}
    loop = asyncio.get_running_loop()
    end = loop.time() + most_s
    heard = asyncio.Event()

    def hear(device: BLEDevice, told: AdvertisementData) -> None:
        nonlocal end
        before = seen.get(device.address)
        one = seen[device.address] = Seen(device.address, told.local_name or (before.name if before else None), told.rssi, device)
        if before is None or before.name != one.name:
            end = min(end, loop.time() + on(one))
            heard.set()

    scanner = BleakScanner(hear, [air.SERVICE])
    async with asyncio.timeout(START_S):
        await scanner.start()
    try:
        while (left_s := end - loop.time()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await heard.wait()
            heard.clear()
    finally:
        async with asyncio.timeout(START_S):
            await scanner.stop()
    return list(seen.values())


async def _let_go_forgotten() -> None:
    """Disconnect what a program that was killed left connected: BlueZ keeps such links for ever, and who is connected may not advertise.

    What another footctl holds is left alone. Elsewhere links end with their program.
    """
    from bleak import BleakAdapter, BleakClient

    if not claim.one_link_for_all():
        return
    adapter = await BleakAdapter.get()
    for device in await adapter.get_connected_devices([air.SERVICE]):
        if claim.holder(device.address) is None:
            client = BleakClient(device)
            async with asyncio.timeout(START_S):
                await client.connect()
                await client.disconnect()
