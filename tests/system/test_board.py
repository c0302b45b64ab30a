"""`footctl run --port` against the board's own program: real MicroPython, a board's heap, a pseudo-terminal, real time, real drivers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import channel
from simulator.pico import process
from tests.system.processes import Footctl, Served, Spawn, Terminal, until

pytestmark = pytest.mark.system

EVENING = """
name = "Evening, short"
tier = "standard"

# The massage first: after a soak the skin must dry for minutes before anything presses it, and nobody may shorten that.
[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "15 kPa"
for = "15 s"

[[phase]]
kind = "soak"
water = "34 C"
for = "15 s"

[[phase]]
kind = "rest"
text = "Nothing to do."
for = "5 s"
"""


@pytest.fixture
def board(spawn: Spawn, tmp_path: Path, must_have: Callable[[object, str], None]) -> Served:
    """The board's program behind a port."""
    must_have(process.micropython(), "micropython")
    return Served(spawn("sim", "serve", "--board", "pico_w", "--pty", str(tmp_path / "board"), "--json"), "pty", 1)


def test_a_shortened_evening_at_speed_1(board: Served, terminal: type[Terminal], tmp_path: Path) -> None:
    program = tmp_path / "evening.toml"
    program.write_text(EVENING)
    screen = terminal("run", str(program), *board.device, "--plain")
    asked = 0
    while "Completed" not in screen.seen and asked < 12:
        screen.until(rf"(?s)(\[Y\].*){{{asked + 1}}}|Completed", wait_s=120)
        if screen.seen.count("[Y]") > asked:
            asked = screen.seen.count("[Y]")
            screen.press("y")
    screen.until("Pain in the feet")
    screen.press("\r" * 12)  # Enter leaves a question out
    assert screen.wait() == 0, screen.seen
    assert "device PW-512A07" in screen.seen
    assert board.status["kpa"] == [0.0, 0.0]
    assert board.status["dropped_frames"] == 0


def test_it_knows_itself_and_guards_itself(board: Served, footctl: Footctl) -> None:
    told = footctl("device", "info", *board.device, "--json")
    about = json.loads(told.stdout)
    assert about["model"] == "footbath-pico-w", told.stderr
    assert about["simulator"] == 0, "hardware does not claim to be simulated"
    proof = footctl("device", "selftest", *board.device, "--yes", "--json")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert all(row["passed"] for row in json.loads(proof.stdout)["proof"])


def test_its_stop_button_stops(board: Served, footctl: Footctl) -> None:
    board.act("press", "stop")

    def latched() -> bool:
        cause = footctl("device", "info", *board.device, "--json")
        return '"latched": "pain"' in cause.stdout

    until(latched, "the device latched by its button")


def test_a_place_that_is_taken_is_left_alone(tmp_path: Path, footctl: Footctl) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("a letter")
    answer = footctl("sim", "serve", "--board", "pico_w", "--pty", str(mine))
    assert answer.returncode == 2
    assert "something else is there" in answer.stderr
    assert mine.read_text() == "a letter"


def test_a_board_has_one_speed(tmp_path: Path, footctl: Footctl) -> None:
    answer = footctl("sim", "serve", "--board", "pico_w", "--pty", str(tmp_path / "port"), "--speed", "5")
    assert answer.returncode == 2
    assert "one speed" in answer.stderr
    assert not list(channel.living(tmp_path))
