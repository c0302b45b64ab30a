"""A BLE peripheral as a link: the Nordic UART Service, cut to what one write takes. Of the stream it knows where STOP is, and nothing else.

The library runs in the radio's thread; this object hands bytes over and back. Nothing here waits for ever: a write that is not taken in
time is a lost link. That the peripheral fell silent, or that the system's Bluetooth service died without a word, only the host's heartbeat
can see.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from firmware_protocol import air, messages
from footctl.errors import DeviceRefused, LinkError, LinkNotFound, LinkTimeout
from footctl.link.bluetooth import FAR, explain
from footctl.link.claim import claim
from footctl.link.nearby import ADDRESS, ANY, Seen, find
from footctl.link.radio import Radio, radio
from footctl.link.transport import Carrier, Link

if TYPE_CHECKING:
    import socket

    from footctl.link.sealed import KeysOf

CONNECT_S = 6.0  # connect, find the service, subscribe
TRIES = 3  # the first of them fails now and then: the radio is shared with Wi-Fi
AGAIN_S = 0.3
WRITE_S = 1.2  # shorter than the device's shortest lease of 1.5 s: later, and the device has let go anyway
BACKLOG = 720  # bytes that wait to be sent; three full frames are half a second of a poor link
INBOX_MAX = 1 << 16
FLUSH_S = 0.5  # for the last bytes, before the link is closed
BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"  # one byte, percent [S: Bluetooth SIG, Battery Service 1.1]
STOP = messages.code_of(messages.Stop(0))


class BleLink(Carrier):
    """`seen` connected, or about to be. Needs a running loop. `open_ble` makes it."""

    gone_hint = "check the device's power and the distance; it switches itself off without a host"

    def __init__(self, seen: Seen, on: Radio, held: socket.socket | None) -> None:
        super().__init__(seen.label)
        self.dropped_writes = 0
        self._seen = seen
        self._radio = on
        self._held = held
        self._client: Any = None
        self._writer: asyncio.Task[None] | None = None
        self._arrived = bytearray()
        self._out = bytearray()
        self._firm = 0  # so many bytes of `_out` are written with a response
        self._mutex = threading.Lock()
        self._more = asyncio.Event()  # of the radio's loop

    # the verbs of a link

    def read(self, now: float) -> bytes:
        """What was notified. LinkLost once all is read and the link is gone."""
        if self._arrived:
            with self._mutex:
                data = bytes(self._arrived)
                self._arrived.clear()
            return data
        self._check()
        return b""

    def write(self, now: float, data: bytes) -> None:
        """All of it, or none when too much waits already."""
        self._check()
        with self._mutex:
            if len(self._out) + len(data) > BACKLOG:
                self.dropped_writes += 1
                return
            self._out += data
            if stops(data):
                self._firm = len(self._out)
        self._radio.later(self._more.set)

    def urgent(self, data: bytes) -> None:
        """In front of whatever waits, which is forgotten: after a STOP it means nothing."""
        with self._mutex:
            self._out[:] = data
            self._firm = len(data)
        self._radio.later(self._more.set)

    def close(self) -> None:
        """Let the peripheral go, by itself: it takes a moment, in which the caller may end."""
        if not self._closed:
            self._closed = True
            self._radio.leave(self._let_go())

    async def battery_percent(self) -> int | None:
        """What its battery service says; None without one. Raises LinkError."""
        service = self._client.services and self._client.services.get_service(BATTERY_SERVICE)
        if not service or service.get_characteristic(BATTERY_LEVEL) is None:
            return None
        try:
            told = await self._radio.ask(self._client.read_gatt_char(BATTERY_LEVEL), WRITE_S, self.name)
        except Exception as error:
            raise explain(error, self.name) from error
        return told[0] if len(told) == 1 and told[0] <= 100 else None

    # in the radio's thread

    async def connect(self) -> None:
        """Connect and subscribe. Raises what the library raises."""
        from bleak import BleakClient

        client = self._client = BleakClient(self._seen.handle, lambda _: self._lost("the connection broke off"), timeout=CONNECT_S)
        try:
            await client.connect()
            service = client.services.get_service(air.SERVICE)
            door = service and service.get_characteristic(air.TO_DEVICE)
            if door is None or service is None or service.get_characteristic(air.TO_HOST) is None:
                raise LinkNotFound(f"{self.name} does not offer the service of a massager", "is this the right one? see `footctl devices`")
            await client.start_notify(air.TO_HOST, self._hear)
        except BaseException:
            await self._disconnect()
            raise
        self._gone = None
        self._writer = asyncio.ensure_future(self._write_out(client, door))

    def _hear(self, _: Any, data: bytearray) -> None:
        with self._mutex:
            if len(self._arrived) + len(data) <= INBOX_MAX:
                self._arrived += data
        self._wake()

    def _lost(self, why: str) -> None:
        if self._gone is None:
            self._gone = why
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._bell.ring)

    async def _write_out(self, client: Any, door: Any) -> None:
        """Write what waits, piece by piece, until the link is closed and nothing waits, or a piece is not taken."""
        try:
            while True:
                await self._more.wait()
                self._more.clear()
                while piece := self._piece(min(door.max_write_without_response_size, air.LONGEST)):
                    data, firm = piece
                    async with asyncio.timeout(WRITE_S):
                        await client.write_gatt_char(door, data, response=firm)
                if self._closed:
                    return
        except asyncio.CancelledError:  # some stacks cancel what waits when the link drops
            self._lost("the connection broke off")
            raise
        except TimeoutError:
            self._lost(f"it took nothing for {WRITE_S:g} s")
        except Exception as error:
            self._lost(str(explain(error, "Bluetooth")))

    def _piece(self, room: int) -> tuple[bytes, bool] | None:
        with self._mutex:
            data = bytes(self._out[:room])
            firm = self._firm > 0
            self._firm = max(0, self._firm - len(data))
            self._out = self._out[len(data) :]
        return (data, firm) if data else None

    async def _let_go(self) -> None:
        try:
            if self._writer is not None:
                self._more.set()
                await asyncio.wait((self._writer,), timeout=FLUSH_S)
                self._writer.cancel()
            await self._disconnect()
        finally:
            if self._held is not None:
                self._held.close()

    async def _disconnect(self) -> None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(2 * WRITE_S):
                await self._client.disconnect()


def stops(data: bytes) -> bool:
    """Whether a frame in `data` is a STOP: the type stands behind the first code byte."""
    return any(len(frame) > 1 and frame[1] == STOP for frame in data.split(b"\0"))


async def open_ble(wanted: str) -> Link:
    """A link to the peripheral of this advertised name, serial number or address, or to "any" when there is only one.

    Raises LinkNotFound, LinkTimeout, LinkBusy or LinkError, each with what to do, and UsageError when several are meant.
    """
    for seen in await find(wanted):
        link = await open_seen(seen)
        if wanted == ANY or ADDRESS.fullmatch(wanted) or (seen.name or "").lower() == wanted.lower():
            return link
        if await _has_serial(link, wanted):
            return link
        link.close()
    raise LinkNotFound(f"nobody with the serial number {wanted} is within reach", f"{FAR} `footctl devices` looks around")


def keys_for(wanted: str, keys_of: KeysOf, paired: Callable[[], Sequence[str]]) -> KeysOf:
    """`keys_of` for a session with the peripheral that `wanted` names: there are keys for that device alone, DeviceRefused for another.

    Who answered to the search may name another serial number to the session, one that nobody paired and that needs no proof.
    Where `wanted` fits devices that are `paired`, it is one of these, to the letter; an address and "any" name no number.
    """
    if wanted == ANY or ADDRESS.fullmatch(wanted):
        return keys_of

    def keys_of_it(serial: str, simulator: int, wants_proof: bool) -> Sequence[bytes]:
        known = [one for one in paired() if _fits(wanted, one)]
        if serial not in known if known else not _fits(wanted, serial):
            raise DeviceRefused(
                f"what answers to {wanted} is {serial}" + (f", not {' or '.join(known)} that is paired" if known else ""),
                "nothing was started; somebody may speak in its name. If this is another device of yours: --ble with its own serial number",
            )
        return keys_of(serial, simulator, wants_proof)

    return keys_of_it


def _fits(wanted: str, serial: str) -> bool:
    return wanted.lower() in (serial.lower(), air.name_of(serial).lower())


async def _has_serial(link: Link, wanted: str) -> bool:
    """Names hold the last four of a serial number, and neighbours may share them: ask."""
    from footctl.link.discover import identify

    try:
        identity = await identify(link)
    except LinkError:
        return False
    return identity is not None and identity.serial.lower() == wanted.lower()


async def open_seen(seen: Seen) -> BleLink:
    """A link to a peripheral that was just seen. Raises LinkError."""
    on = radio()
    held = claim(seen.address, seen.label)
    link = BleLink(seen, on, held)
    try:
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                await on.ask(link.connect(), CONNECT_S, seen.label)
                return link
            except (LinkNotFound, LinkTimeout):  # no such service, or six seconds of nothing: once more will not help
                raise
            except Exception as error:
                if last:
                    raise explain(error, seen.label) from error
                await asyncio.sleep(AGAIN_S)
        raise AssertionError
    except BaseException:
        if held is not None:
            held.close()
        raise
