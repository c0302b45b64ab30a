"""The board's radio under real MicroPython, on a fake aioble: pieces as small as 20 bytes, full buffers, hosts that come and go."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from simulator.pico import process

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def test_hosts_come_and_go(must_have: Callable[[object, str], None]) -> None:
    command = process.micropython()
    must_have(command, "micropython")
    paths = [HERE / "air", ROOT / "firmware" / "boards" / "pico_w", ROOT]
    env = {**os.environ, "MICROPYPATH": ":".join([*map(str, paths), ".frozen"])}
    answer = subprocess.run(
        [str(command), "-X", "heapsize=1M", str(HERE / "radio_life.py")], env=env, capture_output=True, text=True, check=False, timeout=30
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = answer.stdout.splitlines()
    assert told[-1] == "done"
    assert [line for line in told if line.startswith("connected")] == ["connected None True", "connected 185 True"]
    assert sum(line.startswith("answer") for line in told) >= 4, told
    assert told.count("telemetry 10") == 2, told
    assert told.count("held True True") == 2, "what a host does not take is lost, and no more than 2 KB of it waits"
    assert told.count("again True 0") == 2, "whole frames are lost, never parts"
    assert "gone 1 True 0" in told
    assert "gone 2 True 0" in told
    assert told.count("left False True") == 2, "what is sent in the moment after a host went is lost, and nothing else"
    assert "long 244" in told, "a write is heard whole"
    assert "burst 260" in told, "what comes while a tick takes its time is heard, however small its pieces"
    assert "strangers 0" in told
    assert "late 0" in told, "what is still on its way when its host is gone is nobody's"
    assert "fails broken" in told, "a mind that fails must not leave a board that is deaf to the radio and goes on"
    assert "[aioble]" not in answer.stdout, "what aioble prints stands between the frames on the cable, and waits for a host that reads"
    assert "talks True" in told
    assert "silent 3 False" in told, "a killed program's connection, which its system keeps up, must not hold the only place"
    assert "Footbath-2A07" in answer.stdout
    assert "6E400001-B5A3-F393-E0A9-E50E24DCCA9E" in answer.stdout
