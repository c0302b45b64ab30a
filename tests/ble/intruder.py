"""A second central on the same air: hears what the owner's radio sends, connects to the massager itself, and says what a stranger says."""

from __future__ import annotations

import asyncio
from typing import Any

from bumble import hci
from bumble.device import Device, DeviceConfiguration, Peer

from firmware_protocol import air
from simulator.air import Adapter
from tests.ble.sky import Sky
from tests.world.stranger import Stranger

TALK_S = 0.02
ATTRIBUTES, WRITE, COMMAND = 4, 0x12, 0x52  # the channel and two operations [S: Bluetooth Core 5.4, vol. 3, parts A and F]


class Ear:
    """Every write on `sky`, as anybody with a radio can hear it."""

    def __init__(self, sky: Sky) -> None:
        self.heard: list[bytes] = []
        self._sky = sky
        sky.air.tap = self._hear

    def _hear(self, data: bytes) -> None:
        if len(data) > 7 and int.from_bytes(data[2:4], "little") == ATTRIBUTES and data[4] in (WRITE, COMMAND):
            self.heard.append(data[7:])

    def end(self) -> None:
        """Hear no more."""
        self._sky.air.tap = None


class Intruder:
    """A central that says whatever `stranger` says, for as long as it is let."""

    def __init__(self, sky: Sky, stranger: Stranger, address: str) -> None:
        self.stranger = stranger
        self.said = 0
        self.refused = 0  # connections and writes that were not taken
        self._sky = sky
        self._address = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
        self._task: Any = None
        sky.do(self._begin())

    async def _begin(self) -> None:
        adapter = Adapter("intruder", self._sky.air)
        config = DeviceConfiguration(name="intruder", address=hci.Address.generate_static_address())
        device = Device.from_config_with_hci(config, adapter, adapter)
        await device.power_on()
        self._task = asyncio.ensure_future(self._intrude(device))

    async def _intrude(self, device: Device) -> None:
        while True:
            try:
                connection = await device.connect(self._address, timeout=3.0)
                peer = Peer(connection)
                await peer.request_mtu(247)
                await peer.discover_all()
                [door] = peer.get_characteristics_by_uuid(_uuid(air.TO_DEVICE))
                [ear] = peer.get_characteristics_by_uuid(_uuid(air.TO_HOST))
                await peer.subscribe(ear, self.stranger.hear)
                while True:
                    data = self.stranger.say()
                    for at in range(0, len(data), air.LONGEST):
                        await door.write_value(data[at : at + air.LONGEST], with_response=False)
                    self.said += 1
                    await asyncio.sleep(TALK_S)
            except asyncio.CancelledError:
                if asyncio.current_task().cancelling():  # type: ignore[union-attr]
                    raise  # by us; else by the library, which does that when a link drops
            except Exception:  # noqa: S110  # whatever it was, once more
                pass
            self.refused += 1
            await asyncio.sleep(0.1)

    def end(self) -> None:
        """It goes away."""
        self._sky.do(self._end())

    async def _end(self) -> None:
        self._task.cancel()
        await asyncio.wait((self._task,))


def _uuid(text: str) -> Any:
    from bumble.core import UUID

    return UUID(text)
