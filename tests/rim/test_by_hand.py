"""A whole program without a machine: the session, the keys and the screens are the same, and only words go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from footctl.cli.main import main
from footctl.core.events import Begin, Event, Pain, Yes
from footctl.core.guide import Guide
from footctl.core.person import Person
from footctl.core.profile import parse_program
from footctl.core.view import View
from footctl.link.nothing import NoLink
from footctl.run.clock import Clock
from footctl.run.presets import list_programs, read_program
from footctl.run.result import result
from footctl.run.session import Session
from footctl.screens.plain import Plain
from tests.rim.test_live_screens import shown

Virtual = Callable[[Any], Any]
ANA = Person("Ana", "standard", screened=True)


def a_session(loop: Any, name: str = "evening-unwind") -> Session:
    guide = Guide(parse_program(read_program(name), name), ANA)
    session = Session(guide, NoLink(), Clock(1.0, awake=loop.time, always=loop.time))

    def answer(view: View) -> None:
        if view.question is not None and view.question.ready:
            said: Event = Begin() if view.question.kind == "start" else Yes()
            session.post(said)

    session.subscribe(answer)
    return session


@pytest.mark.parametrize("name", [row["name"] for row in list_programs()])
def test_every_preset_by_hand(virtual: Virtual, name: str) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop, name)
        lines: list[str] = []
        session.subscribe(Plain(lines.append))
        view = await session.run()
        assert view.outcome is not None
        assert (view.outcome.kind, view.outcome.off_confirmed) == ("completed", True)
        assert view.plan is not None
        planned = sum(step.least_s if step.confirm else step.duration_s or 0.0 for step in view.plan.steps)
        assert loop.time() == pytest.approx(planned, abs=len(view.plan.steps) * 0.6)
        assert "  nothing was switched on: you did it by hand" in lines
        assert not [line for line in lines if "no readings" in line or "NOT CONFIRMED" in line or "peak" in line]
        told = result(view, "id")
        assert (told["outcome"], told["simulated"], told["water_max_c"]) == ("completed", False, None)

    virtual(story)


def test_each_step_ends_on_the_second(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        view = await a_session(loop).run()
        (soak,) = [phase for phase in view.phases if phase.kind == "soak"]
        assert soak.ended_s is not None
        assert soak.ended_s - soak.started_s == pytest.approx(720.0, abs=0.01)

    virtual(story)


def test_pain_ends_it_by_hand_too(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)
        loop.call_later(100.0, lambda: session.post(Pain()))
        loop.call_later(100.0, session.urgent_stop)
        view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "pain"
        assert loop.time() == pytest.approx(100.0, abs=0.6)

    virtual(story)


def test_how_it_looks() -> None:
    from footctl.screens.live.wire import Snapshot

    guide = Guide(parse_program(read_program("evening-unwind"), "evening-unwind"), ANA)
    guide.act(0.0)
    told = [Snapshot(guide.view(0.0))]
    text = "\n".join(shown(told))
    assert "without a device" in text
    assert "fill the bowl" in text
    guide.act(1.0, Begin())
    guide.act(2.0, Yes())
    guide.act(3.0, Yes())
    guide.act(63.0)
    text = "\n".join(shown([*told, Snapshot(guide.view(63.0))]))
    assert "Take them out at once when it" in text
    assert "11:00 left" in text
    assert "then: dry + oil" in text
    assert "kPa" not in text
    guide.act(64.0, Pain())
    assert "nothing was switched on" in "\n".join(shown([*told, Snapshot(guide.view(64.0))]))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--no-device", "--sim"], "--no-device and a device"),
        (["--no-device", "--port", "/dev/x"], "--no-device and a device"),
        (["--no-device", "--speed", "2"], "your own hands know one speed"),
        (["--no-device", "--record", "x"], "no bytes to record"),
        (["--sim", "--speak", "--speed", "max"], "nobody can listen so fast"),
    ],
)
def test_flags_that_contradict(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "quick-break", "--yes", *words]) == 2
    assert told in capsys.readouterr().err


def test_who_needs_to_hear_it_does_not_begin_without(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["run", "quick-break", "--no-device", "--yes", "--speak"]) == 2
    told = capsys.readouterr()
    assert "nothing on this computer can speak" in told.err
    assert "espeak-ng" in told.err
    assert not told.out
