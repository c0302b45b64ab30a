"""Interleaved blocks: each candidate in turn, a ratio a block, the median of the ratios. Absolute times move by two here; ratios repeat."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SLICE = 10  # whatever else the machine does, it does to all of them

Timed = Callable[[int], list[float]]  # so many trips -> seconds each

@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a ratio between us and a peer or floor of the same run. `faster`: larger is better. `seen`: in words."""

    what: str
    peer: str
    ratio: float | None
    gate: float | None
    goal: float | None
    seen: str = ""
    faster: bool = False

    @property
    def verdict(self) -> str:
        """Met or missed."""
        if self.ratio is None:
            return "not measured"
        if self.gate is None or self.goal is None:
            return "for information"
        if self._meets(self.ratio, self.goal):
            return "goal met"
        return "gate met" if self._meets(self.ratio, self.gate) else "MISSED"

    def _meets(self, ratio: float, limit: float) -> bool:
        return ratio >= limit if self.faster else ratio <= limit

    @property
    def figure(self) -> str:
        """The ratio as people read it."""
        return "–" if self.ratio is None else _short(self.ratio)

    def bound(self, limit: float | None) -> str:
        """A gate or goal as people read it."""
        return "–" if limit is None else f"{'≥' if self.faster else '≤'} {_short(limit)}"

    def __str__(self) -> str:
        bounds = f"; gate {self.bound(self.gate)}, goal {self.bound(self.goal)}" if self.gate is not None else ""
        return f"{self.what}: {self.figure} × {self.peer}{bounds}: {self.verdict}" + (f" ({self.seen})" if self.seen else "")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def measure(candidates: Sequence[Timed], blocks: int, trips: int, at_once: int = SLICE) -> list[list[list[float]]]:
    """For each candidate its blocks of times. In a block they take turns every `at_once` trips; the first one warms up and is left out."""
    told: list[list[list[float]]] = [[] for _ in candidates]
    for block in range(blocks + 1):
        times: list[list[float]] = [[] for _ in candidates]
        for _ in range(max(1, trips // at_once)):
            for candidate, took in zip(candidates, times, strict=True):
                took.extend(candidate(min(at_once, trips)))
        if block:
            for all_blocks, took in zip(told, times, strict=True):
                all_blocks.append(took)
    return told


def ratio(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], part: float = 0.5) -> float:
    """Median over blocks of the ratio of a percentile."""
    return statistics.median(percentile(a, part) / percentile(b, part) for a, b in zip(ours, theirs, strict=True))


def typical(times: Sequence[Sequence[float]], part: float = 0.5) -> float:
    """Median over blocks of a percentile, in seconds."""
    return statistics.median(percentile(block, part) for block in times)


def us(seconds: float) -> str:
    """Microseconds, in words."""
    return f"{seconds * 1e6:.0f} µs"
