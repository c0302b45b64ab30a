"""The session's end of the live view never waits, never raises, and has plain lines in its place when the view is gone."""

from __future__ import annotations

import io
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.core.view import View
from footctl.link.inprocess import InProcess
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.presets import read_program
from footctl.run.session import Session
from footctl.screens.live import front as fronts
from footctl.screens.live.front import Front, unfit
from footctl.screens.live.history import GAP_S, History
from footctl.screens.live.wire import Opening, Packer, Snapshot, Unpacker
from simulator.world import World
from tests.rim.moments import MOMENTS, view
from tests.rim.views import a_plan, a_sample, a_view

READER = "import sys\nwhile sys.stdin.buffer.read(1): pass"
DEAF = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)"
DEAD = "raise SystemExit(3)"


class Seen:
    """A front on a process that does what it is told, and what came of it."""

    def __init__(self, script: str) -> None:
        self.now = 0.0
        self.plain: list[View] = []
        self.told: list[str] = []
        command = (sys.executable, "-c", script)
        self.front = Front(Opening(), self.plain.append, self.told.append, command=command, clock=lambda: self.now)

    @property
    def process(self) -> Any:
        return self.front._process

    def ended(self) -> None:
        """Wait for a process that ends by itself."""
        select.select([], [], [], 0)
        self.process.wait(20)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Seen]]:
    made: list[Seen] = []
    out, into = os.pipe()
    monkeypatch.setattr(fronts, "SCREEN", into)

    def make(script: str) -> Seen:
        made.append(Seen(script))
        return made[-1]

    yield make
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        if not one.process.stdin.closed:
            one.process.stdin.close()
    os.close(out)
    os.close(into)


def test_messages_in_any_chunks_and_the_plan_only_once() -> None:
    packer, unpacker = Packer(), Unpacker()
    told = [Snapshot(view(2, float(at))) for at in range(3)] + [Snapshot(asking="Where?", lines=("x",)), Snapshot(bye=True)]
    sent = [packer.snapshot(one) for one in told]
    assert len(sent[1]) < len(sent[0]) / 2
    data = packer.opening(Opening("F", 2.0, ("x",))) + b"".join(sent)
    got = []
    for at in range(0, len(data), 7):
        got += unpacker.take(data[at : at + 7])
    assert got == [Opening("F", 2.0, ("x",)), *told]
    with pytest.raises(ValueError, match="bytes"):
        unpacker.take(b"\xff\xff\xff\xff")


def test_five_a_second_and_at_once_when_something_is_asked(seen: Callable[[str], Seen]) -> None:
    one = seen(READER)
    sent: list[float] = []
    one.front._send = sent.append  # type: ignore[method-assign]  # counts
    for tick in range(100):
        one.now = tick / 50
        one.front(a_view(now=one.now, sample=a_sample(uptime_ms=tick)))
    assert 9 <= len(sent) <= 11
    one.front(a_view(state="stopping"))
    one.front(a_view(state="stopping"))
    assert len(sent) in (11, 12)


def test_a_view_that_ends_leaves_plain_lines(seen: Callable[[str], Seen]) -> None:
    one = seen(DEAD)
    one.ended()
    one.now = 1.0
    one.front(a_view())
    assert not one.front.alive
    assert one.front.failed
    assert one.told == ["the live view is gone (it ended by itself); the session goes on, plain lines from here"]
    one.front(a_view(now=101.0))
    assert [told.now for told in one.plain] == [100.0, 101.0]
    one.front.close()
    one.front.say("Where?")
    one.front.help()


