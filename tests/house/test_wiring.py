"""The wiring figure is fresh and shows every pin of the board's page; the page's numbers are what the drivers use."""

from __future__ import annotations

from pathlib import Path

from docs import wiring
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


def test_the_guide_names_the_commands_that_there_are(checkout: Path) -> None:
    page = (checkout / "docs" / "how-to" / "build-a-device.md").read_text("utf-8")
    from footctl.run.conformance.checks import ordered

    assert f"{len(ordered())} checks" in page
    assert f"{len(ordered())} checks" in (checkout / "CHANGELOG.md").read_text("utf-8")
