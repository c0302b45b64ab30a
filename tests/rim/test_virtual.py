"""Questions on the virtual clock: a signal ends the waiting for an answer, whenever it comes."""

from __future__ import annotations

import os
import pty
import signal
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from footctl.cli.virtual import Onlooker, passing_on
from footctl.core.events import StopAsked

LATE_S = 20.0


def asked() -> tuple[Onlooker, Any]:
    """Somebody who is asked something that they can answer, and the view that shows it."""
    paper: Any = SimpleNamespace(drain=lambda: None)
    return Onlooker(None, None, paper, None), SimpleNamespace(question=SimpleNamespace(ready=True, kind="start"))


def test_a_signal_that_interrupts_no_read_ends_the_question_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one does that comes just before the read begins; here another thread of the process is the one that it interrupts."""
    far, near = pty.openpty()
    with open(near, encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        onlooker, view = asked()
        late: list[int] = []
        typed = threading.Timer(LATE_S, lambda: late.append(os.write(far, b"\n")))  # or this test would wait for ever

        def while_it_reads() -> None:
            while not onlooker.asking:
                time.sleep(0.001)
            time.sleep(0.05)  # until the read itself has begun, which nothing shows
            signal.raise_signal(signal.SIGINT)

        threading.Thread(target=while_it_reads, daemon=True).start()  # now: threads keep the mask of whoever starts them
        typed.start()
        with passing_on(onlooker):
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                assert onlooker._ask(view) is None
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
                typed.cancel()
            for _ in range(1000):  # the handler runs when this thread comes to it
                if onlooker.stopped_by is None:
                    time.sleep(0.001)
        assert not late
        assert onlooker.stopped_by == "Ctrl-C"
        host: Any = None
        assert onlooker(0.0, host) == (StopAsked(why="Ctrl-C", by="signal"),)
    os.close(far)
