"""The radio: the Nordic UART Service through aioble, one host at a time, and none that keeps silent. What a host may do is the mind's.

What does not fit through now waits in whole frames, as on the cable, and is lost in whole frames when too much waits.
"""

import asyncio
from time import ticks_diff, ticks_ms

import aioble
import bluetooth
from aioble import core

from firmware_protocol import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

SERVICE = "6E400001-B5A3-F393-E0A9-E50E24DCCA9E"
WRITES = "6E400002-B5A3-F393-E0A9-E50E24DCCA9E"
NOTIFIES = "6E400003-B5A3-F393-E0A9-E50E24DCCA9E"
EVERY_US = 200000  # between two advertisements: found within a second, at a hundredth of the power of the fastest [ENG]
MTU = 247  # one LE data packet
LEAST_MTU = 23
HELD = 2048  # bytes, each way; without a word about it MicroPython keeps the first 20 of a write, and until the next one
LOOK_MS = 100  # how often the connection is looked after
AGAIN_MS = 1000  # after the radio refused something


class Radio:
    """`live` is a task. `hear` gets what a host writes, `gone` is called when it is gone."""

    def __init__(self, serial: bytes, hear: "Callable[[bytes], None]", gone: "Callable[[], None]") -> None:
        self._name = "Footbath-" + serial[-4:].decode()
        self._hear = hear
        self._gone = gone
        self._held = b""
        self._host: "Any" = None
        self._heard_ms = 0
        core.log_level = 0  # what it prints would stand between the frames on the cable, and wait for a host that reads it
        aioble.config(mtu=MTU)
        service = aioble.Service(bluetooth.UUID(SERVICE))
        self._writes = aioble.BufferedCharacteristic(
            service, bluetooth.UUID(WRITES), max_len=HELD, append=True, write=True, write_no_response=True
        )
        self._notifies = aioble.Characteristic(service, bluetooth.UUID(NOTIFIES), notify=True)
        aioble.register_services(service)
        self.lost = 0

    async def live(self) -> None:
        """Advertise, serve a host until it is gone, advertise again. Ends with an error of ours, never with a host's bad luck."""
        await asyncio.gather(self._listen(), self._serve())

    async def _serve(self) -> None:
        while True:
            try:
                # None when it was cancelled: aioble does that, and also raises it, where a connection ends while something waits for it.
                self._host = await aioble.advertise(EVERY_US, name=self._name, services=[bluetooth.UUID(SERVICE)])
                if self._host is None:
                    await asyncio.sleep_ms(AGAIN_MS)
                else:
                    self._heard_ms = ticks_ms()
                    await self._served(self._host)
            except (OSError, asyncio.TimeoutError, asyncio.CancelledError, aioble.DeviceDisconnectedError):
                await asyncio.sleep_ms(AGAIN_MS)
            if self._host is not None:
                self._host = None
                self._held = b""
                self._gone()

    async def _served(self, host: "Any") -> None:
        # Looked at, not waited for with a limit: aioble's limit would cancel the task that tidies up behind the connection.
        while host.is_connected():
            if ticks_diff(ticks_ms(), self._heard_ms) > limits.SILENT_LINK_MS:
                await host.disconnect(timeout_ms=None)
            else:
                await asyncio.sleep_ms(LOOK_MS)

    async def _listen(self) -> None:
        while True:
            host = await self._writes.written()
            data = self._writes.read()  # empties it
            if host is not None and host is self._host:
                self._heard_ms = ticks_ms()
                self._hear(data)

    def write(self, data: bytes) -> None:
        """Send, or lose, whole frames."""
        if self._host is None or not data:
            return
        if len(self._held) + len(data) > HELD:
            self.lost += 1
        else:
            self._held += data
        self.push()

    def push(self) -> None:
        """Move on what is held, in pieces that fit a notification."""
        # A connection that ended has no number any more, and aioble fails on it in ways of its own.
        while self._held and self._host is not None and self._host.is_connected():
            size = (self._host.mtu or LEAST_MTU) - 3
            try:
                self._notifies.notify(self._host, self._held[:size])
            except OSError:
                return  # its buffers are full, or it is just going away
            self._held = self._held[size:]
