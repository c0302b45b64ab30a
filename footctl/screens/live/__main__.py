"""The process of the live view: snapshots come in at standard input, the terminal is standard output.

When the pipe ends without a good-bye the session is gone; then the terminal is put in order and the person is told.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from footctl.screens.live.app import Live
from footctl.screens.live.driver import LEAVE, OutputDriver
from footctl.screens.live.wire import Opening, Snapshot, Unpacker

GONE = "footctl is gone. The device switches everything off by itself within seconds: look at it.\r\n"
READ_MAX = 1 << 16
LOOK_S = 0.05  # how soon a snapshot is drawn that came while the terminal was busy
NICE = 5  # control comes first on a machine with little to spare


class Viewer:
    """Feeds the app from a file descriptor: the newest snapshot, and only when the terminal has taken the one before."""

    def __init__(self, fd: int) -> None:
        self.app: Live | None = None
        self.gone = False
        self._fd = fd
        self._unpacker = Unpacker()
        self._newest: Snapshot | None = None
        self._waits = False  # for the terminal

    async def run(self) -> None:
        """Until good-bye, or the end of the pipe."""
        os.set_blocking(self._fd, True)
        loop = asyncio.get_running_loop()
        opening = None
        while opening is None:
            data = await loop.run_in_executor(None, os.read, self._fd, READ_MAX)
            if not data:
                self.gone = True
                return
            for message in self._unpacker.take(data):
                if isinstance(message, Opening):
                    opening = message
                else:
                    self._newest = message
        self.app = Live(opening, OutputDriver)
        os.set_blocking(self._fd, False)
        loop.add_reader(self._fd, self._read)
        loop.call_soon(self._show)
        await self.app.run_async(mouse=False)

    def _read(self) -> None:
        assert self.app is not None
        try:
            data = os.read(self._fd, READ_MAX)
        except BlockingIOError:
            return
        for message in self._unpacker.take(data):
            if isinstance(message, Snapshot):
                self._newest = message
                if message.bye:
                    self._leave()
                    return
        if not data:
            self.gone = True
            self._leave()
        elif not self._waits:
            self._show()

    def _leave(self) -> None:
        assert self.app is not None
        asyncio.get_running_loop().remove_reader(self._fd)
        self.app.exit()

    def _show(self) -> None:
        app = self.app
        assert app is not None
        driver = app._driver
        if not app.ready or (isinstance(driver, OutputDriver) and driver.backlog):
            self._waits = True
            asyncio.get_running_loop().call_later(LOOK_S, self._show)
            return
        self._waits = False
        newest, self._newest = self._newest, None
        if newest is not None:
            app.take(newest)


def main() -> int:
    """0 after a good-bye, 1 when the view failed or the session is gone."""
    for name in ("SIGINT", "SIGQUIT"):  # the session's to answer
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    os.nice(NICE)
    viewer = Viewer(0)
    asyncio.run(viewer.run())
    if viewer.gone:
        _in_order()
        return 1
    return 0 if viewer.app is not None and not viewer.app.return_code else 1


def _in_order() -> None:
    """What the session would have done: the first screen, a cursor, lines and echo."""
    import termios

    try:
        modes = termios.tcgetattr(1)
        modes[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(1, termios.TCSANOW, modes)
        os.write(1, (LEAVE + GONE).encode())
    except (OSError, termios.error):
        return


if __name__ == "__main__":
    sys.exit(main())
