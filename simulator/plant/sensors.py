"""What the water and the rollers look like to a converter: counts. Noise comes from one seeded table, a number a read."""

from __future__ import annotations

from functools import lru_cache
from math import exp
from random import Random

from simulator.describe import ProbeSpec

FULL_SCALE = 4095  # 12 bits
KELVIN = 273.15
PER_WARM_K = 1.0 / 298.15  # an NTC is 10 k at 25 °C
OPEN_COUNTS = FULL_SCALE
SHORT_COUNTS = 0


class Noise:
    """Gaussian numbers of one rms, the same for the same seed, over and over; `counts` are the same as integers.

    Never changes, so copies of a world share it.
    """

    LENGTH = 4093  # prime, so that readers with different strides do not fall into step

    def __init__(self, seed: int, rms: float) -> None:
        dice = Random(seed)
        self.table = tuple([dice.gauss(0.0, rms) for _ in range(self.LENGTH)])
        self.counts = tuple([round(value) for value in self.table])

    def __deepcopy__(self, memo: object) -> Noise:
        return self


@lru_cache(maxsize=8)
def noise(seed: int, rms: float) -> Noise:
    """The noise of a seed."""
    return Noise(seed, rms)


def ntc_counts(celsius: float, beta_k: float) -> float:
    """Counts of an NTC 10 k at the low side of a divider with 10 k, before rounding."""
    ratio = exp(beta_k * (1.0 / (celsius + KELVIN) - PER_WARM_K))
    return FULL_SCALE * ratio / (ratio + 1.0)


class Probe:
    """One water sensor: first-order lag in its pocket, divider, converter. `stuck` replaces the counts: open, short, frozen."""

    __slots__ = ("celsius", "offset_c", "stuck", "counts", "_lag", "_beta", "_noise", "_at")

    def __init__(self, spec: ProbeSpec, celsius: float, offset_c: float, seed: int, start: int, step_s: float) -> None:
        self.celsius = celsius  # of the bead
        self.offset_c = offset_c
        self.stuck: int | None = None
        self._lag = 1.0 - exp(-step_s / spec.lag_s)
        self._beta = spec.beta_k
        self._noise = noise(seed, spec.noise_counts)
        self._at = start % Noise.LENGTH
        self.counts = int(ntc_counts(celsius + offset_c, spec.beta_k) + 0.5)

    def read(self, water_c: float) -> int:
        """Counts after one step in water of this temperature."""
        self.celsius = bead = self.celsius + self._lag * (water_c - self.celsius)
        ratio = exp(self._beta * (1.0 / (bead + self.offset_c + KELVIN) - PER_WARM_K))
        self._at = at = self._at - 1 if self._at else Noise.LENGTH - 1
        counts = int(FULL_SCALE * ratio / (ratio + 1.0) + self._noise.table[at] + 0.5)
        if self.stuck is not None:
            return self.stuck
        if counts > FULL_SCALE:
            return FULL_SCALE
        return counts if counts > 0 else 0
