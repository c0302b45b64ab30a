"""What a session takes from the rolling 24 h: time in the water, time under the roller for each foot, thermal dose.

A meter counts what is read; where a session ends without anybody seeing that everything is off, what may have followed is filled in.
It knows no calendar and no storage, and gives nothing back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from firmware_protocol import limits
from footctl.core import preheat
from footctl.core.dose import SENSOR_MARGIN_C, Dose, cem43
from footctl.core.events import Sample
from footctl.core.plan import Plan
from footctl.core.view import PhaseRecord

COOLEST_C = 35.0  # cooler water has no dose to speak of, and would seem to take for ever to cool [ENG]


class Use(NamedTuple):
    """Seconds in the water, seconds under the roller (two feet count twice), CEM43."""

    soak_s: float = 0.0
    massage_s: float = 0.0
    dose_cem43: float = 0.0

    def plus(self, other: Use) -> Use:
        """Both together."""
        return Use(self.soak_s + other.soak_s, self.massage_s + other.massage_s, self.dose_cem43 + other.dose_cem43)

    def minus(self, other: Use) -> Use:
        """What was added since `other`."""
        return Use(self.soak_s - other.soak_s, self.massage_s - other.massage_s, self.dose_cem43 - other.dose_cem43)


def by_hand(plan: Plan, phases: Sequence[PhaseRecord]) -> Use:
    """What a session without a machine took. Nobody measured, so it took what was told, for as long as it was."""
    soak_s = massage_s = 0.0
    for step, phase in zip(plan.steps, phases, strict=False):
        took_s = 0.0 if phase.ended_s is None else phase.ended_s - phase.started_s
        if phase.kind == "soak":
            soak_s += took_s
        elif phase.kind in ("massage", "stretch"):
            massage_s += took_s * len(step.feet)
    planned_s = sum(step.duration_s or 0.0 for step in plan.steps if step.kind == "soak")
    return Use(soak_s, massage_s, plan.dose_cem43 * soak_s / planned_s if planned_s else 0.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a session's device and limits promise about its end: the lease after which everything is off, the session timer.

    `session_s` is from the begin: the device's timer starts with the feet, so the longest preheat is in it, too.
    """

    lease_s: float
    session_s: float
    volume_l: float
    trip_c: float


WORST = Bounds(  # of a device that nobody knows; 6 l is the largest basin that is made for feet [ENG]
    limits.ROWS[limits.ABORT_LEASE][1] / 1000,
    float(limits.ROWS[limits.SESSION_TIME][1] + limits.ROWS[limits.PREHEAT_TIME][1]),
    6.0,
    limits.ROWS[limits.WATER_TRIP][1] / 100,
)


class Meter:
    """Counts while a session runs. Each span between two samples counts if it did at either end, and at the warmer of both."""

    __slots__ = ("_at", "_begun_at", "_dose", "_massage_s", "_pressed", "_soak_s", "bounds", "celsius", "feet_in")

    def __init__(self, now: float, bounds: Bounds) -> None:
        self.bounds = bounds
        self.celsius = bounds.trip_c  # unknown: the worst that the device would let pass
        self.feet_in = False
        self._dose = Dose(bounds.trip_c)
        self._begun_at = self._at = now
        self._pressed = 0
        self._soak_s = self._massage_s = 0.0

    def add(self, now: float, sample: Sample, pressing: bool) -> None:
        """A sample at `now`. `pressing`: the step under way is one of the roller's."""
        span = max(0.0, now - self._at)
        self._at = max(now, self._at)
        feet_in = bool(sample.in_bath)
        pressed = len(sample.on_roller) if pressing and sample.motor_enable else 0
        if feet_in or self.feet_in:
            self._soak_s += span
        self._massage_s += span * max(pressed, self._pressed)
        self._dose.add(now, sample.hottest_c, feet_in)
        self.feet_in, self._pressed = feet_in, pressed
        if sample.hottest_c is not None:
            self.celsius = sample.hottest_c

    @property
    def use(self) -> Use:
        """So far."""
        return Use(self._soak_s, self._massage_s, self._dose.cem43)

    @property
    def pressed(self) -> int:
        """Feet under the roller at the last sample."""
        return self._pressed

    @property
    def elapsed_s(self) -> float:
        """From the start to the last sample."""
        return self._at - self._begun_at


def unseen(bounds: Bounds, elapsed_s: float, feet_in: bool, celsius: float, pressed: int, unread_s: float = 0.0) -> Use:
    """What may have followed the last thing that is known, when nobody saw the end. `unread_s`: what was read but not kept.

    The device's lease runs out; after it nothing heats, and feet that stay are in cooling water. The time that the water needs to lose
    one degree, filled at the last temperature, counts more than all that follows: each degree quarters the dose [CALC]. Never more
    than the session timer allows; a whole night filled in would spend every budget for nothing.
    """
    left = max(0.0, bounds.session_s - elapsed_s)
    ends_s = min(unread_s + bounds.lease_s, left)
    soak_s = min(unread_s + bounds.lease_s + cooling_s(bounds.volume_l, celsius), left) if feet_in else 0.0
    return Use(soak_s, ends_s * pressed, cem43([(soak_s, celsius + SENSOR_MARGIN_C)]))


def cooling_s(volume_l: float, celsius: float) -> float:
    """How long a basin without heat needs to lose a degree."""
    watts = preheat.LOSS_W_K * (max(celsius, COOLEST_C) - preheat.ROOM_C)
    return (volume_l * preheat.WATER_J_K_L + preheat.VESSEL_J_K) / watts
