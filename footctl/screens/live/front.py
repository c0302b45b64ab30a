"""The session's end of the live view: starts its process, gives it what is to be seen, and never waits for it.

Everything is sent as whole snapshots into a pipe that does not block. One that does not fit is dropped, the next one says it all.
A view that ends, for whatever reason, leaves the plain lines in its place; the session does not notice.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO

from footctl.core.view import View
from footctl.screens.live.wire import Opening, Packer, Snapshot

EVERY_S = 0.2  # wall seconds between two pictures, as often as telemetry comes
SCREEN = 1  # the terminal, where the view draws
LEAST = 72, 20  # columns, lines
STUCK_S = 5.0  # a view that takes nothing for so long hangs
CLOSE_S = 2.0
RESTORE = "\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h"  # whatever the view left behind
COMMAND = (sys.executable, "-m", "footctl.screens.live")

Look = Callable[[View], None]


def unfit(stream: TextIO) -> str:
    """Why the live view cannot be shown on `stream`, "" when it can."""
    if not stream.isatty():
        return "the output is no terminal"
    if os.environ.get("TERM", "dumb") == "dumb":
        return "the terminal cannot place its cursor"
    if (stream.encoding or "").lower().replace("-", "") != "utf8":
        return f"the terminal's letters are {stream.encoding}, not UTF-8"
    wide, high = os.get_terminal_size(stream.fileno())
    if 0 < wide < LEAST[0] or 0 < high < LEAST[1]:
        return f"the terminal has {wide} columns and {high} lines; the live view needs {LEAST[0]} and {LEAST[1]}"
    return ""


class Front:
    """A subscriber. `plain` takes over when the view is gone; `tell` says why in one line."""

    def __init__(
        self,
        opening: Opening,
        plain: Look,
        tell: Callable[[str], None],
        *,
        command: tuple[str, ...] = COMMAND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.alive = True
        self.failed = False
        self._plain = plain
        self._tell = tell
        self._clock = clock
        self._packer = Packer()
        self._told = Snapshot()
        self._shape: tuple[object, ...] = ()
        self._next = 0.0
        self._rest = self._packer.opening(opening)
        self._stuck_since: float | None = None
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdin is not None
        self._fd = self._process.stdin.fileno()
        os.set_blocking(self._fd, False)

    def __call__(self, view: View) -> None:
        """Show a view: at once when something is asked or has changed, else five times a second."""
        if not self.alive:
            self._plain(view)
            return
        now = self._clock()
        question = view.question and (view.question.kind, view.question.since, view.question.ready)
        shape = (view.state, view.step, question, view.outcome, len(view.warnings))
        if now < self._next and shape == self._shape:
            return
        self._next, self._shape = now + EVERY_S, shape
        self._told = replace(self._told, view=view)
        self._send(now)

    def say(self, asking: str = "", noted: str = "") -> None:
        """The question after a pain press, and what came of it."""
        self._told = replace(self._told, asking=asking, noted=noted)
        self._send(self._clock())

    def note(self, text: str) -> None:
        """A line that would stand between the plain ones."""
        self._told = replace(self._told, lines=(*self._told.lines[-2:], text.strip()))
        self._send(self._clock())

    def help(self) -> None:
        """Show what the keys do, or go back."""
        self._told = replace(self._told, helping=not self._told.helping)
        self._send(self._clock())

    def close(self) -> None:
        """Let the view go and wait for it, but not for long: the first screen is the terminal's again."""
        if not self.alive:
            return
        self._told = replace(self._told, bye=True)
        end = self._clock() + CLOSE_S
        sent = False
        while self.alive and not (sent and not self._rest) and self._clock() < end:
            if not self._rest and not sent:
                self._send(self._clock())
                sent = True
            elif self._rest:
                select.select([], [self._fd], [], 0.05)
                self._flush(self._clock())
        self._end(max(0.1, end - self._clock()))

    # ---------------------------------------------------------------------------------------------------------- inside

    def _send(self, now: float) -> None:
        """Hand a snapshot to the pipe, or drop it because the one before has not gone yet."""
        if not self.alive:
            return
        self._flush(now)
        if self.alive and not self._rest:
            try:
                self._rest = self._packer.snapshot(self._told)
            except Exception as error:  # nothing that is to be seen may end the session
                self._fail(f"{type(error).__name__}: {error}")
                return
            self._flush(now)

    def _flush(self, now: float) -> None:
        try:
            while self._rest:
                self._rest = self._rest[os.write(self._fd, self._rest) :]
            self._stuck_since = None
        except BlockingIOError:
            if self._stuck_since is None:
                self._stuck_since = now
            elif now - self._stuck_since > STUCK_S:
                self._fail("it hangs")
        except OSError:
            self._fail("it ended by itself")

    def _fail(self, why: str) -> None:
        self.failed = True
        self._end(0.0)
        self._tell(f"the live view is gone ({why}); the session goes on, plain lines from here")
        if self._told.view is not None:
            self._plain(self._told.view)

    def _end(self, wait_s: float) -> None:
        """Nothing of it stays: no process, no screen."""
        self.alive = False
        process = self._process
        try:
            code: int | None = process.wait(wait_s) if wait_s else process.poll()
        except subprocess.TimeoutExpired:
            code = None
        if code is None:
            process.kill()
            process.wait()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        if code != 0:
            with contextlib.suppress(OSError):
                os.write(SCREEN, RESTORE.encode())
