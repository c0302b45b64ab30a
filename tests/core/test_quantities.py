"""Numbers with units: what is read, what is refused, and with which words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.core.quantities import DURATION, PRESSURE, PRESSURE_RAMP, WATER, WATER_RAMP, Kind, QuantityError, read, show_time

KINDS = (WATER, PRESSURE, DURATION, WATER_RAMP, PRESSURE_RAMP)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (WATER, "38 C", 38.0),
        (WATER, "38°C", 38.0),
        (WATER, "100 F", 340 / 9),
        (WATER, "104 °F", 40.0),
        (WATER, "96.8F", 36.0),
        (WATER, "-5.5 C", -5.5),
        (WATER, "+38.25C", 38.25),
        (PRESSURE, "15 kPa", 15.0),
        (PRESSURE, "15000 Pa", 15.0),
        (PRESSURE, "120 mmHg", 15.99864),
        (DURATION, "12 min", 720.0),
        (DURATION, "90s", 90.0),
        (DURATION, "0.5 h", 1800.0),
        (WATER_RAMP, "1 C/min", 1.0),
        (WATER_RAMP, "1.8 F/min", 1.0),
        (WATER_RAMP, "0.5 °C/min", 0.5),
        (PRESSURE_RAMP, "10 kPa/s", 10.0),
    ],
)
def test_reads_in_the_unit_of_the_house(kind: Kind, text: str, value: float) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (WATER, "104", "has no unit and looks like Fahrenheit; write 104 F"),
        (WATER, 104, "has no unit and looks like Fahrenheit; write 104 F"),
        (WATER, 100.5, "write 100.5 F"),
        (WATER, "38", 'has no unit; write a number and a unit (C, °C, F, °F) in quotes, as "38 C"'),
        (WATER, "38 ", "has no unit; write"),
        (PRESSURE, "104", "has no unit; write a number and a unit (kPa, Pa, mmHg)"),
        (WATER, "38 K", "has an unknown unit"),
        (WATER, "38 c", "has an unknown unit"),
        (WATER, "38  C", "has an unknown unit"),
        (WATER, "38 C ", "has an unknown unit"),
        (WATER, "38 C\n", "has an unknown unit"),
        (WATER, "3e1 C", "has an unknown unit"),
        (WATER, "0x26 C", "has an unknown unit"),
        (WATER, " 38 C", "is not a water temperature"),
        (WATER, "nan C", "is not a water temperature"),
        (WATER, "inf C", "is not a water temperature"),
        (WATER, ".5 C", "is not a water temperature"),
        (WATER, "٣٨ C", "is not a water temperature"),
        (WATER, "", "is not a water temperature"),
        (WATER, "5. C", "has an unknown unit"),
        (WATER, True, "is not a water temperature"),
        (WATER, None, "is not a water temperature"),
        (WATER, ["38 C"], "is not a water temperature"),
        (WATER, math.nan, "has no unit; write"),
        (WATER, "9" * 17 + " C", "has too many digits"),
        (WATER, "0." + "1" * 16 + " C", "has too many digits"),
        (DURATION, "0 min", "must be more than zero"),
        (DURATION, "-4 min", "must be more than zero"),
        (DURATION, "12 m", "has an unknown unit"),
        (WATER_RAMP, "0 C/min", "must be more than zero"),
        (PRESSURE_RAMP, "-1 kPa/s", "must be more than zero"),
    ],
)
def test_refuses_with_words(kind: Kind, text: object, words: str) -> None:
    with pytest.raises(QuantityError, match=r".*") as caught:
        read(kind, text)
    assert words in str(caught.value)


@given(st.sampled_from(KINDS), st.text() | st.floats() | st.integers() | st.booleans() | st.none())
def test_any_input_gives_a_finite_number_or_words(kind: Kind, value: object) -> None:
    try:
        number = read(kind, value)
    except QuantityError:
        return
    assert math.isfinite(number)


@given(st.integers(-10_000, 10_000))
def test_hundredths_are_exact(hundredths: int) -> None:
    text = f"{'-' if hundredths < 0 else ''}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d} C"
    assert read(WATER, text) == hundredths / 100


@pytest.mark.parametrize(
    ("seconds", "text"), [(90, "90 s"), (60, "1 min"), (720, "12 min"), (270, "4.5 min"), (0, "0 min"), (3600, "60 min")]
)
def test_times_for_people(seconds: float, text: str) -> None:
    assert show_time(seconds) == text


def test_the_schema_pattern_agrees_with_the_reader() -> None:
    import re

    for text in ("38 C", "104°F", "+1.5F", "-2 C"):
        assert re.search(WATER.pattern, text)
    for text in ("38", "38 K", "1e3 C", "38  C"):
        assert not re.search(WATER.pattern, text)
