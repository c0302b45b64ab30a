"""The one thread in which the Bluetooth library lives. Runs what others ask for on a loop of its own, and tidies up when the process ends.

A thread of its own because a link is closed by a plain call, from any loop, while a peripheral takes a second to let go; and because an
urgent write must not wait for a screen. Knows nothing about peripherals.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from footctl.errors import LinkLost, LinkTimeout

T = TypeVar("T")

LEAVE_S = 3.0  # at the end of the process, for peripherals to be let go


class Radio:
    """A loop in a thread. `ask` from any loop, `tell` and `later` from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._leaving: set[Future[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="radio", daemon=True)
        self._thread.start()

    async def ask(self, work: Coroutine[Any, Any, T], limit_s: float, what: str) -> T:
        """What `work` gives, or LinkTimeout after `limit_s`: nothing that a radio does ends for certain.

        A cancelled caller cancels the work. Work that is cancelled from within, as some stacks do when a link drops, is LinkLost.
        """
        future = asyncio.run_coroutine_threadsafe(_bounded(work, limit_s, what), self._loop)
        return await asyncio.wrap_future(future)

    def later(self, work: Callable[..., object], *args: Any) -> None:
        """Call `work` in the radio's thread. Nothing happens when that has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(work, *args)

    def leave(self, work: Coroutine[Any, Any, None]) -> None:
        """Let `work` run to its end by itself; the process waits for it a little."""
        future = asyncio.run_coroutine_threadsafe(_bounded(work, LEAVE_S, "letting go"), self._loop)
        self._leaving.add(future)
        future.add_done_callback(self._leaving.discard)

    async def left(self) -> None:
        """Return once everything that was told to `leave` is done."""
        for future in tuple(self._leaving):
            with contextlib.suppress(Exception):
                await asyncio.wrap_future(future)

    def end(self) -> None:
        """Wait for what is leaving, then stop. Once more is harmless."""
        if self._loop.is_closed():
            return
        for future in tuple(self._leaving):
            with contextlib.suppress(Exception):
                future.result(LEAVE_S)
        with contextlib.suppress(Exception):
            asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(LEAVE_S)
        self.later(self._loop.stop)
        self._thread.join(LEAVE_S)
        if not self._thread.is_alive():
            self._loop.close()


async def _bounded(work: Coroutine[Any, Any, T], limit_s: float, what: str) -> T:
    task = asyncio.ensure_future(work)
    task.add_done_callback(_heard)
    try:
        done, _ = await asyncio.wait((task,), timeout=limit_s)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        raise LinkTimeout(f"{what}: no answer within {limit_s:g} s", "is the device on and near? try again")
    if task.cancelled():
        raise LinkLost(f"{what}: broken off", "try again")
    return task.result()


def _heard(task: asyncio.Task[Any]) -> None:
    """An error that comes after the limit is nobody's any more; the loop must not complain about it."""
    if not task.cancelled():
        task.exception()


async def _cancel_all() -> None:
    mine = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not mine]
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=LEAVE_S)


_radio: Radio | None = None


def radio() -> Radio:
    """This process's radio, made when it is first needed."""
    global _radio  # noqa: PLW0603  # one adapter, one thread
    if _radio is None:
        _radio = Radio()
        atexit.register(end)
    return _radio


def end() -> None:
    """End this process's radio; the next `radio()` is a new one."""
    global _radio  # noqa: PLW0603
    if _radio is not None:
        atexit.unregister(end)
        _radio.end()
        _radio = None
