"""A peripheral that is no massager: it offers our service, echoes, and has two doors more: one wants encryption, one hangs."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.data_types import CompleteListOf128BitServiceUUIDs, CompleteLocalName, Flags
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service

from firmware_protocol import air
from simulator.air import Adapter, Air
from tests.ble.sky import Sky

SECRET = "6e400006-b5a3-f393-e0a9-e50e24dcca9e"
HANGS = "6e400007-b5a3-f393-e0a9-e50e24dcca9e"
NAME = "Footbath-9999"


class Gadget:
    """On `sky` until `end`. `heard` is every write as it came."""

    def __init__(self, sky: Sky, mtu: int = 517, service: str = air.SERVICE, to_device: str = air.TO_DEVICE) -> None:
        self.heard: list[bytes] = []
        self.hears = True  # writes are answered
        self.rung = threading.Event()  # something was written
        self.rung_at = 0.0
        self._sky = sky
        self._mtu = mtu
        self._service = service
        self._to_device = to_device
        self.adapter: Any = None
        self._device: Any = None
        self._notify: Any = None
        self.address = str(hci.Address.generate_static_address()).split("/", maxsplit=1)[0]
        sky.do(self._begin(sky.air))

    async def _begin(self, over: Air) -> None:
        self.adapter = Adapter("gadget", over)
        config = DeviceConfiguration(
            name=NAME,
            address=hci.Address(self.address, hci.Address.RANDOM_DEVICE_ADDRESS),
            advertising_interval_min=200,
            advertising_interval_max=200,
        )
        self._device = device = Device.from_config_with_hci(config, self.adapter, self.adapter)
        device.gatt_server.max_mtu = self._mtu
        can, may = Characteristic.Properties, Characteristic.Permissions
        self._notify = Characteristic(air.TO_HOST, can.NOTIFY, may.READABLE, b"")
        writes = can.WRITE | can.WRITE_WITHOUT_RESPONSE
        rows = [
            Characteristic(self._to_device, writes, may.WRITEABLE, CharacteristicValue(write=self._hear)),
            self._notify,
            Characteristic(SECRET, can.READ, may.READABLE | may.READ_REQUIRES_ENCRYPTION, b"secret"),
            Characteristic(HANGS, can.READ, may.READABLE, CharacteristicValue(read=self._hang)),
        ]
        device.add_service(Service(self._service, rows))
        flags = Flags(AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE | AdvertisingData.Flags.BR_EDR_NOT_SUPPORTED)
        device.advertising_data = bytes(AdvertisingData([flags, CompleteListOf128BitServiceUUIDs([UUID(air.SERVICE)])]))
        device.scan_response_data = bytes(AdvertisingData([CompleteLocalName(NAME)]))
        await device.power_on()
        await device.start_advertising(auto_restart=True)

    async def _hear(self, connection: Any, value: bytes) -> None:
        self.heard.append(bytes(value))
        self.rung_at = time.perf_counter()
        self.rung.set()
        while not self.hears:  # noqa: ASYNC110  # set by another thread
            await asyncio.sleep(0.02)
        await self._device.notify_subscriber(connection, self._notify, bytes(value))

    async def _hang(self, connection: Any) -> bytes:
        await asyncio.sleep(3600.0)
        return b""

    def vanish(self) -> None:
        """Its power is gone."""
        self._sky.call(self._sky.air.silence, self.adapter)

    def drop(self) -> None:
        """It ends its connections."""
        self._sky.do(self._drop())

    async def _drop(self) -> None:
        for connection in list(self._device.connections.values()):
            await connection.disconnect()

    def end(self) -> None:
        """It is taken away."""
        self._sky.call(self._sky.air.silence, self.adapter)
        self._sky.call(self._sky.air.controllers.discard, self.adapter)
