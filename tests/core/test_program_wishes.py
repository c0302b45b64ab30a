"""What a person may ask for under way: pause, skip, softer, firmer, longer; and what a person is asked."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import events as e
from footctl.core.person import Person
from footctl.core.program import Program
from tests.core.desk import KNEAD, PROMPT, REST, SOAK, STROKE, Desk, desk, profile


def test_a_pause_keeps_the_place_and_the_warm_water_for_ten_minutes() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.idle(20)
    run = at.program.running
    assert run is not None
    ran = run.ran_s
    at.turn(e.PauseAsked())
    at.idle(2)
    assert at.state == "paused"
    assert at.water is not None
    assert at.program.holding == "paused"
    at.turn(e.PauseAsked())
    at.idle(120)
    at.turn(e.SkipAsked())
    at.turn(e.Softer())
    for _ in range(16):
        at.idle(30)
        at.turn(*at.answers() if at.program.question and at.program.question.kind == "check_in" else ())
    at.idle(10)
    assert at.program.state == "paused"
    assert at.water is None
    at.turn(e.ResumeAsked())
    assert at.program.state == "soak"
    at.idle(1)
    assert at.water is not None
    assert run.ran_s < ran + 3


def test_skip_goes_on_but_not_past_what_safety_needs() -> None:
    at = desk(PROMPT, SOAK, KNEAD)
    at.until("prompt")
    at.turn(e.SkipAsked())
    assert at.program.state == "preheat"
    at.turn(e.SkipAsked())
    assert at.program.state == "feet_in"
    at.turn(e.SkipAsked())
    assert at.program.state == "feet_in"
    assert "cannot be skipped" in at.program.warnings[-1]
    at.until("soak")
    at.turn(e.SkipAsked())
    assert at.program.state == "dry"
    at.turn(e.SkipAsked())
    assert at.program.state == "dry"
    assert [record.outcome for record in at.program.phases[:4]] == ["skipped", "skipped", "completed", "skipped"]


def test_a_skin_check_waits_for_a_yes_before_and_after_the_massage() -> None:
    person = Person("Cas", "no_soak", screened=True, statement="2026-01-01")
    at = Desk(Program(profile=profile(STROKE), person=person))
    at.until("prompt")
    at.turn(e.SkipAsked())
    at.idle(30)
    assert (at.program.state, at.massage, at.program.warnings[-1]) == ("prompt", None, "skin check cannot be skipped")
    at.until("massage")
    at.turn(e.SkipAsked())
    at.turn(e.SkipAsked())
    assert (at.program.state, at.program.phases[-1].name) == ("prompt", "skin check after")
    at.until("finish")
    assert [record.outcome for record in at.program.phases[:4]] == ["completed", "completed", "skipped", "completed"]


def test_softer_and_firmer_stay_under_what_the_gate_gave() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(70)
    at.turn(e.Softer())
    at.idle(1)
    assert at.massage is not None
    assert at.massage.pressure_kpa == pytest.approx(15.0)
    for _ in range(5):
        at.turn(e.Softer())
        at.idle(0.4)
    assert at.massage.pressure_kpa == pytest.approx(0.0)
    assert "no softer" in at.program.warnings[-1]
    for _ in range(20):
        at.turn(e.Firmer())
        at.idle(0.4)
    run: Any = at.program.running
    assert at.massage.pressure_kpa == pytest.approx(run.most_kpa)
    assert "no firmer" in at.program.warnings[-1]


def test_softer_and_firmer_in_the_soak_move_the_water_by_half_a_degree() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.forced = {"water_c": 38.0, "water2_c": 38.0}
    at.turn(e.Softer())
    at.idle(1)
    assert at.water is not None
    assert at.water.target_c == pytest.approx(37.5)
    for _ in range(8):
        at.turn(e.Softer())
        at.idle(0.4)
    assert at.water.target_c == pytest.approx(35.0)
    for _ in range(12):
        at.turn(e.Firmer())
        at.idle(0.4)
    assert at.water.target_c == pytest.approx(40.0)
    assert at.water.ramp_c_min == pytest.approx(1.0)
    before = len(at.program.warnings)
    at.until("dry")
    at.turn(e.Firmer())
    assert len(at.program.warnings) == before


def test_extend_adds_time_as_far_as_the_caps_allow() -> None:
    at = desk(STROKE, REST)
    at.until("massage")
    run = at.program.running
    assert run is not None
    at.turn(e.ExtendAsked(60))
    assert run.duration_s == pytest.approx(300)
    for wrong in (float("nan"), float("inf"), -5.0, 0.0):
        at.turn(e.ExtendAsked(wrong))
    assert run.duration_s == pytest.approx(300)
    at.turn(e.ExtendAsked(600))
    at.turn(e.ExtendAsked(600))
    assert run.duration_s == pytest.approx(900)
    assert "cap" in at.program.warnings[-1]
    at.until("rest")
    run = at.program.running
    assert run is not None
    at.turn(e.ExtendAsked(60))
    assert run.duration_s == pytest.approx(120)


def test_extending_phase_after_phase_stays_within_the_caps_of_the_feet_and_of_the_day() -> None:
    at = desk(STROKE, STROKE.replace("heel", "arch"))
    at.until("massage")
    at.turn(e.ExtendAsked(400))
    at.turn(e.SkipAsked())
    at.until("massage")
    run = at.program.running
    assert run is not None
    assert run.duration_s == pytest.approx(240)
    at.turn(e.ExtendAsked(400))
    assert run.duration_s == pytest.approx(900 - 640)
    at = desk(STROKE)
    at.turn(e.Earlier(massage_s=4200.0))
    at.until("massage")
    run = at.program.running
    assert run is not None
    at.turn(e.ExtendAsked(600))
    assert run.duration_s == pytest.approx(300)


def test_extend_in_the_soak_and_where_there_is_no_time() -> None:
    at = desk(SOAK)
    at.until("preheat")
    at.turn(e.ExtendAsked(60))
    assert "no time to extend" in at.program.warnings[-1]
    at.until("soak")
    run = at.program.running
    assert run is not None
    for _ in range(3):
        at.turn(e.ExtendAsked(600))
    assert run.duration_s is not None
    assert 1190 < run.duration_s < 1200


def test_a_check_in_that_is_answered_goes_on_and_one_that_is_not_ends() -> None:
    at = desk(STROKE.replace("4 min", "15 min"), says_yes=False, follows_lamp=True)
    at.until("ready", most_s=2)
    at.turn(e.Begin())
    at.idle(4)
    at.turn(e.Yes())
    assert at.program.state == "massage"
    at.idle(302)
    question = at.program.question
    assert question is not None
    assert question.kind == "check_in"
    assert question.deadline is not None
    assert at.lamp == "check_in"
    at.turn(e.Yes())
    at.idle(1)
    assert at.lamp == "off"
    assert c.PersonChecked() in at.told(c.PersonChecked)
    at.idle(150)
    assert at.program.question is None
    at.turn(e.Softer())
    at.idle(200)
    assert at.program.question is None
    at.idle(165)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == ("tripped", faults.CHECK_MISSED)
    assert at.quiet


def test_the_devices_own_check_in_is_asked_too() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.turn()
    at.forced = {"check_due": True}
    at.turn()
    assert at.program.question is not None
    assert at.program.question.kind == "check_in"
    at.forced = {}
    at.turn(e.Pressed("yes"))
    assert at.program.question is None


@pytest.mark.parametrize("answer", [e.Yes(by="key"), e.Pressed("yes")])
def test_a_check_in_that_was_answered_is_not_asked_again_by_older_telemetry(answer: e.Event) -> None:
    at = desk(STROKE)
    at.until("massage")
    at.turn()
    at.forced = {"check_due": True}
    at.turn()
    at.turn(answer)
    assert at.program.question is None
    at.idle(1)  # telemetry from before the device heard of it
    assert at.program.question is None
    at.forced = {}
    at.turn()
    at.forced = {"check_due": True}
    at.turn()
    assert at.program.question is not None


def test_check_ins_go_on_in_a_pause_with_warm_water() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.turn(e.PauseAsked())
    at.idle(365)
    assert at.program.outcome is not None
    assert at.program.outcome.fault == faults.CHECK_MISSED


def test_the_longest_session_ends_it() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.turn(e.PauseAsked())
    at.idle(3601)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == ("tripped", faults.SESSION_OVER)
