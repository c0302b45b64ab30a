"""bleak's own scanner and client on bumble's host stack instead of the operating system's: real L2CAP, ATT and GATT, an adapter over TCP.

`install(transport)` gives this process that adapter. bleak asks for the platform's backend by three functions; they are replaced, and
nothing else is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import bleak
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core, hci
from bumble.core import AdvertisingData
from bumble.device import Device, DeviceConfiguration, Peer
from bumble.transport import open_transport

MTU = 247
PROPERTIES = ((1, "broadcast"), (2, "read"), (4, "write-without-response"), (8, "write"), (16, "notify"), (32, "indicate"))
SERVICE_TYPES = (
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


class Station:
    """One adapter of this process and the host stack on it, opened when the loop first needs it."""

    transport = ""
    _on: dict[Any, asyncio.Future[Device]] = {}  # noqa: RUF012  # one for the process, as the system's adapter is

    @classmethod
    async def device(cls) -> Device:
        """The host stack of the running loop."""
        loop = asyncio.get_running_loop()
        if loop not in cls._on:
            cls._on[loop] = loop.create_task(cls._open())
        return await cls._on[loop]

    @classmethod
    async def close(cls) -> None:
        """Give the running loop's adapter back."""
        opened = cls._on.pop(asyncio.get_running_loop(), None)
        if opened is not None:
            await (await opened).host.controller_transport.close()  # type: ignore[attr-defined]

    @classmethod
    async def _open(cls) -> Device:
        adapter = await open_transport(cls.transport)
        config = DeviceConfiguration(name="host", address=hci.Address.generate_static_address())
        device = Device.from_config_with_hci(config, adapter.source, adapter.sink)
        await device.power_on()
        vars(device.host)["controller_transport"] = adapter
        return device


def install(transport: str) -> None:
    """From now on bleak in this process uses bumble on this transport."""
    Station.transport = transport
    vars(bleak)["get_platform_scanner_backend_type"] = lambda: (Scanner, "bumble")
    vars(bleak)["get_platform_client_backend_type"] = lambda: (Client, "bumble")
    vars(bleak)["get_platform_adapter_backend_type"] = lambda: (Adapter, "bumble")


def _uuid(uuid: Any) -> str:
    if len(uuid.uuid_bytes) == 16:
        return str(uuid.to_hex_str("-").lower())
    return f"{int(uuid.to_hex_str(), 16):08x}-0000-1000-8000-00805f9b34fb"


class Adapter(BaseBleakAdapter):
    """Whom the system is connected to: nobody, because this stack ends with its process."""

    @classmethod
    async def get(cls, **kwargs: Any) -> Adapter:
        return cls()

    async def get_connected_devices(self, service_uuids: frozenset[str]) -> list[BLEDevice]:
        return []


class Scanner(BaseBleakScanner):
    """Advertisements as bleak has them."""

    def __init__(self, detection_callback: Any, service_uuids: Any, scanning_mode: str, **kwargs: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._device: Device | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        self._device = await Station.device()
        self._device.on(self._device.EVENT_ADVERTISEMENT, self._hear)
        await self._device.start_scanning(active=True)

    async def stop(self) -> None:
        assert self._device is not None
        self._device.remove_listener(self._device.EVENT_ADVERTISEMENT, self._hear)
        await self._device.stop_scanning()

    def _hear(self, advertisement: Any) -> None:
        told = advertisement.data
        services = [_uuid(uuid) for kind in SERVICE_TYPES for group in told.get_all(kind) or () for uuid in group]
        if not self.is_allowed_uuid(services):
            return
        name = told.get(AdvertisingData.COMPLETE_LOCAL_NAME)
        data = AdvertisementData(name, {}, {}, services, None, advertisement.rssi, (advertisement,))
        address = str(advertisement.address)
        device = self.create_or_update_device(address, address.split("/", maxsplit=1)[0], name, advertisement.address, data)
        self.call_detection_callbacks(device, data)


class Client(BaseBleakClient):
    """A connection as bleak has it."""

    def __init__(self, address_or_ble_device: Any, services: Any = None, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=kwargs["disconnected_callback"], timeout=kwargs["timeout"])
        assert isinstance(address_or_ble_device, BLEDevice)
        self._peer_address = address_or_ble_device.details
        self._name = address_or_ble_device.name
        self._connection: Any = None
        self._peer: Any = None
        self._heard: dict[int, Callable[..., Any]] = {}

    @property
    def name(self) -> str:
        return self._name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:
        device = await Station.device()
        try:
            self._connection = await device.connect(self._peer_address, timeout=kwargs.get("timeout", self._timeout))
        except (TimeoutError, core.TimeoutError) as error:
            raise TimeoutError from error
        except (core.BaseError, hci.HCI_Error) as error:
            raise BleakDeviceNotFoundError(self.address, str(error)) from error
        self._connection.on(self._connection.EVENT_DISCONNECTION, self._end)
        try:
            self._peer = Peer(self._connection)
            await self._peer.request_mtu(MTU)
            await self._peer.discover_all()
            self.services = self._collect()
        except BaseException:
            await self.disconnect()
            raise

    def _collect(self) -> BleakGATTServiceCollection:
        found = BleakGATTServiceCollection()
        for service in self._peer.services:
            as_bleak = BleakGATTService(service, service.handle, _uuid(service.uuid))
            found.add_service(as_bleak)
            for row in service.characteristics:
                can = [name for bit, name in PROPERTIES if row.properties & bit]
                characteristic = BleakGATTCharacteristic(row, row.handle, _uuid(row.uuid), can, lambda: self.mtu_size - 3, as_bleak)
                found.add_characteristic(characteristic)
                for descriptor in row.descriptors:
                    found.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, _uuid(descriptor.type), characteristic))
        return found

    def _end(self, reason: int) -> None:
        self._connection = self.services = None
        if self._disconnected_callback:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection:
            await self._connection.disconnect()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    def _connected(self) -> None:
        if not self.is_connected:
            raise BleakError("Not connected")

    async def read_gatt_char(self, characteristic: Any, *, use_cached: bool = False, **kwargs: Any) -> bytearray:
        self._connected()
        return bytearray(await _told(characteristic.obj.read_value()))

    async def read_gatt_descriptor(self, descriptor: Any, *, use_cached: bool = False, **kwargs: Any) -> bytearray:
        self._connected()
        return bytearray(await _told(descriptor.obj.read_value()))

    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        self._connected()
        room = self.mtu_size - 3
        if len(data) > room and not response:
            raise BleakError(f"{len(data)} bytes do not fit in one write without response (max {room})")
        await _told(characteristic.obj.write_value(bytes(data), with_response=response))

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        self._connected()
        await _told(descriptor.obj.write_value(bytes(data), with_response=True))

    async def start_notify(self, characteristic: Any, callback: Any, **kwargs: Any) -> None:
        self._connected()
        heard = self._heard[characteristic.handle] = lambda value: callback(bytearray(value))
        await _told(self._peer.subscribe(characteristic.obj, heard))

    async def stop_notify(self, characteristic: Any) -> None:
        self._connected()
        await _told(self._peer.unsubscribe(characteristic.obj, self._heard.pop(characteristic.handle)))


async def _told(work: Any) -> Any:
    """bumble's errors as bleak's. A request that a lost link leaves behind is cancelled from within, as bumble does it."""
    try:
        return await work
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(error.error_code) from error
    except core.BaseBumbleError as error:
        raise BleakError(str(error) or type(error).__name__) from error
