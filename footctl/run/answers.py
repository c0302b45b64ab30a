"""What --yes may say, and only that.

It confirms the start and prompts. Where a real person's presence matters (feet in, check-ins, going on after a foot left) it
answers only for a device that says it is a simulator, and then only after presence is seen. It never answers a screening,
raises a cap or clears a latch: those are no questions of a run at all.
"""

from __future__ import annotations

from footctl.core.events import Begin, OperatorEvent, ResumeAsked, Yes
from footctl.core.view import View

ALWAYS = ("prompt", "dry")
SIMULATED = ("feet_in", "check_in")
ASKED_FOR = "paused"  # what a view says is holding the clock when somebody asked for the pause: it is theirs to end


class Answers:
    """Looks at each view and answers each question at most once."""

    def __init__(self) -> None:
        self._answered: tuple[str, float] | None = None

    def to(self, view: View) -> OperatorEvent | None:
        """The answer to the question of `view`, or None."""
        question = view.question
        if question is None or not question.ready or self._answered == (question.kind, question.since):
            return None
        if question.kind == "start":
            if view.sample is None and not view.by_hand:
                return None  # a device that has told nothing yet may just have been switched on
            answer: OperatorEvent = Begin()
        elif question.kind in ALWAYS or (question.kind in SIMULATED and _somebody_there(view)):
            answer = Yes(by="--yes")
        elif question.kind == "resume" and view.holding != ASKED_FOR and _somebody_there(view):
            answer = ResumeAsked()
        else:
            return None
        self._answered = (question.kind, question.since)
        return answer


def _somebody_there(view: View) -> bool:
    """A simulator that sees a foot. A real device never counts: there, only a person can know."""
    if view.identity is None or not view.identity.simulator or view.sample is None:
        return False
    return bool(view.sample.in_bath or view.sample.on_roller)
