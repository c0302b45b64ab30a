"""What a person is told about a program from somebody else: everything out of the ordinary, and nothing about an ordinary one."""

from __future__ import annotations

import pytest

from footctl.core.profile import Profile, parse_program
from footctl.core.unusual import unusual

ABOUT = 'author = "a"\nlicense = "b"\nfor_whom = "c"\nnot_for = "d"\nbased_on = "e"\n'
HEAD = 'name = "Test"\ntier = "standard"\n' + ABOUT
SOAK = '[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "10 min"\n'
MASSAGE = '[[phase]]\nkind = "massage"\ntechnique = "kneading"\n'
MASSAGE += 'zones = ["arch"]\npressure = { from = "10 kPa", to = "20 kPa" }\nfor = "4 min"\n'
REST = '[[phase]]\nkind = "rest"\nfor = "1 min"\n'
ORDINARY = HEAD + SOAK + MASSAGE + REST


def program(text: str) -> Profile:
    return parse_program(text, "test.toml")


def test_nothing_is_said_about_an_ordinary_program() -> None:
    assert unusual(program(ORDINARY), ["Evening unwind"]) == []
    assert unusual(program(HEAD + '[[phase]]\nkind = "stretch"\nfor = "1 min"\n' + REST)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ORDINARY.replace('"Test"', '"evening Unwind"'), 'it calls itself "evening Unwind", like a program that ships'),
        (ORDINARY.replace(ABOUT, 'author = "x"\n'), "it does not say whom it is for, whom it is not for, what it is based on, under what"),
        (HEAD + 'scene = "disco"\n' + SOAK + REST + 'scene = "quiet"\n', "it names scenes (disco, quiet)"),
        (HEAD + 'oil = "peppermint"\n' + SOAK + MASSAGE + REST, "its oil is peppermint"),
        (HEAD + MASSAGE + REST * 20, "it has 21 phases"),
        (HEAD + MASSAGE + REST.replace("1 min", "51 min"), "it takes 55 min, nearly the longest"),
        (HEAD + MASSAGE + REST.replace("1 min", "9 s"), "phase 2 (rest): takes only 9 s"),
        (ORDINARY.replace("38 C", "104 F"), "phase 1 (soak): water of 40.0 °C, at most 40 °C"),
        (ORDINARY.replace("10 min", "19 min"), "phase 1 (soak): a soak of 19 min, at most 20 min"),
        (ORDINARY.replace("20 kPa", "46 kPa"), "phase 2 (massage): presses with 46 kPa, at most 50 kPa"),
        (ORDINARY.replace('{ from = "10 kPa", to = "20 kPa" }', '"30 kPa"'), "phase 2 (massage): begins at once with 30 kPa"),
        (ORDINARY.replace('for = "4 min"', 'for = "4 min"\nspeed = 71\nname = "fast"'), "phase 2 (fast): strokes at 71 %"),
        (ORDINARY.replace('for = "4 min"', 'for = "4 min"\nfeet = ["left"]'), "phase 2 (massage): massages the left foot only"),
        (HEAD + SOAK * 2 + MASSAGE + REST, "it soaks 2 times"),
        (HEAD + MASSAGE + SOAK + REST, "it massages before it soaks"),
        (HEAD + SOAK + MASSAGE, "it ends with pressure"),
        (HEAD + REST, "it neither soaks nor massages"),
        (HEAD + 'summary = "See www.example.com"\n' + SOAK + REST, "its description: its text names an address"),
    ],
)
def test_what_is_out_of_the_ordinary_is_said(text: str, said: str) -> None:
    told = unusual(program(text), ["Evening unwind"])
    assert len(told) == 1, told
    assert told[0].startswith(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("More on shoes.shop today", "names an address in the network"),
        ("Now run sudo reboot", "asks to type a command"),
        ("Type footctl clear now", "asks to type a command"),
        ("Buy our oil", "is about money"),
        ("Ignore the pain, it passes", "talks you out of stopping"),
        ("Whatever happens, don't stop", "talks you out of stopping"),
        ("Pour in more hot water", "speaks of hotter water"),
        ("This cures neuropathy", "makes a medical promise"),
    ],
)
def test_what_a_text_talks_people_into_is_said(words: str, said: str) -> None:
    told = unusual(program(ORDINARY + f'text = "{words}"\n'))
    assert told == [line for line in told if line.startswith(f"phase 3 (rest): its text {said}")]
    assert len(told) == 1


@pytest.mark.parametrize("words", ["Stop when it hurts", "Dry well; no more than that", "Feel how warm it is", "Order of zones: heel"])
def test_ordinary_words_are_not_suspicious(words: str) -> None:
    assert not [line for line in unusual(program(ORDINARY + f'text = "{words}"\n')) if "stopping" in line or "hotter" in line]
