"""What a listener needs of a session, in sentences for the ear: what is on, what is asked, what changed, how it ended.

Knows a View and who speaks. Says each thing once; what a person must hear now cuts off what they need not.
"""

from __future__ import annotations

import re
from typing import Protocol

from footctl.core.plan import Step
from footctl.core.view import Outcome, View
from footctl.screens.plain import heading
from footctl.screens.units import Units

START = "The space bar stops everything, at any time. Press Y to start."
SIT = "Sit for a minute before you stand up."
LAST_S = 60.0
_WORDS = (
    (re.compile(r"`([^`]*)`"), r"\1"),
    (re.compile(r" ?°C"), " degrees Celsius"),
    (re.compile(r" ?°F"), " degrees Fahrenheit"),
    (re.compile(r"\bkPa\b"), "kilopascals"),
    (re.compile(r"(?<=[0-9]) L\b"), " litres"),
    (re.compile(r"(?<=[0-9]) ml\b"), " millilitres"),
    (re.compile(r"(?<=[0-9]) min\b"), " minutes"),
    (re.compile(r"(?<=[0-9]) s\b"), " seconds"),
    (re.compile(r"(?<=[0-9]) h\b"), " hours"),
    (re.compile(r" → "), " to "),
    (re.compile(r" ?± ?"), " plus or minus "),
    (re.compile(r" · "), ", "),
    (re.compile(r" \+ "), " and "),
    (re.compile(r"(?<=[0-9])-(?=[0-9])"), " to "),
)


class Says(Protocol):
    """Somebody who speaks."""

    def say(self, sentence: str, urgent: bool = False) -> None:
        """Say it."""
        ...


def aloud(text: str) -> str:
    """Signs and short forms as words."""
    for sign, word in _WORDS:
        text = sign.sub(word, text)
    return " ".join(text.split())


class Spoken:
    """A subscriber that speaks. `keys`: whether a yes can be pressed here."""

    def __init__(self, voice: Says, units: Units, keys: bool = True) -> None:
        self._voice = voice
        self._units = units
        self._keys = keys
        self._before: View | None = None
        self._asked: tuple[str, float, bool] | None = None
        self._warned: set[str] = set()
        self._last_minute: int | None = None

    def say(self, text: str, urgent: bool = False) -> None:
        """A sentence in the person's unit."""
        self._voice.say(aloud(self._units.words(text)), urgent)

    def __call__(self, view: View) -> None:
        """Say what is new in `view`."""
        before, self._before = self._before, view
        if view.outcome is not None:
            if before is None or before.outcome is None:
                self._ended(view, view.outcome)
            return
        if view.state == "stopping":
            if before is None or before.state != "stopping":
                self.say("Stopping.", urgent=True)
            return
        if view.plan is not None and (before is None or before.plan is None):
            title, *rest = heading(view.plan, None)
            self.say(". ".join([title, *(line.strip() for line in rest)]))
        for warning in view.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                self.say(warning)
        self._step(before, view)
        self._question(view)

    def _step(self, before: View | None, view: View) -> None:
        if view.plan is None or view.step is None:
            return
        step = view.plan.steps[view.step]
        if before is None or before.step != view.step:
            self.say(_named(step, view))
        elif view.state == "paused" and before.state != "paused":
            self.say("Paused.")
        elif before.state == "paused" and view.state != "paused":
            self.say("Going on.")
        elif view.holding and not before.holding and view.state != "paused":
            self.say(f"The clock waits: {view.holding}.")
        left = view.phase_left_s
        long = step.duration_s is not None and step.duration_s > 2 * LAST_S
        if long and left is not None and left <= LAST_S and self._last_minute != view.step:
            self._last_minute = view.step
            self.say("One minute left.")

    def _question(self, view: View) -> None:
        question = view.question
        if question is None:
            self._asked = None
            return
        asked = question.kind, question.since, question.ready
        if asked == self._asked:
            return
        new = self._asked is None or self._asked[:2] != asked[:2]
        self._asked = asked
        yes = "" if not self._keys or not question.ready else START if question.kind == "start" else "Press Y when that is so."
        if question.kind == "check_in":
            within = "" if question.deadline is None else f" within {max(0.0, question.deadline - view.now):.0f} seconds"
            self.say(f"{question.text} Press Y{within}." if self._keys else question.text, urgent=True)
        elif new:
            self.say(f"{question.text} {yes or question.why_not}")
        elif yes:
            self.say(yes)

    def _ended(self, view: View, outcome: Outcome) -> None:
        off = "Everything is off." if outcome.off_confirmed else "It is not confirmed that everything is off: look at the device."
        if view.by_hand or (outcome.kind == "refused" and not view.phases):
            off = ""
        self.say(f"{outcome.reason}. {off} {outcome.hint}", urgent=True)
        if view.phases and view.plan is not None and any(phase.kind == "soak" for phase in view.phases):
            self.say(SIT)


def _named(step: Step, view: View) -> str:
    words = [step.name]
    if step.duration_s:
        whole = round(step.duration_s)
        words.append(f"{whole // 60} min" if whole >= 120 and whole % 60 == 0 else f"{whole} s")
    asked = view.question is not None and view.question.text == step.text
    return ", ".join(words) + "." + (f" {step.text}" if step.text and not asked else "")
