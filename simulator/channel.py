"""How another terminal reaches a served world: one socket a server in a private folder, one line of JSON each way.

The folder is the caller's business; nobody but its user must be able to open it. A socket whose server was killed
answers nobody; it is passed over and swept away.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footctl.errors import LinkBusy, LinkNotFound, LinkTimeout, UsageError

LINE_MAX = 4096
ANSWER_S = 5.0  # a server runs its world in slices of milliseconds
PREFIX = "sim-"
SUFFIX = ".sock"


class Door:
    """The server's end: a listening socket that is there while it lives."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{PREFIX}{os.getpid()}{SUFFIX}"
        self._path.unlink(missing_ok=True)  # of a process that had our number before
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(self._path))
        finally:
            os.umask(before)
        self._socket.listen(8)
        self._socket.setblocking(False)
        self.fd = self._socket.fileno()

    def accept(self) -> Caller | None:
        """The next caller, or None."""
        try:
            connection, _ = self._socket.accept()
        except OSError:
            return None
        return Caller(connection)

    def close(self) -> None:
        """Take the socket away."""
        self._socket.close()
        self._path.unlink(missing_ok=True)


class Caller:
    """One who asks. Never waited for."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self.fd = connection.fileno()
        self.gone = False
        self._held = b""

    def read(self) -> list[dict[str, Any]]:
        """The questions that have arrived; an empty one stands for a line that is none."""
        try:
            data = self._socket.recv(LINE_MAX)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        self.gone = not data
        *lines, self._held = (self._held + data).split(b"\n")
        if len(self._held) > LINE_MAX:
            self.gone = True
        return [_object(line) for line in lines]

    def write(self, answer: Mapping[str, Any]) -> None:
        """One line; a caller who does not read goes without."""
        try:
            self._socket.send(json.dumps(answer).encode() + b"\n")
        except OSError:
            self.gone = True

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def ask(path: Path, question: Mapping[str, Any], timeout: float = ANSWER_S) -> dict[str, Any]:
    """Put one question to the server at `path`. Raises LinkNotFound when nobody lives there, LinkTimeout when no answer comes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(question).encode() + b"\n")
            line = b""
            while not line.endswith(b"\n"):
                piece = connection.recv(LINE_MAX)
                if not piece:
                    raise LinkNotFound(f"the simulator at {path} hung up")
                line += piece
        except TimeoutError as error:
            raise LinkTimeout(f"the simulator at {path} does not answer", "it may be stopped; look for it with: ps") from error
        except OSError as error:
            raise LinkNotFound(f"no simulator lives at {path}") from error
    return _object(line)


def living(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Every served world of this user with its status. Sockets of dead servers are removed."""
    found = []
    for path in sorted(folder.glob(f"{PREFIX}*{SUFFIX}")):
        try:
            found.append((path, ask(path, {"do": "status"})))
        except LinkNotFound:
            path.unlink(missing_ok=True)
        except LinkTimeout:
            continue  # stopped, but alive
    return found


def pick(folder: Path, address: str | None) -> Path:
    """The socket of the served world at `address`, or of the only one. Raises LinkNotFound, or UsageError when there are several."""
    worlds = living(folder)
    if address is not None:
        worlds = [world for world in worlds if _same(str(world[1].get("address")), address)]
    if not worlds:
        where = f" at {address}" if address else ""
        raise LinkNotFound(f"no simulator is served{where}", "start one: footctl sim serve --pty ./foot")
    if len(worlds) > 1:
        names = ", ".join(str(status.get("address")) for _, status in worlds)
        raise UsageError("several simulators are served", f"name one with --at: {names}")
    return worlds[0][0]


def nobody_else(folder: Path, pty: Path) -> None:
    """Raises LinkBusy when a living server has its port at `pty`; what a killed one left there is no hindrance."""
    for _, status in living(folder):
        if status.get("link") == "pty" and _same(str(status.get("address")), str(pty)):
            raise LinkBusy(f"--pty {pty}: process {status.get('pid')} serves there", "name another place, or end it: footctl sim quit")


def _same(one: str, other: str) -> bool:
    return one == other.removeprefix("tcp://") or Path(one).absolute() == Path(other).absolute()
