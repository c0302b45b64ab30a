"""Questions before and after a session: short, asked again when they are not understood, kept only when they were answered."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import pytest

from footctl.cli import rating
from footctl.core.plan import Limited
from footctl.core.view import Outcome, PhaseRecord, View
from footctl.errors import SessionEnded
from footctl.run import lessons, past
from footctl.run.journal import Journal
from tests.rim.views import a_plan, a_view

DONE = (PhaseRecord("soak", "soak", 0.0, 10.0, "completed"),)
LOWERED = Limited("heel", "pressure kPa", 25.0, 14.0, "learned", "in the left heel since today: pain at 20 kPa")


def says(*words: str) -> Callable[[str], str]:
    answers = iter(words)

    def read(prompt: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise SessionEnded("left") from None

    return read


def args(**other: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"json": False, "yes": False, "person": "Anna", **other})


def view(kind: str = "completed", **other: Any) -> View:
    return a_view(phases=DONE, outcome=Outcome(kind, "over"), **other)


@pytest.fixture(autouse=True)
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rating, "somebody_there", lambda: True)


@pytest.fixture
def journal() -> Journal:
    journal = Journal()
    anna = journal.screened("Anna", "{}", replaces=True, what="").id
    journal.opened("s", anna, "p", False)
    with journal.guarded(write=True) as db:
        db.execute("UPDATE sessions SET outcome = 'completed', ended = started")
        db.execute("INSERT INTO lessons (person, at, simulated, place, most, why) VALUES (?, ?, 0, 'left.heel.', 14, 'pain at 20 kPa')",
                   (anna, int(journal.clock())))  # fmt: skip
    return journal


def test_every_question_can_be_left_out() -> None:
    assert rating.ask(read=says("", "", "", "")) == ({}, [], "")
    assert rating.ask(before=True, read=says("", "", "", "", "")) == ({}, [], "")


def test_scores_skin_and_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    answers = ("11", "three", "3", "8", "y", "rash", "blister:left", "hot", "", "slept well")
    assert rating.ask(read=says(*answers)) == ({"pain": 3, "comfort": 8}, [("blister", "left"), ("hot", "both")], "slept well")
    told = capsys.readouterr().err
    assert told.count("A whole number from 0 to 10") == 2
    assert "'rash' is no finding" in told
    assert rating.ask(read=says("3", "8", "n", ""))[1] == [("ok", "both")]
    assert rating.ask(before=True, read=says("1", "2", "3", "4", "5"))[0] == {
        "pain": 1, "tingling": 2, "numbness": 3, "stress": 4, "sleep": 5,
    }  # fmt: skip


def test_what_was_said_is_kept_and_flags_are_shown(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    rating.offer(args(), "s", view("stopped"), says("4", "7", "y", "blister:left", "", "hm"))
    one = past.find(journal, "s")
    assert (one.score("pain", "after"), one.score("comfort", "after")) == (4, 7)
    assert "! A blister" in capsys.readouterr().err


def test_whoever_leaves_keeps_nothing(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    rating.offer(args(), "s", view(), says("4"))
    assert past.find(journal, "s").scores == {}
    assert "nothing was kept" in capsys.readouterr().err
    rating.offer(args(), "unknown", view(), says("4", "7", "n", ""))
    assert "not kept: no session is called" in capsys.readouterr().err


@pytest.mark.parametrize("seen", [view("refused"), a_view(phases=DONE), a_view(outcome=Outcome("completed", "over"))])
def test_nobody_is_asked_about_what_did_not_happen(seen: View) -> None:
    rating.offer(args(), "s", seen, says())
    rating.offer(args(yes=True), "s", view(), says())


def test_a_ceiling_is_lifted_only_by_a_yes(journal: Journal) -> None:
    lowered = view(plan=a_plan(lowered=(LOWERED,)))
    anna = past.find(journal, "s").person
    for answer, left in (("", 1), ("n", 1), ("y", 0)):
        rating.offer(args(), "s", lowered, says("", "", "", "", answer))
        assert len(lessons.held(journal, anna, simulated=False)) == left


def test_no_ceiling_is_offered_after_pain_or_without_one(journal: Journal) -> None:
    lowered = view("pain", plan=a_plan(lowered=(LOWERED,)))
    rating.offer(args(), "s", lowered, says("", "", "", ""))
    rating.offer(args(), "s", view(), says("", "", "", ""))
    with journal.guarded(write=True) as db:
        db.execute("UPDATE lessons SET why = 'something else'")
    rating.offer(args(), "s", view(plan=a_plan(lowered=(LOWERED,))), says("", "", "", ""))
