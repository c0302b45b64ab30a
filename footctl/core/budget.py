"""What is left to give: soak time, massage time per foot and in total, thermal dose; of the session and of the rolling 24 h.

It spends only what it is told was spent, and never gives back. Earlier use that is no sensible number counts as everything.
"""

from __future__ import annotations

from math import inf, isfinite

from footctl.core.caps import SCALE, Answer, Gate
from footctl.core.dose import cem43
from footctl.core.events import Earlier
from footctl.core.person import Tier

DAY = "24 h"
SHORTEST_S = 15.0  # a phase cut to less than this is left out [ENG]


class Budgets:
    """The budgets of one session. Massage time counts each foot: ten minutes on both are twenty.

    `dose_total`: what was there at its start. `soak_gone`, `massage_gone`: earlier sessions left nothing of the day.
    """

    def __init__(self, gate: Gate, tier: Tier, earlier: Earlier) -> None:
        self._gate = gate
        self._soak_s = gate.cap("soak_time").value
        self._foot_s = dict.fromkeys(("left", "right"), gate.cap("massage_foot").value)
        self._massage_s = gate.cap("massage_total").value
        self._day_soak_s = _left(tier.soak_day_s, earlier.soak_s)
        self._day_massage_s = _left(tier.massage_day_s, earlier.massage_s)
        self._dose = gate.cap("thermal_dose").value
        self._day_dose = _left(tier.dose_day, earlier.dose_cem43)
        self.dose_total = min(self._dose, self._day_dose)
        self.soak_gone = self._day_soak_s < SHORTEST_S
        self.massage_gone = self._day_massage_s < SHORTEST_S

    def soak(self, seconds: float) -> Answer:
        """At most this long in the water."""
        return self._least_of(seconds, (self._soak_s, "soak_time"), (self._day_soak_s, DAY))

    def dose(self, cem: float) -> Answer:
        """At most this thermal dose."""
        return self._least_of(cem, (self._dose, "thermal_dose"), (self._day_dose, DAY))

    def massage(self, seconds: float, sides: frozenset[str]) -> Answer:
        """At most this long on these feet at once."""
        foot_s = min(self._foot_s[side] for side in sides)
        return self._least_of(
            seconds,
            (foot_s, "massage_foot"),
            (self._massage_s / len(sides), "massage_total"),
            (self._day_massage_s / len(sides), DAY),
        )

    def soaked(self, seconds: float, celsius: float) -> float:
        """Take a soak off; `celsius` with the sensor's margin. Returns its dose."""
        dose = cem43([(seconds, celsius)])
        self._soak_s -= seconds
        self._day_soak_s -= seconds
        self._dose -= dose
        self._day_dose -= dose
        return dose

    def massaged(self, seconds: float, sides: frozenset[str]) -> None:
        """Take a massage off."""
        for side in sides:
            self._foot_s[side] -= seconds
        self._massage_s -= seconds * len(sides)
        self._day_massage_s -= seconds * len(sides)

    def _least_of(self, asked: float, *left: tuple[float, str]) -> Answer:
        amount, cap_name = min(left, key=lambda one: one[0])  # the first of equals: the session's own
        if asked <= amount:
            return Answer(asked, asked)
        if cap_name == DAY:
            return Answer(asked, max(amount, 0.0), DAY, "used up by earlier sessions within 24 h")
        cap = self._gate.cap(cap_name)
        return Answer(asked, max(amount, 0.0), cap.rule, cap.source)


def left_of_the_day(tier: Tier, earlier: Earlier) -> dict[str, int]:
    """What earlier sessions left of the tier's rolling 24 h, as caps in the wire's units, rounded down.

    A dose that is gone is one unit: with none at all the device would trip before anything began, and a soak is refused then anyway.
    """
    massage_s = int(_left(tier.massage_day_s, earlier.massage_s))
    return {
        "soak_time": int(_left(tier.soak_day_s, earlier.soak_s)),
        "massage_foot": massage_s,
        "massage_total": massage_s,
        "thermal_dose": max(int(_left(tier.dose_day, earlier.dose_cem43) * SCALE["thermal_dose"]), 1),
    }


def _left(budget: float, used: float) -> float:
    return max(budget - (used if isfinite(used) and used >= 0 else inf), 0.0)
