"""Lines for a stream that may be slow, full or closed. The writer never waits: a thread does, and lines that do not fit are dropped.

A terminal gets its lines broken between words; a file or a pipe gets them whole.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TextIO

from footctl.screens.width import broken, columns

WAITING_MAX = 500  # lines; a terminal stopped with Ctrl-S for eight minutes


class Paper:
    """Prints lines on `stream` in order. After an error of the stream (closed pipe, closed terminal) it swallows everything."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.closed = False
        self._shown: Callable[[str], None] | None = None
        self._held: list[str] = []
        self._lines: queue.Queue[str | threading.Event | None] = queue.Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._write, name="paper", daemon=True)
        self._thread.start()

    def hold(self, shown: Callable[[str], None]) -> None:
        """Something else has the terminal: give lines to `shown`, and print them at `release`."""
        self._shown = shown

    def release(self) -> None:
        """The terminal is free again."""
        held, self._held, self._shown = self._held, [], None
        for text in held:
            self.line(text)

    def line(self, text: str = "") -> None:
        """Print a line when the stream has room."""
        if self._shown is not None:
            self._held = [*self._held[-WAITING_MAX:], text]
            self._shown(text)
        elif not self.closed:
            try:
                self._lines.put_nowait(text)
            except queue.Full:
                return

    def drain(self, timeout: float = 2.0) -> None:
        """Return when everything is printed, or after `timeout` seconds."""
        done = threading.Event()
        try:
            self._lines.put(done, timeout=timeout)
        except queue.Full:
            return
        done.wait(timeout)

    def close(self, timeout: float = 2.0) -> None:
        """Print what waits, or give up after `timeout` seconds."""
        try:
            self._lines.put(None, timeout=timeout)
        except queue.Full:
            return
        self._thread.join(timeout)

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            if isinstance(text, threading.Event):
                text.set()
            elif not self.closed:
                try:
                    self.stream.write(broken(text, columns(self.stream)) + "\n")
                    self.stream.flush()
                except (OSError, ValueError):
                    self.closed = True
