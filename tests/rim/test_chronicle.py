"""A session as rows: what happened once, in order, with what was felt, and what it teaches."""

from __future__ import annotations

import json
from typing import Any

from footctl.core.events import (
    Begin,
    Earlier,
    ExtendAsked,
    Firmer,
    Pain,
    PainScored,
    PainTold,
    PauseAsked,
    Softer,
    StopAsked,
    Yes,
)
from footctl.core.plan import Step
from footctl.core.view import Outcome, PhaseRecord, Question, View
from footctl.run import chronicle, telemetry
from footctl.run.chronicle import EVENTS_MOST, Chronicle, Rows, new_at_the_end
from tests.rim.views import BOTH, NOBODY, a_plan, a_sample, a_view

KNEAD = Step("massage", "arch", 240.0, zones=frozenset(("arch",)), technique="kneading", pressure_from_kpa=15.0, pressure_to_kpa=30.0)
PLAN = a_plan(steps=(Step("soak", "soak", 720.0, water_c=38.0), KNEAD), limits={"pressure_max": 50_000})
MASSAGE = (PhaseRecord("soak", "soak", 0.0, 10.0, "completed"), PhaseRecord("arch", "massage", 10.0, None, "running"))


def at(elapsed: float, kpa: float = 20.0, **other: Any) -> View:
    sample = a_sample(in_bath=NOBODY, on_roller=BOTH, motor_enable=True, zone="arch", left_kpa=kpa, right_kpa=1.0, sample=int(elapsed * 5))
    fields = {"now": 100.0 + elapsed, "elapsed_s": elapsed, "plan": PLAN, "phases": MASSAGE, "step": 1, "sample": sample}
    fields["sample_age_s"] = 0.0
    return a_view(**{**fields, **other})


def massaging(until: float = 5.0) -> Chronicle:
    made = Chronicle()
    for number in range(int(until * 5) + 1):
        made.look(at(number / 5))
    return made


def kinds(rows: Rows) -> list[str]:
    return [kind for _, kind, _ in rows.events.values()]


def test_readings_in_batches_of_what_came_since() -> None:
    made = massaging(1.0)
    first = made.take().batches
    made.look(at(1.2))
    second = made.take().batches
    assert [begin for begin, _ in first + second] == [0, 1200]
    assert telemetry.unpack([data for _, data in first + second])["t_ms"] == [0, 200, 400, 600, 800, 1000, 1200]
    assert made.take().batches == []


def test_nothing_is_read_before_the_begin_or_after_the_end() -> None:
    made = Chronicle()
    made.look(at(0.0, phases=()))
    made.look(at(1.0))
    made.look(at(1.2, outcome=Outcome("completed", "over")))
    assert telemetry.unpack([data for _, data in made.take().batches])["t_ms"] == [1000]


def test_a_reading_has_the_time_at_which_it_came() -> None:
    made = Chronicle()
    made.look(at(1.0))
    made.look(at(1.4, sample_age_s=0.2))
    assert telemetry.unpack([data for _, data in made.take().batches])["t_ms"] == [1000, 1200]


def test_phases_as_they_change() -> None:
    made = massaging(0.2)
    rows = made.take().phases
    assert rows == {0: ("soak", "soak", 0.0, 10.0, "completed"), 1: ("massage", "arch", 10.0, None, "running")}
    done = (MASSAGE[0], PhaseRecord("arch", "massage", 10.0, 250.0, "completed"))
    made.look(at(250.0, phases=done))
    assert made.take().phases == {1: ("massage", "arch", 10.0, 250.0, "completed")}


def test_what_people_do_and_what_they_are_told() -> None:
    made = massaging(1.0)
    made.note(101.0, [Begin(), Yes(), PauseAsked(), ExtendAsked(60.0), StopAsked(why="enough"), PainScored(4), Earlier()])
    made.look(at(1.2, warnings=("no telemetry for a second",), holding="paused", question=Question("resume", "Go on?", 101.2)))
    made.look(at(1.4, warnings=("no telemetry for a second",)))
    faulty = at(1.6).sample
    assert faulty is not None
    made.look(at(1.6, sample=faulty._replace(fault=61)))
    rows = made.take()
    assert kinds(rows) == ["begin", "yes", "pause", "extend", "stop", "score", "warning", "holds", "asked", "runs", "fault"]
    words = [text for _, _, text in rows.events.values()]
    assert words[:8] == ["started", "yes", "pause", "60 s more", "stop (enough)", "pain 4 out of 10", "no telemetry for a second", "paused"]
    assert "Go on?" in words
    assert rows.scores == [("during", 4)]
    assert rows.events[0][0] == 1.0


def test_a_score_before_the_begin_is_one_of_before() -> None:
    made = Chronicle()
    made.note(90.0, [PainScored(5)])
    assert made.take().scores == [("before", 5)]


