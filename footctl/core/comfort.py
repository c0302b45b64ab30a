"""What the person may change while it runs: softer, firmer, longer. And whether the person still answers: check-ins.

Everything here stays under what the gate gave; it knows no commands and no device.
"""

from __future__ import annotations

from math import isfinite

PRESSURE_STEP_PART = 0.1  # of the cap: ten steps from nothing to the most, each plainly felt [ENG]
WATER_STEP_C = 0.5  # half a degree is the width of the band: smaller would not be felt [ENG]
EXTEND_MOST_S = 600.0  # in one wish; longer is a slip of the finger [ENG]


class Comfort:
    """Steps from the plan's values, up or down, kept from one phase to the next."""

    __slots__ = ("_pressure_cap", "_pressure_steps", "_water_cap", "_water_steps")

    def __init__(self, pressure_cap_kpa: float, water_cap_c: float) -> None:
        self._pressure_cap = pressure_cap_kpa
        self._water_cap = water_cap_c
        self._pressure_steps = 0
        self._water_steps = 0

    def pressure_kpa(self, planned: float, cap_kpa: float) -> float:
        """The planned pressure as the person wants it, from nothing to `cap_kpa` and the session's cap."""
        asked = planned + self._pressure_steps * PRESSURE_STEP_PART * self._pressure_cap
        return max(0.0, min(asked, cap_kpa, self._pressure_cap))

    def water_c(self, planned: float) -> float:
        """The planned water as the person wants it, at most the session's cap."""
        return min(planned + self._water_steps * WATER_STEP_C, self._water_cap)

    def press(self, by: int, planned: float, cap_kpa: float) -> bool:
        """One step of pressure, `by` +1 or -1. False when it changes nothing: nothing lighter, or nothing firmer, is left."""
        before = self.pressure_kpa(planned, cap_kpa)
        self._pressure_steps += by
        if self.pressure_kpa(planned, cap_kpa) == before:
            self._pressure_steps -= by
            return False
        return True

    def warm(self, by: int, planned: float) -> bool:
        """One step of warmth; at least the planned water less 3 °C. False when it changes nothing."""
        before = self.water_c(planned)
        self._water_steps += by
        if self.water_c(planned) == before or self.water_c(planned) < planned - 3.0:
            self._water_steps -= by
            return False
        return True


def extension(asked_s: float, room_s: float) -> float:
    """How much of `asked_s` fits into `room_s`. Zero for what is no time."""
    if not isfinite(asked_s) or asked_s <= 0:
        return 0.0
    return max(0.0, min(asked_s, room_s, EXTEND_MOST_S))


class CheckIn:
    """Asks every `period_s` while something is on and waits `answer_s`. Any act of the person counts as an answer."""

    __slots__ = ("_answer_s", "_period_s", "asked_at", "checked_at")

    def __init__(self, period_s: float, answer_s: float) -> None:
        self._period_s = period_s
        self._answer_s = answer_s
        self.checked_at = 0.0
        self.asked_at: float | None = None

    def seen(self, now: float) -> None:
        """The person acted."""
        self.checked_at = now
        self.asked_at = None

    def turn(self, now: float, live: bool, asked_by_device: bool) -> None:
        """Ask when it is time: something is on (`live`), or the device asks already. Withdraw the question when neither is so any more."""
        if self.asked_at is not None:
            if not live and not asked_by_device:
                self.asked_at = None
        elif asked_by_device or (live and now >= self.checked_at + self._period_s):
            self.asked_at = now

    @property
    def deadline(self) -> float | None:
        """When a question that nobody answered ends the session; None while none is asked."""
        return None if self.asked_at is None else self.asked_at + self._answer_s

    def next_deadline(self, live: bool) -> float | None:
        """When `turn` has something to do."""
        if self.asked_at is not None:
            return self.asked_at + self._answer_s
        return self.checked_at + self._period_s if live else None
