"""Moments of a session, built by hand, for what shows them: each a list of snapshots, the last of which is looked at."""

from __future__ import annotations

import math
from collections.abc import Callable

from footctl.core.plan import Limited, Plan, Step
from footctl.core.proof import Proved
from footctl.core.view import Outcome, PhaseRecord, Question, View
from footctl.screens.live.wire import Snapshot
from tests.rim.views import BOTH, NOBODY, a_sample, a_view, an_identity

ALL_ZONES = frozenset(("toes", "ball", "arch", "heel", "ankle"))
STEPS = (
    Step("preheat", "preheat", water_c=38.0, feet=NOBODY),
    Step("feet_in", "feet in", text="Put both feet in the water.", confirm=True, water_c=38.0),
    Step("soak", "soak", 720.0, water_c=38.0),
    Step("dry", "dry + oil", text="Take your feet out and dry them well, also between the toes.", confirm=True),
    Step("massage", "arch knead", 240.0, zones=frozenset(("arch",)), technique="kneading", pressure_from_kpa=15.0, pressure_to_kpa=30.0),
    Step("rest", "rest", 60.0, text="Lean back, feet on a towel. Nothing to do."),
    Step("finish", "finish", text="Take your feet away."),
)
PLAN = Plan(
    program="evening", title="Evening", tier="standard", steps=STEPS,
    lowered=(Limited("soak", "water °C", 40.0, 38.0, "tier standard", "[ENG]"),), refused=(),
    limits={"pressure_max": 50_000, "massage_foot": 900, "soak_time": 1200}, water_max_c=38.0, pressure_max_kpa=30.0, preheat_s=240.0,
    duration_s=1020.0, dose_cem43=0.02, dose_budget_cem43=1.0, pressure_time_part=0.3,
    notes=("wash feet and hands first",
           "fill the basin to the mark (5 L) with wrist-warm water, about 34 °C: then it is ready in about 4 min"),
)  # fmt: skip
DEVICE = an_identity(zones=ALL_ZONES)


def view(step: int | None, at_s: float, **other: object) -> View:
    """The session `at_s` seconds after its begin, in `step`."""
    phases = []
    if step is not None:
        marks = (0.0, 235.0, 240.0, 960.0, 990.0, 1230.0, 1290.0)
        for index in range(step + 1):
            done = index < step
            phases.append(PhaseRecord(STEPS[index].name, STEPS[index].kind, marks[index], marks[index + 1] if done else None, "completed"))
    told: dict[str, object] = {
        "now": 10.0 + at_s, "identity": DEVICE, "plan": PLAN, "step": step, "phases": tuple(phases), "elapsed_s": at_s,
        "state": "ready" if step is None else STEPS[step].kind, "phase_left_s": None,
    }  # fmt: skip
    return a_view(**{**told, **other})


def _soaking(until_s: float) -> list[Snapshot]:
    told = []
    for second in range(0, int(until_s), 5):
        water = min(38.0, 34.0 + second / 60) + 0.15 * math.sin(second / 25)
        step = 0 if second < 235 else 2
        sample = a_sample(
            uptime_ms=second * 1000, water_c=water - 0.1, water2_c=water, in_bath=BOTH if step else NOBODY, left_kpa=0.0, right_kpa=0.0
        )
        told.append(Snapshot(view(step, float(second), sample=sample, dose_cem43=second / 40_000)))
    return told


def _massaging() -> list[Snapshot]:
    told = _soaking(955.0)
    for second in range(990, 1110, 2):
        push = 15.0 + (second - 990) / 8 if second % 4 else 3.0
        sample = a_sample(
            uptime_ms=second * 1000, water_c=37.6, water2_c=37.7, setpoint_c=None, heater_enable=False, heater_duty=0.0, motor_enable=True,
            in_bath=NOBODY, on_roller=BOTH, zone="arch", left_kpa=push, right_kpa=push - 2,
        )  # fmt: skip
        told.append(Snapshot(view(4, float(second), sample=sample, dose_cem43=0.024, phase_left_s=1230.0 - second)))
    return told


