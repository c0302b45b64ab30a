"""How the board's program starts and how it ends: off first, whatever failed, and never alive with a part of it dead."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware.device.body import Inputs
from simulator.pico import process

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BOARD = ROOT / "firmware" / "boards" / "pico_w"
LONG_MS = 3000


def alone(script: str, folder: Path, *words: str, stepped: bool = True) -> subprocess.CompletedProcess[str]:
    """Run it by itself, on the clock that it moves if `stepped`."""
    paths = [*([process.FAKE / "stepped"] if stepped else []), process.FAKE, BOARD, ROOT]
    env = {**os.environ, "MICROPYPATH": ":".join([*map(str, paths), ".frozen"]), "FOOT_PINS": "", "FOOT_STEPPED": "1"}
    command = [str(process.micropython()), "-X", "heapsize=1M", str(HERE / script), *words]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_it_starts_with_everything_off_and_deaf_to_ctrl_c(tmp_path: Path, must_have: Callable[[object, str], None]) -> None:
    must_have(process.micropython(), "micropython")
    answer = alone("starts.py", tmp_path, str(BOARD / "main.py"))
    assert answer.stdout.endswith("done\n"), answer.stdout + answer.stderr


@pytest.fixture
def last_words(stepped: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """What a board with this fault says when it ends."""

    def live(fault: str) -> str:
        monkeypatch.setenv("FOOT_FAULT", fault)
        board = stepped(script=str(HERE / "faulty.py"), heap="1M")
        with pytest.raises(process.BoardFailed) as failure:
            for_some_time(board)
        return str(failure.value)

    return live


def for_some_time(board: process.Stepped) -> None:
    """Ticks, and a byte in between."""
    for now_ms in range(0, LONG_MS, 50):
        board.tick(now_ms, Inputs())
        if now_ms == LONG_MS // 2:
            board.receive(now_ms, b"\x00")


@pytest.mark.parametrize("fault", ["tick", "cable", "radio"])
def test_what_fails_ends_the_whole_and_everything_is_off_before_it_is_written_down(last_words: Callable[[str], str], fault: str) -> None:
    words = last_words(fault)
    assert f"broken {fault}" in words
    assert "kept while 0 0 ran" in words, words


def test_and_so_it_does_on_micropythons_own_asyncio(tmp_path: Path, must_have: Callable[[object, str], None]) -> None:
    must_have(process.micropython(), "micropython")
    answer = alone("ends.py", tmp_path, stepped=False)
    assert answer.stdout.splitlines() == ["ended by cable", "ended by radio", "ended by cable", "done"], answer.stdout + answer.stderr


def test_a_board_whose_ticks_stop_is_reset_by_its_watchdog(last_words: Callable[[str], str]) -> None:
    assert "reset by the watchdog" in last_words("no more ticks")


def test_readings_that_are_none(tmp_path: Path, must_have: Callable[[object, str], None]) -> None:
    must_have(process.micropython(), "micropython")
    answer = alone("turns.py", tmp_path)
    told = [line.rpartition(" ") for line in answer.stdout.splitlines()]
    assert told[-1][2] == "done", answer.stdout + answer.stderr
    assert told[0][0] == "conversions a second"
    assert int(told[0][2]) >= 75, "of 80: what is lost is pressure that nobody sees"
    assert "alive True" in answer.stdout
    # 40 ticks in two seconds: the watchdog's half second is far, and the heater's switch is not late.
    assert "stuck 0 40 0 1" in answer.stdout, "a bus that is stuck makes readings old and careful, not ticks late"
    assert "again True" in answer.stdout
    assert "torn 0" in answer.stdout, "a cell that is torn off has no readings"
