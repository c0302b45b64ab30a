"""A link over a blocking read, for carriers that an event loop cannot watch: serial ports and sockets on Windows.

One thread reads; the loop collects. Knows nothing about what is read.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from footctl.link.transport import Carrier


class ThreadedLink(Carrier):
    """`receive` blocks until there are bytes and gives none at the end; `send` and `closer` are the carrier's. Needs a running loop."""

    def __init__(self, name: str, receive: Callable[[], bytes], send: Callable[[bytes], object], closer: Callable[[], None]) -> None:
        super().__init__(name)
        self._receive = receive
        self._send = send
        self._closer = closer
        self._arrived = bytearray()
        self._thread = threading.Thread(target=self._listen, name="link", daemon=True)
        self._thread.start()

    def read(self, now: float) -> bytes:
        """What the thread collected."""
        if self._arrived:
            data = bytes(self._arrived)
            self._arrived.clear()
            return data
        self._check()
        return b""

    def write(self, now: float, data: bytes) -> None:
        """All of it, or LinkLost."""
        self._check()
        try:
            self._send(data)
        except OSError as error:
            self._gone = str(error)
            self._check()

    def urgent(self, data: bytes) -> None:
        """Straight to the carrier, from any thread."""
        with contextlib.suppress(OSError):
            self._send(data)

    def close(self) -> None:
        """Give the carrier back; the thread ends with it."""
        if not self._closed:
            self._closed = True
            self._closer()

    def _listen(self) -> None:
        why = "the other end closed it"
        try:
            while data := self._receive():
                self._tell(data)
        except (OSError, TypeError) as error:  # pyserial raises TypeError when it is closed while it reads
            why = str(error)
        self._gone = why
        self._tell(b"")

    def _tell(self, data: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._collect, data)

    def _collect(self, data: bytes) -> None:
        self._arrived += data
        self._bell.ring()
