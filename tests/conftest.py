"""Guards over every test: a printed seed, no task left behind, no real sleeping where a virtual clock does."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

LONGEST_SLEEP_S = 0.05

# Deadlines would measure the other processes of a shared machine. The blob reproduces one example, the seed in the header a whole run.
settings.register_profile("footctl", deadline=None, max_examples=100, print_blob=True)
settings.load_profile("footctl")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(random.SystemRandom().randrange(1_000_000))


def pytest_report_header(config: pytest.Config) -> str:
    return f"random choices: --hypothesis-seed={config.option.hypothesis_seed} repeats this run"


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    if exitstatus:
        terminalreporter.write_line(f"again with the same random choices: pytest --hypothesis-seed={config.option.hypothesis_seed}")


@pytest.fixture
def checkout() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def must_have() -> Any:
    """Skip for want of a tool, with the reason; where CI=true nothing is skipped that way."""

    def check(present: object, what: str) -> None:
        if not present:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{what} is missing, and CI must not skip")
            pytest.skip(f"{what} is not installed here")

    return check


@pytest.fixture(autouse=True)
def _nobody_elses_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests write down about persons and sessions goes to a folder of their own, which is made when it is needed; so do settings."""
    for name in [name for name in os.environ if name.startswith("FOOTCTL_") and name not in ("FOOTCTL_TRIES", "FOOTCTL_PEERS")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FOOTCTL_CONFIG", str(tmp_path / "config.toml"))


@pytest.fixture(autouse=True)
def _no_real_sleep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside tests marked system, nobody waits for real time: neither a thread nor a loop on the real clock."""
    if request.node.get_closest_marker("system") or "system" in request.node.path.parts:
        return
    real_sleep, real_async_sleep = time.sleep, asyncio.sleep

    def sleep(seconds: float) -> None:
        assert seconds <= LONGEST_SLEEP_S, f"time.sleep({seconds}) in a test that has a virtual clock"
        real_sleep(seconds)

    async def async_sleep(delay: float, result: Any = None) -> Any:
        on_real_clock = type(asyncio.get_running_loop()).time is asyncio.BaseEventLoop.time
        assert not on_real_clock or delay <= LONGEST_SLEEP_S, f"asyncio.sleep({delay}) on the real clock"
        return await real_async_sleep(delay, result)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(asyncio, "sleep", async_sleep)


class _Told(logging.Handler):
    """Keeps what asyncio complains about: tasks destroyed while pending, exceptions that nobody fetched."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture(autouse=True)
def _no_leaked_task(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test ends with every task that it started finished; asyncio.run would cancel the rest without a word."""
    left: list[str] = []
    cancel_all = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]  # the one place that knows what is left

    def cancel(loop: asyncio.AbstractEventLoop) -> None:
        left.extend(repr(task) for task in asyncio.all_tasks(loop))
        cancel_all(loop)

    monkeypatch.setattr(asyncio.runners, "_cancel_all_tasks", cancel)
    told = _Told()
    logging.getLogger("asyncio").addHandler(told)
    yield
    logging.getLogger("asyncio").removeHandler(told)
    assert not left, f"tasks still running at the end: {left}"
    assert not told.messages, f"asyncio complained: {told.messages}"
