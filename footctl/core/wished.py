"""What a wish has come to, in words: softer, firmer, longer. From two views of one session; no wish, no words."""

from __future__ import annotations

from footctl.core.plan import Plan, Step
from footctl.core.view import View

LONGER_S = 1.0  # a clock that goes on never shows more than before; what is added is more than this
FEELS = ((0.25, "very gentle"), (0.5, "gentle"), (0.75, "medium"), (1.0, "firm"))  # up to this part of the person's own limit [ENG]


def wished(before: View, view: View) -> str:
    """Like "softer: now 18 kPa, gentle, 36 % of your limit"; "" when nothing was wished, or nothing came of it."""
    plan = view.plan
    if plan is None or view.step is None or view.step != before.step:
        return ""
    if view.asked_kpa is not None and before.asked_kpa is not None and view.asked_kpa != before.asked_kpa:
        words = pressure_words(view.asked_kpa, _cap(plan, "pressure_max", 1000))
        return f"{_way(before.asked_kpa, view.asked_kpa)}: now {_going(plan.steps[view.step])}{words}"
    if view.asked_c is not None and before.asked_c is not None and view.asked_c != before.asked_c:
        most = _cap(plan, "water_setpoint_max", 100)
        return f"{_way(before.asked_c, view.asked_c)}: the water goes to {view.asked_c:.1f} °C; your limit is {most:.1f} °C"
    left, was = view.phase_left_s, before.phase_left_s
    return "" if left is None or was is None or left <= was + LONGER_S else f"longer: {round(left) // 60}:{round(left) % 60:02} left"


def pressure_words(kpa: float, limit_kpa: float) -> str:
    """A pressure as a person feels it: "12 kPa, gentle, 40 % of your limit"."""
    part = kpa / limit_kpa if limit_kpa > 0 else 1.0
    feels = "no pressure" if kpa < 1 else next((words for most, words in FEELS if part <= most), FEELS[-1][1])
    return f"{kpa:.1f}".removesuffix(".0") + f" kPa, {feels}, {100 * part:.0f} % of your limit"


def _cap(plan: Plan, name: str, per: int) -> float:
    return plan.limits.get(name, 0) / per


def _way(before: float, now: float) -> str:
    return "firmer" if now > before else "softer"


def _going(step: Step) -> str:
    """How the step comes to its pressure."""
    start, end = step.pressure_from_kpa, step.pressure_to_kpa
    return "up to " if start < end else "down to " if start > end else ""
