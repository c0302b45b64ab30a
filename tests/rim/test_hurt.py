"""After a pain press: one key an answer, one thing said at the end."""

from __future__ import annotations

import pytest

from footctl.core.events import PainTold
from footctl.core.view import Outcome
from footctl.screens import hurt
from footctl.screens.hurt import Hurt, guess, said
from tests.rim.views import a_sample, a_view


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("lh6\r", PainTold("left.heel", 6)),
        ("LH6\n", PainTold("left.heel", 6)),
        ("bb10\r", PainTold("both.ball", 10)),
        ("rt110\r", PainTold("right.toes", 10)),
        ("ra1\r", PainTold("right.arch", 1)),
        ("rk+++-\r", PainTold("right.ankle", 2)),
        ("rk--\r", PainTold("right.ankle", 0)),
        ("rk9++\r", PainTold("right.ankle", 10)),
        ("\r\r\r", PainTold()),
        ("l\r\r", PainTold("left")),
        ("\rh\r", PainTold("heel")),
        ("m", PainTold(mistake=True)),
        ("lm", PainTold(mistake=True)),
        ("lh7m", PainTold(mistake=True)),
        ("q", PainTold()),
        ("lhq", PainTold("left.heel")),
        ("zlz5h?4\r", PainTold("left.heel", 4)),
    ],
)
def test_keys_become_what_was_said(keys: str, told: PainTold) -> None:
    talk = Hurt()
    for key in keys:
        assert talk.told is None
        talk.key(key.encode())
    assert talk.told == told
    assert not talk.key(b"l")


def test_each_question_names_its_keys_and_the_likely_answer() -> None:
    talk = Hurt(("left", "arch"))
    assert "Enter left" in talk.question
    assert "M a mistake" in talk.question
    assert not talk.key(b" ")  # the pain key again is no answer
    talk.key(b"\r")
    assert "Enter arch" in talk.question
    talk.key(b"\r")
    assert "[–]" in talk.question
    talk.key(b"7")
    assert "[7]" in talk.question
    talk.leave()
    assert talk.told == PainTold("left.arch", 7)
    talk.leave()


def test_the_likely_place_is_where_the_roller_was() -> None:
    massaging = {"motor_enable": True, "zone": "heel"}
    cases = ((20.0, 3.0, "left"), (3.0, 20.0, "right"), (20.0, 19.0, "both"), (0.0, 0.0, None), (None, None, None))
    for left, right, side in cases:
        assert guess(a_view(sample=a_sample(left_kpa=left, right_kpa=right, **massaging))) == (side, "heel")
    assert guess(a_view()) == guess(a_view(sample=None)) == guess(None) == (None, None)


def test_only_pain_is_asked_about() -> None:
    assert hurt.asks(a_view(outcome=Outcome("pain", "…")))
    assert not hurt.asks(a_view(outcome=Outcome("stopped", "…")))
    assert not hurt.asks(a_view())


def test_what_was_said_in_one_line() -> None:
    assert said(PainTold("left.heel", 6)) == "noted: left heel, 6 of 10"
    assert said(PainTold()) == "noted: pain, nothing more was said"
    assert "nothing is learned" in said(PainTold(mistake=True))
