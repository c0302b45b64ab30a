"""What a step sees around it: the water, the newest sample, the person's wishes, who is where.

Says whether water is safe to step into; knows nothing of steps.
"""

from __future__ import annotations

from footctl.core.comfort import Comfort
from footctl.core.events import Identified, Sample
from footctl.core.plan import Plan
from footctl.core.preheat import WATER_J_K_L

NEAR_S = 1e-6  # two sums of the same times differ by rounding; this much early is on time
STABLE_S = 30.0  # water is safe to enter when it has not risen for so long [ENG]
POUR_C_MIN = 3.0  # faster than the heater can, by this: somebody pours (F09)
POUR_S = 10.0
JUMP_C = 0.4  # between two samples: a sensor's doing, not the water's, which its pocket shows within 8 s [CALC]
TAP_C = 20.0  # of cold water; most taps are colder, so a little less does [ENG]
RISE_C = 0.5  # by more than the band's half width [ENG]
TIMER_MARGIN_S = 2.0  # what the device's own timers would latch ends by itself so much earlier [ENG]


class Water:
    """Is the water safe to step into, and to stay in? Follows the hottest sensor; only a rise counts, feet cool it.

    `litres` and `heater_w` as the device says: how fast the heater can warm it, and how much cold water helps.
    `poured`: it got warmer than the heater can make it, and has not been stable since (F09).
    """

    __slots__ = ("_faster_c", "_from", "_low", "_since", "hottest_c", "litres", "poured")

    def __init__(self, litres: float, heater_w: float) -> None:
        self.hottest_c: float | None = None
        self.litres = litres
        self.poured = False
        self._low = -300.0
        self._since = 0.0
        heater_c = heater_w / (WATER_J_K_L * litres) * POUR_S if litres > 0 else 0.0
        self._faster_c = POUR_C_MIN / 60 * POUR_S + heater_c
        self._from: tuple[float, float] | None = None  # since when it is watched, and how warm it was

    def see(self, now: float, hottest_c: float | None) -> None:
        """A reading at `now`."""
        before, self.hottest_c = self.hottest_c, hottest_c
        jumped = hottest_c is None or before is None or abs(hottest_c - before) > JUMP_C
        if hottest_c is None or self._from is None or jumped or hottest_c < self._from[1]:
            self._from = None if hottest_c is None else (now, hottest_c)
        elif hottest_c - self._from[1] > self._faster_c:
            self.poured = True
            self._from = now, hottest_c
        elif now - self._from[0] >= POUR_S:
            self._from = now, hottest_c
        if hottest_c is None or hottest_c > self._low + RISE_C:
            self._low = -300.0 if hottest_c is None else hottest_c
            self._since = now
        elif hottest_c < self._low:
            self._low = hottest_c
        if now >= self._since + STABLE_S:
            self.poured = False

    def too_warm(self, most_c: float) -> str:
        """Why nobody may be in it, "" when it is cool enough."""
        if self.hottest_c is None:
            return "the water's temperature is unknown"
        if self.hottest_c > most_c:
            cold = self._cold(self.hottest_c, most_c)
            return f"the water has {self.hottest_c:.1f} °C; at most {most_c:.1f} °C is safe to step into{cold}"
        return ""

    def _cold(self, hottest_c: float, most_c: float) -> str:
        """How much cold water makes it half a degree cooler than it may be."""
        want_c = most_c - 0.5
        if self.litres <= 0 or want_c <= TAP_C:
            return ""
        litres = self.litres * (hottest_c - want_c) / (hottest_c - TAP_C)
        return f": take out {litres:.1f} L and put in as much cold water" if litres >= 0.05 else ""

    def unsafe(self, now: float, most_c: float) -> str:
        """Why nobody may step in, "" when it is safe."""
        if now < self._since + STABLE_S - NEAR_S:
            return self.too_warm(most_c) or "the water is not stable yet"
        return self.too_warm(most_c)


class Surroundings:
    """What steps share: the plan, the device's places, the newest sample, the person's wishes."""

    __slots__ = ("_seen_at", "comfort", "plan", "sample", "shared_place", "soaked_s", "warming_since", "water")

    def __init__(self, plan: Plan, comfort: Comfort, identity: Identified) -> None:
        self.plan = plan
        self.comfort = comfort
        self.shared_place = "shared" in identity.places
        self.sample: Sample | None = None
        self.water = Water(identity.volume_l, float(identity.heater_w))
        self.soaked_s = 0.0  # feet in the water so far, whatever the phase
        self.warming_since: float | None = None  # heat is on, or an enable is closed, for somebody who is not there yet
        self._seen_at = 0.0

    def limit(self, name: str) -> int:
        """A cap in the wire's units; one that is missing is zero."""
        return self.plan.limits.get(name, 0)

    def see(self, now: float, sample: Sample) -> None:
        """Take the newest sample."""
        if self.sample is not None and self.sample.in_bath:
            self.soaked_s += now - self._seen_at
        self._seen_at = now
        self.sample = sample
        self.water.see(now, sample.hottest_c)

    def nobody_came(self, now: float) -> bool:
        """True when what waits for a person has waited as long as a preheat may last."""
        if self.warming_since is None:
            self.warming_since = now
        return now >= self.waits_until - NEAR_S

    @property
    def waits_until(self) -> float:
        """When `nobody_came` becomes true."""
        return (self.warming_since or 0.0) + self.limit("preheat_time") - TIMER_MARGIN_S

    def missing(self, feet: frozenset[str], heats: bool) -> frozenset[str]:
        """The feet that are not on their place: in the bath when the phase `heats`, else on the roller."""
        if self.sample is None:
            return feet
        there = self.sample.in_bath if heats else self.sample.on_roller
        if self.shared_place:
            there = self.sample.in_bath | self.sample.on_roller
        return feet - there
