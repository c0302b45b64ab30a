"""Interleaved blocks: each candidate in turn, a ratio a block, the median of the ratios. Absolute times move by two here; ratios repeat."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

Timed = Callable[[int], list[float]]  # so many trips -> seconds each


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def interleaved(floor: Timed, ours: Timed, blocks: int, trips: int, part: float) -> tuple[float, float, float]:
    """Median ratio ours / floor of a percentile over blocks, and the median percentile of each in seconds."""
    floors, mine = [], []
    for block in range(blocks + 1):
        one, other = percentile(floor(trips), part), percentile(ours(trips), part)
        if block:  # the first warms up
            floors.append(one)
            mine.append(other)
    ratio = statistics.median(b / a for a, b in zip(floors, mine, strict=True))
    return ratio, statistics.median(floors), statistics.median(mine)


def verdict(what: str, ratio: float, floor_s: float, ours_s: float, gate: float, goal: float) -> str:
    """One line of the table."""
    how = "goal met" if ratio <= goal else "gate met" if ratio <= gate else "MISSED"
    return f"{what}: {ratio:.2f} x the floor ({ours_s * 1e6:.0f} µs to {floor_s * 1e6:.0f} µs); gate {gate}, goal {goal}: {how}"
