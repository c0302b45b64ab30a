"""Flashing and calibrating through the real mpremote, against real MicroPython at its prompt, with the simulator's water at its pins."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from firmware import image
from firmware.device import calibration
from firmware.device.body import Body
from footctl.cli import calibrate, remote
from footctl.cli.main import main
from footctl.errors import DeviceRefused, FootctlError, LinkTimeout, UsageError
from simulator.pico import process
from tests.system.processes import Footctl, Served, Spawn

pytestmark = pytest.mark.system

PROMPT = Path(__file__).resolve().parent.parent / "board" / "prompt.py"
PICO_W = "micropython|rp2|1.27.0|6|Raspberry Pi Pico W with RP2040"
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
    """A board at its prompt: `prompt(flash, water_c, claims)` gives its port."""
    must_have(process.micropython(), "micropython")
    must_have(find_spec("mpremote"), "mpremote")
    started: list[subprocess.Popen[str]] = []

    def start(flash: Path, water_c: float = 34.0, claims: str = PICO_W) -> Path:
        flash.mkdir(exist_ok=True)
        port = tmp_path / f"board{len(started)}"
        words = [sys.executable, "-c", SERVE, str(port), str(flash), str(PROMPT), str(water_c)]
        env = {**os.environ, "FOOT_BOARD": claims}
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env))
        out = started[-1].stdout
        assert out is not None
        assert out.readline(), started[-1].communicate()[1]
        return port

    yield start
    for one in started:
        one.kill()
        one.communicate()


def files(folder: Path) -> dict[str, bytes]:
    """Everything on the board; what the simulator writes into its folder is not on the board."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {where: content for where, content in found.items() if where != "told.txt"}


def put(folder: Path, contents: dict[str, str]) -> None:
    image.write({where: text.encode() for where, text in contents.items()}, folder)


def test_a_board_gets_the_program_and_runs_it(prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl, spawn: Spawn) -> None:
    flash = tmp_path / "flash"
    flash.mkdir()
    answer = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "each read back" in answer.stdout
    assert "left as they are: told.txt\n" in answer.stdout  # the simulator's own
    built = image.build("pico_w")
    assert {where: (flash / where).read_bytes() for where in built} == built
    assert not (flash / "main.new").exists()
    again = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert "sending 0 of" in again.stdout, again.stdout + again.stderr
    assert "left as they are: told.txt\n" in again.stdout
    # What came over the cable is what runs.
    served = Served(spawn("sim", "serve", "--board", "pico_w", "--pty", str(tmp_path / "runs"), "--json"), "pty", 1)
    assert footctl("device", "info", *served.device).returncode == 0


def test_only_what_an_earlier_flash_put_there_is_taken_off(prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl) -> None:
    flash = tmp_path / "flash"
    flash.mkdir()
    theirs = {
        "lib/aioble/__init__.py": "advertise = Characteristic = None",
        "lib/bluetooth.py": "",
        "lib/a name with blanks.txt": "theirs",
        "boot.py": "print('theirs')",
        "last-words.txt": "Traceback",
    }
    put(flash, {**theirs, "main.py": "print('blink')", "lib/firmware/old.mpy": "ours"})
    put(flash, {"flashed.txt": "lib/firmware/old.mpy\nlib/gone.mpy\n"})
    answer = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    left = files(flash)
    assert "lib/firmware/old.mpy" not in left
    assert {where: left[where].decode() for where in theirs} == theirs
    assert left["main-before-1.py"] == b"print('blink')"
    assert left["main.py"] == image.build("pico_w")["main.py"]
    assert "its main.py was not ours: it is now main-before-1.py" in answer.stdout
    assert "left as they are: boot.py, told.txt, lib/a name with blanks.txt, lib/aioble, lib/bluetooth.py\n" in answer.stdout
    assert "cat :last-words.txt" in answer.stdout
    assert "no Bluetooth" not in answer.stdout


