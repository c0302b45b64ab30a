"""The door for other terminals: stop and pain go to the wire from its thread, everything else between two turns."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from footctl.core.events import Begin, ExtendAsked, Firmer, Pain, PainScored, PauseAsked, ResumeAsked, SkipAsked, Softer, Yes
from footctl.core.view import Outcome, Question, View
from footctl.errors import FootctlError
from footctl.run import control, places
from footctl.run.control import Control
from tests.rim.views import a_plan, a_sample, a_view
from tests.rim.waiting import until

Virtual = Callable[[Any], Any]


class Stage:
    """What a door needs of a session, seen from outside: a view that the test sets, and everything that was asked."""

    def __init__(self) -> None:
        self.now = a_view()
        self.asked: list[Any] = []
        self.urgent: list[bool] = []
        self.stopping = False
        self._subscriber: Callable[[View], None] | None = None

    def view(self) -> View:
        return self.now

    def post(self, *events: Any) -> None:
        self.asked.extend(events)

    def stop(self, why: str, by: str) -> None:
        self.stopping = True
        self.asked.append((why, by))

    def urgent_stop(self, pain: bool = False) -> None:
        self.urgent.append(pain)

    def subscribe(self, subscriber: Callable[[View], None]) -> Callable[[], None]:
        self._subscriber = subscriber
        return lambda: None

    def turn(self, **other: Any) -> None:
        self.now = a_view(**other)
        assert self._subscriber is not None
        self._subscriber(self.now)


class Caller:
    """Another terminal."""

    def __init__(self, path: Path) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))
        self.sock.setblocking(False)
        self.held = b""

    async def ask(self, request: Any) -> None:
        line = request if isinstance(request, bytes) else json.dumps(request).encode()
        await asyncio.get_running_loop().sock_sendall(self.sock, line + b"\n")

    async def answer(self) -> dict[str, Any]:
        while b"\n" not in self.held:
            data = await asyncio.get_running_loop().sock_recv(self.sock, 65536)
            if not data:
                raise EOFError
            self.held += data
        line, _, self.held = self.held.partition(b"\n")
        told = json.loads(line)
        assert isinstance(told, dict)
        return told

    def close(self) -> None:
        self.sock.close()


def with_door(virtual: Virtual, path: Path, story: Callable[[Stage, Caller], Any]) -> None:
    async def run(loop: Any) -> None:
        stage = Stage()
        door = Control(stage, {"session_id": "id", "program": "p", "link": "l"}, path)  # type: ignore[arg-type]  # seen from outside
        caller = Caller(path)
        try:
            await story(stage, caller)
        finally:
            caller.close()
            door.close()

    virtual(run)
    assert not path.exists()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_door_is_private_and_tells_who_is_there(virtual: Virtual, tmp_path: Path) -> None:
    path = tmp_path / "s"

    async def story(stage: Stage, caller: Caller) -> None:
        assert mode(path) == 0o600
        await caller.ask({"do": "status"})
        told = await caller.answer()
        assert told == {"ok": True, "session_id": "id", "program": "p", "link": "l", "state": "soak", "question": None}

    with_door(virtual, path, story)


@pytest.mark.parametrize("what", ["stop", "pain"])
def test_stop_and_pain_go_past_the_machine_and_wait_for_the_read_back(virtual: Virtual, tmp_path: Path, what: str) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": what})
        await until(lambda: stage.asked)
        assert stage.urgent == [what == "pain"]
        assert stage.asked == [Pain(by="terminal") if what == "pain" else ("stop", "terminal")]
        stage.turn()
        stage.turn(outcome=Outcome(what, "…", off_confirmed=True))
        assert await caller.answer() == {"ok": True, "confirmed": True}

    with_door(virtual, tmp_path / "s", story)


@pytest.mark.parametrize("what", ["stop", "pain"])
def test_without_a_device_nothing_was_read_back(virtual: Virtual, tmp_path: Path, what: str) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": what})
        await until(lambda: stage.asked)
        stage.turn(outcome=Outcome(what, "…", off_confirmed=True), by_hand=True)
        assert await caller.answer() == {"ok": True, "confirmed": True, "told": "stopped; nothing was switched on"}

    with_door(virtual, tmp_path / "s", story)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ({"score": 6, "zone": "left heel"}, Pain("left.heel", 6, by="terminal")),
        ({"score": 11, "zone": "knee"}, Pain(by="terminal")),
        ({"score": True, "zone": 3}, Pain(by="terminal")),
    ],
)
def test_pain_with_a_place_stops_whatever_was_said_of_it(virtual: Virtual, tmp_path: Path, said: dict[str, Any], event: Pain) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": "pain", **said})
        await until(lambda: stage.asked)
        assert stage.urgent == [True]
        assert stage.asked == [event]

    with_door(virtual, tmp_path / "s", story)


def test_a_second_stop_is_no_second_ctrl_c(virtual: Virtual, tmp_path: Path) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        stage.stopping = True
        await caller.ask({"do": "stop"})
        await until(lambda: stage.urgent)
        await caller.ask({"do": "status"})
        await caller.answer()
        assert stage.asked == []

    with_door(virtual, tmp_path / "s", story)


BEFORE: dict[str, Any] = {"state": "massage", "step": 1, "phase_left_s": 95.0, "asked_kpa": 30.0, "sample": a_sample(motor_enable=False)}
PLAN = a_plan(limits={"pressure_max": 50_000, "water_setpoint_max": 4000})
SOFTER, FIRMER = "softer: now up to 25 kPa, gentle, 50 % of your limit", "firmer: the water goes to 38.5 °C; your limit is 40.0 °C"
WISHES = [
    ({"do": "pause"}, PauseAsked(), {}, {"state": "paused"}, ""),
    ({"do": "pause"}, PauseAsked(), {}, {"state": "paused", "sample": None, "by_hand": True}, "paused"),
    ({"do": "resume"}, ResumeAsked(), {"state": "paused"}, {"state": "massage"}, ""),
    ({"do": "softer"}, Softer(), {"plan": PLAN}, {"asked_kpa": 25.0}, SOFTER),
    ({"do": "firmer"}, Firmer(), {"plan": PLAN, "asked_kpa": None, "asked_c": 38.0}, {"asked_c": 38.5}, FIRMER),
    ({"do": "skip"}, SkipAsked(), {}, {"step": 2}, ""),
    ({"do": "skip"}, SkipAsked(), {"step": 2}, {"outcome": Outcome("completed", "…")}, ""),
    ({"do": "extend", "seconds": 60}, ExtendAsked(60.0), {}, {"phase_left_s": 154.9}, "longer: 2:35 left"),
    ({"do": "score", "score": 3}, PainScored(3, by="terminal"), {}, {}, ""),
]


@pytest.mark.parametrize(("request_", "event", "before", "after", "told"), WISHES)
def test_what_the_person_may_ask(
    virtual: Virtual, tmp_path: Path, request_: dict[str, Any], event: Any, before: dict[str, Any], after: dict[str, Any], told: str
) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        stage.now = a_view(**{**BEFORE, **before})
        await caller.ask(request_)
        await until(lambda: stage.asked)
        assert stage.asked == [event]
        assert stage.urgent == []
        stage.turn(**{**BEFORE, **before, **after})
        assert await caller.answer() == {"ok": True, "confirmed": True, **({"told": told} if told else {})}

    with_door(virtual, tmp_path / "s", story)


NOT_BACK = Question("resume", "Go on?", 1.0, ready=False, why_not="not back yet: left foot")
CAP = "no more time: a cap is reached"


@pytest.mark.parametrize(
    ("what", "before", "after", "why"),
    [
        ("skip", {}, {"warnings": ("feet on roller cannot be skipped",)}, "feet on roller cannot be skipped"),
        ("skip", {"warnings": ("arch cannot be skipped",)}, {}, "arch cannot be skipped"),
        ("skip", {"state": "ready", "step": None}, {}, "there is nothing to skip now"),
        ("skip", {"state": "paused"}, {}, "it is paused; first: footctl resume"),
        ("extend", {"warnings": ("the water is warm",)}, {"warnings": ("the water is warm", CAP)}, CAP),
        ("extend", {"warnings": (CAP,)}, {"phase_left_s": 94.8}, "arch cannot take longer"),
        ("extend", {"plan": None}, {}, "there is nothing to extend now"),
        ("extend", {}, {"outcome": Outcome("tripped", "…")}, "there is nothing to extend now"),
        ("softer", {}, {"warnings": ("no softer than this",)}, "no softer than this"),
        ("firmer", {}, {}, "no firmer than this"),
        ("softer", {"asked_kpa": None, "asked_c": 37.0}, {}, "no softer than this"),
        ("firmer", {"asked_kpa": None}, {}, "there is nothing to make firmer now"),
        ("pause", {"state": "proving"}, {}, "there is nothing to pause now"),
        ("resume", {}, {"warnings": ("the water is warm",)}, "it is not paused"),
        ("resume", {"state": "paused", "question": NOT_BACK}, {}, "not yet: not back yet: left foot"),
        ("resume", {"state": "paused"}, {}, "it cannot go on yet"),
    ],
)
def test_what_the_session_does_not_do_is_answered_with_no_and_why(
    virtual: Virtual, tmp_path: Path, what: str, before: dict[str, Any], after: dict[str, Any], why: str
) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        stage.now = a_view(**{**BEFORE, **before})
        await caller.ask({"do": what, "seconds": 60})
        await until(lambda: stage.asked)
        stage.turn(**{**BEFORE, **before, **after})
        assert await caller.answer() == {"ok": False, "refused": True, "error": why}

    with_door(virtual, tmp_path / "s", story)


def test_unconfirmed_after_a_bounded_wait(virtual: Virtual, tmp_path: Path) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": "pause"})
        await until(lambda: stage.asked)
        stage.turn(state="paused", sample=a_sample(motor_enable=True))
        await asyncio.sleep(control.CONFIRM_S + 0.1)
        stage.turn(state="paused", sample=a_sample(motor_enable=True))
        assert await caller.answer() == {"ok": True, "confirmed": False}

    with_door(virtual, tmp_path / "s", story)


@pytest.mark.parametrize(("kind", "event"), [("start", Begin()), ("resume", ResumeAsked()), ("check_in", Yes(by="terminal"))])
def test_yes_answers_what_is_asked(virtual: Virtual, tmp_path: Path, kind: str, event: Any) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        early = Question(kind, "?", 1.0, ready=False, why_not="no foot")
        for question, error in ((None, "nothing was asked"), (early, "not yet: no foot")):
            stage.now = a_view(question=question)
            await caller.ask({"do": "yes"})
            assert await caller.answer() == {"ok": False, "refused": True, "error": error}
        stage.now = a_view(question=Question(kind, "?", 1.0))
        await caller.ask({"do": "yes"})
        await until(lambda: stage.asked)
        assert stage.asked == [event]
        stage.turn()
        assert (await caller.answer())["ok"]

    with_door(virtual, tmp_path / "s", story)


@pytest.mark.parametrize(
    "request_",
    [b"no json", b"[]", b"\xff\xfe", {"do": "raise the cap"}, {}, {"do": "extend"}, {"do": "extend", "seconds": -1},
     {"do": "score"}, {"do": "score", "score": 11}, {"do": "score", "score": "3"},
     {"do": "extend", "seconds": True}, {"do": "extend", "seconds": 1e9}, b'{"do": "extend", "seconds": NaN}'],
)  # fmt: skip
def test_nonsense_is_refused_and_changes_nothing(virtual: Virtual, tmp_path: Path, request_: Any) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask(request_)
        told = await caller.answer()
        assert told["ok"] is False
        assert told["error"]
        assert stage.asked == []
        assert stage.urgent == []

    with_door(virtual, tmp_path / "s", story)


def test_an_endless_line_is_cut_off(virtual: Virtual, tmp_path: Path) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        with suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(caller.sock, b"x" * 100_000)
        with pytest.raises((EOFError, OSError)):
            await caller.answer()

    with_door(virtual, tmp_path / "s", story)


def test_watching(virtual: Virtual, tmp_path: Path) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": "watch"})
        assert (await caller.answer())["session_id"] == "id"
        stage.turn(sample=None)
        stage.turn(sample=a_sample(uptime_ms=1000))
        stage.turn(sample=a_sample(uptime_ms=1000))
        stage.turn(sample=a_sample(uptime_ms=1200, water_c=None))
        assert [(await caller.answer())["t_s"] for _ in range(2)] == [1.0, 1.2]

    with_door(virtual, tmp_path / "s", story)


def test_a_watcher_that_does_not_read_is_hung_up_on(virtual: Virtual, tmp_path: Path) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": "watch"})
        await caller.answer()
        for tick in range(5000):
            stage.turn(sample=a_sample(uptime_ms=200 * tick))
        other = Caller(tmp_path / "s")
        await other.ask({"do": "status"})
        assert (await other.answer())["ok"]
        other.close()
        with suppress(EOFError, OSError):
            for _ in range(5000):
                await caller.answer()
            raise AssertionError("everything was kept for it")

    with_door(virtual, tmp_path / "s", story)


def test_only_so_many_at_a_time(virtual: Virtual, tmp_path: Path) -> None:
    async def story(stage: Stage, caller: Caller) -> None:
        await caller.ask({"do": "status"})
        await caller.answer()
        more = []
        turned_away = 0
        for _ in range(control.PEERS_MAX + 3):
            one = Caller(tmp_path / "s")
            more.append(one)
            try:
                await one.ask({"do": "status"})
                await one.answer()
            except (EOFError, OSError):
                turned_away += 1
        assert turned_away == 4
        for one in more:
            one.close()

    with_door(virtual, tmp_path / "s", story)


def test_who_still_waits_at_the_end_is_told(virtual: Virtual, tmp_path: Path) -> None:
    async def story(loop: Any) -> None:
        stage = Stage()
        path = tmp_path / "s"
        path.write_text("of a dead process that had our number")
        door = Control(stage, {}, path)  # type: ignore[arg-type]  # seen from outside
        caller = Caller(path)
        await caller.ask({"do": "stop"})
        await until(lambda: stage.asked)
        stage.now = a_view(outcome=Outcome("stopped", "…", off_confirmed=True))
        door.close()
        assert await caller.answer() == {"ok": True, "confirmed": True}
        caller.close()

    virtual(story)


def test_the_other_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "runtime_folder", lambda: tmp_path)
    (tmp_path / "session-1.sock").write_text("no socket")
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "session-2.sock"))
    dead.close()

    async def story() -> None:
        stage = Stage()
        door = Control(stage, {"session_id": "id"})  # type: ignore[arg-type]  # seen from outside
        assert door.path == tmp_path / f"session-{os.getpid()}.sock"
        found = await asyncio.to_thread(control.doors)
        assert [(path, told["session_id"]) for path, told in found] == [(door.path, "id")]
        door.close()

    asyncio.run(story())
    assert control.doors() == []


def test_somebody_elses_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = places.runtime_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    assert stat.S_IMODE(places.runtime_folder().stat().st_mode) == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(FootctlError, match="somebody else"):
        places.runtime_folder()


def test_a_door_whose_folder_is_gone_closes_all_the_same(virtual: Virtual, tmp_path: Path) -> None:
    """A logout takes the runtime folder away; the session that was left running must still come to its end."""

    async def story(loop: Any) -> None:
        door = Control(Stage(), {}, tmp_path / "door.sock")  # type: ignore[arg-type]
        (tmp_path / "door.sock").unlink()
        closing = threading.Thread(target=door.close, daemon=True)
        closing.start()
        closing.join(5.0)  # of the wall: a thread knows no virtual clock
        assert not closing.is_alive()
        assert not door._thread.is_alive()

    virtual(story)
