"""`footctl oil`: drops for an amount, and a no for what is none."""

from __future__ import annotations

import json

import pytest

from footctl.cli.main import main
from footctl.run import persons
from footctl.run.journal import Journal


def test_drops_and_what_to_mind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["oil", "Lavender", "--carrier", "30ml"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("lavender: 6-10 drops in 30 ml of carrier oil")
    assert "Never undiluted on skin" in told
    assert main(["oil", "peppermint", "--carrier", "2 tbsp", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["drops_least"], told["drops_most"], told["carrier_ml"]) == (6, 10, 30.0)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tea"], "there are lavender, peppermint, eucalyptus"),
        (["lavender", "--carrier", "30"], "has no unit"),
        (["lavender", "--carrier", "2 ml"], "less takes no whole drop"),
        (["lavender", "--carrier", "3 L"], "nobody needs more"),
        (["lavender", "--person", "Nobody"], "Nobody"),
    ],
)
def test_what_is_none(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["oil", *words]) in (2, 5)
    assert told in capsys.readouterr().err


def test_for_somebody_known(capsys: pytest.CaptureFixture[str]) -> None:
    day = persons.today()
    answers = persons.rest_no({"nuts": persons.given("nuts", "no", day)}, day)
    with Journal() as journal:
        persons.screen(journal, "Ana", answers)
    assert main(["oil", "lavender", "--person", "Ana"]) == 0
    assert "almond" not in capsys.readouterr().out
