"""The program engine against a device on paper: the way through a plan, and every way out of it."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import endings
from footctl.core import events as e
from footctl.core.machine import STATES
from footctl.core.person import Person
from footctl.core.program import Program
from tests.core.desk import (
    BOTH,
    CAPS,
    GUIDED,
    KNEAD,
    NOBODY,
    PROMPT,
    REST,
    SOAK,
    STRETCH,
    STROKE,
    TOLD,
    Desk,
    desk,
    identity,
    profile,
    sample,
)


def _off(at: Desk) -> bool:
    return not at.heater and not at.motor and at.water is None and at.massage is None


def test_a_soak_then_massage_program_completes() -> None:
    at = desk(PROMPT, SOAK, KNEAD, STRETCH, GUIDED, REST)
    at.until("completed")
    assert at.kinds() == ["prompt", "preheat", "feet_in", "soak", "dry", "feet_in", "massage", "stretch", "guided", "rest", "finish"]
    assert {record.outcome for record in at.program.phases} == {"completed"}
    assert at.program.outcome is not None
    assert at.program.outcome.off_confirmed
    assert _off(at)
    assert at.program.step(at.now + 1, [e.Yes(), at.sample()]) == []


def test_the_limits_go_first_and_every_needed_enable_is_tried_once_before_the_first_step() -> None:
    at = desk(PROMPT, SOAK, KNEAD)
    at.until("prompt")
    started = [command for _, command in at.said]
    assert [type(command) for command in started[:8]] == [
        c.Greet, c.ReadCaps, c.SetLimits, c.ReadCaps, c.StartDevice, c.BreakFrame, c.TooWarm, c.TooHard
    ]  # fmt: skip
    assert started[4] == c.StartDevice(True, True)
    at.turn(*at.answers())
    assert not at.heater
    assert not at.motor


def test_a_permissive_that_is_missing_refuses_before_anything_is_on() -> None:
    at = desk(SOAK, refuse={"Start": e.Refused("Start", "not_permitted", 1)})
    at.until("refused")
    assert at.program.outcome is not None
    assert "not enough water" in at.program.outcome.reason
    assert at.program.outcome.off_confirmed
    assert not at.told(c.StopNow)


def test_limits_that_loosen_are_refused_by_name() -> None:
    at = desk(KNEAD, refuse={"SetLimits": e.Refused("SetLimits", "loosens", 8)})
    at.until("refused")
    assert at.program.outcome is not None
    assert "pressure_max" in at.program.outcome.reason


def test_the_soak_clock_runs_only_in_band_and_with_the_feet_in() -> None:
    at = desk(SOAK)
    at.until("soak")
    run = at.program.running
    assert run is not None
    at.idle(10)
    before = run.ran_s
    at.forced = {"water_c": 37.0, "water2_c": 37.0}
    at.idle(30)
    assert run.ran_s == pytest.approx(before, abs=0.41)
    assert "not within" in at.program.holding
    at.forced = {"water_c": None}
    at.idle(1)
    assert "not within" not in at.program.holding
    at.forced = {"in_bath": frozenset(("left",))}
    at.idle(5)
    assert at.program.holding == "out of the water: right foot"
    at.forced = {}
    at.idle(5)
    assert at.program.holding == ""
    assert run.ran_s == pytest.approx(before + 6, abs=0.81)


def test_both_feet_out_hold_the_heat_after_ten_seconds_and_it_returns_with_them() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.idle(5)
    at.follows_lamp = False
    at.in_bath = NOBODY
    at.idle(9)
    assert at.water is not None
    at.idle(3)
    assert at.water is None
    assert at.lamp == "feet_in"
    at.in_bath = BOTH
    at.idle(1)
    assert at.water is not None
    assert at.program.state == "soak"


def test_feet_that_stay_out_of_the_soak_pause_it_until_they_are_back_and_a_yes() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.idle(5)
    at.follows_lamp = False
    at.in_bath = NOBODY
    at.idle(62)
    assert at.program.state == "paused"
    assert at.water is None
    assert at.heater
    at.turn(e.Yes())
    assert at.program.state == "paused"
    assert at.program.question is not None
    assert at.program.question.kind == "resume"
    assert at.program.question.why_not == "not back yet: left and right foot"
    at.in_bath = BOTH
    at.turn()
    at.turn(e.Yes())
    assert at.program.state == "soak"
    at.idle(2)
    assert at.water is not None


def test_the_heat_is_off_from_the_end_of_the_soak() -> None:
    at = desk(SOAK, KNEAD)
    at.until("dry")
    at.idle(2)
    assert not at.heater
    assert at.water is None
    assert at.lamp == "feet_out"


def test_a_soak_that_cannot_hold_its_band_ends_when_feet_have_been_in_as_long_as_the_cap_allows() -> None:
    at = desk(SOAK.replace("5 min", "19 min"))
    at.until("soak")
    at.forced = {"water_c": 36.0, "water2_c": 36.0}
    at.until("dry", most_s=1300)
    record = at.program.phases[2]
    assert record.ended_s is not None
    assert record.ended_s - record.started_s == pytest.approx(1198, abs=2)


def test_water_is_not_entered_before_it_is_cool_enough_and_stable() -> None:
    at = desk(SOAK, says_yes=False, follows_lamp=False)
    at.until("ready", most_s=2)
    at.turn(e.Begin())
    at.idle(40)
    assert at.program.state == "preheat"
    assert at.water_c == pytest.approx(38.0)
    at.idle(20)
    assert at.program.state == "feet_in"
    question = at.program.question
    assert question is not None
    assert question.why_not == "no foot is seen in the water yet"
    at.forced = {"water_c": 39.0}
    at.turn()
    assert at.program.question is not None
    assert at.program.question.why_not == "the water is not stable yet"
    at.in_bath = BOTH
    at.forced = {"water_c": 41.0}
    at.turn(e.Yes())
    assert at.program.question is not None
    assert "at most 40.5 °C" in at.program.question.why_not
    at.forced = {"water_c": None, "water2_c": None}
    at.turn(e.Yes())
    assert at.program.question is not None
    assert "unknown" in at.program.question.why_not
    at.forced = {}
    at.water_c = 38.0
    at.turn(e.Yes())
    assert at.program.question is not None
    assert at.program.question.ready
    at.turn(e.Yes())
    assert at.program.state == "soak"


def test_water_that_never_gets_warm_ends_the_session() -> None:
    at = desk(SOAK)
    at.until("preheat")
    at.forced = {"water_c": 30.0, "water2_c": 30.0}
    at.until("tripped", most_s=2500)
    assert at.program.outcome is not None
    assert "preheat time" in at.program.outcome.reason
    assert _off(at)


def test_nobody_who_comes_ends_the_session() -> None:
    at = desk(KNEAD, follows_lamp=False)
    at.until("tripped", most_s=2500)
    assert at.program.outcome is not None
    assert "nobody stepped in" in at.program.outcome.reason


def test_feet_that_nobody_speaks_for_end_the_session_too() -> None:
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    at.turn(e.Begin())
    at.idle(4)
    at.in_bath = at.on_roller = frozenset(("left",))
    at.follows_lamp = False
    at.turn()
    assert at.program.question is not None
    assert at.program.question.why_not == "the right foot is not seen on the roller yet"
    at.on_roller = BOTH
    at.until("tripped", most_s=2500)
    assert at.program.outcome is not None
    assert "nobody said that both feet are in" in at.program.outcome.reason


def test_only_the_enable_of_the_coming_phase_is_closed_while_feet_are_asked_in() -> None:
    at = desk(SOAK, KNEAD, follows_lamp=False, says_yes=False)
    at.until("ready", most_s=2)
    at.turn(e.Begin())
    while at.program.state != "feet_in":
        at.turn()
    at.idle(1)
    assert (at.heater, at.motor, at.lamp) == (True, False, "feet_in")
    at.in_bath = BOTH
    at.turn()
    at.turn(e.Yes())
    at.idle(302)
    at.in_bath = NOBODY
    at.turn()
    at.turn(e.Yes())
    at.idle(1)
    assert at.program.state == "feet_in"
    assert (at.heater, at.motor, at.lamp) == (False, True, "feet_in")
    assert at.massage is None


def test_skin_dries_for_its_least_time_counted_from_the_feet_out() -> None:
    at = desk(SOAK.replace("38 C", "35 C").replace("1 C/min", "0.5 C/min"), KNEAD.replace("20 kPa", "12 kPa"), tier="sensitive")
    at.until("dry")
    at.follows_lamp = False
    at.in_bath = BOTH
    at.idle(20)
    assert at.program.holding == "the feet are still in the water"
    at.in_bath = NOBODY
    at.idle(200)
    at.turn(e.Yes())
    assert at.program.state == "dry"
    assert at.program.question is not None
    assert "wait" in at.program.question.why_not
    at.idle(101)
    at.turn(e.Yes())
    assert at.program.state == "feet_in"


def test_pressure_follows_its_way_in_steps_and_starts_softly() -> None:
    at = desk(KNEAD.replace("10 kPa", "30 kPa").replace("20 kPa", "50 kPa"))
    at.until("massage")
    at.until("completed")
    asked = [command.pressure_kpa for command in at.told(c.SetMassage)]
    assert asked == sorted(asked)
    assert asked[0] == 25.0
    assert asked[-1] == pytest.approx(49.5)
    times = [when for when, command in at.said if isinstance(command, c.SetMassage)]
    assert times[1] - times[0] >= 59.8


def test_a_foot_that_leaves_the_roller_releases_and_comes_back_only_by_a_yes() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(5)
    at.follows_lamp = False
    at.on_roller = frozenset(("left",))
    at.idle(1)
    assert at.program.state == "paused"
    assert at.massage is None
    assert at.motor
    assert at.lamp == "feet_in"
    run = at.program.running
    assert run is not None
    ran = run.ran_s
    at.on_roller = BOTH
    at.idle(5)
    assert at.program.state == "paused"
    assert at.massage is None
    at.turn(e.Pressed("yes"))
    at.idle(1)
    assert at.program.state == "massage"
    assert at.massage is not None
    assert run.ran_s < ran + 2


def test_a_foot_that_left_between_two_samples_is_noticed_by_the_interlock() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(5)
    at.forced = {"active": faults.FOOT_ABSENT}
    at.turn()
    assert at.program.state == "paused"
    at.forced = {}
    at.turn()
    at.turn(e.Yes())
    assert at.program.state == "massage"


def test_a_missing_foot_keeps_the_enable_closed_for_a_bounded_time() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.follows_lamp = False
    at.on_roller = NOBODY
    at.idle(602)
    assert at.program.state == "paused"
    assert not at.motor


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
    assert _off(at)


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


@pytest.mark.parametrize("state", ["preheat", "feet_in", "soak", "dry", "prompt", "massage", "stretch", "guided", "rest"])
@pytest.mark.parametrize("pain", [True, False])
def test_pain_and_stop_end_every_phase_with_the_outputs_read_back_off(state: str, pain: bool) -> None:
    at = desk(SOAK, PROMPT + "", KNEAD, STRETCH, GUIDED, PROMPT, REST)
    at.until(state)
    out = at.turn(e.Pain() if pain else e.StopAsked("Ctrl-C"))
    assert out == [c.StopNow(faults.PAIN if pain else faults.STOPPED)]
    assert at.program.state == "stopping"
    at.idle(0.6)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == ("pain" if pain else "stopped")
    assert at.program.outcome.off_confirmed
    assert at.program.phases[-1].outcome == "cut"


def test_a_stop_goes_past_everything_else_that_was_to_be_said() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    assert at.turn(e.Silent(1.0), e.Pain()) == [c.StopNow(faults.PAIN)]


def test_pain_and_stop_in_a_pause_before_the_first_step_and_at_the_end() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.turn(e.PauseAsked())
    assert at.turn(e.Pain()) == [c.StopNow(faults.PAIN)]
    at = desk(STROKE, mute=False)
    at.until("ready")
    assert at.turn(e.Begin(), e.StopAsked()) == [c.StopNow()]
    at = desk(REST)
    at.until("rest")
    at.forced = {"state": "active"}
    at.until("finish")
    assert at.turn(e.StopAsked()) == [c.StopNow()]


def test_a_stop_before_the_start_needs_no_latch_but_pain_does() -> None:
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    assert at.turn(e.StopAsked()) == []
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "stopped"
    assert at.program.outcome.off_confirmed
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    assert at.turn(e.Pain()) == [c.StopNow(faults.PAIN)]


def test_a_stop_before_anybody_answered_asks_for_telemetry_to_confirm_it() -> None:
    at = desk(KNEAD)
    at.mute = True
    at.turn()
    assert at.turn(e.StopAsked()) == [c.StopNow(), c.Greet()]
    at.idle(4)
    assert at.program.outcome is not None
    assert not at.program.outcome.off_confirmed
    assert "unplug" in at.program.outcome.hint


def test_a_stop_that_is_not_confirmed_says_so_after_three_seconds() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.forced = {"left_kpa": 6.0}
    at.turn(e.StopAsked())
    at.idle(2.8)
    assert at.program.outcome is None
    at.idle(0.6)
    assert at.program.outcome is not None
    assert not at.program.outcome.off_confirmed


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.PAIN, "pain"),
        (faults.STOPPED, "stopped"),
        (faults.LINK_LOST, "link_lost"),
        (faults.OVER_TEMPERATURE, "tripped"),
        (200, "tripped"),
    ],
)
def test_a_latch_of_the_device_ends_the_session_by_its_cause(fault: int, kind: str) -> None:
    at = desk(STROKE)
    at.until("massage")
    at.off("latched", fault)
    assert at.turn() == [c.StopNow(fault)]
    at.idle(1)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == (kind, fault)
    assert at.program.outcome.off_confirmed


def test_a_latch_told_by_an_event_counts_as_one_in_telemetry() -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(e.Pressed("latch", faults.TIPPED), quiet=True) == [c.StopNow(faults.TIPPED)]
    at.turn(e.Pressed("latch", faults.STOPPED), quiet=True)
    at.idle(1)
    assert at.program.outcome is not None
    assert at.program.outcome.fault == faults.TIPPED


@pytest.mark.parametrize("fault", [faults.PAIN, 200])
def test_a_device_that_is_latched_already_is_refused_with_how_to_clear(fault: int) -> None:
    at = desk(KNEAD, identity=identity(fault=fault, state="latched"))
    at.until("refused", most_s=2)
    assert at.program.outcome is not None
    assert "footctl clear" in at.program.outcome.hint


@pytest.mark.parametrize(("fault", "kind"), [(faults.PAIN, "pain"), (faults.STOPPED, "stopped"), (faults.TIPPED, "refused")])
def test_a_latch_before_the_start_is_a_persons_end_or_a_reason_not_to_start(fault: int, kind: str) -> None:
    at = desk(KNEAD, says_yes=False)
    at.until("ready", most_s=2)
    at.off("latched", fault)
    at.until(kind, most_s=2)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == (kind, fault)


def test_a_device_that_lets_go_by_itself_pauses_until_a_person_goes_on() -> None:
    at = desk(SOAK, KNEAD)
    at.until("soak")
    at.idle(5)
    at.heater = False
    at.water = None
    at.idle(0.4)
    assert at.program.state == "paused"
    assert "did not hear" in at.program.holding
    at.idle(10)
    assert at.water is None
    at.turn(e.Yes())
    at.idle(1)
    assert at.heater
    assert at.water is not None
    at.until("massage")
    at.idle(3)
    at.motor = False
    at.idle(0.4)
    assert at.program.state == "paused"


def test_a_device_that_leaves_the_session_ends_it() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    at.off("idle", 0)
    at.idle(0.4)
    assert at.program.outcome is not None
    assert "left the session" in at.program.outcome.reason


def test_a_refusal_under_way_pauses_three_times_and_then_ends() -> None:
    at = desk(STROKE, says_yes=True)
    at.until("feet_in")
    at.refuse = {"SetMassage": e.Refused("SetMassage", "not_permitted", 3)}
    at.until("tripped", most_s=60)
    assert at.program.outcome is not None
    assert "load cell" in at.program.outcome.reason
    assert len(at.told(c.SetMassage)) == 4


def test_a_refusal_that_no_person_can_mend_ends_at_once() -> None:
    at = desk(STROKE)
    at.until("feet_in")
    at.refuse = {"SetMassage": e.Refused("SetMassage", "out_of_range", 1000)}
    at.until("tripped", most_s=60)
    assert len(at.told(c.SetMassage)) == 1


def test_a_lamp_that_cannot_be_set_harms_nothing() -> None:
    at = desk(REST, refuse={"SetLamp": e.Refused("SetLamp", "unsupported", 0)})
    at.until("completed")


def test_refusals_that_nobody_asked_for_are_ignored() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    at.turn(e.Refused("Start", "strange", 0), e.Accepted("Start"), e.Pressed("feet", 3))
    assert at.program.state == "massage"


@pytest.mark.parametrize(
    ("refused", "word"),
    [(e.Refused("Hello", "wrong_version", 2), "major"), (e.Refused("GetCaps", "reason_99", 0), "does not know")],
)
def test_a_device_that_does_not_speak_with_us(refused: e.Refused, word: str) -> None:
    at = desk(KNEAD, refuse={refused.message: refused})
    at.until("link_lost", most_s=2)
    assert at.program.outcome is not None
    assert word in at.program.outcome.reason


@pytest.mark.parametrize("major", [0, 2, 255])
def test_another_major_version_is_not_spoken(major: int) -> None:
    at = desk(KNEAD, identity=identity(major=major))
    while at.program.outcome is None:
        assert [type(command) for command in at.turn()] in ([], [c.Greet])
    assert at.program.outcome.kind == "link_lost"
    assert f"speaks version {major}" in at.program.outcome.reason


def test_another_host_is_the_controller() -> None:
    at = desk(KNEAD, identity=identity(controller=False))
    at.until("link_lost", most_s=2)
    assert at.program.outcome is not None
    assert "another host" in at.program.outcome.reason


@pytest.mark.parametrize("caps", [{**CAPS, "pressure_max": 60_001}, {**CAPS, "soft_start": -1}, {"water_trip": 4200}])
def test_a_cap_table_that_is_looser_or_lacks_a_cap_is_refused(caps: dict[str, int]) -> None:
    at = desk(KNEAD, caps=caps)
    at.until("refused", most_s=2)


def test_a_plan_that_must_not_run_is_refused_with_the_reason() -> None:
    at = Desk(Program(profile=profile(SOAK), person=Person("p", "no_soak")))
    at.until("refused", most_s=2)
    assert at.program.plan is not None
    assert at.program.plan.refused
    assert at.program.outcome is not None
    assert "soak" in at.program.outcome.reason


def test_what_earlier_sessions_used_counts_before_and_after_the_plan() -> None:
    used = e.Earlier(soak_s=2400, dose_cem43=2.0)
    at = desk(SOAK, says_yes=False)
    at.until("ready", most_s=2)
    at.turn(used)
    assert at.program.state == "refused"
    at = desk(SOAK)
    at.turn(used)
    at.until("refused", most_s=2)
    at = desk(SOAK)
    at.until("soak")
    at.turn(used)
    assert at.program.state == "soak"


def test_nobody_answers_the_greeting() -> None:
    at = desk(KNEAD)
    at.mute = True
    at.turn()
    for _ in range(3):
        at.turn(e.Unanswered("Hello"))
    assert len(at.told(c.Greet)) == 3
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.reason) == ("link_lost", "nobody answered")


def test_an_unanswered_request_is_asked_again_and_the_second_ends_the_session() -> None:
    at = desk(KNEAD)
    at.turn()
    at.mute = True
    at.turn()
    assert at.told(c.ReadCaps) == [c.ReadCaps()]
    at.turn(e.Unanswered("GetCaps"))
    assert len(at.told(c.ReadCaps)) == 2
    at.mute = False
    at.turn(e.CapsRead(CAPS))
    at.until("ready")
    at.turn(e.CapsRead(CAPS))
    at.turn(e.Begin())
    at.mute = True
    at.waiting = []
    at.turn(e.Unanswered("SetLimits"))
    assert len(at.told(c.SetLimits)) == 2
    at.turn(e.Unanswered("SetLimits"))
    assert at.program.state == "stopping"
    at.idle(4)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"
    assert not at.program.outcome.off_confirmed


def test_silence_warns_and_asks_then_stops() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    at.mute = True
    assert at.turn(e.Silent(1.0), quiet=True) == [c.Greet()]
    assert at.program.warnings == ["no telemetry for a second"]
    assert at.turn(e.Silent(1.0), quiet=True) == [c.Greet()]
    assert len(at.program.warnings) == 1
    assert at.turn(e.Silent(3.0), quiet=True) == [c.StopNow()]
    assert at.turn(e.Silent(1.0), quiet=True) == []
    for _ in range(20):
        at.turn(quiet=True)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"


def test_a_carrier_that_is_gone_ends_at_once_without_a_word() -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(e.CarrierLost("unplugged")) == []
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"
    at = desk(STROKE)
    at.until("massage")
    at.mute = True
    at.turn(e.Pain())
    at.turn(e.CarrierLost("unplugged"))
    assert at.program.outcome is not None
    assert "pain" in at.program.outcome.reason
    assert at.turn(e.CarrierLost("unplugged")) == []


@pytest.mark.parametrize(
    ("changed", "word"), [({"boot_id": 8}, "restarted"), ({"serial": "SIM-0002"}, "another"), ({"controller": False}, "took over")]
)
def test_a_device_that_is_not_the_same_any_more_ends_the_session(changed: dict[str, Any], word: str) -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(identity(**changed)) == [c.StopNow()]
    at.idle(1)
    assert at.program.outcome is not None
    assert word in at.program.outcome.reason
    same = desk(STROKE)
    same.until("massage")
    same.turn(identity())
    assert same.program.state == "massage"


def test_a_latch_seen_before_the_device_said_who_it_is_waits_for_that() -> None:
    at = desk(KNEAD)
    at.mute = True
    at.turn()
    at.turn(sample(fault=faults.PAIN, state="latched"))
    assert at.program.state == "connecting"


def test_uptime_that_goes_back_is_a_restart() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.forced = {"uptime_ms": 5}
    assert at.turn() == [c.StopNow()]


@pytest.mark.parametrize("together", [True, False])
def test_a_sleep_that_takes_the_carrier_away_is_still_a_sleep(together: bool) -> None:
    at = desk(STROKE)
    at.until("massage")
    at.now += 30.0
    at.mute = True
    if not together:
        at.turn(quiet=True)
    at.turn(e.CarrierLost("unplugged"), quiet=True)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.off_confirmed) == ("tripped", False)
    assert at.program.state == "tripped"
    assert "did not run for 30" in at.program.outcome.reason
    assert "unplugged" in at.program.outcome.reason


def test_a_sleep_in_the_middle_of_a_stop_does_not_change_what_is_lost() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.mute = True
    at.turn(e.Pain())
    at.now += 30.0
    at.turn(e.CarrierLost("unplugged"), quiet=True)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"
    assert "pain" in at.program.outcome.reason


def test_a_host_that_slept_ends_a_session_but_not_a_question() -> None:
    at = desk(STROKE, says_yes=False)
    at.until("ready", most_s=2)
    at.turn(dt=60)
    assert at.program.state == "ready"
    assert "slept" in at.program.warnings[-1]
    at.says_yes = True
    at.until("massage")
    assert at.turn(dt=2.1) == [c.StopNow()]
    at.idle(1)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "tripped"


def test_what_the_supervisor_found_ends_the_session() -> None:
    at = desk(STROKE)
    at.until("massage")
    assert at.turn(e.Tripped(faults.SENSOR_STALE, "stale")) == [c.StopNow(faults.SENSOR_STALE)]
    at.idle(1)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == ("tripped", faults.SENSOR_STALE)


def test_a_finish_that_is_not_seen_off_becomes_a_stop() -> None:
    at = desk(REST)
    at.until("rest")
    at.idle(58)
    at.forced = {"left_kpa": 5.0}
    at.until("finish")
    at.idle(9)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "tripped"
    assert not at.program.outcome.off_confirmed


def test_a_host_without_a_program_watches_reads_the_cause_and_clears() -> None:
    at = Desk(Program(profile=None))
    at.fault = faults.PAIN
    at.turn()
    at.idle(1)
    assert at.program.state == "watching"
    assert at.program.first_cause is not None
    assert at.program.first_cause.fault == faults.PAIN
    assert len(at.told(c.ReadCause)) == 1
    at.turn(e.Begin(), e.Yes(), e.PauseAsked(), e.ResumeAsked(), e.SkipAsked(), e.Softer(), e.ExtendAsked(5))
    assert at.program.state == "watching"
    at.refuse = {"Clear": e.Refused("Clear", "wrong_cause", 60)}
    at.turn(e.ClearAsked(faults.STOPPED))
    at.turn()
    assert "wrong_cause" in at.program.warnings[-1]
    at.refuse = {}
    assert at.turn(e.ClearAsked(faults.PAIN)) == [c.ClearLatch(faults.PAIN)]
    at.turn(e.Pressed("cleared", faults.PAIN))
    assert at.fault == 0
    assert at.program.first_cause is None
    assert at.turn(e.StopAsked()) == [c.StopNow()]
    at.idle(1)
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "stopped"


def test_who_only_watches_stops_nobody_because_of_what_it_sees() -> None:
    at = Desk(Program(profile=None))
    at.idle(1)
    assert at.turn(e.Silent(3.0)) == []
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "link_lost"


def test_a_clear_is_nothing_for_a_session() -> None:
    at = desk(STROKE)
    at.until("massage")
    at.idle(3)
    assert at.turn(e.ClearAsked(60)) == []


def test_wants_that_come_too_early_change_nothing() -> None:
    at = desk(STROKE, says_yes=False)
    at.until("ready", most_s=2)
    assert at.turn(e.Yes(), e.ResumeAsked(), e.SkipAsked(), e.PauseAsked(), e.Pressed("yes")) == []
    assert at.program.state == "ready"
    at.turn(e.Begin())
    at.turn(e.PauseAsked(), e.Begin())
    assert at.program.state in ("preflight", "proving")


def test_a_prompt_without_confirmation_takes_no_time_and_a_hand_stretch_its_own() -> None:
    at = desk(TOLD, STRETCH, identity=identity(techniques=frozenset(("rolling",))))
    at.until("completed")
    assert at.kinds() == ["prompt", "stretch", "finish"]
    stretch = at.program.phases[1]
    assert stretch.ended_s is not None
    assert stretch.ended_s - stretch.started_s == pytest.approx(60, abs=0.5)
    assert not at.told(c.SetMassage)


def test_a_shared_place_counts_for_bath_and_roller() -> None:
    at = desk(SOAK, KNEAD, identity=identity(places=frozenset(("bath", "roller", "shared"))), follows_lamp=False)
    at.until("preheat")
    at.in_bath = BOTH
    at.until("completed")
    assert "massage" in at.kinds()


def test_water_stays_warm_through_a_prompt_before_its_soak() -> None:
    at = desk(SOAK, PROMPT, SOAK)
    at.until("soak")
    at.until("completed")
    assert at.kinds().count("soak") == 2


def test_heat_that_comes_back_with_feet_in_the_water_is_ramped() -> None:
    at = desk(SOAK, says_yes=False, follows_lamp=False)
    at.until("ready", most_s=2)
    at.turn(e.Begin())
    at.idle(5)
    assert at.water is not None
    assert at.water.ramp_c_min is None
    at.turn(e.PauseAsked())
    at.in_bath = BOTH
    at.idle(1)
    at.turn(e.ResumeAsked())
    at.idle(1)
    assert at.water.ramp_c_min == pytest.approx(1.0)


def test_every_state_of_the_table_is_one_that_this_page_reaches() -> None:
    reached: set[str] = set()
    for ending in ("completed", "pain", "stopped", "tripped"):
        at = desk(PROMPT, SOAK, KNEAD, STRETCH, GUIDED, REST)
        while at.program.outcome is None:
            at.turn(*at.answers())
            reached.add(at.program.state)
            if at.program.state == "rest" and ending != "completed":
                reached.add("paused") if at.turn(e.PauseAsked()) and at.program.state == "paused" else None
                at.turn({"pain": e.Pain(), "stopped": e.StopAsked(), "tripped": e.Tripped(0, "why")}[ending])
        reached.add(at.program.state)
    watch = Desk(Program(profile=None))
    watch.idle(1)
    reached |= {watch.program.state, "connecting", "planning", "stopping", "link_lost", "refused"}  # the tests above
    assert reached >= set(STATES) - {"paused"}


def test_two_samples_of_one_foot_out_are_shown_in_the_hold() -> None:
    around = sample(water_c=30.0, water2_c=None)
    assert around.hottest_c == 30.0


def test_water_that_somebody_pours_in_pauses_the_soak_until_it_is_stable() -> None:
    at = desk(SOAK)
    at.until("soak")
    for n in range(40):
        warm = 38.0 + n * 0.04
        at.forced = {"water_c": warm, "water2_c": warm}
        at.turn()
    assert at.program.state == "paused"
    assert any("poured in warm water" in text for text in at.program.warnings)
    question = at.program.question
    assert question is not None
    assert not question.ready
    assert question.why_not == "the water is not stable yet"
    at.turn(e.ResumeAsked())
    assert at.program.state == "paused"
    at.forced = {"water_c": 38.0, "water2_c": 38.0}
    at.idle(35)
    at.turn(e.ResumeAsked())
    assert at.program.state == "soak"


def test_a_device_that_switches_off_by_itself_says_why() -> None:
    assert "hear from us" in endings.slipped(0)
    assert "hear from us" in endings.slipped(faults.LINK_LATE)
    assert endings.slipped(faults.HOT_FILL) == (
        "the device switched off: the water gets warmer than the heater can make it: somebody added hot water"
    )


def test_another_device_than_the_one_that_was_named_is_refused() -> None:
    program = Program(profile=profile(SOAK), serial="FB-0007")
    program.step(0.0, [])
    assert not [command for command in program.step(0.1, [identity()]) if not isinstance(command, c.Greet)]
    assert program.outcome is not None
    assert (program.outcome.kind, program.outcome.reason) == ("link_lost", "this is SIM-0001, not FB-0007")
    right = Program(profile=profile(SOAK), serial="SIM-0001")
    right.step(0.0, [])
    right.step(0.1, [identity()])
    assert right.outcome is None


def test_another_cap_table_than_the_one_that_it_greeted_with_is_refused() -> None:
    at = desk(SOAK)
    at.turn()
    assert endings.unfit(identity(), e.CapsRead(CAPS, b"other")) == "SIM-0001 sent another cap table than the one that it greeted with"
    assert endings.unfit(identity(caps_hash=b"same"), e.CapsRead(CAPS, b"same")) == ""


def test_strangers_at_the_device_are_told_and_change_nothing() -> None:
    at = desk(KNEAD)
    at.until("massage")
    at.turn(e.Pressed("intrusion", faults.INTRUDER))
    at.turn(e.Pressed("intrusion", 99))
    assert "somebody without the device's key" in at.program.warnings[-2]
    assert "unknown warning 99" in at.program.warnings[-1]
    assert at.program.state == "massage"


def test_a_refusal_that_tells_of_a_latch_ends_as_the_latch_does() -> None:
    at = desk(SOAK)
    at.until("soak")
    at.program._talk._on_its_way = "SetBath", at.program._talk.told
    at.turn(e.Refused("SetBath", "latched", faults.PAIN))
    at.idle(5)
    assert at.program.outcome is not None
    assert (at.program.outcome.kind, at.program.outcome.fault) == ("pain", faults.PAIN)


@pytest.mark.parametrize(("phase", "told"), [("preheat", False), ("massage", True)])
def test_hot_water_where_nobody_soaks_is_told_at_most(phase: str, told: bool) -> None:
    at = desk(SOAK if phase == "preheat" else STROKE)
    at.until(phase)
    for n in range(40):
        warm = 30.0 + n * 0.04
        at.forced = {"water_c": warm, "water2_c": warm}
        at.turn()
    assert at.program.state == phase
    assert any("poured in warm water" in text for text in at.program.warnings) == told
