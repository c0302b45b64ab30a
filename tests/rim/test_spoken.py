"""What a listener hears: each thing once, in words for the ear, and what matters at once."""

from __future__ import annotations

import pytest

from footctl.core.view import Outcome, Question
from footctl.screens.spoken import Spoken, aloud
from footctl.screens.units import Units
from tests.rim.moments import MOMENTS, view
from tests.rim.views import a_view


class Ear:
    """Somebody who listens."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.urgent: list[str] = []

    def say(self, sentence: str, urgent: bool = False) -> None:
        self.heard.append(sentence)
        if urgent:
            self.urgent.append(sentence)


def hear(*views: object, units: str = "C", keys: bool = True) -> Ear:
    ear = Ear()
    spoken = Spoken(ear, Units(units), keys)
    for one in views:
        spoken(one)  # type: ignore[arg-type]  # views
        spoken(one)  # type: ignore[arg-type]  # told once
    return ear


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("about 34 °C: then", "about 34 degrees Celsius: then"),
        ("15 → 30 kPa", "15 to 30 kilopascals"),
        ("(5 L), 6-10 drops in 30 ml", "(5 litres), 6 to 10 drops in 30 millilitres"),
        ("12 min · tier standard", "12 minutes, tier standard"),
        ("dry + oil", "dry and oil"),
        ("run `footctl clear` in 3 s", "run footctl clear in 3 seconds"),
        ("98.6 °F ±0.9", "98.6 degrees Fahrenheit plus or minus 0.9"),
    ],
)
def test_signs_become_words(text: str, said: str) -> None:
    assert aloud(text) == said


def test_the_beginning() -> None:
    ear = hear(*[one.view for one in MOMENTS["ready"]()])
    assert ear.heard[0].startswith("Evening, about 21 minutes, tier standard. ")
    assert "wash feet and hands first" in ear.heard[0]
    assert ear.heard[1:] == ["Start Evening? The space bar stops everything, at any time. Press Y to start."]


def test_steps_questions_and_the_last_minute() -> None:
    early = Question("feet_in", "Put both feet in the water.", 5.0, False, "no foot is seen in the water yet")
    ready = Question("feet_in", "Put both feet in the water.", 5.0)
    ear = hear(
        view(1, 236.0, question=early), view(1, 237.0, question=ready), view(2, 240.0, phase_left_s=720.0),
        view(2, 900.0, phase_left_s=59.8), view(2, 901.0, phase_left_s=58.8), view(5, 1231.0, phase_left_s=50.0),
    )  # fmt: skip
    assert ear.heard[1:] == [
        "feet in.",
        "Put both feet in the water. no foot is seen in the water yet",
        "Press Y when that is so.",
        "soak, 12 minutes.",
        "One minute left.",
        "rest, 60 seconds. Lean back, feet on a towel. Nothing to do.",
    ]
    assert not ear.urgent


def test_pauses_and_holding() -> None:
    ear = hear(
        view(2, 300.0, phase_left_s=600.0), view(2, 301.0, holding="the water is not within 0.5 °C of 38.0 °C"),
        view(2, 302.0, state="paused", holding="paused"), view(2, 303.0), view(2, 304.0, warnings=("no telemetry for a second",)),
        units="F",
    )  # fmt: skip
    assert ear.heard[2:] == [
        "The clock waits: the water is not within 0.9 degrees Fahrenheit of 100.4 degrees Fahrenheit.",
        "Paused.",
        "Going on.",
        "no telemetry for a second",
    ]


def test_what_matters_is_said_at_once() -> None:
    check = Question("check_in", "Are you all right?", 300.0, deadline=360.0)
    good = Outcome("pain", "pain was reported", "look at the foot", off_confirmed=True)
    bad = Outcome("link_lost", "the cable", off_confirmed=False)
    ear = hear(view(2, 290.0, question=check), view(2, 291.0, state="stopping"), view(2, 292.0, state="pain", outcome=good))
    assert ear.urgent == [
        "Are you all right? Press Y within 60 seconds.",
        "Stopping.",
        "pain was reported. Everything is off. look at the foot",
    ]
    assert ear.heard[-1] == "Sit for a minute before you stand up."
    assert "not confirmed that everything is off" in hear(view(2, 292.0, outcome=bad)).urgent[0]
    assert hear(a_view(outcome=Outcome("refused", "no water"), phases=())).urgent == ["no water."]


def test_where_nobody_can_press_a_key_none_is_named() -> None:
    check = Question("check_in", "Are you all right?", 300.0)
    ear = hear(*[one.view for one in MOMENTS["ready"]()], view(2, 290.0, question=check), keys=False)
    assert not [text for text in ear.heard if "Press Y" in text]
