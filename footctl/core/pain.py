"""What a pain score means: may a session start, must it stop. Absence of pain never loosens anything: who is numb feels none.

Two points are a change that matters [S: Farrar 2001]; how large a rise may go unanswered is the tier's, at most that [ENG].
"""

from __future__ import annotations

from typing import TypeGuard

from firmware_protocol.messages import ZONES

SIDES = ("left", "right", "both")
WORST = 10
NEVER_FROM = 8  # [ENG]
OVER_USUAL = 2  # so that people who live with pain are not shut out [ENG]


class PainScores:
    """`usual`: on an ordinary day; unknown counts as none. `rise`: this much more than at the start ends the session."""

    __slots__ = ("_rise", "_start", "_usual")

    def __init__(self, usual: int | None, rise: int) -> None:
        self._usual = usual or 0
        self._rise = rise
        self._start: int | None = None

    def before(self, score: int) -> str:
        """A score told before the start. Why nothing may start today, "" when it may."""
        if not is_score(score):
            return "a pain score is a whole number from 0 to 10"
        if score >= NEVER_FROM:
            return f"pain of {score} out of {WORST}: no soak and no massage today; see a professional when it stays"
        if score >= self._usual + OVER_USUAL:
            return f"pain of {score} is more than usual ({self._usual}): no soak and no massage today; see a professional when it stays"
        self._start = score
        return ""

    def stops(self, score: int) -> bool:
        """A score told in the session: it rose too far, or is none at all."""
        if not is_score(score):
            return True
        return score >= NEVER_FROM or score >= self._from + self._rise

    def rose(self, score: int) -> bool:
        """More than at the start."""
        return score > self._from

    @property
    def _from(self) -> int:
        return self._usual if self._start is None else self._start


def place(text: str) -> str:
    """A place that hurts as people write it ("left heel", "Heel") to "left.heel", "heel". Raises ValueError that says how."""
    words = text.lower().replace(".", " ").split()
    sides = [word for word in words if word in SIDES]
    zones = [word for word in words if word in ZONES]
    if not words or len(sides) > 1 or len(zones) > 1 or len(sides) + len(zones) < len(words):
        raise ValueError(f"{text!r} is no place on a foot; write left, right or both, and one of {', '.join(ZONES)}, as left.heel")
    return ".".join(sides + zones)


def is_score(score: object) -> TypeGuard[int]:
    """A whole number from 0 to 10; True is none."""
    return type(score) is int and 0 <= score <= WORST
