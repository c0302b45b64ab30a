"""A program without a machine: timed and told, never beyond a cap, and nothing that anybody does makes it raise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footctl.core import events as e
from footctl.core import spent
from footctl.core.by_hand import by_hand
from footctl.core.guide import Guide
from footctl.core.person import Person
from footctl.core.profile import parse_program
from tests.core.desk import GUIDED, KNEAD, PROMPT, REST, SOAK, STRETCH, STROKE, TOLD, profile

ADULT = Person("Ana", "standard", screened=True)
PRESS = '[[phase]]\nkind = "massage"\ntechnique = "press"\nzones = ["arch", "heel"]\npressure = "6 kPa"\nfor = "1 min"\nfeet = ["left"]\n'
CIRCLE = '[[phase]]\nkind = "massage"\ntechnique = "circular"\nzones = ["ball"]\npressure = "30 kPa"\nfor = "1 min"\n'


def a_guide(*phases: str, person: Person | None = ADULT, tier: str = "standard") -> Guide:
    guide = Guide(profile(*phases, tier=tier), person)
    guide.act(0.0)
    return guide


def begun(*phases: str, **other: Any) -> Guide:
    guide = a_guide(*phases, **other)
    guide.act(1.0, e.Begin())
    return guide


def test_every_step_is_words_or_time_and_nothing_heats_or_presses() -> None:
    plan = by_hand(profile(PROMPT, SOAK, KNEAD, STROKE, PRESS, CIRCLE, STRETCH, GUIDED, REST), ADULT)
    assert not plan.needs_heater
    assert not plan.needs_motor
    assert (plan.pressure_max_kpa, plan.preheat_s) == (0.0, 0.0)
    told = {step.name: step.text or "" for step in plan.steps}
    assert told["fill the bowl"] == (
        "Fill a bowl with 5 litres of water of 38 °C: cold first, then warm. Measure it with a thermometer, not with a foot."
    )
    assert "too warm" in told["soak"]
    assert told["sit down"].startswith("Sit so that you can reach both feet")
    knead = "Knead the arch of both feet, one after the other with your thumbs, slowly, very lightly at first, then lightly."
    assert told["arch kneading"] == knead
    assert "Roll a ball or a bottle under the heel" in told["heel rolling"]
    assert told["arch + heel press"] == (
        "Press the arch and heel of your left foot with a finger for three seconds, let go for ten, hardly more than a touch."
    )
    assert "as firmly as it feels good" in told["ball circular"]
    assert plan.steps[-1].kind == "finish"
    assert not [note for note in plan.notes if note.startswith("fill the basin")]
    assert not plan.lowered


def test_the_gate_holds_without_a_machine() -> None:
    plan = by_hand(profile(SOAK, KNEAD), Person("Ben", "sensitive"))
    assert [(one.what, one.given) for one in plan.lowered if one.phase == "soak"] == [("water °C", 36.0)]
    fill = next(step.text or "" for step in plan.steps if step.name == "fill the bowl")
    assert "36 °C" in fill
    assert "Let somebody feel it" in fill
    guide = a_guide(SOAK, person=Person("Cas", "no_soak"))
    assert guide.outcome is not None
    assert guide.outcome.kind == "refused"
    assert "no water in this tier" in guide.outcome.reason
    assert guide.view(5.0).elapsed_s == 0.0


def test_salt_comes_when_there_is_water() -> None:
    salted = parse_program('name = "Salt"\ntier = "standard"\nsalt = true\n' + SOAK, "test.toml")
    assert [step.name for step in by_hand(salted, ADULT).steps][:3] == ["fill the bowl", "salt", "feet in"]


def test_nobody_named_is_sensitive() -> None:
    assert a_guide(SOAK, person=None).plan.tier == "sensitive"


def test_earlier_sessions_count() -> None:
    guide = a_guide(SOAK)
    guide.act(0.5, e.Earlier(soak_s=2400.0))
    assert guide.outcome is not None
    assert guide.outcome.kind == "refused"
    guide = begun(SOAK)
    guide.act(2.0, e.Earlier(soak_s=2400.0))  # too late: it has begun
    assert guide.outcome is None


def test_from_the_yes_to_the_end() -> None:
    assert Guide(profile(REST)).next_deadline == 0.0
    guide = a_guide(SOAK, KNEAD, TOLD, REST)
    assert guide.view(0.0).state == "ready"
    question = guide.view(0.0).question
    assert question is not None
    assert question.kind == "start"
    assert guide.next_deadline is None
    guide.act(1.0, e.Begin(), e.Begin())
    kinds, now = [], 1.0
    while not guide.done:
        view = guide.view(now)
        if kinds[-1:] != [view.state]:
            kinds.append(view.state)
        due = guide.next_deadline
        if due is None:
            assert view.question is not None
            assert view.question.ready
            now += 5.0
            guide.act(now, e.Yes())
        else:
            now = due
            guide.act(now)
    assert kinds == ["preheat", "feet_in", "soak", "dry", "feet_in", "massage", "prompt", "rest", "finish"]
    assert guide.outcome is not None
    assert guide.outcome.kind == "completed"
    assert guide.outcome.off_confirmed
    view = guide.view(now + 100)
    assert [phase.outcome for phase in view.phases] == ["completed"] * 9
    assert view.phases[2].ended_s == pytest.approx((view.phases[2].started_s or 0) + 300)
    assert view.elapsed_s == pytest.approx(now - 1.0)
    guide.act(now + 200, e.Pain())
    assert guide.outcome.kind == "completed"
    assert guide.next_deadline is None
    assert guide.data_to_send(now) == b""
    guide.receive(now, b"x")


def test_a_computer_that_slept_goes_on_where_the_feet_are() -> None:
    guide = begun(GUIDED, REST, PROMPT)
    guide.act(500.0)
    assert guide.view(500.0).state == "prompt"
    assert [phase.ended_s for phase in guide.view(500.0).phases] == [60.0, 120.0, None]
    guide.act(400.0)  # time never goes back
    assert guide.view(500.0).state == "prompt"


def test_a_pause_keeps_the_place() -> None:
    guide = begun(REST)
    guide.act(31.0, e.PauseAsked())
    view = guide.view(31.0)
    assert (view.state, view.holding, view.phase_left_s) == ("paused", "paused", 30.0)
    assert view.question is not None
    assert view.question.kind == "resume"
    assert guide.next_deadline is None
    guide.act(600.0, e.SkipAsked())
    guide.act(700.0, e.ResumeAsked())
    assert guide.view(700.0).phase_left_s == 30.0
    guide.act(701.0, e.PauseAsked())
    guide.act(702.0, e.Yes())
    assert guide.view(702.0).state == "rest"


def test_skipping_and_extending() -> None:
    guide = begun(REST, PROMPT, SOAK)
    guide.act(2.0, e.ExtendAsked(60.0))
    assert guide.view(2.0).phase_left_s == pytest.approx(119.0)
    guide.act(3.0, e.SkipAsked())
    assert guide.view(3.0).phases[0].outcome == "skipped"
    guide.act(4.0, e.ExtendAsked(60.0))
    assert "has no time to extend" in guide.view(4.0).warnings[-1]
    for _ in range(3):
        guide.act(5.0, e.Yes())
    assert guide.view(5.0).state == "soak"
    for _ in range(3):
        guide.act(5.0, e.ExtendAsked(600.0))
    assert guide.view(5.0).phase_left_s == 1200.0  # what the tier allows
    assert guide.view(5.0).warnings[-1] == "no more time: a cap is reached"


def test_a_yes_counts_when_the_skin_is_dry() -> None:
    guide = begun(SOAK, KNEAD, person=Person("Ben", "sensitive"))
    guide.act(2.0, e.Yes(), e.Yes())
    guide.act(302.0)
    assert guide.view(302.0).state == "dry"
    guide.act(400.0, e.Yes())
    question = guide.view(400.0).question
    assert question is not None
    assert (question.ready, question.why_not) == (False, "wait 202 s more")
    guide.act(602.0, e.Yes())
    assert guide.view(602.0).state == "feet_in"


def test_a_skin_check_is_not_skipped_by_hand_either() -> None:
    guide = begun(STROKE, person=Person("Cas", "no_soak", screened=True, statement="2026-01-01"))
    assert [step.name for step in guide.view(1.0).plan.steps if step.check] == ["skin check", "skin check after"]
    guide.act(2.0, e.SkipAsked())
    assert guide.view(2.0).warnings[-1] == "skin check cannot be skipped"
    guide.act(3.0, e.Yes(), e.SkipAsked())
    assert guide.view(3.0).state == "massage"
    guide.act(4.0, e.SkipAsked(), e.SkipAsked())
    assert guide.view(4.0).phases[-1].name == "skin check after"


def test_softer_is_the_persons_own_business() -> None:
    guide = begun(KNEAD)
    guide.act(2.0, e.Softer(), e.Firmer(), e.PainTold())
    assert guide.view(2.0).warnings == ("your own hands do this: press as it feels good, never so that it hurts",)


def test_pain_and_stop_end_it() -> None:
    guide = begun(REST)
    guide.act(2.0, e.Pain(), e.StopAsked())
    assert guide.outcome is not None
    assert (guide.outcome.kind, guide.outcome.off_confirmed) == ("pain", True)
    assert guide.view(3.0).phases[0].outcome == "cut"
    guide = a_guide(REST)
    guide.act(2.0, e.StopAsked())
    assert guide.outcome is not None
    assert guide.outcome.kind == "stopped"


def test_pain_scores() -> None:
    guide = a_guide(REST)
    guide.act(0.5, e.PainScored(1), e.Yes())
    guide.act(1.0, e.Begin())
    guide.act(2.0, e.PainScored(1))
    assert not guide.view(2.0).warnings
    guide.act(2.5, e.PainScored(2))
    assert guide.view(2.5).warnings == ("pain of 2: press less",)
    guide.act(3.0, e.PainScored(3))
    assert guide.outcome is not None
    assert guide.outcome.reason == "pain rose to 3"
    guide = a_guide(REST)
    guide.act(1.0, e.PainScored(9))
    assert guide.outcome is not None
    assert guide.outcome.kind == "refused"


def test_what_it_took_is_what_was_told() -> None:
    guide = begun(SOAK, KNEAD, STRETCH)
    guide.act(2.0, e.Yes(), e.Yes())
    guide.act(302.0)
    guide.act(303.0, e.Yes(), e.Yes())
    guide.act(333.0, e.StopAsked())
    view = guide.view(400.0)
    use = spent.by_hand(guide.plan, view.phases)
    assert use.soak_s == pytest.approx(300.0)
    assert use.massage_s == pytest.approx(2 * 30.0)
    assert use.dose_cem43 == pytest.approx(guide.plan.dose_cem43)
    running = spent.by_hand(guide.plan, [replace(view.phases[0], kind="soak", ended_s=None)])
    assert running == spent.Use()
    assert spent.by_hand(by_hand(profile(REST), ADULT), ()) == spent.Use()


DONE = st.sampled_from([
    e.Begin(), e.Yes(), e.PauseAsked(), e.ResumeAsked(), e.SkipAsked(), e.ExtendAsked(60.0), e.ExtendAsked(float("nan")), e.Softer(),
    e.Pain(), e.PainScored(1), e.PainScored(99), e.StopAsked(), e.Earlier(1.0, 1.0, 0.1), e.PainTold("left"), e.CarrierLost("x"),
])  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 5.0, 299.0, 4000.0, -3.0]), st.lists(DONE, max_size=2)), max_size=20))
@settings(max_examples=100)
def test_total_and_deterministic(turns: list[tuple[float, list[Any]]]) -> None:
    one, other = a_guide(SOAK, KNEAD, REST), a_guide(SOAK, KNEAD, REST)
    now = 0.0
    for dt, events in turns:
        now += dt
        one.act(now, *events)
        other.act(now, *events)
        assert one.view(now) == other.view(now)
        due = one.next_deadline
        assert due is None or due >= 0
