"""Questions on a terminal break between words."""

from __future__ import annotations

import io
import sys

import pytest

from footctl.cli import asking
from footctl.core.questions import DAILY_LINE, QUESTIONS

LOOK = "  Look at both soles and between the toes. Is anything new? y, n, Enter: not looked: "


@pytest.mark.parametrize("text", [DAILY_LINE, LOOK, *(f"  · {question.words}" for question in QUESTIONS)])
@pytest.mark.parametrize("wide", [80, 40])
def test_what_is_said_and_asked_breaks_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, wide: int
) -> None:
    monkeypatch.setattr(asking, "columns", lambda stream: wide)
    monkeypatch.setattr(sys, "stdin", io.StringIO(" yes \n"))
    asking.say(f"\n{text}")
    said = capsys.readouterr().err
    assert asking.read_line(text) == "yes"
    asked = capsys.readouterr().err
    for told in (said, asked):
        assert all(len(line) <= wide for line in told.split("\n"))
        assert told.split() == text.split()
    assert said.startswith("\n")
    assert asked.endswith(" ") == text.endswith(" ")


def test_what_is_no_terminal_gets_the_lines_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert asking.read_line(LOOK) == "y"
    assert capsys.readouterr().err == LOOK
