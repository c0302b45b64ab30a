"""Degrees as the person reads them: °C as the whole house has them, or °F. Only for eyes and ears; what programs read stays in °C.

Sentences come from the minds in °C. Here their temperatures are found and said in the person's unit.
"""

from __future__ import annotations

import re

UNITS = ("C", "F")
_DIFFERENCE = r"(?P<difference>within |± ?|by )?"
_MORE = r"(?P<more>(?: (?:→|and|to) -?[0-9]+(?:\.[0-9]+)?)*)"
_BAND = r"(?P<band> ±[0-9]+(?:\.[0-9]+)?)?"
_TEMPERATURE = re.compile(_DIFFERENCE + r"(?<![\w.])(?P<number>-?[0-9]+(?:\.[0-9]+)?)" + _MORE + r" °C(?P<rate>/min)?" + _BAND)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NAMED = re.compile(r"(?P<what>(?:water|ramp) )°C(?P<rate>/min)? (?P<values>-?[0-9.]+(?: → -?[0-9.]+)?)")


class Units:
    """Says temperatures in `name`, "C" or "F"."""

    def __init__(self, name: str = "C") -> None:
        if name not in UNITS:
            raise ValueError(f"units {name!r}; C or F")
        self.fahrenheit = name == "F"
        self.sign = "°F" if self.fahrenheit else "°C"

    def of(self, celsius: float) -> float:
        """A temperature as a number in this unit."""
        return celsius * 1.8 + 32 if self.fahrenheit else celsius

    def step(self, celsius: float) -> float:
        """A difference as a number in this unit."""
        return celsius * 1.8 if self.fahrenheit else celsius

    def text(self, celsius: float, digits: int = 1) -> str:
        """A temperature with its unit: "38.0 °C", "100.4 °F"."""
        return f"{self.of(celsius):.{digits}f} {self.sign}"

    def words(self, sentence: str) -> str:
        """`sentence`, which says degrees in °C, in this unit."""
        if not self.fahrenheit or "°C" not in sentence:
            return sentence
        return _TEMPERATURE.sub(self._found, _NAMED.sub(self._named, sentence))

    def _found(self, match: re.Match[str]) -> str:
        difference = match["difference"] or ""
        convert = self.step if difference or match["rate"] else self.of
        numbers = _NUMBER.sub(lambda number: _as_exact(number[0], convert(float(number[0]))), match["number"] + match["more"])
        band = _NUMBER.sub(lambda number: _as_exact(number[0], self.step(float(number[0]))), match["band"] or "")
        return f"{difference}{numbers} {self.sign}{match['rate'] or ''}{band}"

    def _named(self, match: re.Match[str]) -> str:
        """The lines of what was lowered: "water °C 40 → 38"."""
        convert = self.step if match["rate"] or match["what"] == "ramp " else self.of
        values = _NUMBER.sub(lambda number: _as_exact(number[0], convert(float(number[0]))), match["values"])
        return f"{match['what']}{self.sign}{match['rate'] or ''} {values}"


def chosen() -> Units:
    """The unit in force: of the settings, or FOOTCTL_UNITS. Raises SettingsError."""
    from footctl.run import settings

    return Units(settings.load().units)


def _as_exact(written: str, value: float) -> str:
    """As many digits as were written; a whole degree of a difference may need one."""
    digits = len(written.partition(".")[2])
    text = f"{value:.{max(digits, 1)}f}"
    return text.removesuffix(".0") if not digits else text
