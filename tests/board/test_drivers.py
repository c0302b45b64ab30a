"""The board's drivers one by one, on real MicroPython, from the source."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from simulator.pico import process

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def test_each_driver(tmp_path: Path, must_have: Callable[[object, str], None]) -> None:
    command = process.micropython()
    must_have(command, "micropython")
    paths = [process.FAKE, ROOT / "firmware" / "boards" / "pico_w", ROOT]
    env = {**os.environ, "MICROPYPATH": ":".join([*map(str, paths), ".frozen"]), "FOOT_PINS": "", "FOOT_STEPPED": "1"}
    answer = subprocess.run(
        [str(command), "-X", "heapsize=1M", str(HERE / "drivers.py")], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.stdout.endswith("done\n"), answer.stdout + answer.stderr
