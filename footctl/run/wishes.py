"""What became of a wish from another terminal: done, or why not. Judged from how it looks before and after the turn that took it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from footctl.core.view import View
from footctl.core.wished import wished as words

Answer = dict[str, Any]
Judge = Callable[[View], Answer | None]  # what to answer after a turn; None: it is too early to tell

YES: Answer = {"ok": True, "confirmed": True}
BY_HAND: Answer = {**YES, "told": "stopped; nothing was switched on"}  # there is no device that could read back


def no(why: str) -> Answer:
    """The answer to what was not done."""
    return {"ok": False, "refused": True, "error": why}


def wished(what: str, before: View) -> Judge:
    """The judge of a wish that is posted now: the next turn does it, or not at all."""

    def judge(view: View) -> Answer | None:
        if not _DONE[what](before, view):
            return no(_why_not(what, before, view))
        if what == "pause" and not view.by_hand and (view.sample is None or view.sample.motor_enable):
            return None  # the roller has not read back as off
        told = words(before, view) or ("paused" if what == "pause" and view.by_hand else "")
        return {**YES, "told": told} if told else YES

    return judge


def _moved(before: View, view: View) -> bool:
    return view.step == before.step and (view.asked_kpa, view.asked_c) != (before.asked_kpa, before.asked_c)


def _longer(before: View, view: View) -> bool:
    return view.step == before.step and (view.phase_left_s or 0.0) > (before.phase_left_s or 0.0)


# How a wish shows in the turn that took it
_DONE: dict[str, Callable[[View, View], bool]] = {
    "pause": lambda before, view: view.state == "paused",
    "resume": lambda before, view: before.state == "paused" and view.state != "paused",
    "softer": _moved,
    "firmer": _moved,
    "skip": lambda before, view: view.step != before.step or (view.outcome is not None and before.outcome is None),
    "extend": _longer,
}
_NOT = {
    "pause": "there is nothing to pause now",
    "resume": "it cannot go on yet",
    "softer": "there is nothing to make softer now",
    "firmer": "there is nothing to make firmer now",
    "skip": "there is nothing to skip now",
    "extend": "there is nothing to extend now",
}


def _why_not(what: str, before: View, view: View) -> str:
    """What the session says to it. It says nothing twice in a row, and nothing to some wishes: then what anybody can see."""
    if what == "resume" and before.state != "paused":
        return "it is not paused"
    if view.warnings and view.warnings != before.warnings:
        return view.warnings[-1]
    if what == "resume":
        return f"not yet: {view.question.why_not}" if view.question is not None and view.question.why_not else _NOT[what]
    if view.state == "paused":
        return "it is paused; first: footctl resume"
    if what in ("softer", "firmer") and (view.asked_kpa is not None or view.asked_c is not None):
        return f"no {what} than this"
    if what in ("skip", "extend") and view.plan is not None and view.step is not None and view.outcome is None:
        return f"{view.plan.steps[view.step].name} cannot {'be skipped' if what == 'skip' else 'take longer'}"
    return _NOT[what]
