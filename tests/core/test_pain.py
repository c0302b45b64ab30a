"""The pain rules: what may not start, what stops, what only becomes softer."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_protocol import faults
from footctl.core import commands as c
from footctl.core import events as e
from footctl.core.pain import PainScores, place
from footctl.core.person import Person
from footctl.core.program import Program
from tests.core.desk import SOAK, STROKE, Desk, profile


@pytest.mark.parametrize(
    ("usual", "score", "starts"),
    [
        (None, 1, True), (None, 2, False), (0, 2, False), (4, 5, True), (4, 6, False), (7, 7, True), (7, 8, False),
        (10, 8, False), (10, 10, False), (0, 0, True), (0, -1, False), (0, 11, False), (0, True, False), (0, 0.5, False),
    ],
)
def test_what_may_start(usual: int | None, score: Any, starts: bool) -> None:
    assert (PainScores(usual, 2).before(score) == "") == starts


@pytest.mark.parametrize(
    ("usual", "start", "rise", "score", "stops"),
    [
        (0, None, 2, 1, False), (0, None, 2, 2, True), (0, None, 1, 1, True), (0, None, 1, 0, False), (5, None, 2, 6, False),
        (5, None, 2, 7, True), (5, 3, 2, 4, False), (5, 3, 2, 5, True), (7, 7, 2, 8, True), (0, None, 2, -1, True),
        (0, None, 2, 99, True),
    ],
)
def test_what_stops(usual: int, start: int | None, rise: int, score: int, stops: bool) -> None:
    scores = PainScores(usual, rise)
    if start is not None:
        assert scores.before(start) == ""
    assert scores.stops(score) == stops


def _at(state: str, *phases: str, tier: str = "standard", usual: int | None = None) -> Desk:
    at = Desk(Program(profile=profile(*phases), person=Person("somebody", tier, usual_pain=usual)))
    at.until(state)
    return at


def test_too_much_pain_before_the_start_refuses_and_starts_nothing() -> None:
    at = _at("ready", STROKE)
    at.turn(e.PainScored(2))
    assert at.program.outcome is not None
    assert at.program.outcome.kind == "refused"
    assert "more than usual" in at.program.outcome.reason
    assert not at.told(c.StopNow)
    at = _at("ready", STROKE, usual=3)
    at.turn(e.PainScored(4))
    at.until("massage")


def test_a_rise_stops_and_a_smaller_one_makes_it_softer() -> None:
    at = _at("massage", STROKE)
    at.idle(70)
    assert at.massage is not None
    before = at.massage.pressure_kpa
    at.turn(e.PainScored(0))
    at.idle(1)
    assert at.massage.pressure_kpa == before
    at.turn(e.PainScored(1))
    at.idle(1)
    assert at.massage.pressure_kpa < before
    assert at.program.warnings == ["pain of 1: a little softer"]
    assert at.turn(e.PainScored(2)) == [c.StopNow(faults.PAIN)]
    at.until("pain")
    assert at.program.outcome is not None
    assert "rose to 2" in at.program.outcome.reason


def test_in_the_sensitive_tier_one_point_stops() -> None:
    at = _at("massage", STROKE, tier="sensitive")
    assert at.turn(e.PainScored(1)) == [c.StopNow(faults.PAIN)]


def test_the_pain_key_stops_whatever_the_score() -> None:
    at = _at("soak", SOAK)
    assert at.turn(e.Pain(score=0)) == [c.StopNow(faults.PAIN)]


def test_a_score_before_there_is_a_plan_means_nothing() -> None:
    at = Desk(Program(profile=profile(STROKE)))
    at.turn(e.PainScored(10))
    at.until("ready")


@pytest.mark.parametrize(("text", "where"), [("left heel", "left.heel"), ("Heel", "heel"), ("arch.both", "both.arch"), ("right", "right")])
def test_a_place_as_people_write_it(text: str, where: str) -> None:
    assert place(text) == where


@pytest.mark.parametrize("text", ["", " ", "knee", "left right", "heel toes", "left heel ouch"])
def test_what_is_no_place_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"left, right or both.*toes.*left\.heel"):
        place(text)


def test_what_is_told_afterwards_changes_nothing() -> None:
    at = _at("massage", STROKE)
    at.turn(e.Pain())
    told = e.PainTold("left.heel", 6)
    at.turn(told)  # while it stops
    at.until("pain")
    ended = at.program.outcome
    assert at.turn(told) == []
    assert at.program.outcome == ended