def _off(**other: object) -> object:
    off = {"heater_enable": False, "motor_enable": False, "heater_duty": 0.0, "setpoint_c": None, "left_kpa": 0.0, "right_kpa": 0.1}
    return a_sample(uptime_ms=1_120_000, in_bath=NOBODY, on_roller=NOBODY, state="latched", **{**off, **other})


def ready() -> list[Snapshot]:
    """Before the yes."""
    return [Snapshot(view(None, 0.0, phases=(), question=Question("start", "Start Evening?", 1.0), water_max_c=None, elapsed_s=0.0))]


def proving() -> list[Snapshot]:
    """The device shows that it can let go."""
    rows = (Proved("water of 40.01 °C", "refused", "refused", True), Proved("a broken frame", "counted", "not counted", False))
    return [Snapshot(view(None, 4.0, state="proving", phases=(), proof=rows, holding="the heat lease of 2.0 s"))]


def soak() -> list[Snapshot]:
    """In the middle of it."""
    last = view(2, 700.0, phase_left_s=260.0, sample=a_sample(uptime_ms=700_000), dose_cem43=0.0175)
    return [*_soaking(700.0), Snapshot(last)]


def holding() -> list[Snapshot]:
    """The clock waits, and a warning came."""
    why = "the water is not within 0.5 °C of 38.0 °C"
    cold = a_sample(uptime_ms=700_000, water_c=37.2, water2_c=37.3, heater_duty=1.0)
    last = view(2, 700.0, phase_left_s=260.0, holding=why, sample=cold, warnings=("no telemetry for a second",))
    return [*_soaking(700.0), Snapshot(last)]


def massage() -> list[Snapshot]:
    """The roller presses."""
    return _massaging()


def paused() -> list[Snapshot]:
    """A foot left."""
    question = Question("resume", "Foot gone: left. Go on?", 1110.0, ready=False, why_not="not back yet: left foot")
    away = a_sample(uptime_ms=1_111_000, heater_enable=False, on_roller=frozenset(("right",)), in_bath=NOBODY, setpoint_c=None)
    last = view(4, 1111.0, state="paused", holding="foot gone: left", question=question, sample=away, phase_left_s=119.0)
    return [*_massaging(), Snapshot(last)]


def check_in() -> list[Snapshot]:
    """Somebody must answer."""
    question = Question("check_in", "Are you all right?", 1100.0, deadline=1160.0)
    told = _massaging()
    before = told[-1].view
    assert before is not None
    last = view(4, 1110.0, sample=before.sample, question=question, phase_left_s=120.0)
    return [*told, Snapshot(last)]


def stale() -> list[Snapshot]:
    """Readings are old."""
    return [*_soaking(300.0), Snapshot(view(2, 303.0, sample_age_s=2.4, phase_left_s=657.0))]


def _hurt() -> View:
    end = Outcome("pain", "pain was reported", "look at the foot; when the cause is gone: footctl clear", 61, off_confirmed=True)
    phases = (PhaseRecord("soak", "soak", 240.0, 960.0, "completed"), PhaseRecord("arch knead", "massage", 990.0, 1110.0, "cut"))
    return view(4, 1110.0, state="pain", outcome=end, sample=_off(), phases=phases, pressure_max_kpa=28.0)


def pain() -> list[Snapshot]:
    """It hurt; everything is off; where was it?"""
    return [*_massaging(), Snapshot(_hurt(), asking="Where did it hurt?  L left · R right · B both · Enter both · M a mistake")]


def told() -> list[Snapshot]:
    """And was said."""
    return [*pain(), Snapshot(_hurt(), noted="noted: left arch, 6 of 10")]


def not_off() -> list[Snapshot]:
    """The device does not confirm."""
    end = Outcome("link_lost", "the link is gone: unplugged", "take the feet out and unplug it", 0, off_confirmed=False)
    return [*_massaging(), Snapshot(view(4, 1110.0, state="link_lost", outcome=end, sample=_off(motor_enable=True, left_kpa=12.0)))]


def helping() -> list[Snapshot]:
    """What the keys do."""
    return [Snapshot(view(2, 700.0), helping=True)]


MOMENTS: dict[str, Callable[[], list[Snapshot]]] = {
    one.__name__: one
    for one in (ready, proving, soak, holding, massage, paused, check_in, stale, pain, told, not_off, helping)
}  # fmt: skip