def test_a_board_without_aioble_is_told_how_to_get_it(prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl) -> None:
    flash = tmp_path / "flash"
    put(flash, {"lib/bluetooth.py": ""})
    answer = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "no module named 'aioble'" in answer.stdout
    assert "mip install aioble" in answer.stdout
    assert "last-words" not in answer.stdout


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ("micropython|rp2|1.27.0|6|Raspberry Pi Pico with RP2040", "not MicroPython on a Raspberry Pi Pico W with RP2040"),
        ("micropython|rp2|1.27.0|6|Raspberry Pi Pico 2 W with RP2350", "not MicroPython on a Raspberry Pi Pico W with RP2040"),
        ("micropython|esp32|1.27.0|6|Generic ESP32 module with ESP32", "not MicroPython on a Raspberry Pi Pico W with RP2040"),
        ("circuitpython|rp2|9.2.0|6|Raspberry Pi Pico W with RP2040", "not MicroPython on a Raspberry Pi Pico W with RP2040"),
        ("micropython|rp2|1.23.0|6|Raspberry Pi Pico W with RP2040", "MicroPython 1.24 or newer is needed"),
        ("micropython|rp2|2.0.0|7|Raspberry Pi Pico W with RP2040", "compiled files are version 6, not 7"),
    ],
)
def test_another_board_is_refused_before_anything_is_written(
    claims: str, says: str, prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl
) -> None:
    flash = tmp_path / "flash"
    put(flash, {"main.py": "print('blink')"})
    answer = footctl("device", "flash", "--port", str(prompt(flash, claims=claims)), timeout=120)
    assert answer.returncode == 5, answer.stdout + answer.stderr
    assert says in answer.stderr
    assert "nothing was written" in answer.stderr
    assert files(flash) == {"main.py": b"print('blink')"}


@pytest.mark.parametrize("where", ["life.py", "firmware/mine.py", "lib/pins.py", "lib/life/mine.py", "lib/firmware/device/body.py"])
def test_what_would_run_in_place_of_ours_is_refused_before_anything_is_written(
    where: str, prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl
) -> None:
    flash = tmp_path / "flash"
    put(flash, {where: "theirs"})
    answer = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert answer.returncode == 5, answer.stdout + answer.stderr
    assert f" {where.removesuffix('/mine.py') if where.startswith('firmware') else where} is not ours" in answer.stderr
    assert files(flash) == {where: b"theirs"}


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_flash_that_is_broken_off_says_what_was_kept_and_the_next_one_ends_it(
    steps: int,
    prompt: Callable[..., Path],
    tmp_path: Path,
    footctl: Footctl,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The cable is pulled after so many copies: the list is the first, the program the last."""
    flash = tmp_path / "flash"
    process.furnish(flash, Body())
    kept = {"boot.py": b"theirs", "calibration.0": (flash / "calibration.0").read_bytes()}
    put(flash, {"boot.py": "theirs", "lib/pins.mpy": "older", "lib/radio.mpy": "older", "lib/firmware/old.mpy": "older"})
    put(flash, {"flashed.txt": "".join(f"{where}\n" for where in ("main.py", "lib/pins.mpy", "lib/firmware/old.mpy", "lib/radio.mpy"))})
    left = [None] * steps
    copy = remote.Board.copy

    def pulled(board: remote.Board, *words: Any) -> None:
        if not left:
            raise LinkTimeout("pulled", "")
        left.pop()
        copy(board, *words)

    with monkeypatch.context() as patch:
        patch.setattr(remote.Board, "copy", pulled)
        code = main(["device", "flash", "--port", str(prompt(flash))])
    told = capsys.readouterr()
    assert code == 4, told
    assert "broken off" in told.err
    found = files(flash)
    assert {where: found[where] for where in kept} == kept
    assert "main.py" not in found
    answer = footctl("device", "flash", "--port", str(prompt(flash)), timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = files(flash)
    built = image.build("pico_w")
    assert {where: found[where] for where in built} == built
    assert {where: found[where] for where in kept} == kept
    assert "lib/firmware/old.mpy" not in found


def test_nobody_at_the_prompt(footctl: Footctl, tmp_path: Path) -> None:
    answer = footctl("device", "flash", "--port", str(tmp_path / "nothing"))
    assert answer.returncode == 4
    assert "no such port" in answer.stderr


def test_into_a_folder_without_a_board(footctl: Footctl, tmp_path: Path) -> None:
    answer = footctl("device", "flash", "--port", "none", "--to", str(tmp_path / "out"))
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "out" / "main.py").exists()


@pytest.mark.parametrize(
    ("only", "typed", "code", "says"),
    [("cells", "0\n2\n", 5, "left a moved by"), ("water", "nan\n40\n", 2, "'nan' was typed")],
    ids=["cells that carry no weight", "what cannot be typed"],
)
def test_a_refused_calibration_leaves_the_board_as_it_is(
    only: str, typed: str, code: int, says: str, prompt: Callable[..., Path], tmp_path: Path, footctl: Footctl
) -> None:
    flash = tmp_path / "flash"
    process.furnish(flash, Body())
    before = {path.name: path.read_bytes() for path in flash.glob("calibration.*")}
    answer = footctl("device", "calibrate", "--port", str(prompt(flash)), "--only", only, stdin=typed)
    assert answer.returncode == code, answer.stdout + answer.stderr
    assert says in answer.stderr
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