def test_pain_keeps_place_pressure_and_what_it_teaches() -> None:
    made = massaging()
    made.note(105.1, [Pain(by="key")])
    rows = made.take()
    assert rows.pains is not None
    assert rows.pains[0].felt == ("left", "arch", "kneading", 20.0, None)
    assert [(one.key, one.most) for one in rows.lessons or ()] == [("left.arch.", 14.0)]
    made.look(at(5.2, outcome=Outcome("pain", "pain was reported")))
    assert len(made.take().pains or ()) <= 1


def test_what_is_said_afterwards_counts_more_and_a_mistake_teaches_nothing() -> None:
    made = massaging()
    made.note(105.1, [Pain(by="key")])
    made.look(at(5.2, outcome=Outcome("pain", "pain was reported")))
    made.note(105.2, [PainTold(where="right.heel", score=6)])
    rows = made.take()
    assert rows.pains is not None
    assert (rows.pains[0].felt.foot, rows.pains[0].felt.zone, rows.pains[0].score) == ("right", "heel", 6)
    assert [one.key for one in rows.lessons or ()] == ["right.heel."]
    made.note(105.2, [PainTold(mistake=True)])
    rows = made.take()
    assert rows.lessons == []
    assert rows.pains is not None
    assert rows.pains[0].mistake
    assert "nothing hurt" in list(rows.events.values())[-1][2]


def test_nobody_tells_about_a_pain_that_was_not() -> None:
    made = massaging()
    made.note(105.1, [PainTold(where="left", score=3)])
    assert made.take().pains is None


def test_the_devices_own_button_is_a_pain_too_and_several_signs_are_one() -> None:
    made = massaging()
    made.look(at(5.2, outcome=Outcome("pain", "the pain button")))
    rows = made.take()
    assert [one.source for one in rows.pains or ()] == ["device"]
    assert kinds(rows)[-1] == "pain"
    again = massaging()
    again.note(105.0, [Pain()])
    again.note(105.2, [Pain(where="left.heel", score=7, by="terminal")])
    again.look(at(5.4, outcome=Outcome("pain", "pain was reported")))
    pains = again.take().pains or []
    assert [(one.felt.zone, one.score) for one in pains] == [("heel", 7)]


def test_softer_teaches_when_the_step_is_over() -> None:
    made = massaging(10.0)
    made.note(110.0, [Softer(), Softer(), Firmer()])
    for number in range(51, 200):
        made.look(at(number / 5, kpa=16.0))
    assert made.take().lessons is None
    made.look(at(40.0, outcome=Outcome("completed", "over")))
    assert [(one.key, one.most) for one in made.take().lessons or ()] == [("left.arch.kneading", 16.0), ("right.arch.kneading", 16.0)]


def test_softer_in_the_water_is_an_event_alone() -> None:
    made = Chronicle()
    made.look(at(1.0, step=0, phases=MASSAGE[:1]))
    made.note(101.0, [Softer()])
    rows = made.take()
    assert kinds(rows) == ["softer"]
    assert rows.lessons is None


def test_a_flickering_thing_does_not_fill_the_disk() -> None:
    made = massaging(0.2)
    made.note(101.0, [Yes()] * (EVENTS_MOST + 10))
    assert len(made.take().events) == EVENTS_MOST


def test_the_plan_goes_along_as_it_was_agreed_to() -> None:
    fields = massaging(0.2).take().fields
    plan = json.loads(fields["plan"])
    assert plan["steps"][1]["zones"] == ["arch"]
    assert plan["limits"] == {"pressure_max": 50_000}
    assert fields["title"] == "Evening"
    assert Chronicle().take().fields == {}
    empty = Chronicle()
    empty.look(at(0.0, plan=None, phases=(), step=None))
    assert empty.take().fields["model"] == "footbath-5l"


def test_what_was_added_to_a_list_that_is_cut_at_its_beginning() -> None:
    assert new_at_the_end(("a", "b"), ("a", "b", "c", "d")) == ("c", "d")
    assert new_at_the_end(("a", "b"), ("b", "c")) == ("c",)
    assert new_at_the_end(("a",), ("a",)) == ()
    assert new_at_the_end(("a",), ("x", "y")) == ("x", "y")
    assert new_at_the_end((), ("x",)) == ("x",)


def test_rows_add_up() -> None:
    one, other = Rows(fields={"a": 1}, scores=[("before", 1)]), Rows(fields={"a": 2}, pains=[], lessons=[])
    one.add(other)
    assert (one.fields, one.scores, one.pains, one.lessons) == ({"a": 2}, [("before", 1)], [], [])
    one.add(Rows())
    assert one.pains == []
    assert chronicle.pain_words(chronicle.Felt(None, None, None, None, 38.2), 3) == "pain, water 38.2 °C, 3 out of 10"
