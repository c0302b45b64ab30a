"""Real processes: a served simulator, `footctl` at its port, and a place for their sockets that is nobody else's."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.processes import Footctl, Served, Spawn, Terminal


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets of this test's sessions and simulators; `footctl stop` here must never reach a real session."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    """Start `footctl` with these words; whatever still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **other: Any) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen([sys.executable, "-m", "footctl", *words], **{**pipes, **other})
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def footctl() -> Footctl:
    """Run `footctl` with these words to its end."""

    def run(*words: str, stdin: str = "", timeout: float = 60, **other: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "footctl", *words]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout, check=False, **other)

    return run


@pytest.fixture
def serve(spawn: Spawn, tmp_path: Path) -> Callable[..., Served]:
    """Serve a simulator: `serve("pty", speed=10)`, `serve("tcp")`; more words go to `footctl sim serve`."""

    def start(link: str = "pty", *words: str, speed: int = 10) -> Served:
        path = tmp_path / f"foot{time.monotonic_ns()}"
        where = ("--pty", str(path)) if link == "pty" else ("--tcp", "127.0.0.1:0")
        return Served(spawn("sim", "serve", *where, "--speed", str(speed), "--json", *words), link, speed)

    return start


@pytest.fixture
def terminal() -> Iterator[type[Terminal]]:
    """Terminals that are gone after the test."""
    opened: list[Terminal] = []

    class Kept(Terminal):
        def __init__(self, *words: str) -> None:
            super().__init__(*words)
            opened.append(self)

    yield Kept
    for one in opened:
        one.end()
