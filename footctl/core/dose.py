"""How much heat and pressure a foot has had. Thermal dose is CEM43: minutes at 43 °C that would do the same.

It knows no caps: it adds up, others compare. Sums never fall, whatever the readings do.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite

# Sapareto and Dewey 1984 [GK]: each degree halves the time from 43 °C up and quarters it below. No cut-off at 39 °C.
# Against published scald times it is right within 20 % from 44 to 51 °C [CALC]; printed Arrhenius constants are 3-4 times too kind there.
_KNEE_C = 43.0
_ABOVE = 0.5
_BELOW = 0.25

SENSOR_MARGIN_C = 0.5  # below 43 °C half a degree doubles the dose, so a sensor's error is added before summing [CALC]
CONTACT_KPA = 4.3  # 32 mmHg, capillary closing (Landis 1930) [S: th4.ilovetranslation.com]


def cem43(pairs: Iterable[tuple[float, float]]) -> float:
    """Equivalent minutes at 43 °C of (seconds, °C) pairs; no margin is added. Raises ValueError on NaN, infinity, negative seconds."""
    total = 0.0
    for seconds, celsius in pairs:
        if not isfinite(seconds) or seconds < 0:
            raise ValueError(f"{seconds!r} is not a time in seconds")
        if not isfinite(celsius):
            raise ValueError(f"{celsius!r} is not a temperature in °C")
        if seconds:
            total += seconds / 60 * rate(celsius)
    return total


def rate(celsius: float) -> float:
    """CEM43 minutes a minute at a finite temperature; infinite where it is beyond any float."""
    try:
        return float((_ABOVE if celsius >= _KNEE_C else _BELOW) ** (_KNEE_C - celsius))
    except OverflowError:
        return inf


class Dose:
    """Thermal dose of a session on the hottest sensor + 0.5 °C.

    Each span between two readings counts at the warmer of both. Where readings are missing the last one goes on, and before the first
    good one `unknown_c` does (the trip temperature: the worst that the device would have let pass).
    """

    __slots__ = ("_at", "_celsius", "_feet_in", "cem43")

    def __init__(self, unknown_c: float, before: float = 0.0) -> None:
        self.cem43 = before
        self._celsius = unknown_c
        self._at: float | None = None
        self._feet_in = False

    def add(self, now: float, hottest_c: float | None, feet_in: bool) -> None:
        """A reading at `now`, None when there is no good one; `feet_in`: a foot is in the water. A `now` in the past adds no time."""
        known = hottest_c is not None and isfinite(hottest_c)
        celsius = hottest_c if known and hottest_c is not None else self._celsius
        if self._at is not None and now > self._at and (feet_in or self._feet_in):
            warmer = celsius if celsius > self._celsius else self._celsius
            self.cem43 += (now - self._at) / 60 * rate(warmer + SENSOR_MARGIN_C)
        if self._at is None or now > self._at:
            self._at = now
        self._celsius = celsius
        self._feet_in = feet_in


class Pressed:
    """Pressure x time by side and zone, and by side, in kPa s; how long the present spot has been pressed above capillary closing."""

    __slots__ = ("_at", "_since", "_spot", "by_side", "by_zone", "dwell_s")

    def __init__(self) -> None:
        self.by_zone: dict[tuple[str, str], float] = {}
        self.by_side: dict[str, float] = {"left": 0.0, "right": 0.0}
        self.dwell_s = 0.0
        self._at: float | None = None
        self._since: float | None = None
        self._spot: int | None = None

    def add(self, now: float, zone: str | None, position_mm: int, left_kpa: float | None, right_kpa: float | None) -> None:
        """Contact pressures at `now`; None when unknown adds nothing. A spot is 5 mm of the carriage's way [ENG]."""
        before = self._at
        self._at = at = now if before is None or now > before else before
        if zone is not None and before is not None:
            for side, kpa in (("left", left_kpa), ("right", right_kpa)):
                if kpa is not None and kpa > 0:
                    borne = kpa * (at - before)
                    self.by_zone[side, zone] = self.by_zone.get((side, zone), 0.0) + borne
                    self.by_side[side] += borne
        if not ((left_kpa is not None and left_kpa > CONTACT_KPA) or (right_kpa is not None and right_kpa > CONTACT_KPA)):
            self._spot = self._since = None
            self.dwell_s = 0.0
        elif self._spot is None or self._since is None or abs(position_mm - self._spot) > 5:
            self._spot, self._since = position_mm, at
            self.dwell_s = 0.0
        else:
            self.dwell_s = at - self._since
