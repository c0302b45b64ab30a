"""What the live view looks like, moment by moment, as text: `tests/rim/screens/*.txt`. NEW_SCREENS=1 writes them anew; look at them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from footctl.screens.live.app import Live
from footctl.screens.live.wire import Opening, Snapshot
from footctl.screens.plain import HELP
from tests.rim.moments import MOMENTS, PLAN, STEPS, view

SCREENS = Path(__file__).parent / "screens"
WALL = 1_790_000_000.0  # a Monday evening


@pytest.fixture(autouse=True)
def _greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def lines(app: Live) -> list[str]:
    """What is on the screen."""
    return ["".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips()]


def remember(app: Live, told: list[Snapshot]) -> None:
    """Let time go by without drawing it."""
    for one in told:
        if one.view is not None:
            app._history.see(one.view)


def shown(told: list[Snapshot], size: tuple[int, int] = (80, 24), units: str = "C") -> list[str]:
    """The screen after these snapshots."""

    async def look() -> list[str]:
        app = Live(Opening(units, 1.0, HELP), wall=lambda: WALL)
        async with app.run_test(size=size) as pilot:
            remember(app, told[:-1])
            app.take(told[-1])
            for _ in range(4):
                await pilot.pause()
            return lines(app)

    return asyncio.run(look())


@pytest.mark.parametrize("name", MOMENTS)
def test_a_moment(name: str) -> None:
    told = "\n".join(shown(MOMENTS[name]())) + "\n"
    path = SCREENS / f"{name}.txt"
    if os.environ.get("NEW_SCREENS"):
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [(72, 20), (80, 24), (100, 30), (160, 50), (60, 15), (40, 10)])
@pytest.mark.parametrize("name", ["massage", "pain", "ready", "check_in"])
def test_every_size_has_the_pain_key_or_what_replaces_it(name: str, size: tuple[int, int]) -> None:
    told = shown(MOMENTS[name](), size)
    assert len(told) == size[1]
    assert all(len(line) <= size[0] for line in told)
    assert ("one key" if name == "pain" else "SPACE pain · S stop") in told[-1]


def test_fahrenheit_everywhere() -> None:
    for name in ("ready", "soak", "holding", "pain"):
        text = "\n".join(shown(MOMENTS[name](), units="F"))
        assert "°C" not in text
        assert "°F" in text


def test_without_colour_the_text_says_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {name: shown(MOMENTS[name]()) for name in ("massage", "not_off", "holding")}
    monkeypatch.setenv("NO_COLOR", "1")
    assert {name: shown(MOMENTS[name]()) for name in plain} == plain


def test_a_session_that_says_nothing_any_more_is_not_shown_as_if_it_did() -> None:
    async def look() -> list[str]:
        app = Live(Opening("C", 1.0, HELP), wall=lambda: WALL)
        async with app.run_test(size=(80, 24)) as pilot:
            app.take(MOMENTS["soak"]()[-1])
            app.heard_at -= 7
            app._tick()
            await pilot.pause()
            await pilot.pause()
            return lines(app)

    assert any("no word from the session for 7 s: what you see is old" in line for line in asyncio.run(look()))


def test_the_minute_of_sitting_counts_down_and_ends() -> None:
    async def look() -> list[str]:
        wall = WALL
        app = Live(Opening("C", 1.0, HELP), wall=lambda: wall)
        async with app.run_test(size=(80, 24)) as pilot:
            app.take(MOMENTS["told"]()[-1])
            wall += 61
            app._tick()
            await pilot.pause()
            await pilot.pause()
            return lines(app)

    assert any("Now stand up slowly. Empty, clean and dry the basin." in line for line in asyncio.run(look()))


def test_nothing_can_have_the_keyboard() -> None:
    async def look() -> None:
        app = Live(Opening("C", 1.0, HELP), wall=lambda: WALL)
        async with app.run_test(size=(80, 24)) as pilot:
            for name in MOMENTS:
                app.take(MOMENTS[name]()[-1])
                await pilot.pause()
                assert app.focused is None
                assert not [one for one in app.screen.query("*") if one.can_focus]

    asyncio.run(look())


HANDS = "your own hands do this: press as it feels good, never so that it hurts"


@pytest.mark.parametrize("height", [20, 24, 40])
def test_what_happened_is_told_whole_and_the_newest_last(height: int) -> None:
    told = MOMENTS["soak"]()
    last = told[-1].view
    assert last is not None
    noticed = replace(last, warnings=(HANDS,))
    softer = replace(noticed, asked_c=37.0)
    views = [Snapshot(replace(noticed, asked_c=37.5)), Snapshot(softer)]
    words = " ".join(" ".join(line[32:] for line in shown([*told, *views], (80, height))).split())
    assert f"! {HANDS} 11:40 softer: the water goes to 37.0 °C; your limit is 0.0 °C" in words


def test_what_else_was_told_breaks_between_words_and_one_too_long_begins_at_its_beginning() -> None:
    words = "the record is not kept: no room is left on the disk where sessions are written"
    lines = shown([*MOMENTS["soak"](), replace(MOMENTS["soak"]()[-1], lines=(words,))])
    assert words in " ".join(" ".join(line[32:] for line in lines).split())
    lines = shown([*MOMENTS["soak"](), replace(MOMENTS["soak"]()[-1], lines=(" ".join([words] * 9),))])
    assert any(line[32:].strip().startswith("the record is not kept") for line in lines)


def test_nothing_warms_a_bowl() -> None:
    plan = replace(PLAN, steps=(replace(STEPS[0], name="fill the bowl", text="Fill a bowl.", confirm=True), *STEPS[1:]))
    one = view(0, 3.0, plan=plan, by_hand=True, sample=None, sample_age_s=None)
    assert not any("getting warm" in line for line in shown([Snapshot(one)]))
    assert any("getting warm" in line for line in shown([Snapshot(replace(one, by_hand=False))]))
