"""Without a machine, aloud, as somebody has it who cannot read the screen: the real voice, and what it used up counts."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from footctl.run.journal import Journal
from tests.system.processes import Footctl, Terminal

pytestmark = pytest.mark.system

PROGRAM = """
name = "By hand"
tier = "sensitive"
[[phase]]
kind = "soak"
water = "34 C"
for = "15 s"
[[phase]]
kind = "guided"
name = "towel"
text = "Draw a towel towards you with your toes."
for = "1 s"
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "by-hand.toml"
    path.write_text(PROGRAM)
    return str(path)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, must_have: Callable[[object, str], None]) -> Path:
    """What the real espeak-ng is given; it speaks into a file instead of a loudspeaker, which a test machine has not."""
    real = shutil.which("espeak-ng")
    must_have(real, "espeak-ng")
    folder = tmp_path / "bin"
    folder.mkdir()
    path = tmp_path / "said"
    wrapper = folder / "espeak-ng"
    wrapper.write_text(f'#!/bin/sh\ntee -a {path} | {real} "$@" -w {tmp_path}/sound.wav\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return path


def test_a_program_without_a_machine_and_aloud(footctl: Footctl, program: str, said: Path, tmp_path: Path) -> None:
    done = footctl("run", program, "--no-device", "--yes", "--speak")
    assert done.returncode == 0, done.stderr
    assert "nothing was switched on: you did it by hand" in done.stdout
    assert "34 °C" in done.stdout
    told = said.read_text()
    assert "everything" not in told.splitlines()[0]
    assert "Draw a towel towards you with your toes." in told or "the program ran to its end" in told
    assert "Sit for a minute before you stand up." in told
    assert (tmp_path / "sound.wav").stat().st_size > 1000


def test_what_it_took_counts(footctl: Footctl, program: str) -> None:
    assert footctl("person", "screen", "Ana", "--otherwise-no").returncode == 0
    done = footctl("run", program, "--no-device", "--yes", "--json", "--person", "Ana", "--daily-ok")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["outcome"], told["simulated"], told["water_max_c"]) == ("completed", False, None)
    assert [phase["kind"] for phase in told["phases"]] == ["preheat", "feet_in", "soak", "dry", "guided", "finish"]
    with Journal() as journal:
        ana = journal.person("Ana")
        assert ana is not None
        assert journal.day(ana.id).use.soak_s == pytest.approx(15.0, abs=2.0)


def test_a_plan_for_nobody_and_another_terminals_stop(terminal: type[Terminal], footctl: Footctl, program: str) -> None:
    screen = terminal("run", program, "--no-device", "--plain")
    screen.until("nobody answered the health questions")
    screen.until(r"Start By hand\?  \[Y\]")
    screen.press("y")
    screen.until(r"\? Fill a bowl with 5 litres of water of 34 °C.*\[Y\]")
    answer = footctl("stop")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    screen.until("Stopped")
    screen.press("\x04")  # nothing to say about it
    assert screen.wait() == 6
