"""From `pain` on the control socket to STOP readable at the far end of a pseudo-terminal, against blocking Python that does nothing else.

    python -m bench.stop [--blocks N] [--trips N]

Idle, and with a callback that blocks the event loop 20 ms of every 100 ms: the door's thread must not care.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import tempfile
import threading
import time
import tty
from pathlib import Path

from bench.blocks import interleaved, verdict
from footctl.core.host import Host
from footctl.link.descriptor import DescriptorLink
from footctl.run import garbage
from footctl.run.clock import Clock
from footctl.run.control import Control
from footctl.run.session import Session, stop_frame

REQUEST = b'{"do": "pain"}\n'


class Untold(Session):
    """A session whose machine is never told, so that a thousand pains can be timed one after the other."""

    def post(self, *events: object) -> None:
        """Ends here."""


def floor_end(listener: socket.socket, fd: int) -> None:
    """Blocking Python: receive a line, write STOP."""
    frame = stop_frame()
    connection, _ = listener.accept()
    while connection.recv(4096):
        os.write(fd, frame)


async def host_end(path: Path, fd: int, hog_s: float) -> None:
    """The real door on the real link, and somebody who blocks the loop."""
    link = DescriptorLink(fd, "bench", lambda: None)
    session = Untold(Host(nonce=1), link, Clock())
    Control(session, {}, path)
    with garbage.rare():
        while True:
            await asyncio.sleep(0.1 - hog_s)
            time.sleep(hog_s)  # noqa: ASYNC251  # this is the point


class End:
    """A process at the near end of a terminal; `trip` is one pain."""

    def __init__(self, folder: Path, name: str, hog_s: float | None) -> None:
        self.master, slave = os.openpty()
        tty.setraw(self.master)
        tty.setraw(slave)
        path = folder / name
        listener = None
        if hog_s is None:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            listener.listen(1)
        self.child = os.fork()
        if not self.child:
            if listener is not None:
                thread = threading.Thread(target=floor_end, args=(listener, slave))
                thread.start()
                thread.join()
            else:
                asyncio.run(host_end(path, slave, hog_s or 0.0))
            os._exit(0)
        os.close(slave)
        self.caller = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + 10
        while self.caller.connect_ex(str(path)) and time.monotonic() < end:
            time.sleep(0.02)

    def trips(self, number: int) -> list[float]:
        """Seconds of each."""
        took = []
        wanted = len(stop_frame())
        for trip in range(number):
            time.sleep(0.0005 * (trip % 7))  # not in step with whoever hogs
            begun = time.perf_counter()
            self.caller.send(REQUEST)
            left = wanted
            while left > 0:
                left -= len(os.read(self.master, 4096))
            took.append(time.perf_counter() - begun)
        return took

    def close(self) -> None:
        """The process ends."""
        self.caller.close()
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)
        os.close(self.master)


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--trips", type=int, default=200)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor, idle, hogged = End(folder, "floor", None), End(folder, "idle", 0.0), End(folder, "hog", 0.02)
        try:
            print(verdict("pain to STOP, p50 idle", *interleaved(floor.trips, idle.trips, args.blocks, args.trips, 0.5), 1.6, 1.0))
            print(verdict("pain to STOP, p99 idle", *interleaved(floor.trips, idle.trips, args.blocks, args.trips, 0.99), 2.5, 1.2))
            took = [seconds for _ in range(args.blocks) for seconds in hogged.trips(args.trips)]
            took.sort()
            worst = took[int(len(took) * 0.99)]
            what = "pain to STOP, p99 with a loop that is blocked 20 ms of 100"
            print(f"{what}: {worst * 1e3:.2f} ms, {worst / 0.02:.2f} of the block; gate 0.7, goal 0.25")
        finally:
            for end in (floor, idle, hogged):
                end.close()


if __name__ == "__main__":
    main()
