"""The differences between what a program asks and what is given, as they are found. Nothing is lowered without a line here."""

from __future__ import annotations

from firmware_protocol.messages import ZONES
from footctl.core.budget import SHORTEST_S
from footctl.core.caps import Answer
from footctl.core.plan import Limited

_ORDER = (*ZONES, "left", "right")


class Told:
    """The lines of a plan's `lowered` and `refused`, and the answers of gate and budgets turned into values and lines."""

    def __init__(self) -> None:
        self.lowered: list[Limited] = []
        self.refused: list[Limited] = []

    def lower(self, phase: str, what: str, asked: float | str, given: float | str, rule: str, source: str) -> None:
        """Less is given than was asked."""
        self.lowered.append(Limited(phase, what, asked, given, rule, source))

    def refuse(self, phase: str, what: str, asked: float | str, rule: str, source: str) -> None:
        """The plan must not run."""
        self.refused.append(Limited(phase, what, asked, None, rule, source))

    def value(self, phase: str, what: str, asked: float, answer: Answer) -> float:
        """What the gate gives, with the difference told; a refusal is told too and counts as zero."""
        if answer.given is None:
            self.refuse(phase, what, asked, answer.rule, answer.source)
            return 0.0
        if answer.lowered:
            self.lower(phase, what, asked, answer.given, answer.rule, answer.source)
        return answer.given

    def time(self, phase: str, asked: float, answer: Answer, gone: bool) -> float:
        """The same for a time. A day that is used up (`gone`) refuses; too little of the session left leaves the phase out (0)."""
        if gone:
            self.refuse(phase, "time s", asked, answer.rule, answer.source)
            return 0.0
        if answer.given is None or answer.given >= SHORTEST_S or not answer.lowered:
            return self.value(phase, "time s", asked, answer)
        self.lower(phase, "time s", asked, 0.0, answer.rule, answer.source)
        return 0.0

    def names(self, phase: str, what: str, asked: frozenset[str], have: frozenset[str], rule: str, source: str) -> None:
        """Zones or feet that are left of those asked; none left refuses."""
        if have == asked:
            return
        if have:
            self.lower(phase, what, listed(asked), listed(have), rule, source)
        else:
            self.refuse(phase, what, listed(asked), rule, source)


def listed(names: frozenset[str], between: str = ", ") -> str:
    """Zones from toes to ankle, feet left to right; names of no zone at the end."""
    return between.join(sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)))
