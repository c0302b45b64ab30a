"""The setpoint as a function of time in phase: step, ramp, hold; and the clock that runs only while the process value is in band.

Pure arithmetic on a step's numbers. It knows no caps (the plan's values are through the gate) and no readings but those it is given.
"""

from __future__ import annotations

from footctl.core.plan import Step


def ramp(start: float, target: float, per_s: float | None, elapsed_s: float) -> float:
    """From `start` towards `target` at most `per_s` a second, then hold. `per_s` None steps at once."""
    if per_s is None:
        return target
    way = per_s * max(elapsed_s, 0.0)
    if target >= start:
        return min(target, start + way)
    return max(target, start - way)


def water_c(step: Step, start_c: float, elapsed_s: float) -> float | None:
    """Water setpoint `elapsed_s` into a step that began at `start_c`; None when the step has no water."""
    if step.water_c is None:
        return None
    return ramp(start_c, step.water_c, None if step.ramp_c_min is None else step.ramp_c_min / 60, elapsed_s)


def pressure_kpa(step: Step, elapsed_s: float) -> float:
    """Peak pressure `elapsed_s` into a massage step: straight from `from` to `to` over its time, held under the soft start at first."""
    start, end = step.pressure_from_kpa, step.pressure_to_kpa
    elapsed_s = max(elapsed_s, 0.0)
    if not step.duration_s or elapsed_s >= step.duration_s:
        asked = end
    else:
        asked = start + (end - start) * elapsed_s / step.duration_s
    return min(asked, step.soft_kpa) if elapsed_s < step.soft_s else asked


class Holdback:
    """A clock that runs only while told so. A call late by a few seconds counts the whole gap by what was true before it."""

    __slots__ = ("_at", "elapsed_s", "running")

    def __init__(self, elapsed_s: float = 0.0) -> None:
        self.elapsed_s = elapsed_s
        self.running = False
        self._at: float | None = None

    def turn(self, now: float, run: bool) -> float:
        """Advance to `now`; from here on the clock runs when `run`. Returns the time on the clock."""
        if self._at is not None and self.running and now > self._at:
            self.elapsed_s += now - self._at
        if self._at is None or now > self._at:
            self._at = now
        self.running = run
        return self.elapsed_s


def in_band(process_c: float | None, setpoint_c: float, band_c: float) -> bool:
    """True when the reading is good and at most `band_c` from the setpoint."""
    return process_c is not None and abs(process_c - setpoint_c) <= band_c
