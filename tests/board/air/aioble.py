"""As much of aioble as the board uses, with a host in the air that the test moves. In the MicroPython subset."""

import asyncio

settings = {}
services = []


class core:
    log_level = 1


waiting = asyncio.Event()  # somebody advertises
advertised = []
coming = []  # hosts that will connect, and errors that will come instead

ATTRIBUTE = 20  # bytes that MicroPython keeps of a write, unless it was told otherwise


def config(**words):
    settings.update(words)


class Service:
    def __init__(self, uuid):
        self.uuid = uuid
        self.characteristics = []
        services.append(self)


class DeviceDisconnectedError(Exception):
    pass


class Characteristic:
    _room = ATTRIBUTE
    _append = False  # a write takes the place of the one before, unless it was told otherwise

    def __init__(self, service, uuid, write=False, write_no_response=False, notify=False):
        self.uuid = uuid
        self.may_write = write and write_no_response
        self.may_notify = notify
        self._value = b""
        self._writer = None
        self._came = asyncio.Event()
        service.characteristics.append(self)

    def put(self, host, data):
        """The host writes."""
        assert self.may_write
        assert len(data) <= host.mtu_or_least - 3
        self._value = ((self._value if self._append else b"") + data)[: self._room]
        self._writer = host if host.is_connected() else None
        self._came.set()

    async def written(self):
        """Who wrote last."""
        await self._came.wait()
        self._came.clear()
        return self._writer

    def read(self):
        value = self._value
        if self._append:
            self._value = b""
        return value

    def notify(self, host, data):
        assert self.may_notify
        if host.handle is None:
            raise TypeError("can't convert NoneType to int")
        if host.gone:
            raise OSError(107)
        if len(data) > host.mtu_or_least - 3:
            raise ValueError("longer than a notification")
        if host.room <= 0:
            raise OSError(12)
        host.room -= 1
        host.heard.append(data)


class BufferedCharacteristic(Characteristic):
    def __init__(self, service, uuid, max_len=ATTRIBUTE, append=False, **words):
        super().__init__(service, uuid, **words)
        self._room = max_len
        self._append = append


def register_services(*offered):
    settings["registered"] = offered


class Host:
    """A connection. What knows of it is tidied up by a task of aioble's, a little after it went."""

    def __init__(self, mtu):
        self.mtu = mtu
        self.mtu_or_least = mtu or 23
        self.heard = []
        self.room = 1000
        self.handle = 64
        self.gone = False
        self._tidy = None

    def leave(self):
        self.gone = True
        self._tidy = asyncio.create_task(self._tidied())

    async def _tidied(self):
        await asyncio.sleep_ms(0)
        self.handle = None

    def is_connected(self):
        return self.handle is not None

    async def disconnect(self, timeout_ms=2000):
        assert timeout_ms is None  # with a limit the real one cancels the task that tidies up behind the connection
        if core.log_level > 0:
            print("[aioble] E: Disconnect")  # as where the radio refuses to
        self.leave()
        await self._tidy


async def advertise(interval_us, name=None, services=None):
    advertised.append((interval_us, name, [service.text for service in services]))
    while not coming:
        await asyncio.sleep_ms(5)
    host = coming.pop(0)
    if isinstance(host, BaseException):
        raise host
    return host  # None where the real one was cancelled while it waited
