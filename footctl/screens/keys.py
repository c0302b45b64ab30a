"""Single keys from a terminal. A thread reads them, so that the pain key writes STOP whatever the event loop is doing.

Knows which key means what; what follows from it is the mind's business.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from footctl.core.events import Begin, Firmer, Pain, PainScored, PauseAsked, ResumeAsked, SkipAsked, Softer, Yes

if TYPE_CHECKING:
    import asyncio

    from footctl.core.view import View
    from footctl.run.session import Session

PAIN = b" xX"
YES = b"yY\r\n"


class Keys:
    """What a key does to `session`. `help_lines` is called for `?`."""

    def __init__(self, session: Session, show_help: Callable[[], None]) -> None:
        self._session = session
        self._show_help = show_help
        self.talk: Callable[[bytes], None] | None = None  # takes every key once the session is over

    def at_once(self, key: bytes) -> None:
        """In the reading thread, before the loop hears of it."""
        if key in PAIN:
            self._session.urgent_stop(pain=True)

    def later(self, key: bytes) -> None:
        """In the loop's thread."""
        session = self._session
        if self.talk is not None:
            self.talk(key)
        elif key in PAIN:
            session.post(Pain(by="key"))
        elif key in b"sSqQ":
            session.stop("stop", "key")
        elif key in YES:
            self._yes(session.view())
        elif key in b"pP":
            session.post(ResumeAsked() if session.view().state == "paused" else PauseAsked())
        elif key in b"+=":
            session.post(Firmer())
        elif key in b"-_":
            session.post(Softer())
        elif key in b"0123456789":
            session.post(PainScored(int(key)))
        elif key in b"kK":
            session.post(SkipAsked())
        elif key in b"nN" and _asks(session.view(), "start"):
            session.stop("declined", "key")
        elif key == b"?":
            self._show_help()

    def _yes(self, view: View) -> None:
        if _asks(view, "start"):
            self._session.post(Begin())
        elif _asks(view, "resume"):
            self._session.post(ResumeAsked())
        else:
            self._session.post(Yes(by="key"))

    def hung_up(self) -> None:
        """The terminal is gone."""
        self._session.terminal_closed()


def _asks(view: View, kind: str) -> bool:
    return view.question is not None and view.question.kind == kind


@contextmanager
def reading(keys: Keys, fd: int | None = None) -> Iterator[bool]:
    """Read keys from the terminal while inside; gives False, and reads nothing, where there is none. Puts the terminal back at the end."""
    fd = sys.stdin.fileno() if fd is None and sys.stdin is not None else fd
    if fd is None or not in_front(fd):
        yield False
        return
    import termios
    import tty
    from asyncio import get_running_loop

    loop = get_running_loop()
    before = termios.tcgetattr(fd)
    wake_out, wake_in = os.pipe()
    tty.setcbreak(fd, termios.TCSANOW)
    thread = threading.Thread(target=_read, args=(keys, fd, wake_out, loop), name="keys", daemon=True)
    thread.start()
    try:
        yield True
    finally:
        os.write(wake_in, b"\0")
        thread.join()
        os.close(wake_in)
        os.close(wake_out)
        with suppress(termios.error):  # the terminal may be closed
            termios.tcsetattr(fd, termios.TCSANOW, before)


def in_front(fd: int) -> bool:
    """Whether somebody can press keys there: a terminal, with this process in its foreground (setting it up would stop one behind)."""
    try:
        return os.isatty(fd) and os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False


def somebody_there() -> bool:
    """Whether somebody can press keys at standard input, whatever that is."""
    try:
        return in_front(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or none at all
        return False


def _read(keys: Keys, fd: int, wake: int, loop: asyncio.AbstractEventLoop) -> None:
    while True:
        ready, _, _ = select.select([fd, wake], [], [])
        if wake in ready:
            return
        try:
            data = os.read(fd, 64)
        except OSError:
            data = b""
        if not data:
            loop.call_soon_threadsafe(keys.hung_up)
            return
        if data[:1] == b"\x1b":
            continue  # an arrow or function key is no answer to anything
        for at in range(len(data)):
            key = data[at : at + 1]
            keys.at_once(key)
            loop.call_soon_threadsafe(keys.later, key)
