"""What the water and the rollers look like to a converter: counts. Noise comes from one seeded table, a number a read."""

from __future__ import annotations

from functools import cache
from math import exp
from random import Random

from simulator.describe import ProbeSpec

FULL_SCALE = 4095  # 12 bits
KELVIN = 273.15
WARM_K = 298.15  # an NTC is 10 k at 25 °C
OPEN_COUNTS = FULL_SCALE
SHORT_COUNTS = 0


class Noise:
    """Gaussian numbers of rms 1, the same for the same seed, over and over. Never changes, so copies of a world share it."""

    LENGTH = 4093  # prime, so that channels with different strides do not fall into step

    def __init__(self, seed: int) -> None:
        dice = Random(seed)
        self.table = tuple([dice.gauss(0.0, 1.0) for _ in range(self.LENGTH)])

    def __deepcopy__(self, memo: object) -> Noise:
        return self


@cache
def noise(seed: int) -> Noise:
    """The noise of a seed."""
    return Noise(seed)


def ntc_counts(celsius: float, beta_k: float) -> float:
    """Counts of an NTC 10 k at the low side of a divider with 10 k, before rounding."""
    ratio = exp(beta_k * (1.0 / (celsius + KELVIN) - 1.0 / WARM_K))
    return FULL_SCALE * ratio / (ratio + 1.0)


class Probe:
    """One water sensor: first-order lag in its pocket, divider, converter. `stuck` replaces the counts: open, short, frozen."""

    __slots__ = ("celsius", "offset_c", "stuck", "counts", "_lag", "_beta", "_rms", "_noise", "_at")

    def __init__(self, spec: ProbeSpec, celsius: float, offset_c: float, source: Noise, start: int, step_s: float) -> None:
        self.celsius = celsius  # of the bead
        self.offset_c = offset_c
        self.stuck: int | None = None
        self._lag = 1.0 - exp(-step_s / spec.lag_s)
        self._beta = spec.beta_k
        self._rms = spec.noise_counts
        self._noise = source.table
        self._at = start % len(source.table)
        self.counts = int(ntc_counts(celsius + offset_c, spec.beta_k) + 0.5)

    def read(self, water_c: float) -> int:
        """Counts after one step in water of this temperature."""
        self.celsius = bead = self.celsius + self._lag * (water_c - self.celsius)
        ratio = exp(self._beta * (1.0 / (bead + self.offset_c + 273.15) - 0.0033540164346805303))
        self._at = at = self._at - 1 if self._at else len(self._noise) - 1
        counts = int(4095.0 * ratio / (ratio + 1.0) + self._rms * self._noise[at] + 0.5)
        if self.stuck is not None:
            return self.stuck
        if counts > FULL_SCALE:
            return FULL_SCALE
        return counts if counts > 0 else 0
