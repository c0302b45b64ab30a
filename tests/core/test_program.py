"""The program engine against a device on paper: the way through a plan from the first step to the last."""

from __future__ import annotations

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import events as e
from footctl.core.machine import STATES
from footctl.core.program import Program
from tests.core.desk import BOTH, GUIDED, KNEAD, NOBODY, PROMPT, REST, SOAK, STRETCH, STROKE, TOLD, Desk, desk, identity


def test_a_soak_then_massage_program_completes() -> None:
    at = desk(PROMPT, SOAK, KNEAD, STRETCH, GUIDED, REST)
    at.until("completed")
    assert at.kinds() == ["prompt", "preheat", "feet_in", "soak", "dry", "feet_in", "massage", "stretch", "guided", "rest", "finish"]
    assert {record.outcome for record in at.program.phases} == {"completed"}
    assert at.program.outcome is not None
    assert at.program.outcome.off_confirmed
    assert at.quiet
    assert at.program.step(at.now + 1, [e.Yes(), at.sample()]) == []


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
