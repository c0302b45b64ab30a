"""--yes confirms the start and prompts, and stands in for a person only where a simulator sees feet."""

from __future__ import annotations

import pytest

from footctl.core.events import Begin, ResumeAsked, Yes
from footctl.core.view import Question
from footctl.run.answers import Answers
from tests.rim.views import BOTH, NOBODY, a_sample, a_view, an_identity

KINDS = ("start", "prompt", "dry", "feet_in", "check_in", "resume")
SIMULATED_ONLY = ("feet_in", "check_in", "resume")
REAL = an_identity(simulator=0)
EMPTY = a_sample(in_bath=NOBODY, on_roller=NOBODY)
ON_ROLLER = a_sample(in_bath=NOBODY, on_roller=BOTH)


def asked(kind: str, **other: object) -> Question:
    return Question(kind, "?", 3.0, **other)  # type: ignore[arg-type]  # fields of Question


@pytest.mark.parametrize("kind", KINDS)
def test_on_a_simulator_that_sees_feet_everything_is_answered_once(kind: str) -> None:
    answers = Answers()
    view = a_view(question=asked(kind), sample=ON_ROLLER)
    expected = {"start": Begin(), "resume": ResumeAsked()}.get(kind, Yes(by="--yes"))
    assert answers.to(view) == expected
    assert answers.to(view) is None
    assert answers.to(a_view(question=Question(kind, "again", 9.0))) == expected


def test_a_pause_that_somebody_asked_for_is_theirs_to_end() -> None:
    view = a_view(question=asked("resume"), sample=ON_ROLLER, holding="paused")
    assert Answers().to(view) is None


@pytest.mark.parametrize("kind", SIMULATED_ONLY)
@pytest.mark.parametrize("other", [{"identity": REAL}, {"identity": None}, {"sample": EMPTY}, {"sample": None}])
def test_presence_is_never_made_up(kind: str, other: dict[str, object]) -> None:
    assert Answers().to(a_view(question=asked(kind), **other)) is None


@pytest.mark.parametrize("kind", ["start", "prompt", "dry"])
def test_start_and_prompts_are_confirmed_on_a_real_device_too(kind: str) -> None:
    assert Answers().to(a_view(question=asked(kind), identity=REAL, sample=EMPTY)) is not None


def test_no_start_before_the_device_told_anything() -> None:
    assert Answers().to(a_view(question=asked("start"), sample=None)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_not_before_a_yes_counts(kind: str) -> None:
    assert Answers().to(a_view(question=asked(kind, ready=False))) is None


@pytest.mark.parametrize("kind", ["screening", "caps", "clear", "latch", "anything"])
def test_never_what_it_does_not_know(kind: str) -> None:
    assert Answers().to(a_view(question=asked(kind))) is None


def test_nothing_asked() -> None:
    assert Answers().to(a_view()) is None
