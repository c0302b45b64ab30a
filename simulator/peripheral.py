"""A served world as a BLE peripheral: the Nordic UART Service on bumble, in a thread of its own, each connection a carrier for the server.

Knows where an adapter is to be had and how to advertise; nothing about frames.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware_protocol import air, limits
from footctl.errors import LinkError, LinkLost, LinkNotFound, UsageError
from simulator.carriers import Carrier

if TYPE_CHECKING:
    from bumble.device import Connection, Device
    from bumble.gatt import Characteristic

VHCI = Path("/dev/vhci")
KERNELS_ADDRESS = "F0:F1:F2:F3:F4:F5"  # of the virtual adapter that this machine's own Bluetooth sees
ADVERTISE_MS = 200  # Apple's guideline asks for 152.5, 211.25 … ms; found within half a second
ROOM = 3  # connections; the device's fourth place is the cable's
SILENT_S = limits.SILENT_LINK_MS / 1000
START_S = 15.0  # for an adapter to be made ready
BUFFER = 2048  # bytes towards the air; a few frames, so that a full radio costs whole old frames and not many seconds
MTU = (23, 247)  # smallest there is; one data packet of a modern radio


class Peripheral:
    """Serves on the adapter behind `transport`, in bumble's words ("usb:0"), or with "vhci" to this machine's own Bluetooth.

    A listener for simulator.serve: `fd` is readable when somebody connected. Raises LinkNotFound, LinkError or UsageError.
    """

    def __init__(self, serial: str, transport: str, mtu: int = MTU[1]) -> None:
        check(transport, mtu)
        self.address = address_of(serial, transport)
        self.name = f"{air.name_of(serial)} ({self.address})"
        self._serial = serial
        self._transport = transport
        self._mtu = mtu
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self.fd = self._bell.fileno()
        self._waiting: list[Carrier] = []
        self._links: dict[Connection, _Line] = {}
        self._trouble: BaseException | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._advertising: asyncio.Future[None] | None = None
        self._thread = threading.Thread(target=self._run, name="peripheral", daemon=True)
        self._thread.start()
        self._ready.wait(START_S)
        if self._trouble is not None or not self._ready.is_set():
            self.close()
            raise explain(transport, self._trouble or TimeoutError("the adapter does not answer"))

    def accept(self) -> Carrier | None:
        """The next connection, or None when nobody waits any more. LinkLost when the adapter has gone."""
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(64)
        if self._trouble is not None:
            raise LinkLost(f"--ble {self._transport}: the adapter went away", "nobody can reach the simulator any more; start it again")
        return self._waiting.pop(0) if self._waiting else None

    def close(self) -> None:
        """Disconnect everybody and give the adapter back."""
        if self._loop is not None and self._over is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(START_S)
        for carrier in self._waiting:
            carrier.close()
        self._bell.close()
        self._ringer.close()

    # in the thread

    def _run(self) -> None:
        logging.getLogger("bumble").setLevel(logging.CRITICAL)  # a link that ends in mid-packet is an everyday thing on a radio
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._trouble = error
        finally:
            self._ready.set()
            self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):
            self._ringer.send(b"!")

    async def _serve(self) -> None:
        from bumble import hci
        from bumble.device import Device, DeviceConfiguration

        self._loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        async with _adapter(self._transport) as (source, sink, gone):
            config = DeviceConfiguration(
                name=air.name_of(self._serial),
                address=hci.Address(self.address, hci.Address.RANDOM_DEVICE_ADDRESS),
                advertising_interval_min=ADVERTISE_MS,
                advertising_interval_max=ADVERTISE_MS,
            )
            device = Device.from_config_with_hci(config, source, sink)
            device.gatt_server.max_mtu = self._mtu
            notify = self._offer(device)
            device.on(device.EVENT_CONNECTION, lambda connection: self._welcome(device, notify, connection))
            async with asyncio.timeout(START_S):
                await device.power_on()
                await device.start_advertising()
            self._ready.set()
            over = asyncio.ensure_future(self._over.wait())
            await asyncio.wait((over, gone), return_when=asyncio.FIRST_COMPLETED)
            if not over.done():
                over.cancel()
                raise ConnectionResetError("the transport ended")
            for connection in list(self._links):
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(1.0):
                        await connection.disconnect()
            if self._advertising is not None:
                await asyncio.wait((self._advertising,), timeout=1.0)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(1.0):
                    await device.power_off()

    def _offer(self, device: Device) -> Characteristic[bytes]:
        """The service and what is advertised: its identifier first, because the name may not fit or not be asked for."""
        from bumble import data_types
        from bumble.core import UUID, AdvertisingData
        from bumble.gatt import Characteristic, CharacteristicValue, Service

        can, may = Characteristic.Properties, Characteristic.Permissions
        notify: Characteristic[bytes] = Characteristic(air.TO_HOST, can.NOTIFY, may.READABLE, b"")
        written = CharacteristicValue(write=self._written)
        write: Characteristic[Any] = Characteristic(air.TO_DEVICE, can.WRITE | can.WRITE_WITHOUT_RESPONSE, may.WRITEABLE, written)
        device.add_service(Service(air.SERVICE, [write, notify]))
        flags = AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE | AdvertisingData.Flags.BR_EDR_NOT_SUPPORTED
        service = data_types.CompleteListOf128BitServiceUUIDs([UUID(air.SERVICE)])
        device.advertising_data = bytes(AdvertisingData([data_types.Flags(flags), service]))
        device.scan_response_data = bytes(AdvertisingData([data_types.CompleteLocalName(air.name_of(self._serial))]))
        return notify

    def _written(self, connection: Connection, value: bytes) -> None:
        line = self._links.get(connection)
        if line is not None:
            line.put(bytes(value))

    def _welcome(self, device: Device, notify: Characteristic[bytes], connection: Connection) -> None:
        # A central has one link at a time: one that it had before is dead, even where its supervision time is not over yet.
        for other in [other for other in self._links if other.peer_address == connection.peer_address]:
            self._links.pop(other).end()
        line = _Line(connection)
        self._links[connection] = line
        line.task = asyncio.ensure_future(line.notify(device, notify))
        connection.on(connection.EVENT_DISCONNECTION, lambda reason: self._farewell(device, connection))
        self._waiting.append(line.carrier)
        self._ring()
        self._advertise(device)

    def _farewell(self, device: Device, connection: Connection) -> None:
        line = self._links.pop(connection, None)
        if line is not None:
            line.end()
        self._advertise(device)

    def _advertise(self, device: Device) -> None:
        """A connection ends advertising; others may connect as long as there is room."""
        if len(self._links) < ROOM and self._over is not None and not self._over.is_set():
            self._advertising = asyncio.ensure_future(device.start_advertising())
            self._advertising.add_done_callback(lambda done: done.cancelled() or done.exception())


class _Line:
    """One connection: a pair of sockets between the air and the server."""

    def __init__(self, connection: Connection) -> None:
        near, self._far = socket.socketpair()
        for end in (near, self._far):
            end.setblocking(False)
        # Not of the far end: a buffer counts a write of 20 bytes like one of 500, and this one holds six, which is no frame.
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        self.carrier = Carrier(near.fileno(), str(connection.peer_address), near.close)
        self.task: asyncio.Task[None] | None = None
        self._connection = connection
        self._heard = asyncio.get_running_loop().time()

    def put(self, data: bytes) -> None:
        """From the air to the server. What a server that is held up does not take is lost, as on a cable."""
        self._heard = asyncio.get_running_loop().time()
        with contextlib.suppress(OSError):
            self._far.send(data)

    async def notify(self, device: Device, value: Characteristic[bytes]) -> None:
        """From the server to the air, a packet at a time, each once the one before is on its way. Ends with the connection."""
        loop = asyncio.get_running_loop()
        connection = self._connection
        data = b""
        while loop.time() - self._heard < SILENT_S:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    data = await loop.sock_recv(self._far, min(connection.att_mtu - 3, air.LONGEST))
                if not data:
                    break  # the server has dropped it
                await device.notify_subscriber(connection, value, data)
                with contextlib.suppress(ValueError):  # nothing was sent yet
                    await connection.drain()
        with contextlib.suppress(Exception):
            await connection.disconnect()

    def end(self) -> None:
        """The connection is over."""
        if self.task is not None:
            self.task.cancel()
        self._far.close()


@asynccontextmanager
async def _adapter(transport: str) -> AsyncIterator[tuple[Any, Any, asyncio.Future[None]]]:
    """Where packets of a host stack come from and go to, and what is done when they end."""
    from bumble.transport import open_transport

    async with await open_transport(transport) as adapter:
        if transport != "vhci":
            yield adapter.source, adapter.sink, adapter.source.terminated
            return
        from simulator.air import Adapter, Air

        sky = Air()
        Adapter("kernel", sky, adapter.source, adapter.sink, KERNELS_ADDRESS)
        own = Adapter("massager", sky)
        yield own, own, adapter.source.terminated


def address_of(serial: str, transport: str) -> str:
    """A random static address: the same for a serial number on an adapter, another one on another adapter."""
    digest = bytearray(hashlib.blake2s(f"{serial} {transport}".encode(), digest_size=6).digest())
    digest[0] |= 0xC0
    return ":".join(f"{byte:02X}" for byte in digest)


def check(transport: str, mtu: int) -> None:
    """What can be told without opening anything. Raises UsageError, LinkNotFound or LinkError."""
    if not MTU[0] <= mtu <= MTU[1]:
        raise UsageError(f"--mtu {mtu}: from {MTU[0]} to {MTU[1]}")
    try:
        import bumble.transport  # noqa: F401  # the simulator's radio
    except ImportError as error:
        raise UsageError("--ble needs bumble, which is not installed", "pip install 'footctl[ble-sim]'") from error
    if transport != "vhci":
        return
    if not VHCI.exists():
        hint = "Linux has it in the module hci_vhci: sudo modprobe hci_vhci; other systems and most containers have no virtual adapters"
        raise LinkNotFound(f"--ble vhci: there is no {VHCI}", hint)
    try:
        VHCI.open("r+b", buffering=0).close()
    except PermissionError as error:
        hint = "a virtual adapter is root's to make: sudo footctl sim serve --ble vhci"
        raise LinkError(f"--ble vhci: no permission to open {VHCI}", hint) from error
    except OSError as error:
        raise LinkNotFound(f"--ble vhci: {error.strerror}", "is the module loaded? sudo modprobe hci_vhci") from error


def explain(transport: str, error: BaseException) -> LinkError | UsageError:
    """Why the adapter could not be had."""
    from bumble.transport.common import TransportInitError, TransportSpecError

    flag = f"--ble {transport}"
    if isinstance(error, LinkError | UsageError):
        return error
    if isinstance(error, TransportSpecError | ValueError):
        hint = "like usb:0 for the first spare USB adapter, or vhci; all: https://google.github.io/bumble/transports"
        return UsageError(f"{flag}: no such transport", hint)
    if isinstance(error, PermissionError) or "ACCESS" in str(error):
        return LinkError(f"{flag}: no permission to open the adapter", "it needs root, or a udev rule that gives you the adapter")
    if isinstance(error, TransportInitError | FileNotFoundError) or getattr(error, "errno", None) in (errno.ENODEV, errno.ENXIO):
        hint = "plug a spare USB adapter in; the one that your own Bluetooth uses is not free"
        return LinkNotFound(f"{flag}: no such adapter ({error})", hint)
    return LinkError(f"{flag}: {error or type(error).__name__}", "is the adapter plugged in, and free? --ble vhci needs none")
