"""Numbers with units as people write them: "38 C", "100 F", "15 kPa", "12 min". Text in, a float in the house's unit out.

ASCII `[+-]digits[.digits]`, at most one space, a unit; no exponent, no hexadecimal, no NaN. It knows units, not caps: 45 °C is a fine
temperature here. The arithmetic is on whole numbers with one division at the end, so "104 F" is exactly 40.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# digits after the point times digits before it: far beyond any quantity here, and short enough that nothing overflows
_LONGEST_NUMBER = 16
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?( ?)(.*)", re.ASCII | re.DOTALL)


class QuantityError(ValueError):
    """The text is no such quantity; the message says why and what is allowed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of quantity. `units`: name -> (numerator, denominator, offset taken off first); `example` is shown in messages."""

    name: str
    units: dict[str, tuple[int, int, int]]
    example: str
    positive: bool = False

    @property
    def pattern(self) -> str:
        """A regular expression for JSON Schema."""
        units = "|".join(re.escape(unit) for unit in self.units)
        return rf"^[+-]?[0-9]+(\.[0-9]+)? ?({units})$"

    @property
    def allowed(self) -> str:
        """What to write, for messages."""
        return f'a number and a unit ({", ".join(self.units)}) in quotes, as "{self.example}"'


# 1 °C = 1.8 °F; 1 mmHg = 133.322 Pa (conventional millimetre of mercury [GK])
WATER = Kind("a water temperature", {"C": (1, 1, 0), "°C": (1, 1, 0), "F": (5, 9, 32), "°F": (5, 9, 32)}, "38 C")
PRESSURE = Kind("a pressure", {"kPa": (1, 1, 0), "Pa": (1, 1000, 0), "mmHg": (133_322, 1_000_000, 0)}, "15 kPa")
DURATION = Kind("a time", {"s": (1, 1, 0), "min": (60, 1, 0), "h": (3600, 1, 0)}, "12 min", positive=True)
_RAMPS = {"C/min": (1, 1, 0), "°C/min": (1, 1, 0), "F/min": (5, 9, 0), "°F/min": (5, 9, 0)}
WATER_RAMP = Kind("a water ramp", _RAMPS, "1 C/min", positive=True)
# a tablespoon of 15 ml, a teaspoon of 5 ml [GK]
_SPOONS = {"ml": (1, 1, 0), "l": (1000, 1, 0), "L": (1000, 1, 0), "tbsp": (15, 1, 0), "tsp": (5, 1, 0)}
VOLUME = Kind("an amount", _SPOONS, "30 ml", positive=True)
PRESSURE_RAMP = Kind("a pressure ramp", {"kPa/s": (1, 1, 0)}, "10 kPa/s", positive=True)


def read(kind: Kind, text: object) -> float:
    """The quantity in °C, kPa, s, ml, °C/min or kPa/s. Raises QuantityError."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise QuantityError(f"is not {kind.name}; write {kind.allowed}")
    if not isinstance(text, str):
        raise QuantityError(_bare(kind, text))
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise QuantityError(f"is not {kind.name}; write {kind.allowed}")
    sign, whole, part, space, unit = match.groups()
    part = part or ""
    if len(whole) + len(part) > _LONGEST_NUMBER:
        raise QuantityError(f"has too many digits; {_LONGEST_NUMBER} are enough")
    scale: int = 10 ** len(part)
    number = int(sign + whole + part)
    if not unit:
        raise QuantityError(_bare(kind, number / scale) if not space else f"has no unit; write {kind.allowed}")
    if unit not in kind.units:
        raise QuantityError(f"has an unknown unit; write {kind.allowed}")
    up, down, offset = kind.units[unit]
    value: float = (number - offset * scale) * up / (down * scale)
    if kind.positive and value <= 0:
        raise QuantityError(f"must be more than zero; write {kind.allowed}")
    return value


def _bare(kind: Kind, number: float) -> str:
    if kind is WATER and 60 <= number <= 230:  # nobody soaks in 60 °C; 60 to 230 is how Fahrenheit looks
        return f"has no unit and looks like Fahrenheit; write {number:g} F"
    return f"has no unit; write {kind.allowed}"


def show_time(seconds: float) -> str:
    """Seconds for people: "12 min", "90 s", "4.5 min"."""
    if seconds < 120 and seconds % 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:.4g} min"
