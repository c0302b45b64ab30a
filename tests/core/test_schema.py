"""The published schema and the models that judge a program agree, on what is right and on what is wrong."""

from __future__ import annotations

import tomllib
from typing import Any

import jsonschema
import pytest

from footctl.core.profile import parse_program
from footctl.core.schema import program_schema
from footctl.errors import ProfileError

VALIDATOR = jsonschema.Draft202012Validator(program_schema())
HEAD = 'name = "T"\ntier = "standard"\n'
SOAK = '[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "10 min"\n'
MASSAGE = '[[phase]]\nkind = "massage"\ntechnique = "kneading"\n'
MASSAGE += 'zones = ["arch"]\npressure = { from = "1 kPa", to = "20 kPa" }\nfor = "4 min"\n'


def table(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(program_schema())


@pytest.mark.parametrize(
    "text",
    [
        HEAD + SOAK,
        HEAD + MASSAGE + 'speed = 100\nfeet = ["left"]\nramp = "5 kPa/s"\n',
        HEAD + SOAK.replace("38 C", "100.4 °F") + 'ramp = "1 F/min"\nbubbles = true\nscene = "dim"\n',
        HEAD + '[[phase]]\nkind = "prompt"\ntext = "x"\nconfirm = false\nfor = "0.5 min"\n[[phase]]\nkind = "stretch"\nfor = "90 s"\n',
    ],
)
def test_what_is_right_is_right_in_both(text: str) -> None:
    parse_program(text, "x")
    VALIDATOR.validate(table(text))


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + "phase = []\n",
        HEAD.replace("standard", "loose") + SOAK,
        HEAD + SOAK + "watr = 1\n",
        "surprise = 1\n" + HEAD + SOAK,
        HEAD + SOAK.replace('"38 C"', "38"),
        HEAD + SOAK.replace("38 C", "38"),
        HEAD + SOAK.replace("38 C", "38 K"),
        HEAD + SOAK.replace("soak", "sok"),
        HEAD + SOAK + 'scene = "Lights Off"\n',
        HEAD + MASSAGE + "speed = 0\n",
        HEAD + MASSAGE + "speed = true\n",
        HEAD + MASSAGE.replace('["arch"]', '["knee"]'),
        HEAD + MASSAGE.replace('["arch"]', "[]"),
        HEAD + MASSAGE.replace(', to = "20 kPa"', ""),
        HEAD + MASSAGE.replace("4 min", "4 days"),
        HEAD + SOAK * 65,
    ],
)
def test_what_is_wrong_in_shape_is_wrong_in_both(text: str) -> None:
    with pytest.raises(ProfileError):
        parse_program(text, "x")
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(table(text))


def test_what_only_a_tier_forbids_is_told_by_the_check() -> None:
    hot = HEAD + SOAK.replace("38 C", "45 C")
    VALIDATOR.validate(table(hot))
    with pytest.raises(ProfileError, match="beyond the cap"):
        parse_program(hot, "x")
