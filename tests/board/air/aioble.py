"""As much of aioble as the board uses, with a host in the air that the test moves. In the MicroPython subset."""

import asyncio

settings = {}
services = []
waiting = asyncio.Event()  # somebody advertises
advertised = []
coming = []  # hosts that will connect


def config(**words):
    settings.update(words)


class Service:
    def __init__(self, uuid):
        self.uuid = uuid
        self.characteristics = []
        services.append(self)


class Characteristic:
    def __init__(self, service, uuid, write=False, write_no_response=False, notify=False, capture=False):
        self.uuid = uuid
        self.may_write = write and write_no_response and capture
        self.may_notify = notify
        self._written = []
        self._came = asyncio.Event()
        service.characteristics.append(self)

    def put(self, host, data):
        """The host writes."""
        assert self.may_write
        assert len(data) <= host.mtu_or_least - 3
        self._written.append((host, data))
        self._came.set()

    async def written(self):
        while not self._written:
            self._came.clear()
            await self._came.wait()
        return self._written.pop(0)

    def notify(self, host, data):
        assert self.may_notify
        if host.gone.is_set():
            raise OSError(107)
        if len(data) > host.mtu_or_least - 3:
            raise ValueError("longer than a notification")
        if host.room <= 0:
            raise OSError(12)
        host.room -= 1
        host.heard.append(data)


def register_services(*offered):
    settings["registered"] = offered


class Host:
    """A connection."""

    def __init__(self, mtu):
        self.mtu = mtu
        self.mtu_or_least = mtu or 23
        self.heard = []
        self.room = 1000
        self.gone = asyncio.Event()

    def is_connected(self):
        return not self.gone.is_set()

    async def disconnect(self, timeout_ms=2000):
        assert timeout_ms is None  # with a limit the real one cancels the task that tidies up behind the connection
        self.gone.set()


async def advertise(interval_us, name=None, services=None):
    advertised.append((interval_us, name, [service.text for service in services]))
    while not coming:
        await asyncio.sleep_ms(5)
    host = coming.pop(0)
    if host is None:
        raise OSError(5)
    return host
