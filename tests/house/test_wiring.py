"""The wiring figure is fresh and shows every pin of the board's page; the page's numbers are what the drivers use."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs import wiring
from firmware_protocol.message_words import PERMISSIVES
from footctl.cli.main import COMMANDS, _parser
from footctl.run.conformance.checks import ordered
from simulator.pico.signals import PINS

ON_THE_PANEL = {"LEVEL", "WET", "TILT", "BATH_LEFT", "BATH_RIGHT", "ROLLER_LEFT", "ROLLER_RIGHT", "ARM", "LAMPS", "BUZZER"}
CHANNELS = {"HEATER_CURRENT", "MOTOR_CURRENT", "CARRIAGE", "REFERENCE"}


def test_the_figure_is_fresh() -> None:
    assert wiring.main(["--check"]) == 0


def test_every_pin_is_drawn_once() -> None:
    pins = [
        number
        for name, value in PINS.items()
        if name not in ON_THE_PANEL | CHANNELS
        for number in (value if isinstance(value, tuple) else (value,))
    ]
    assert len(pins) == len(set(pins)), "no pin serves twice"
    assert wiring.drawn() == set(pins)
    assert all(0 <= pin <= 28 and pin not in (23, 24, 25) for pin in pins), "the Pico W keeps 23, 24 and 25 for its radio"


def test_every_coil_and_motor_has_its_diode(page: str) -> None:
    drawn = wiring.figure()
    assert drawn.count("1N4007 across that coil") == 2, "a relay for the heater, one for the motors"
    for part in ("Schottky 3 A across the pump", "Schottky 5 A towards the bridges", "TVS 15 V", "with its own diodes"):
        assert part in drawn
    assert "thermal fuse at the element" in drawn, "the safety case asks for it"
    parts = page[page.index("## Parts") : page.index("## Wiring")]
    for part in ("two relays", "1N4007", "Schottky", "TVS", "470 µF", "thermal fuse", "optocoupler", "MOSFETs", "10 k"):
        assert part in parts


@pytest.fixture
def page(checkout: Path) -> str:
    return (checkout / "docs" / "how-to" / "build-a-device.md").read_text("utf-8")


def typed(page: str, first: str) -> list[list[str]]:
    """What the page tells somebody to type, as words: lines of its blocks, and what stands between backticks."""
    blocks = re.findall(r"```\n(.*?)```", page, flags=re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()] + re.findall(r"(?<!`)`([^`\n]+)`(?!`)", page)
    return [shlex.split(line)[1:] for line in lines if line.startswith(f"{first} ")]


def test_every_command_of_the_guide_is_one(page: str) -> None:
    rows = {name: (path, summary) for name, path, summary, _ in COMMANDS}
    lines = typed(page, "footctl")
    assert len(lines) >= 15
    assert ["device", "selftest", "--port", "/dev/ttyACM0"] in lines
    for name, *words in lines:
        path, summary = rows[name]
        _parser(name, summary, import_module(path)).parse_args(words)


def test_every_word_of_mpremote_in_the_guide_is_one(page: str, must_have: Callable[[object, str], None]) -> None:
    must_have(find_spec("mpremote"), "mpremote")
    known = import_module("mpremote.main")
    lines = typed(page, "mpremote")
    assert ["connect", "/dev/ttyACM0", "cat", ":last-words.txt"] in lines
    assert ["connect", "/dev/ttyACM0", "mip", "install", "aioble"] in lines
    for words in lines:
        word = words[2] if words[0] == "connect" else words[0]
        assert word in known._COMMANDS or word in known._BUILTIN_COMMAND_EXPANSIONS, words


def test_the_guide_says_what_a_dry_device_says(page: str) -> None:
    """The words of a refusal, as they stand in the code; that a dry or tilted board answers so is tested with the board."""
    said = {text for _, text in PERMISSIVES}
    for text in ("not enough water over the heater", "the device does not stand level"):
        assert text in said
        assert text in page


def test_the_guide_is_honest_about_what_a_restart_loses(page: str) -> None:
    assert "black box and the first cause are in the board's memory" in " ".join(page.split())


def test_the_guide_and_the_changelog_count_the_checks(page: str, checkout: Path) -> None:
    count = len(ordered())
    assert f"some {round(count, -1)} checks" in page
    assert f"{count} checks" in (checkout / "CHANGELOG.md").read_text("utf-8")
