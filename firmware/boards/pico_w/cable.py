"""The USB cable: standard input and output of the board. Never waits for a host that does not read."""

import asyncio
from select import POLLIN, POLLOUT, poll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

AT_ONCE = 128  # bytes taken together: a flood must not keep the ticks waiting
HELD = 2048  # bytes that may wait for a slow host


class Cable:
    """`listen` is a task; `write` takes whole frames or drops them whole, `push` moves on what is held."""

    def __init__(self, stdin: "Any", stdout: "Any") -> None:
        self._in = stdin
        self._out = stdout
        self._more = poll()
        self._more.register(stdin, POLLIN)
        self._room = poll()
        self._room.register(stdout, POLLOUT)
        self._held = b""
        self.lost = 0

    async def listen(self, hear: "Callable[[bytes], None]") -> None:
        """Give what arrives to `hear`."""
        reader = asyncio.StreamReader(self._in)
        while True:
            data = await reader.read(1)
            while self._more.poll(0) and len(data) < AT_ONCE:
                data += self._in.read(1)
            hear(data)

    def write(self, data: bytes) -> None:
        """Send, or lose, whole frames."""
        if len(self._held) + len(data) > HELD:
            self.lost += 1
        else:
            self._held += data
        self.push()

    def push(self) -> None:
        """Byte by byte while there is room: a piece that is larger than the room would wait for it."""
        held = self._held
        if not held:
            return
        at = 0
        while at < len(held) and at < 2 * AT_ONCE and self._room.poll(0):
            self._out.write(held[at : at + 1])
            at += 1
        self._held = held[at:]
