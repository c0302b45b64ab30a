"""The plain live view: a header, a heading a phase, one line a second, questions, and how it ended. For logs and screen readers.

Knows a View and nothing else; whoever owns it says where the lines go and how often.
"""

from __future__ import annotations

from collections.abc import Callable

from footctl.core.differences import lowered, refused
from footctl.core.events import Identified
from footctl.core.notices import newer
from footctl.core.plan import Plan, Step
from footctl.core.view import Outcome, View
from footctl.core.wished import wished
from footctl.screens.units import Units

KEYS = "SPACE pain · S stop · P pause · + firmer · - softer · Y yes · ? help"
HELP = (
    "SPACE or X  it hurts: everything off at once, the session is over",
    "S           stop: everything off; the device is latched until `footctl clear`",
    "P           pause, and go on again",
    "+ and -     one step firmer (never above your limit), one step softer",
    "Y or Enter  yes: to a question, to a check-in",
    "K           skip this phase",
    "0 to 9      how much it hurts: a little more: softer, much more: stop",
)


class Plain:
    """Turns views into lines. `every_s`: host seconds between two lines of one phase. `keys`: whether keys are read at all."""

    def __init__(self, line: Callable[[str], None], every_s: float = 1.0, keys: bool = True, units: Units | None = None) -> None:
        self._print = line
        self._units = units or Units()
        self._every_s = every_s
        self._keys = keys
        self._planned = False
        self._step: int | None = None
        self._asked: tuple[str, float, bool] | None = None
        self._next = 0.0
        self._before: View | None = None
        self._ended = False
        self._held = ""  # what the proof before the start waits for

    def __call__(self, view: View) -> None:
        """Print what is new in `view`."""
        if view.plan is not None and not self._planned:
            self._planned = True
            for text in heading(view.plan, None if view.by_hand else view.identity):
                self._line(text)
            if self._keys:
                self._line(KEYS)
        before, self._before = self._before, view
        for warning in newer(() if before is None else before.warnings, view.warnings):
            self._line(f"  ! {warning}")
        if before is not None and (wish := wished(before, view)):
            self._line(f"  {wish}")
        if view.state == "proving" and view.holding != self._held:
            self._held = view.holding
            if view.holding:
                self._line(f"  ? {view.holding[:1].upper()}{view.holding[1:]}")
        if view.plan is not None and view.step is not None and view.step != self._step and view.outcome is None:
            self._step = view.step
            self._line("")
            self._line(f"── {step_words(view.plan.steps[view.step])}")
            words = view.plan.steps[view.step].text
            if words and (view.question is None or view.question.text != words):
                self._line(f"   {words}")
            self._next = 0.0
        self._ask(view)
        if view.outcome is None and (view.sample is not None or view.by_hand) and view.step is not None and view.now >= self._next:
            self._next = view.now + self._every_s
            self._line("  " + status(view))
        if view.outcome is not None and not self._ended:
            self._ended = True
            self._line("")
            for text in ending(view, view.outcome):
                self._line(text)

    def _line(self, text: str) -> None:
        self._print(self._units.words(text))

    def _ask(self, view: View) -> None:
        question = view.question
        if question is None:
            self._asked = None
            return
        asked = (question.kind, question.since, question.ready)
        if asked == self._asked:
            return
        self._asked = asked
        if not question.ready:
            if question.why_not:
                self._line(f"  ? {question.text} ({question.why_not})")
            return
        rest = "" if question.deadline is None else f" within {max(0.0, question.deadline - view.now):.0f} s"
        self._line(f"  ? {question.text}" + (f"  [Y{rest}]" if self._keys or rest else ""))


def heading(plan: Plan, identity: Identified | None) -> list[str]:
    """What will run, for whom, on what; then every value that is not as the program asks."""
    minutes = (plan.duration_s + plan.preheat_s) / 60
    lines = [f"{plan.title} · about {minutes:.0f} min · tier {plan.tier}" + ("" if identity is None else f" · {device_words(identity)}")]
    lines += [f"  {words}" for words in lowered(plan.lowered)]
    lines += [f"  refused: {words}" for words in refused(plan.refused)]
    lines += [f"  {note}" for note in plan.notes]
    return lines


def device_words(identity: Identified) -> str:
    """The device in one phrase."""
    kind = "simulator" if identity.simulator else "device"
    return f"{kind} {identity.serial} ({identity.volume_l:.1f} L, {identity.heater_w} W, {len(identity.zones)} zones)"


def step_words(step: Step) -> str:
    """A step's heading: its name, how long, how warm or how firm."""
    words = [step.name if step.name else step.kind]
    if step.duration_s:
        words.append(clock_words(step.duration_s))
    if step.water_c is not None and step.kind in ("preheat", "soak"):
        words.append(f"{step.water_c:.1f} °C")
    if step.technique is not None:
        start, end = step.pressure_from_kpa, step.pressure_to_kpa
        words.append(f"{step.technique} {start:.0f} kPa" if start == end else f"{step.technique} {start:.0f} → {end:.0f} kPa")
    return " · ".join(words)


def clock_words(seconds: float) -> str:
    """Minutes and seconds, as a kitchen timer shows them."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def status(view: View) -> str:
    """One line: time left, water, setpoint, pressure, dose, and why the clock waits."""
    sample = view.sample
    left = "waiting" if view.phase_left_s is None else f"{clock_words(view.phase_left_s)} left"
    if sample is None:
        return f"{left:>11}" + (f"   ({view.holding})" if view.holding else "") if view.by_hand else f"{left:>11}   no readings"
    age = view.sample_age_s
    if age is not None and age > 1.0:
        return f"{left:>11}   no readings for {age:.1f} s"
    hottest = sample.hottest_c
    water = "  –  " if hottest is None else f"{hottest:.1f}"
    target = "" if sample.setpoint_c is None else f" → {sample.setpoint_c:.1f}"
    pressure = "  –" if sample.pressure_kpa is None else f"{max(0.0, sample.pressure_kpa):3.0f}"
    zone = f" {sample.zone}" if sample.zone and sample.motor_enable else ""
    words = f"{left:>11}   water {water}{target} °C   pressure {pressure} kPa{zone}   dose {view.dose_cem43:.3f}"
    return words + (f"   ({view.holding})" if view.holding else "")


def ending(view: View, outcome: Outcome) -> list[str]:
    """How it ended, the peaks, and whether the device reads back as off."""
    peak = "–" if view.water_max_c is None else f"{view.water_max_c:.1f} °C"
    kind, reason = outcome.kind.replace("_", " "), outcome.reason
    lines = [reason[:1].upper() + reason[1:] if reason.startswith(kind) else f"{kind.capitalize()}: {reason}"]
    pressure = f"{view.pressure_max_kpa:.1f} kPa"
    words = f"{clock_words(view.elapsed_s)} min · peak water {peak} · peak pressure {pressure} · dose {view.dose_cem43:.3f} CEM43 min"
    if view.elapsed_s:
        lines.append(f"  {clock_words(view.elapsed_s)} min" if view.by_hand else f"  {words}")
    if view.by_hand:
        lines.append("  nothing was switched on: you did it by hand")
    elif outcome.off_confirmed:
        lines.append("  the device reads back: heater off, roller released, everything is off")
    elif view.sample is not None:
        lines.append("  NOT CONFIRMED that everything is off: look at the device, and switch it off at the mains if in doubt")
    if outcome.hint:
        lines.append(f"  {outcome.hint}")
    return lines
