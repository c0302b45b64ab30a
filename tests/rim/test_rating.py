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


def asked(journal: Journal, *words: str, moment: str = "after") -> rating.Said:
    said = rating.Said(journal, past.find(journal, "s"), moment)
    assert rating.ask(said, says(*words))
    return said


def skins(journal: Journal) -> list[tuple[str, str]]:
    return [(row["finding"], row["foot"]) for row in past.whole(journal, past.find(journal, "s")).skin]


def interrupted(*words: str) -> Callable[[str], str]:
    answers = iter(words)

    def read(prompt: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise KeyboardInterrupt from None

    return read


def test_every_question_can_be_left_out(journal: Journal) -> None:
    assert not asked(journal, "", "", "", "").anything
    assert not asked(journal, "", "", "", "", "", moment="before").anything
    assert past.find(journal, "s").scores == {}


def test_scores_skin_and_a_note(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    said = asked(journal, "11", "three", "3", "8", "y", "itch", "blister:left", "hot", "", "slept well")
    assert (said.scores, said.skins, said.note) == ({"pain": 3, "comfort": 8}, [("blister", "left"), ("hot", "both")], "slept well")
    told = capsys.readouterr().err
    assert told.count("A whole number from 0 to 10") == 2
    assert "'itch' is none of these" in told
    assert asked(journal, "3", "8", "n", "").skins == [("ok", "both")]
    assert asked(journal, "1", "2", "3", "4", "5", moment="before").scores == {
        "pain": 1, "tingling": 2, "numbness": 3, "stress": 4, "sleep": 5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("blisters", ""), [("blister", "both")]),
        (("a blister on the left heel", "redness:right", ""), [("blister", "left"), ("redness", "right")]),
        (("blister:middle", ""), [("blister", "both")]),
        (("m", "what", "n"), [("ok", "both")]),
        (("?", "not sure", ""), []),
        (("?", "y", "wound:right", ""), [("wound", "right")]),
        (("y", ""), [("other", "both")]),
        (("y", "itch", ""), [("other", "both")]),
        (("y", "n"), [("ok", "both")]),
        (("y", "black", "no"), [("black", "both")]),
        (("ok", ""), [("ok", "both")]),
    ],
)
def test_no_finding_of_the_skin_is_lost(journal: Journal, words: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    assert asked(journal, "", "", *words, "").skins == found
    assert skins(journal) == found


def test_who_does_not_know_is_told_how_to_look(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    asked(journal, "", "", "?", "m", "", "")
    told = capsys.readouterr().err
    assert "A mirror helps" in told
    assert "Please type y or n" in told


def test_something_new_and_not_named_asks_to_be_looked_at(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    rating.offer(args(), "s", view(), says("", "", "y", "", ""))
    assert "! Something new, not said what" in capsys.readouterr().err


@pytest.mark.parametrize("leaves", [says, interrupted])
def test_what_was_answered_is_kept_when_somebody_leaves(
    journal: Journal, capsys: pytest.CaptureFixture[str], leaves: Callable[..., Callable[[str], str]]
) -> None:
    rating.offer(args(), "s", view(), leaves("9"))
    told = capsys.readouterr().err
    assert past.find(journal, "s").score("pain", "after") == 9
    assert "kept: pain 9; the rest later: footctl journal rate" in told
    assert "! Severe pain" in told
    rating.offer(args(), "s", view(), leaves("9", "", "y"))
    assert skins(journal) == [("other", "both")]
    assert "kept: pain 9, something new, not said what; the rest later" in capsys.readouterr().err
    rating.offer(args(), "s", view(), leaves("", "7", "y", "blister:left"))
    assert "kept: comfort 7, a blister; the rest later" in capsys.readouterr().err


def test_whoever_leaves_before_a_ceiling_is_lifted_leaves_it(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    rating.offer(args(), "s", view(plan=a_plan(lowered=(LOWERED,))), interrupted("4", "7", "n", ""))
    assert len(lessons.held(journal, past.find(journal, "s").person, simulated=False)) == 1
    assert "not lifted; later: footctl person comfort" in capsys.readouterr().err


def test_what_was_said_is_kept_and_flags_are_shown(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    rating.offer(args(), "s", view("stopped"), says("4", "7", "y", "blister:left", "", "hm"))
    one = past.find(journal, "s")
    assert (one.score("pain", "after"), one.score("comfort", "after")) == (4, 7)
    assert "! A blister" in capsys.readouterr().err


def test_whoever_leaves_at_once_keeps_nothing(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    rating.offer(args(), "s", view(), interrupted())
    assert past.find(journal, "s").scores == {}
    assert "nothing was kept; later: footctl journal rate" in capsys.readouterr().err
    rating.offer(args(), "unknown", view(), says())
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
