"""A link over a file descriptor that the event loop can watch: a serial port, a PTY, a socket.

The loop only looks at the descriptor while somebody waits or until bytes are there; reading and writing go straight to
the operating system. Knows nothing about how the descriptor was opened.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable

from footctl.errors import LinkLost
from footctl.link.transport import READ_MAX, Carrier

FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)


class DescriptorLink(Carrier):
    """Owns a non-blocking `fd`. `closer` gives it back (a serial port and a socket have their own way). Needs a running loop."""

    def __init__(self, fd: int, name: str, closer: Callable[[], None]) -> None:
        super().__init__(name)
        self.dropped_writes = 0
        self._fd = fd
        self._closer = closer
        self._rest = b""
        self._open = threading.Lock()  # an urgent write must not hit a number that was closed and given to another file
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._bell.ring)

    def read(self, now: float) -> bytes:
        """What has arrived. An end of file or an error of the port is LinkLost."""
        self._check()
        try:
            data = os.read(self._fd, READ_MAX)
        except OSError as error:
            if error.errno in FULL:
                return b""
            raise self._lost(error.strerror or str(error)) from error
        if not data:
            raise self._lost("the other end closed it")
        return data

    def write(self, now: float, data: bytes) -> None:
        """All of `data`, or none of it. What a nearly full carrier did not take goes out first next time, or a frame would be torn."""
        self._check()
        try:
            if self._rest:
                self._rest = self._rest[os.write(self._fd, self._rest) :]
            if self._rest:
                self.dropped_writes += 1
                return
            self._rest = data[os.write(self._fd, data) :]
        except OSError as error:
            if error.errno in FULL:
                self.dropped_writes += 1
                return
            raise self._lost(error.strerror or str(error)) from error

    def urgent(self, data: bytes) -> None:
        """Straight to the descriptor, from any thread."""
        with self._open:
            if self._closed:
                return
            try:
                os.write(self._fd, data)
            except OSError:
                self.dropped_writes += 1

    def close(self) -> None:
        """Stop watching and give the descriptor back."""
        if self._closed:
            return
        self._loop.remove_reader(self._fd)
        with self._open:
            self._closed = True
            self._closer()

    def _lost(self, why: str) -> LinkLost:
        self._gone = why
        self._loop.remove_reader(self._fd)
        self._bell.ring()
        return self._farewell()
