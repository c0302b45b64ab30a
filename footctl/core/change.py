"""What people score from 0 to 10, and which difference between two scores matters. Knows no dates and no person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

POINTS = 2.0  # of 11 [S: Farrar 2001, pubmed 11690728: 2,724 people in 10 trials, diabetic neuropathy among them]
PART = 0.30  # of where it began, in the same study [S]
LEAST = 1.0  # scores are whole points: a part of a small score may not be less than one of them [ENG]
LEAST_OF = 3  # one bad night is no trend: at least three scores against three ...
ENOUGH = 2 * LEAST_OF
PART_OF = 4  # ... and of many a quarter against a quarter [ENG]
SOURCE = "a change of about 2 points or 30 % matters to people: Farrar et al. 2001, Pain 94:149-158; a later cohort needed more"

BETTER, WORSE, SAME, TOO_FEW = "better", "worse", "no clear change", "too few ratings"


@dataclass(frozen=True, slots=True)
class Measure:
    """One scale from 0 to 10. `less_is_better`; the words for its two ends."""

    key: str
    words: str
    none: str
    worst: str
    less_is_better: bool = True


MEASURES = {
    one.key: one
    for one in (
        Measure("pain", "pain in the feet", "none", "the worst imaginable"),
        Measure("comfort", "comfort", "very uncomfortable", "very comfortable", less_is_better=False),
        Measure("tingling", "tingling or burning", "none", "the worst imaginable"),
        Measure("numbness", "numbness", "none", "no feeling at all"),
        Measure("stress", "stress", "none", "the worst imaginable"),
        Measure("sleep", "sleep last night", "very bad", "very good", less_is_better=False),
    )
}
SCALE_MOST = 10


@dataclass(frozen=True, slots=True)
class Change:
    """From `first` to `last`: means of three scores each, of a quarter where there are more than twelve; with too few of all of them.

    `moment`: before or after sessions, "" when not said. `verdict`: better, worse, no clear change, too few ratings.
    """

    measure: str
    first: float
    last: float
    count: int
    verdict: str
    moment: str = ""

    @property
    def name(self) -> str:
        """Like "pain before sessions"."""
        return f"{self.measure} {self.moment} sessions" if self.moment else self.measure

    @property
    def sentence(self) -> str:
        """Like "pain before sessions 6.3 → 3.0: better"."""
        if not self.count:
            return f"{self.name}: no ratings"
        if self.verdict == TOO_FEW:
            return f"{self.name}: {self.verdict} for a trend ({self.count} of at least {ENOUGH})"
        return f"{self.name} {self.first:.1f} → {self.last:.1f}: {self.verdict}"


def matters(first: float, last: float) -> bool:
    """True when the difference is one that people call a change."""
    by = abs(last - first)
    return by >= POINTS or (by >= LEAST and first > 0 and by >= PART * first)


def change(measure: str, scores: Sequence[float], moment: str = "") -> Change:
    """What became of a measure over `scores` of one moment, oldest first. The same score never counts on both sides."""
    count = len(scores)
    if count < ENOUGH:
        mean = sum(scores) / max(1, count)
        return Change(measure, mean, mean, count, TOO_FEW, moment)
    n = max(LEAST_OF, count // PART_OF)
    first, last = sum(scores[:n]) / n, sum(scores[-n:]) / n
    if not matters(first, last):
        verdict = SAME
    else:
        verdict = BETTER if (last < first) == MEASURES[measure].less_is_better else WORSE
    return Change(measure, first, last, count, verdict, moment)
