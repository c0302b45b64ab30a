"""The parts of the live view, each a function from what is known to rows of text. Knows no terminal and no Textual."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from footctl.core.plan import Step
from footctl.core.view import View
from footctl.screens.live.chart import chart
from footctl.screens.live.drawing import BAD, BAR, FAINT, GOOD, PLAIN, PRESS, STRONG, WARN, WATER, Row, bar, ends, fitted, wrapped
from footctl.screens.live.history import History
from footctl.screens.plain import KEYS, clock_words, device_words
from footctl.screens.planned import ZONE_ORDER, in_zone_order
from footctl.screens.units import Units

PAIN_KEYS = "SPACE pain · S stop"  # what must be seen however narrow the window is
SIT_S = 60.0  # after warm water blood pressure is low: sit a minute before standing up [ENG]
BREATH_IN_S, BREATH_OUT_S = 4.0, 6.0  # six breaths a minute, the longer part out [GK]
_MARKS = {"completed": ("✓", GOOD), "skipped": ("»", FAINT), "cut": ("✗", BAD), "running": ("▶", STRONG)}
BROAD = ("toes", "ball")
_SHADES = " ░▒▓█"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the parts are drawn from. `asking`: the question after a pain press. `wall`: seconds since 1970, for clocks on the wall."""

    view: View
    history: History
    units: Units
    speed: float = 1.0
    asking: str = ""
    lines: tuple[str, ...] = ()
    noted: str = ""
    wall: float = 0.0
    ended_wall: float | None = None

    def clock(self, in_s: float) -> str:
        """What a clock on the wall shows `in_s` host seconds from now."""
        return time.strftime("%H:%M", time.localtime(self.wall + in_s / self.speed))


def title(scene: Scene, wide: int, high: int) -> list[Row]:
    """What runs, for whom, since when."""
    view, plan = scene.view, scene.view.plan
    words = "footctl" if plan is None else f"{plan.title} · {plan.tier}"
    if view.identity is not None:
        words += " · without a device" if view.by_hand else f" · {device_words(view.identity)}"
    right = ""
    if view.phases and view.outcome is None:
        rest = _rest_s(view)
        right = f"{clock_words(view.elapsed_s)} so far" + ("" if rest is None else f" · to about {scene.clock(rest)}")
    return [ends([(f" {words}", BAR)], [(f"{right} ", BAR)], wide, BAR)]


def _rest_s(view: View) -> float | None:
    """What is left of the whole program, without what a person takes. None while the step under way has no clock."""
    if view.plan is None or view.step is None or view.phase_left_s is None:
        return None
    return view.phase_left_s + sum(step.duration_s or step.least_s for step in view.plan.steps[view.step + 1 :])


