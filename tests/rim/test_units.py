"""Degrees as the person reads them: a temperature and a difference are not the same thing."""

from __future__ import annotations

import pytest

from footctl.screens.units import Units

F = Units("F")


def test_celsius_is_left_alone() -> None:
    units = Units()
    assert units.text(38.0) == "38.0 °C"
    assert units.of(38.0) == 38.0
    assert units.step(0.5) == 0.5
    assert units.words("the water has 38.2 °C") == "the water has 38.2 °C"


def test_fahrenheit() -> None:
    assert F.text(38.0) == "100.4 °F"
    assert F.text(37.96, 0) == "100 °F"
    assert F.step(0.5) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("celsius", "fahrenheit"),
    [
        ("the water has 38.2 °C; at most 40.5 °C is safe to step into", "the water has 100.8 °F; at most 104.9 °F is safe to step into"),
        ("the water is not within 0.5 °C of 38.0 °C", "the water is not within 0.9 °F of 100.4 °F"),
        ("wrist-warm water, about 34 °C: then", "wrist-warm water, about 93.2 °F: then"),
        ("soak: water °C 40 → 38 (tier standard)", "soak: water °F 104 → 100.4 (tier standard)"),
        ("soak: ramp °C/min 1 → 0.5 (tier)", "soak: ramp °F/min 1.8 → 0.9 (tier)"),
        ("24 → 38 °C", "75.2 → 100.4 °F"),
        ("38 °C ±0.5", "100.4 °F ±0.9"),
        ("    5:00 left   water 34.0 → 38.0 °C   pressure   0 kPa", "    5:00 left   water 93.2 → 100.4 °F   pressure   0 kPa"),
        ("water 36.1 and 35.9 °C, heater 0 %", "water 97.0 and 96.6 °F, heater 0 %"),
        ("1 °C/min", "1.8 °F/min"),
        ("dose 0.02 of 1.00 CEM43 min", "dose 0.02 of 1.00 CEM43 min"),
        ("it must stay below 41.5 °C", "it must stay below 106.7 °F"),
    ],
)
def test_sentences(celsius: str, fahrenheit: str) -> None:
    assert F.words(celsius) == fahrenheit


def test_no_other_unit() -> None:
    with pytest.raises(ValueError, match="C or F"):
        Units("K")
