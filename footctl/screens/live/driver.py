"""A Textual driver that only writes. The keys stay with the session: a view that hangs must not swallow a pain press.

A thread writes, so that a slow line or a stopped terminal holds up nothing; `backlog` says how much still waits for it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from textual import events
from textual.driver import Driver
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.app import App

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"  # the other screen, no cursor, no line wrap
LEAVE = "\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h"
CLOSE_S = 1.0  # how long the end waits for a terminal that takes nothing


class OutputDriver(Driver):
    """Draws on the terminal that is standard output. Reads nothing and asks the terminal nothing: answers would look like keys."""

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=False, size=size)
        self.fd = 1
        self.written = 0  # bytes
        self._waiting: deque[bytes] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._write, name="screen", daemon=True)

    @property
    def backlog(self) -> int:
        """Pieces that the terminal has not taken yet."""
        return len(self._waiting)

    def write(self, data: str) -> None:
        """Hand over; never waits."""
        with self._wake:
            self._waiting.append(data.encode())
            self._wake.notify()

    def start_application_mode(self) -> None:
        """Take the other screen, listen for a new size."""
        self._thread.start()
        self.write(ENTER)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, self._resized)
        loop.add_signal_handler(signal.SIGTSTP, self._suspended)
        loop.add_signal_handler(signal.SIGCONT, self._resumed)
        self._resized()

    def _resized(self) -> None:
        try:
            wide, high = os.get_terminal_size(self.fd)
        except OSError:
            wide, high = 80, 24
        size = Size(wide or 80, high or 24)
        asyncio.ensure_future(self._app._post_message(events.Resize(size, size)))  # noqa: RUF006  # the app outlives it

    def _suspended(self) -> None:
        """Ctrl-Z: give the shell its screen, then stop like everybody in the foreground."""
        self.write(LEAVE)
        self._drain(CLOSE_S)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _resumed(self) -> None:
        """In the foreground again: the whole screen anew."""
        self.write(ENTER)
        screen = self._app.screen
        self._app._display(screen, screen._compositor.render_update(full=True))

    def _drain(self, most_s: float) -> None:
        end = time.monotonic() + most_s
        while self._waiting and self._thread.is_alive() and time.monotonic() < end:
            time.sleep(0.005)

    def disable_input(self) -> None:
        """There is none."""

    def stop_application_mode(self) -> None:
        """Give the first screen back."""
        self.write(LEAVE)

    def close(self) -> None:
        """Write what waits, or give up."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(CLOSE_S)

    def _write(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                data = self._waiting[0]
            try:
                while data:
                    done = os.write(self.fd, data)
                    self.written += done
                    data = data[done:]
            except OSError:
                return  # the terminal is gone; who owns the keys knows it, too
            with self._wake:
                self._waiting.popleft()
