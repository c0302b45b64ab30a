"""Water, feet and the soak: who may step in, what holds the clock, what turns the heat off."""

from __future__ import annotations

import pytest

from footctl.core import events as e
from tests.core.desk import BOTH, KNEAD, NOBODY, PROMPT, SOAK, STROKE, desk, sample


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
    assert at.quiet


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