def test_a_view_that_hangs_is_ended(seen: Callable[[str], Seen]) -> None:
    one = seen(DEAF)
    took = []
    for tick in range(4000):
        one.now = tick / 5
        begun = time.perf_counter()
        one.front(view(2, one.now))
        took.append(time.perf_counter() - begun)
        if not one.front.alive:
            break
    assert "it hangs" in one.told[0]
    assert one.process.returncode == -signal.SIGKILL
    assert sorted(took)[len(took) // 2] < 0.005


def test_what_cannot_be_sent_is_no_ones_trouble(seen: Callable[[str], Seen]) -> None:
    one = seen(READER)
    one.front(a_view(warnings=(lambda: None,)))  # nothing that pickles
    assert one.front.failed
    assert "the live view is gone" in one.told[0]
    assert len(one.plain) == 1


def test_closing_waits_for_a_view_that_goes_and_not_for_one_that_does_not(seen: Callable[[str], Seen]) -> None:
    one = seen("import sys\nsys.stdin.buffer.read(50)")
    one.front(a_view())
    one.front.close()
    assert one.process.returncode == 0
    two = seen(DEAF)
    two.front(a_view())
    two.now = 0.0
    two.front._clock = time.monotonic
    begun = time.monotonic()
    two.front.close()
    assert time.monotonic() - begun < 2 * fronts.CLOSE_S
    assert two.process.returncode == -signal.SIGKILL


def test_the_session_does_not_notice(virtual: Any, seen: Callable[[str], Seen]) -> None:
    """A view that dies in the middle: every turn comes when it is due, the program runs to its end."""

    async def story(loop: Any) -> None:
        host = Host(nonce=1, profile=parse_program(read_program("quick-break"), "quick-break"))
        session = Session(host, InProcess(World(speed=1)), Clock(1.0, awake=loop.time, always=loop.time))
        answers = Answers()

        def answer(now: View) -> None:
            event = answers.to(now)
            if event is not None:
                session.post(event)
            one.now = now.now
            if now.state == "massage" and one.process.poll() is None:
                one.process.kill()
                one.process.wait()

        one = seen(READER)
        session.subscribe(answer)
        session.subscribe(one.front)
        ended = await session.run()
        assert ended.outcome is not None
        assert ended.outcome.kind == "completed"
        assert len(one.told) == 1
        assert one.plain[-1].outcome is not None

    virtual(story)


@pytest.mark.parametrize(
    ("environment", "encoding", "why"),
    [
        ({"TERM": "xterm"}, "utf-8", ""),
        ({"TERM": "dumb"}, "utf-8", "cursor"),
        ({}, "utf-8", "cursor"),
        ({"TERM": "xterm"}, "latin-1", "UTF-8"),
    ],
)
def test_where_it_can_be_shown(environment: dict[str, str], encoding: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TERM", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    far, near = os.openpty()
    with open(near, "w", encoding=encoding) as stream:
        assert why in unfit(stream)
        assert bool(why) == bool(unfit(stream))
        size = [(40, 24)]
        monkeypatch.setattr(os, "get_terminal_size", lambda fd: size[0])
        if not why:
            assert "40 columns" in unfit(stream)
    os.close(far)
    assert "no terminal" in unfit(io.StringIO())


def test_history_counts_what_it_saw_and_no_more() -> None:
    history = History()
    for at in (0.0, 1.0, 1.2, 100.0):
        sample = a_sample(uptime_ms=int(at * 1000), motor_enable=True, zone="heel", left_kpa=10.0 + at, right_kpa=None)
        history.see(a_view(now=at, sample=sample, phases=(1,)))
    history.see(a_view(now=200.0, sample=sample, phases=(1,)))  # the same sample again
    history.see(a_view(now=201.0, sample=None))
    assert history.peaks == {("left", "heel"): 110.0}
    assert history.in_water_s == pytest.approx(1.2 + GAP_S)
    assert history.pressed["right"] == 0.0
    assert len(history.water) == 3


def test_history_tells_each_thing_once() -> None:
    history = History()
    for one in (*MOMENTS["paused"](), *MOMENTS["pain"]()[-1:]):
        assert one.view is not None
        history.see(one.view)
        history.see(one.view)
    words = [text for _, text in history.events]
    assert words == ["▶ preheat", "▶ soak", "▶ arch knead", "paused", "■ pain was reported"]
    history.see(a_view(state="massage", warnings=("stir",)))
    assert [text for _, text in history.events][-1] in ("! stir", "▶ soak", "going on")


def test_what_a_wish_came_to_is_an_event() -> None:
    plan = a_plan(limits={"pressure_max": 50_000})
    history = History()
    for kpa in (30.0, 25.0, 25.0):
        history.see(a_view(plan=plan, step=1, asked_kpa=kpa))
    assert [words for _, words in history.events] == ["▶ arch", "softer: now up to 25 kPa, gentle, 50 % of your limit"]
