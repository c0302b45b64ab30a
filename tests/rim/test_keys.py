"""Keys: pain goes to the wire from the reading thread, the rest is told in the loop, and the terminal is given back as it was."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from footctl.core.events import Begin, Firmer, Pain, PainScored, PauseAsked, ResumeAsked, SkipAsked, Softer, Yes
from footctl.core.view import Question, View
from footctl.screens import keys
from footctl.screens.keys import Keys, reading
from tests.rim.views import a_view
from tests.rim.waiting import until

Virtual = Callable[[Any], Any]


class Stage:
    """What keys need of a session."""

    def __init__(self, **view: Any) -> None:
        self.now = a_view(**view)
        self.asked: list[Any] = []
        self.urgent: list[bool] = []

    def view(self) -> View:
        return self.now

    def post(self, *events: Any) -> None:
        self.asked.extend(events)

    def stop(self, why: str, by: str) -> None:
        self.asked.append(why)

    def terminal_closed(self) -> None:
        self.asked.append("the terminal was closed")

    def urgent_stop(self, pain: bool = False) -> None:
        self.urgent.append(pain)


def at(kind: str) -> dict[str, Any]:
    return {"question": Question(kind, "?", 1.0)}


@pytest.mark.parametrize(
    ("key", "view", "asked", "urgent"),
    [
        (b" ", {}, [Pain(by="key")], [True]),
        (b"x", {}, [Pain(by="key")], [True]),
        (b"s", {}, ["stop"], []),
        (b"Q", {}, ["stop"], []),
        (b"y", {}, [Yes(by="key")], []),
        (b"\r", at("start"), [Begin()], []),
        (b"\n", at("resume"), [ResumeAsked()], []),
        (b"y", at("check_in"), [Yes(by="key")], []),
        (b"p", {}, [PauseAsked()], []),
        (b"P", {"state": "paused"}, [ResumeAsked()], []),
        (b"+", {}, [Firmer()], []),
        (b"=", {}, [Firmer()], []),
        (b"-", {}, [Softer()], []),
        (b"k", {}, [SkipAsked()], []),
        (b"0", {}, [PainScored(0)], []),
        (b"9", at("start"), [PainScored(9)], []),
        (b"n", {}, [], []),
        (b"n", at("start"), ["declined"], []),
        (b"?", {}, ["help"], []),
        (b"z", {}, [], []),
    ],
)
def test_what_a_key_does(key: bytes, view: dict[str, Any], asked: list[Any], urgent: list[bool]) -> None:
    stage = Stage(**view)
    board = Keys(stage, lambda: stage.asked.append("help"))  # type: ignore[arg-type]  # seen from outside
    board.at_once(key)
    board.later(key)
    assert stage.asked == asked
    assert stage.urgent == urgent


def test_once_it_is_over_keys_answer_questions_and_pain_still_goes_to_the_wire() -> None:
    stage = Stage()
    board = Keys(stage, lambda: stage.asked.append("help"))  # type: ignore[arg-type]  # seen from outside
    heard: list[bytes] = []
    board.talk = heard.append
    for key in (b" ", b"s", b"6", b"?"):
        board.at_once(key)
        board.later(key)
    assert heard == [b" ", b"s", b"6", b"?"]
    assert stage.asked == []
    assert stage.urgent == [True]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """Both ends of a terminal in whose foreground this process is said to be."""
    master, slave = os.openpty()
    monkeypatch.setattr(keys, "in_front", os.isatty)
    yield master, slave
    for fd in (master, slave):
        if fd >= 0:
            os.close(fd)


def test_keys_are_read_one_by_one_and_the_terminal_is_given_back(virtual: Virtual, terminal: tuple[int, int]) -> None:
    async def story(loop: Any) -> None:
        master, slave = terminal
        before = termios.tcgetattr(slave)
        stage = Stage()
        with reading(Keys(stage, lambda: None), slave) as on:  # type: ignore[arg-type]  # seen from outside
            assert on
            assert not termios.tcgetattr(slave)[3] & (termios.ICANON | termios.ECHO)
            os.write(master, b"+ ")
            await until(lambda: len(stage.asked) == 2)
            assert stage.asked == [Firmer(), Pain(by="key")]
            assert stage.urgent == [True]
            os.write(master, b"\x1b[A")
            await asyncio.sleep(0)
        assert stage.asked == [Firmer(), Pain(by="key")]
        assert termios.tcgetattr(slave) == before

    virtual(story)


def test_a_terminal_that_goes_away_stops(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(loop: Any) -> None:
        master, slave = os.openpty()
        stage = Stage()
        with reading(Keys(stage, lambda: None), slave):  # type: ignore[arg-type]  # seen from outside
            os.close(master)
            await until(lambda: stage.asked)
            assert stage.asked == ["the terminal was closed"]
        os.close(slave)

    monkeypatch.setattr(keys, "in_front", os.isatty)
    virtual(story)


def test_no_terminal_no_keys(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        out, into = os.pipe()
        with reading(Keys(Stage(), lambda: None), out) as on:  # type: ignore[arg-type]  # seen from outside
            assert not on
        os.close(out)
        os.close(into)
        assert not keys.in_front(-1)

    virtual(story)
