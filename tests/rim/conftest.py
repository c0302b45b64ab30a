"""The rim's tests run on an event loop whose clock jumps to whatever is next: nothing waits, everything happens in order."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

THREADS_S = 5.0  # real seconds to wait for a thread before a test that waits for nothing is called stuck


class _Selector(selectors.DefaultSelector):
    """Never sleeps: what the loop would have slept is added to its clock."""

    moment = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            ready = super().select(THREADS_S)
            assert ready, "the loop waits for something that never comes"
            return ready
        self.moment += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A selector loop on virtual time."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.moment


@pytest.fixture
def virtual() -> Callable[[Callable[[VirtualLoop], Coroutine[Any, Any, Any]]], Any]:
    """Runs `story(loop)` on a virtual loop and gives its result."""

    def run(story: Callable[[VirtualLoop], Coroutine[Any, Any, Any]]) -> Any:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, VirtualLoop)
            return runner.run(story(loop))

    return run


@pytest.fixture(autouse=True)
def _closed_databases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Databases that a test leaves open are closed after it; newer Pythons warn of them."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def kept(*args: Any, **other: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **other))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", kept)
    yield
    for one in opened:
        with contextlib.suppress(sqlite3.ProgrammingError):  # of another thread, which closed it
            one.close()
