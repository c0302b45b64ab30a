"""Flashing and calibrating through the real mpremote, against real MicroPython at its prompt, with the simulator's water at its pins."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest

from firmware import image
from firmware.device import calibration
from firmware.device.body import Body
from footctl.cli import calibrate, remote
from footctl.errors import DeviceRefused, FootctlError, UsageError
from simulator.pico import process
from tests.system.processes import Footctl, Served, Spawn

pytestmark = pytest.mark.system

PROMPT = Path(__file__).resolve().parent.parent / "board" / "prompt.py"
SERVE = """
import sys
from pathlib import Path
from simulator.describe import scenario
from simulator.pico.serve import serve_board
from simulator.world import World

port, flash, script, water = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
world = World(device="footbath-pico-w", scenario=scenario("wrist-warm").model_copy(update={"water_c": water}), person=None)
serve_board(world, Path(sys.argv[1]).parent, port, about={}, ready=lambda at: print(at, flush=True), flash=flash, script=script)
"""


@pytest.fixture
def prompt(tmp_path: Path, must_have: Callable[[object, str], None]) -> Iterator[Callable[..., Path]]:
    """A board at its prompt: `prompt(flash, water_c)` gives its port."""
    must_have(process.micropython(), "micropython")
    must_have(find_spec("mpremote"), "mpremote")
    started: list[subprocess.Popen[str]] = []

    def start(flash: Path, water_c: float = 34.0) -> Path:
        flash.mkdir(exist_ok=True)
        port = tmp_path / f"board{len(started)}"
        words = [sys.executable, "-c", SERVE, str(port), str(flash), str(PROMPT), str(water_c)]
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        out = started[-1].stdout
        assert out is not None
        assert out.readline(), started[-1].communicate()[1]
        return port

    yield start
    for one in started:
        one.kill()
        one.communicate()


def test_a_board_gets_the_program_and_runs_it(prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl, spawn: Spawn) -> None:
    flash = tmp_path / "flash"
    flash.mkdir()
    (flash / "lib").mkdir()
    (flash / "lib" / "old.mpy").write_bytes(b"from before")
    (flash / "mine.txt").write_text("a file of somebody's own")
    answer = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "each read back" in answer.stdout
    built = image.build("pico_w")
    assert {where: (flash / where).read_bytes() for where in built} == built
    assert not (flash / "lib" / "old.mpy").exists()
    assert (flash / "mine.txt").exists()
    again = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert "sending 0 of" in again.stdout, again.stdout + again.stderr
    # What came over the cable is what runs.
    served = Served(spawn("sim", "serve", "--board", "pico_w", "--pty", str(tmp_path / "runs"), "--json"), "pty", 1)
    assert footctl("device", "info", *served.device).returncode == 0


def test_nobody_at_the_prompt(footctl: Footctl, tmp_path: Path) -> None:
    answer = footctl("device", "flash", "--port", str(tmp_path / "nothing"))
    assert answer.returncode == 4
    assert "no such port" in answer.stderr


def test_into_a_folder_without_a_board(footctl: Footctl, tmp_path: Path) -> None:
    answer = footctl("device", "flash", "--port", "none", "--to", str(tmp_path / "out"))
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "out" / "main.py").exists()


def test_cells_that_carry_no_weight_are_refused_and_nothing_is_kept(prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl) -> None:
    flash = tmp_path / "flash"
    process.furnish(flash, Body())
    before = {path.name: path.read_bytes() for path in flash.glob("calibration.*")}
    answer = footctl("device", "calibrate", "--port", str(prompt(flash)), "--only", "cells", stdin="0\n2\n")
    assert answer.returncode == 5, answer.stdout + answer.stderr
    assert "left a moved by" in answer.stderr
    assert {path.name: path.read_bytes() for path in flash.glob("calibration.*")} == before


def refusing(
    monkeypatch: pytest.MonkeyPatch, told: str, *readings: calibrate.Reading, kind: type[FootctlError] = DeviceRefused
) -> str:
    """What calibrate says when a person types `told` and the board measures `readings`."""
    measured = iter(readings)
    monkeypatch.setattr(calibrate, "_measure", lambda board: next(measured))
    monkeypatch.setattr("sys.stdin", io.StringIO(told))
    board = cast("remote.Board", None)  # whatever it would be asked, it is not
    ask: Callable[[], object] = partial(calibrate._cells, board, 2.0) if told.count("\n") > 2 else partial(calibrate._water, board)
    with pytest.raises(kind) as refusal:
        ask()
    assert "nothing was changed" in str(refusal.value)
    return str(refusal.value)


CELLS = (0.0, 1.0, -1.0, 2.0)


def water(first: float, second: float) -> calibrate.Reading:
    return calibrate.Reading((first, second), CELLS)


@pytest.mark.parametrize(
    ("told", "readings", "says"),
    [
        ("22.1\n37\n", (water(22, 22), water(37, 37)), "less than 15 °C apart"),
        ("18\n40\n", (water(18, 18), water(40, 41)), "sensor 2 is off by"),
        ("18\n40\n", (water(16.5, 18), water(38.5, 40)), "more than 1 °C"),
    ],
)
def test_a_thermometer_that_cannot_be_right_is_refused(
    told: str, readings: tuple[calibrate.Reading, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert says in refusing(monkeypatch, told, *readings)


COOL = "was typed, not a number from 10 to 25"
WARM = "was typed, not a number from 35 to 41"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("no idea\n", f"'no idea' {COOL}"),
        ("", f"nothing {COOL}"),
        ("nan\n", f"'nan' {COOL}"),
        ("-inf\n", f"'-inf' {COOL}"),
        ("68\n", f"'68' {COOL}"),
        ("18\nNaN\n", f"'NaN' {WARM}"),
        ("18\n1e999\n", f"'1e999' {WARM}"),
        ("18\n45\n", f"'45' {WARM}"),
    ],
)
def test_what_no_thermometer_reads_is_refused_by_name(told: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = [water(18, 18)] * told.count("\n")
    assert says in refusing(monkeypatch, told, *readings, kind=UsageError)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("2\n2\n2\n", "'2' was typed, not 0"),
        ("nan\n2\n2\n", "'nan' was typed, not 0"),
        ("0\n0\n2\n", "'0' was typed, not 2"),
        ("0\n2\n2.5\n", "'2.5' was typed, not 2"),
        ("0\n\n2\n", "nothing was typed, not 2"),
    ],
)
def test_a_weight_that_is_not_the_one_asked_for_is_refused_by_name(told: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    two_kg = 2 * calibrate.GRAVITY / calibrate.ROLLER_M2 / 50
    readings = [calibrate.Reading((34.0, 34.0), cells) for cells in (CELLS, (two_kg, two_kg, 0.0, 0.0), (0.0, 0.0, two_kg, two_kg))]
    assert says in refusing(monkeypatch, told, *readings, kind=UsageError)


@pytest.mark.parametrize("weight", ["nan", "inf", "0", "-2", "6.5", "0.4"])
def test_a_weight_beyond_its_limits_is_refused_before_the_board_is_asked(weight: str, footctl: Footctl) -> None:
    answer = footctl("device", "calibrate", "--port", "/nowhere", f"--weight={weight}")
    assert answer.returncode == 2
    assert f"--weight {weight}: between 0.5 and 6 kg" in answer.stderr


def test_what_cannot_be_typed_leaves_the_board_as_it_is(prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl) -> None:
    flash = tmp_path / "flash"
    process.furnish(flash, Body())
    before = {path.name: path.read_bytes() for path in flash.glob("calibration.*")}
    answer = footctl("device", "calibrate", "--port", str(prompt(flash)), "--only", "water", stdin="nan\n40\n")
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert "'nan' was typed" in answer.stderr
    assert {path.name: path.read_bytes() for path in flash.glob("calibration.*")} == before


@pytest.mark.parametrize(
    ("zeros", "loaded", "says"),
    [
        ((0, 0, 900, 0), (), "right a reads 900 counts unloaded"),
        (CELLS, (0, 1, 0, 0), "left a moved by 0 counts"),
        (CELLS, (-392, 393, 0, 0), "left a moved by -392"),
        (CELLS, (1200, 393, 0, 0), "left a moved by 1200"),
    ],
)
def test_cells_that_cannot_be_right_are_refused(
    zeros: tuple[float, ...], loaded: tuple[float, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = [calibrate.Reading((34.0, 34.0), cells) for cells in (zeros, loaded) if cells]  # type: ignore[arg-type]
    assert says in refusing(monkeypatch, "0\n2\n2\n", *readings)


def test_good_cells_get_their_zeros_and_their_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    two_kg = 2 * calibrate.GRAVITY / calibrate.ROLLER_M2 / 50  # counts of 50 Pa
    rows = iter([CELLS, (two_kg, 1 + two_kg / 2, -1, 2), (0, 1, two_kg - 1, two_kg + 2)])
    monkeypatch.setattr(calibrate, "_measure", lambda board: calibrate.Reading((34.0, 34.0), next(rows)))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", io.StringIO("0\n2\n2\n"))
    zeros, scales = calibrate._cells(cast("remote.Board", None), 2.0)
    assert zeros == (0, 1, -1, 2)
    assert scales == (50000, 100000, 50000, 50000)


def test_two_points_of_water_are_kept_twice(
    prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The water changes between the two questions: the thermometer is half a degree above what the sensors read, both times."""
    flash = tmp_path / "flash"
    process.furnish(flash, Body())
    board = remote.Board(str(prompt(flash, 20.0)))
    warm = remote.Board(str(prompt(flash, 40.0)))
    boards = iter((board, warm))
    answers = iter((20.5, 40.5))
    measure = calibrate._measure
    monkeypatch.setattr(calibrate, "_measure", lambda _: measure(next(boards)))
    monkeypatch.setattr(calibrate, "_number", lambda *question: next(answers))
    offsets = calibrate._water(board)
    assert all(40 <= offset <= 60 for offset in offsets), offsets
    body = Body()
    calibrate._read_back(board, body)
    body.water_offset_cdeg = offsets
    calibrate._keep(board, body)
    found = Body()
    calibration.restore(found, tuple((flash / f"calibration.{turn}").read_bytes() for turn in (0, 1)))
    assert found.water_offset_cdeg == offsets
    assert found.calibration == 0