def phases(scene: Scene, wide: int, high: int) -> list[Row]:
    """Every step with its mark and its time; the one that is on stays in the window."""
    view, plan = scene.view, scene.view.plan
    if plan is None:
        return []
    rows: list[Row] = []
    for index, step in enumerate(plan.steps):
        mark, ink, when = "·", PLAIN, _planned(step)
        if index < len(view.phases):
            record = view.phases[index]
            mark, ink = _MARKS[record.outcome]
            when = "" if record.ended_s is None else clock_words(record.ended_s - record.started_s)
        if index == view.step and view.outcome is None:
            mark, ink = ("‖" if view.state == "paused" else "▶"), STRONG
            when = "you" if view.phase_left_s is None else f"{clock_words(view.phase_left_s)} left"
        rows.append(ends([(f"{mark} ", ink), (step.name, ink)], [(when, ink if ink != GOOD else FAINT)], wide))
    start = 0 if view.step is None else max(0, min(view.step - high // 3, len(rows) - high))
    return rows[start : start + high]


def _planned(step: Step) -> str:
    return "you" if step.duration_s is None else clock_words(step.duration_s)


def water(scene: Scene, wide: int, high: int) -> list[Row]:
    """A line of figures, and the curve; without a device what to do, and for how long still."""
    view, units, sample = scene.view, scene.units, scene.view.sample
    if view.by_hand:
        return _by_hand(scene, wide, high)
    hottest = None if sample is None or _stale(view) else sample.hottest_c
    band = 0.5
    if view.plan is not None and view.step is not None:
        band = view.plan.steps[view.step].band_c
    head: Row = [("water ", STRONG), ("–" if hottest is None else units.text(hottest), WATER)]
    if sample is not None and sample.setpoint_c is not None:
        head.append((f" → {units.of(sample.setpoint_c):.1f} ±{units.step(band):.1f}", PLAIN))
    heat = ""
    if sample is not None and not _stale(view):
        heat = f"heater {100 * sample.heater_duty:.0f} %" if sample.heater_enable else "heater off"
        heat += "" if sample.level_ok else " · too little water"
    return [ends(head, [(heat, PLAIN)], wide), *chart(scene.history.water, view.now, band, units, wide, high - 1)]


def _by_hand(scene: Scene, wide: int, high: int) -> list[Row]:
    view, plan = scene.view, scene.view.plan
    if plan is None or view.step is None:
        return []
    step = plan.steps[view.step]
    rows: list[Row] = [[(step.name, STRONG)], [("", PLAIN)], *wrapped(scene.units.words(step.text or ""), wide, under=""), [("", PLAIN)]]
    if view.phase_left_s is not None and step.duration_s:
        part = 1 - view.phase_left_s / max(step.duration_s, view.phase_left_s)
        rows.append([(bar(part, max(8, wide - 12)), WATER), (f" {clock_words(view.phase_left_s)} left", STRONG)])
    coming = [later.name for later in plan.steps[view.step + 1 : view.step + 2]]
    rows += [[("", PLAIN)], [(f"then: {coming[0]}" if coming else "then it is over", FAINT)]]
    return rows[:high]


def feet(scene: Scene, wide: int, high: int) -> list[Row]:
    """Two feet from above, heels down: under the roller now with a mark, elsewhere the highest so far."""
    if scene.view.by_hand:
        return []
    view, sample = scene.view, scene.view.sample
    limit = 0.0 if view.plan is None else view.plan.limits.get("pressure_max", 0) / 1000
    known = set(ZONE_ORDER) if view.identity is None or not view.identity.zones else set(view.identity.zones)
    zones = in_zone_order(known)
    half = (wide - 2) // 2
    rows: list[Row] = [[(f"{'left, kPa':^{half}}  {'right, kPa':^{half}}", STRONG)]]
    rows.append([(f"╭{'─' * (half - 2)}╮  ╭{'─' * (half - 2)}╮", PLAIN)])
    slim = 0  # behind the ball a foot is narrower
    for zone in zones:
        turns = zone not in BROAD and not slim
        slim = int(zone not in BROAD)
        begin, end = ("╰╮", "╭╯") if turns else (" │", "│ ") if slim else ("│", "│")
        row: Row = []
        for side in ("left", "right"):
            here = sample is not None and sample.zone == zone and sample.motor_enable and not _stale(view)
            now = None if sample is None else sample.left_kpa if side == "left" else sample.right_kpa
            kpa = now if here else scene.history.peaks.get((side, zone))
            value = "–" if kpa is None else f"{max(0.0, kpa):.0f}"
            part = 0.0 if kpa is None or not limit else max(0.0, min(kpa / limit, 1.0))
            shade = _SHADES[min(4, round(part * 4 + 0.3))] if kpa is not None and kpa >= 1 else " "
            text = f"{'▶' if here else ' '}{zone:<{half - 8 - slim}}{value:>3}{shade * (2 - slim)}"
            row += [(begin, PLAIN), (text, PRESS if here else FAINT), (end + "  " * (side == "left"), PLAIN)]
        rows.append(row)
    edge = " " * slim + f"╰{'─' * (half - 2 - 2 * slim)}╯" + " " * slim
    rows.append([(f"{edge}  {edge}", PLAIN)])
    where = [_place(view, side) for side in ("left", "right")]
    rows.append([(f"{where[0]:^{half}}  {where[1]:^{half}}", FAINT)])
    return rows[:high]


def _place(view: View, side: str) -> str:
    sample = view.sample
    if sample is None or _stale(view):
        return "?"
    return "in the water" if side in sample.in_bath else "on the roller" if side in sample.on_roller else "away"


def bars(scene: Scene, wide: int, high: int) -> list[Row]:
    """How much of what may be used is used: heat dose, time in the water, pressure times time."""
    view, history, plan = scene.view, scene.history, scene.view.plan
    if plan is None:
        return []
    told: list[tuple[str, float, float, str]] = []
    budget = plan.dose_budget_cem43
    soak_s = float(plan.limits.get("soak_time", 0))
    press = plan.limits.get("pressure_max", 0) / 1000 * plan.limits.get("massage_foot", 0)
    if plan.needs_heater:
        told.append(("heat dose", view.dose_cem43, budget, f"{view.dose_cem43:.3f} of {budget:.2f} CEM43 min"))
        told.append(("in water", history.in_water_s, soak_s, f"{clock_words(history.in_water_s)} of {clock_words(soak_s)}"))
    if plan.needs_motor:
        most = max(history.pressed.values())
        part = most / press if press else 0.0
        told.append(("pressure", most, press, f"{100 * part:.0f} % of time × limit"))
    room = max(4, min(24, wide - 11 - max((len(words) for *_, words in told), default=0)))
    return [_bar(name, value, most, words, room, wide) for name, value, most, words in told][:high]


def _bar(name: str, value: float, most: float, words: str, room: int, wide: int) -> Row:
    part = value / most if most else 0.0
    return fitted([(f"{name:<10}", PLAIN), (bar(part, room), PRESS if part < 0.9 else WARN), (f" {words}", PLAIN)], wide)


def events(scene: Scene, wide: int, high: int) -> list[Row]:
    """What happened last, the newest at the bottom, as many as can be shown whole."""
    told = [wrapped(text, wide, WARN) for text in scene.lines[-2:]]
    for when, words in reversed(scene.history.events):
        ink = WARN if words[:1] == "!" else PLAIN
        first, *rest = wrapped(scene.units.words(words), wide - 7, ink)
        told.insert(0, [[(f"{clock_words(when):>6} ", FAINT), *first], *([(" " * 7, PLAIN), *row] for row in rest)])
        if sum(map(len, told)) > high:
            break
    while len(told) > 1 and sum(map(len, told)) > high:
        del told[0]
    return [row for one in told for row in one][:high]


def now(scene: Scene, wide: int, high: int) -> list[Row]:
    """What is on, what is asked, what the clock waits for: the part to read when only one is read."""
    view = scene.view
    rows: list[Row] = []
    if scene.asking:
        rows += wrapped(f"? {scene.asking}", wide, WARN)
    elif scene.noted:
        rows += wrapped(scene.noted, wide)
    if view.outcome is None:
        rows += _doing(scene, wide)
    question = view.question
    if question is not None:
        rows += wrapped(f"? {scene.units.words(question.text)}", wide, STRONG)
        rows += _answer(scene, wide)
    return rows[:high]


def _doing(scene: Scene, wide: int) -> list[Row]:
    view = scene.view
    if _stale(view) and view.sample is not None:
        return [[(f"no readings for {view.sample_age_s or 0.0:.1f} s", BAD)]]
    if view.plan is None or view.step is None:
        words = {"connecting": "looking for the device …", "planning": "reading the device's limits …", "stopping": "stopping …"}
        return [[(words.get(view.state, ""), STRONG)]] if view.state in words else []
    step = view.plan.steps[view.step]
    state = {"paused": " · paused", "stopping": " · STOPPING"}.get(view.state, "")
    left = "" if view.phase_left_s is None else f" · {clock_words(view.phase_left_s)} left"
    ending = "" if view.phase_left_s is None or view.state == "paused" or view.holding else f" · to {scene.clock(view.phase_left_s)}"
    rows: list[Row] = [[(f"{step.name}{state}{left}{ending}", STRONG)]]
    if step.kind == "preheat" and view.state == "preheat" and not view.by_hand:
        rows += wrapped("The water is getting warm. Keep your feet out until you are asked.", wide, under="")
    if view.holding and view.state != "paused":
        rows += wrapped(f"the clock waits: {scene.units.words(view.holding)}", wide, WARN)
    if step.kind == "rest" and view.state == "rest":
        rows.append([(_breath(view.elapsed_s / scene.speed), FAINT)])
    if step.text and not view.by_hand and (view.question is None or view.question.text != step.text):
        rows += wrapped(scene.units.words(step.text), wide, under="")
    return rows


def _breath(seconds: float) -> str:
    """In for four seconds, out for six: slow breathing to go along with."""
    at = seconds % (BREATH_IN_S + BREATH_OUT_S)
    if at < BREATH_IN_S:
        return "breathe in   " + "●" * (1 + int(at))
    return "breathe out  " + "●" * (1 + int((BREATH_IN_S + BREATH_OUT_S - at) * BREATH_IN_S / BREATH_OUT_S))


def _answer(scene: Scene, wide: int) -> list[Row]:
    view, question = scene.view, scene.view.question
    assert question is not None
    if not question.ready:
        why = scene.units.words(question.why_not)
        return wrapped(f"  {why}" if why.startswith("not ") else f"  not yet: {why}", wide, WARN) if why else []
    if question.kind == "start":
        return [[("  Y starts · N leaves · 0-9 tells how much it hurts now", STRONG)]]
    within = "" if question.deadline is None else f" within {max(0.0, question.deadline - view.now):.0f} s"
    return [[(f"  Y yes{within}", STRONG)]]


def keys(scene: Scene, wide: int, high: int) -> list[Row]:
    """The keys, always."""
    text = KEYS
    if scene.view.outcome is not None:
        text = "Enter leaves this page" if not scene.asking else "everything is off; answer with one key, or Q to leave it out"
    elif len(text) + 2 > wide:
        text = PAIN_KEYS
    return [fitted([(f" {text}", BAR)], wide, BAR)]


def _stale(view: View) -> bool:
    return view.sample_age_s is not None and view.sample_age_s > 1.0


def page(scene: Scene, wide: int, high: int, helping: Sequence[str] | None = None) -> list[Row] | None:
    """A whole page in place of the parts: help, the plan before the start, the proof, the end. None: the parts are shown."""
    from footctl.screens.live import pages

    view = scene.view
    if helping is not None:
        return pages.helped(helping, wide)
    if view.outcome is not None:
        return pages.ended(scene, wide)
    if view.state in ("preflight", "proving"):
        return pages.proving(scene, wide)
    if view.step is None and view.plan is not None:
        return pages.before(scene, wide, high)
    if view.plan is None:
        return [[("", PLAIN)]]
    return None


__all__ = ["Scene", "bars", "events", "feet", "keys", "now", "page", "phases", "title", "water"]
