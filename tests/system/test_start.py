"""Bare `footctl` on a terminal: three questions at most, then a session; elsewhere the list of commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.system.processes import Footctl, Served, Terminal

pytestmark = pytest.mark.system


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTCTL_PLAIN", "true")
    monkeypatch.setenv("COLUMNS", "200")


def test_enter_enter_and_it_asks_to_start(terminal: type[Terminal]) -> None:
    screen = terminal()
    screen.until(r"Where\?")
    screen.until(r"the simulator, to try everything")
    screen.until(r"\[1\] $")
    screen.press("the sim\n")
    screen.until(r"Which program\?\s+1  first-time")
    screen.until(r"\[1\] $")
    screen.press("tea\n")
    screen.until("'tea' is none of these")
    screen.press("\n")
    screen.until(r"The same without questions: footctl run first-time --sim")
    screen.until(r"Start First time\?  \[Y\]")
    screen.press("n")
    assert screen.wait() == 6


def test_leaving_starts_nothing(terminal: type[Terminal]) -> None:
    screen = terminal()
    screen.until(r"\[1\] $")
    screen.press("q\n")
    assert screen.wait() == 6
    assert "nothing was started" in screen.seen


def test_a_device_that_answers_comes_first_and_the_last_program_is_offered(
    terminal: type[Terminal], serve: Callable[..., Served], footctl: Footctl
) -> None:
    served = serve(speed=5)
    assert footctl("run", "quick-break", "--sim", "--speed", "max", "--yes").returncode == 0
    assert footctl("person", "screen", "Ana", "--otherwise-no").returncode == 0
    screen = terminal()
    screen.until(rf"1  simulator SIM-0001 .* at {served.address}")
    screen.until(r"\[1\] $")
    screen.press("\n")
    screen.until("Which program")
    screen.until(r"quick-break[^\[]*\[[0-9]+\] $")
    screen.press("\n")
    screen.until(r"For whom\?\s+1  Ana\s+2  nobody by name")
    screen.press("2\n")
    screen.until(rf"footctl run quick-break --port {served.address} --speed 5")
    screen.until(r"Start Quick break\?  \[Y\]")
    screen.press("n")
    assert screen.wait() == 6


def test_without_a_terminal_it_says_what_there_is(footctl: Footctl) -> None:
    answer = footctl()
    assert answer.returncode == 2
    assert "Usage: footctl COMMAND" in answer.stdout
