"""Fits steps into the session's time: rests give way first, what presses last. It knows durations, no person and no caps but one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from footctl.core.budget import SHORTEST_S
from footctl.core.plan import Step

QUESTION_S = 60.0  # a person takes about this long to read, do and confirm; the device's session timer runs meanwhile [ENG]
_GIVE_WAY = (("rest", "prompt"), ("guided", "stretch"), ("massage",))  # cut from the end of the program, in this order


def session_s(steps: Sequence[Step]) -> float:
    """First feet in to end: what steps take, and a minute for each question."""
    seconds = 0.0
    begun = False
    for step in steps:
        if begun:
            seconds += step.duration_s or max(step.least_s, QUESTION_S)
        begun = begun or step.kind == "feet_in"
    return seconds


def fit(steps: Sequence[Step], most_s: float) -> tuple[list[Step], list[tuple[str, float, float]], bool]:
    """Steps that take at most `most_s`, what was cut (name, before, after), and whether it was enough."""
    kept = list(steps)
    cuts: list[tuple[str, float, float]] = []
    over = session_s(kept) - most_s
    for kinds in _GIVE_WAY:
        for index in range(len(kept) - 1, -1, -1):
            step = kept[index]
            if over > 0 and step.kind in kinds and step.duration_s:
                left = max(step.duration_s - over, 0.0)
                left = left if left >= SHORTEST_S else 0.0
                over -= step.duration_s - left
                cuts.append((step.name, step.duration_s, left))
                kept[index] = replace(step, duration_s=left)
    return _without_empty(kept), cuts, over <= 0


def _without_empty(steps: list[Step]) -> list[Step]:
    """The steps without those cut to nothing, and without feet on a roller that does nothing."""
    kept: list[Step] = []
    for step in reversed(steps):
        idle = step.kind == "feet_in" and step.water_c is None and (not kept or kept[-1].technique is None)
        if step.duration_s != 0 and not idle:
            kept.append(step)
    return kept[::-1]
