"""From `pain`, on the control socket or as a key, to STOP readable at the far end, against blocking Python that does nothing else.

    python -m bench.stop [--blocks N] [--trips N]

Idle, and with a callback that blocks the event loop 20 ms of every 100 ms: the thread that hears of pain must not care.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import socket
import tempfile
import termios
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.blocks import Row, measure, ratio, typical
from footctl.core.host import Host
from footctl.link.descriptor import DescriptorLink
from footctl.run import garbage
from footctl.run.clock import Clock
from footctl.run.control import Control
from footctl.run.session import PAIN_FRAME, Session
from footctl.screens.keys import Keys, reading

REQUEST = b'{"do": "pain"}\n'
KEY = b" "
BLOCK_S = 0.02
PERIOD_S = 0.1


class Untold(Session):
    """A session whose machine is never told, so that a thousand pains can be timed one after the other."""

    def post(self, *events: object) -> None:
        """Ends here."""


def _terminal() -> tuple[int, int]:
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    return master, slave


class Near:
    """A process between a person and the wire. `trip` is one pain; `live` is what it does, given the wire and where pain comes from."""

    def __init__(self, live: Callable[[int], None], pain: bytes) -> None:
        self._pain = pain
        self.wire, slave = _terminal()
        self.child = os.fork()
        if not self.child:
            with suppress(KeyboardInterrupt):
                live(slave)
            os._exit(0)
        os.close(slave)

    def say(self) -> None:
        """It hurts."""
        raise NotImplementedError

    def trips(self, number: int) -> list[float]:
        """Seconds of each."""
        took = []
        for trip in range(number):
            time.sleep(0.002 + 0.0005 * (trip % 7))  # the last one is over; and not in step with whoever blocks
            begun = time.perf_counter()
            self.say()
            left = len(PAIN_FRAME)
            while left > 0:
                left -= len(os.read(self.wire, 4096))
            took.append(time.perf_counter() - begun)
        return took

    def close(self) -> None:
        """The process ends."""
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)
        os.close(self.wire)


class BySocket(Near):
    """Pain comes over a socket. `block_s` None: the floor, blocking Python; else the real door, and a callback that blocks so long."""

    def __init__(self, path: Path, block_s: float | None) -> None:
        listener = socket.socket(socket.AF_UNIX)
        if block_s is None:
            listener.bind(str(path))
            listener.listen(1)
        super().__init__(lambda fd: _hear(listener, fd) if block_s is None else asyncio.run(_with_door(path, fd, block_s)), REQUEST)
        listener.close()
        self.caller = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + 20
        while self.caller.connect_ex(str(path)) and time.monotonic() < end:
            time.sleep(0.02)

    def say(self) -> None:
        """One line."""
        self.caller.send(REQUEST)


class ByKey(Near):
    """Pain is a key. `block_s` as before."""

    def __init__(self, block_s: float | None) -> None:
        self.keyboard, mine = _terminal()
        super().__init__(lambda fd: _listen(mine, fd) if block_s is None else asyncio.run(_with_keys(mine, fd, block_s)), KEY)
        os.close(mine)
        time.sleep(0.5)

    def say(self) -> None:
        """One key."""
        os.write(self.keyboard, KEY)

    def close(self) -> None:
        """The terminal goes away, too."""
        super().close()
        os.close(self.keyboard)


def _hear(listener: socket.socket, wire: int) -> None:
    connection, _ = listener.accept()
    while connection.recv(4096):
        os.write(wire, PAIN_FRAME)


def _listen(keyboard: int, wire: int) -> None:
    while os.read(keyboard, 64):
        os.write(wire, PAIN_FRAME)


async def _with_door(path: Path, wire: int, block_s: float) -> None:
    session = Untold(Host(nonce=1), DescriptorLink(wire, "bench", lambda: None), Clock())
    Control(session, {}, path)
    await _block(block_s)


async def _with_keys(keyboard: int, wire: int, block_s: float) -> None:
    os.setsid()
    fcntl.ioctl(keyboard, termios.TIOCSCTTY, 0)  # keys are read only in the foreground of a terminal
    session = Untold(Host(nonce=1), DescriptorLink(wire, "bench", lambda: None), Clock())
    with reading(Keys(session, lambda: None), keyboard) as heard:
        assert heard
        await _block(block_s)


async def _block(block_s: float) -> None:
    with garbage.rare():
        while True:
            await asyncio.sleep(PERIOD_S - block_s)
            time.sleep(block_s)  # noqa: ASYNC251  # this is the point


def rows(blocks: int = 15, trips: int = 150) -> list[Row]:
    """Measure."""
    told = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = (
            ("socket", lambda block_s: BySocket(folder / f"{block_s}", block_s)),
            ("pain key", ByKey),
        )
        for what, make in pairs:
            ends = [make(None), make(0.0), make(BLOCK_S)]
            try:
                floor, idle, blocked = measure([end.trips for end in ends], blocks, trips)
            finally:
                for end in ends:
                    end.close()
            for part, gate, goal in ((0.5, 1.6, 1.0), (0.99, 2.5, 1.2)):
                seen = f"{typical(idle, part) * 1e3:.2f} ms to {typical(floor, part) * 1e3:.2f} ms"
                peer = "blocking Python" if part == 0.5 else "its p99"
                told.append(Row(f"{what} → STOP at the far end, p{part * 100:.0f} idle", peer, ratio(idle, floor, part), gate, goal, seen))
            worst = typical(blocked, 0.99)
            label = f"{what} → STOP, p99 with a loop that is blocked 20 ms of 100"
            told.append(Row(label, "the 20 ms", worst / BLOCK_S, 0.7, 0.25, f"{worst * 1e3:.2f} ms"))
    return told


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--trips", type=int, default=150)
    args = parser.parse_args(argv)
    print("\n".join(str(row) for row in rows(args.blocks, args.trips)))


if __name__ == "__main__":
    main()
