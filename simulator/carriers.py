"""What a served world hangs on: the master end of a pseudo-terminal, or a connection over TCP. Never waits, whatever the other end does.

Knows where a frame ends (at a zero byte), so that a full carrier costs whole frames, and nothing else about frames.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

from footctl.errors import LinkBusy, LinkNotFound, UsageError

READ_MAX = 4096
FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS)


class Carrier:
    """One byte stream on a non-blocking descriptor. `dropped` counts frames that a full carrier did not take."""

    def __init__(self, fd: int, name: str, closer: Callable[[], None]) -> None:
        self.fd = fd
        self.name = name
        self.gone = False
        self.dropped = 0
        self._closer = closer
        self._rest = b""  # of a frame that went out in part: without it the next one would be lost, too
        os.set_blocking(fd, False)

    def read(self) -> bytes:
        """What has arrived. After the end of the stream `gone` is True."""
        if self.gone:
            return b""
        try:
            data = os.read(self.fd, READ_MAX)
        except OSError as error:
            self.gone = error.errno not in FULL
            return b""
        self.gone = not data
        return data

    def write(self, data: bytes) -> None:
        """Whole frames of `data`, as many as fit."""
        if self._rest:
            self._rest = self._rest[self._put(self._rest) :]
        if self._rest:
            self.dropped += data.count(0)
            return
        taken = self._put(data)
        if self.gone:
            return  # nobody is there any more to miss it
        end = taken
        if taken and data[taken - 1]:
            end = data.find(0, taken) + 1 or len(data)
        self._rest = data[taken:end]
        self.dropped += data.count(0, end)

    def close(self) -> None:
        """Give the descriptor back."""
        self.gone = True
        self._closer()

    def _put(self, data: bytes) -> int:
        if self.gone:
            return 0
        try:
            return os.write(self.fd, data)
        except OSError as error:
            self.gone = error.errno not in FULL
            return 0


def open_pty(path: Path) -> Carrier:
    """A pseudo-terminal whose far end is found at `path`, a symbolic link that `close` takes away again.

    A link that a killed server left behind is replaced; anything else at `path` is left alone.
    """
    try:
        import tty
    except ImportError as error:
        raise UsageError("this platform has no pseudo-terminals", "serve over TCP: --tcp 127.0.0.1:7000") from error
    check_place(path)
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    target = os.ttyname(slave)

    def close() -> None:
        try:
            if os.readlink(path) == target:
                path.unlink()
        except OSError:
            pass  # somebody else took it away
        os.close(master)
        os.close(slave)  # kept open until now: without any reader the master's reads fail with EIO

    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        os.symlink(target, new)
        os.replace(new, path)  # never a moment without a link that works
    except OSError as error:
        os.close(master)
        os.close(slave)
        raise UsageError(f"--pty {path}: {error.strerror}", "name a place in a folder that exists and that you may write to") from error
    return Carrier(master, str(path), close)


def check_place(path: Path) -> None:
    """Raises UsageError when something stands at `path` that is no link to a terminal."""
    try:
        found = path.lstat()
    except OSError:
        return
    if not stat.S_ISLNK(found.st_mode) or not os.readlink(path).startswith("/dev/"):
        raise UsageError(
            f"--pty {path}: something else is there already", "name a place that is free; the served port appears there as a symbolic link"
        )


class Listener:
    """Takes TCP connections at an address."""

    def __init__(self, host: str, port: int) -> None:
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        except OSError as error:
            raise LinkNotFound(
                f"--tcp {host}:{port}: {error.strerror}", "name an address of this machine: 127.0.0.1:7000, or 0.0.0.0:7000 for everybody"
            ) from error
        self._socket = socket.socket(family, kind)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(address)
            self._socket.listen(8)
        except OSError as error:
            self._socket.close()
            if error.errno == errno.EADDRINUSE:
                raise LinkBusy(f"--tcp {host}:{port}: somebody listens there", "name another port, or 0 for any that is free") from error
            raise LinkNotFound(f"--tcp {host}:{port}: {error.strerror}", "name an address of this machine, a port from 1024 on") from error
        self._socket.setblocking(False)
        self.fd = self._socket.fileno()
        self.port: int = self._socket.getsockname()[1]
        self.name = f"{f'[{host}]' if ':' in host else host}:{self.port}"

    def accept(self) -> Carrier | None:
        """The next connection, or None when nobody waits any more."""
        try:
            connection, peer = self._socket.accept()
        except OSError:
            return None
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return Carrier(connection.fileno(), f"{peer[0]}:{peer[1]}", connection.close)

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
