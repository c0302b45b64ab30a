"""The same session on CPython and on a real MicroPython: the same bytes, the same outputs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Objects here are twice those of a board, and the compiler works in the same heap: a board loads compiled files.
HEAP = "320K"


def test_both_interpreters_live_the_same_session(must_have: Callable[[object, str], None]) -> None:
    name = "micropython"
    micropython = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    must_have(micropython, name)
    script = str(Path(__file__).with_name("on_both.py"))
    told = []
    for command in ([sys.executable, script], [str(micropython), "-X", f"heapsize={HEAP}", script]):
        paths = {**os.environ, "PYTHONPATH": str(ROOT), "MICROPYPATH": f"{ROOT}:.frozen"}
        answer = subprocess.run(command, env=paths, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout[-500:] + answer.stderr
        assert answer.stdout.endswith("done\n")
        told.append(answer.stdout.splitlines())
    assert len(told[0]) > 25
    assert told[0] == told[1]
