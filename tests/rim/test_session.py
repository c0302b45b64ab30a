"""A session on a virtual event loop: the real host mind, the real device mind, simulated water, no waiting."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import faults, framing, messages
from footctl.core.events import Pain, PainScored, PainTold
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.core.view import View
from footctl.errors import DeviceRefused, LinkLost, UsageError
from footctl.link.inprocess import InProcess
from footctl.run import record
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.presets import read_program
from footctl.run.record import Header, Recorder, replay
from footctl.run.result import EXIT_CODES, failure, result
from footctl.run.session import Session, signals, stop_frame
from footctl.screens.keys import Keys
from simulator.world import World

Virtual = Callable[[Any], Any]
PROGRAM = "quick-break"


class Cuttable(InProcess):
    """A world whose cable can be pulled."""

    cut: str | None = None

    def read(self, now: float) -> bytes:
        if self.cut is not None:
            raise LinkLost(self.cut)
        return super().read(now)


class WriteFails(InProcess):
    """A carrier that takes nothing any more."""

    broken = False

    def write(self, now: float, data: bytes) -> None:
        if self.broken:
            raise LinkLost("unplugged")
        super().write(now, data)


def a_session(loop: Any, kind: type[InProcess] = InProcess, note: Any = None, speed: float = 1.0, yes: bool = True) -> Session:
    host = Host(nonce=1, profile=parse_program(read_program(PROGRAM), PROGRAM))
    session = Session(host, kind(World(speed=1)), Clock(speed, awake=loop.time, always=loop.time), note=note)
    if yes:
        answers = Answers()

        def answer(view: View) -> None:
            event = answers.to(view)
            if event is not None:
                session.post(event)

        session.subscribe(answer)
    return session


def when(session: Session, condition: Callable[[View], bool], do: Callable[[], None]) -> None:
    """Do something once, at the first view that fits."""
    done = []

    def look(view: View) -> None:
        if not done and condition(view):
            done.append(view)
            do()

    session.subscribe(look)


def massaging(view: View) -> bool:
    return view.state == "massage" and view.sample is not None and view.sample.motor_enable


def device_of(session: Session) -> Any:
    assert isinstance(session.link, InProcess)
    world = session.link.world
    assert isinstance(world, World)
    return world.device


def test_a_program_runs_to_its_end(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)
        view = await session.run()
        assert view.outcome is not None
        assert (view.outcome.kind, view.outcome.off_confirmed) == ("completed", True)
        told = result(view, "id")
        assert told["outcome"] == "completed"
        assert told["simulated"] is True
        assert told["trips"] == []
        assert [phase["kind"] for phase in told["phases"]][-1] == "finish"
        assert all(phase["outcome"] == "completed" for phase in told["phases"])
        assert told["pressure_max_kpa"] > 4
        assert loop.time() == pytest.approx(session.clock.now())

    virtual(story)


def test_time_goes_as_fast_as_the_clock_says(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop, speed=20)
        view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "completed"
        assert loop.time() == pytest.approx(view.now / 20, rel=0.01)

    virtual(story)


def test_stop_is_orderly_and_read_back(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)
        when(session, massaging, lambda: session.stop("Ctrl-C", "signal"))
        view = await session.run()
        assert view.outcome is not None
        assert (view.outcome.kind, view.outcome.off_confirmed) == ("stopped", True)
        assert "Ctrl-C" in view.outcome.reason
        assert EXIT_CODES[view.outcome.kind] == 6
        assert not session.left

    virtual(story)


def test_a_second_stop_leaves_at_once_with_stop_on_the_wire(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)

        def twice() -> None:
            session.stop("Ctrl-C")
            session.stop("Ctrl-C")

        when(session, massaging, twice)
        view = await session.run()
        assert session.left
        assert view.outcome is None
        assert device_of(session).state == messages.LATCHED
        assert device_of(session).cause == faults.STOPPED
        assert result(view, "id")["outcome"] == "stopped"

    virtual(story)


def test_pain_is_stopped_before_the_mind_is_told(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)

        def hurts() -> None:
            session.urgent_stop(pain=True)
            session.post(Pain())

        when(session, massaging, hurts)
        view = await session.run()
        assert view.outcome is not None
        assert (view.outcome.kind, view.outcome.off_confirmed) == ("pain", True)
        assert device_of(session).cause == faults.PAIN

    virtual(story)


def test_a_screen_that_raises_is_dropped_and_the_session_goes_on(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)
        calls = []

        def broken(view: View) -> None:
            calls.append(view)
            raise RuntimeError("no terminal")

        session.subscribe(broken)
        unsubscribe = session.subscribe(calls.append)
        unsubscribe()
        unsubscribe()
        view = await session.run()
        assert len(calls) == 1
        assert view.outcome is not None
        assert view.outcome.kind == "completed"

    virtual(story)


def test_a_note_that_fails_is_dropped_and_the_session_goes_on(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        noted: list[float] = []

        def note(now: float, *told: Any) -> None:
            noted.append(now)
            if now > 30:
                raise RuntimeError("no pencil")

        session = a_session(loop, note=note)
        view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "completed"
        assert session.unnoted == "RuntimeError: no pencil"
        assert sum(now > 30 for now in noted) == 1

    virtual(story)


@pytest.mark.parametrize("kind", [Cuttable, WriteFails])
def test_a_lost_carrier_is_an_outcome(virtual: Virtual, kind: type[InProcess], tmp_path: Path) -> None:
    async def story(loop: Any) -> None:
        recorder = Recorder(tmp_path / "r", Header(1, program=read_program(PROGRAM).decode(), source=PROGRAM))
        session = a_session(loop, kind, recorder.note)

        def pull() -> None:
            if isinstance(session.link, Cuttable):
                session.link.cut = "unplugged"
            elif isinstance(session.link, WriteFails):
                session.link.broken = True

        when(session, massaging, pull)
        view = await session.run()
        recorder.close()
        assert view.outcome is not None
        assert view.outcome.kind == "link_lost"
        assert "unplugged" in view.outcome.reason
        assert not view.outcome.off_confirmed
        assert EXIT_CODES[view.outcome.kind] == 4
        assert replay(tmp_path / "r") == []

    virtual(story)


def test_what_is_told_afterwards_is_in_the_record_and_replays(virtual: Virtual, tmp_path: Path) -> None:
    async def story(loop: Any) -> None:
        recorder = Recorder(tmp_path / "r", Header(1, program=read_program(PROGRAM).decode(), source=PROGRAM))
        session = a_session(loop, note=recorder.note)
        when(session, massaging, lambda: session.post(PainScored(0), Pain()))
        session.afterwards(PainTold(score=1))  # too early: it is not over
        ended = await session.run()
        session.afterwards(PainTold("left.heel", 6))
        recorder.close()
        assert session.view() == ended
        text = (tmp_path / "r").read_text()
        assert text.count("PainTold") == 1
        assert '"where": "left.heel", "score": 6, "mistake": false' in text
        assert replay(tmp_path / "r") == []

    virtual(story)


def test_a_device_that_does_not_confirm_is_left_with_stop_on_the_wire(virtual: Virtual) -> None:
    class Deaf(Host):
        """A mind that never comes to an end."""

        done = False  # type: ignore[assignment]  # a property in the real one

        @property
        def next_deadline(self) -> float | None:
            return None

    async def story(loop: Any) -> None:
        link = InProcess(World())
        sent: list[bytes] = []
        link.urgent = sent.append  # type: ignore[method-assign]  # what goes past the machine
        session = Session(Deaf(nonce=1), link, Clock(awake=loop.time, always=loop.time))
        loop.call_later(3.0, session.stop, "SIGTERM")
        await session.run()
        assert session.left
        assert sent == [stop_frame()]
        assert 7.5 <= loop.time() < 9.0

    virtual(story)


def test_abandoned_before_the_start(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop, yes=False)
        when(session, lambda view: view.identity is not None, lambda: session.abandon(DeviceRefused("no")))
        with pytest.raises(DeviceRefused):
            await session.run()
        assert device_of(session).state == messages.IDLE

    virtual(story)


def test_a_machine_that_slept_ends_the_session(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        slept = [0.0]
        session = a_session(loop)
        session.clock = Clock(awake=loop.time, always=lambda: loop.time() + slept[0])
        session.link.reach = lambda now, deadline: now  # type: ignore[method-assign]  # a real device's clock goes on

        def sleep() -> None:
            slept[0] = 600.0

        when(session, massaging, sleep)
        view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "tripped"
        assert session.clock.slept_s == pytest.approx(600.0)

    virtual(story)


@pytest.mark.parametrize("lost", [False, True], ids=["latched", "gone"])
def test_a_machine_that_slept_between_its_clock_and_its_port(virtual: Virtual, lost: bool) -> None:
    async def story(loop: Any) -> None:
        slept = [0.0]
        session = a_session(loop, Cuttable)
        session.clock = Clock(awake=loop.time, always=lambda: loop.time() + slept[0])
        session.link.reach = lambda now, deadline: now  # type: ignore[method-assign]  # a real device's clock goes on
        link = session.link
        assert isinstance(link, Cuttable)
        read = link.read

        def sleep(now: float) -> bytes:
            slept[0] = 30.0
            link.read = read  # type: ignore[method-assign]
            told = read(now + 30.0)  # the device has latched and says so
            if lost:
                link.cut = "unplugged"
                return read(now + 30.0)
            return told

        def lie_down() -> None:
            link.read = sleep  # type: ignore[method-assign]

        when(session, massaging, lie_down)
        view = await session.run()
        assert device_of(session).cause == faults.LINK_LOST
        assert view.outcome is not None
        assert view.outcome.kind == "tripped", view.outcome
        assert "this computer did not run for 30" in view.outcome.reason

    virtual(story)


def test_a_slow_machine_slows_the_world_and_skips_nothing(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        busy = [0.0]
        session = a_session(loop)
        session.clock = Clock(awake=loop.time, always=lambda: loop.time() + busy[0])

        def hog() -> None:
            busy[0] = 30.0

        when(session, massaging, hog)
        view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "completed"

    virtual(story)


def test_stop_frame_is_whole_and_stands_alone() -> None:
    frames = framing.Decoder().feed(b"\x07half a frame" + stop_frame(faults.PAIN))
    assert [(code, messages.unpack(code, payload)) for code, _, payload in frames] == [(0x14, messages.Stop(faults.PAIN))]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_stop_and_are_given_back(virtual: Virtual, name: str) -> None:
    async def story(loop: Any) -> None:
        number = getattr(signal, name)
        before = signal.getsignal(number)
        session = a_session(loop)
        with signals(session):
            when(session, massaging, lambda: os.kill(os.getpid(), number))
            view = await session.run()
        assert view.outcome is not None
        assert view.outcome.kind == "stopped"
        assert signal.getsignal(number) is before

    virtual(story)


def test_a_closing_terminal_tells_twice_and_is_no_impatience(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        session = a_session(loop)
        keys = Keys(session, lambda: None)

        def close() -> None:
            keys.hung_up()
            os.kill(os.getpid(), signal.SIGHUP)
            keys.hung_up()

        with signals(session):
            when(session, massaging, close)
            view = await session.run()
        assert not session.left
        assert view.outcome is not None
        assert view.outcome.kind == "stopped"
        assert view.outcome.off_confirmed

    virtual(story)


def test_nohup_is_respected(virtual: Virtual) -> None:
    async def story(loop: Any) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with signals(a_session(loop)):
                assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        finally:
            signal.signal(signal.SIGHUP, before)

    virtual(story)


# ---------------------------------------------------------------------------------------------------- records


def recorded(virtual: Virtual, path: Path, moment: Callable[[Session], None] = lambda session: None) -> View:
    async def story(loop: Any) -> View:
        header = Header(1, program=read_program(PROGRAM).decode(), source=PROGRAM, session_id="x")
        recorder = Recorder(path, header)
        session = a_session(loop, note=recorder.note)
        moment(session)
        view = await session.run()
        recorder.close()
        assert recorder.trouble is None
        return view

    view = virtual(story)
    assert isinstance(view, View)
    return view


def test_a_record_replays_with_no_difference(virtual: Virtual, tmp_path: Path) -> None:
    path = tmp_path / "record"
    recorded(virtual, path, lambda session: when(session, massaging, lambda: session.stop("Ctrl-C")))
    assert path.stat().st_mode & 0o077 == 0
    assert replay(path) == []


def test_a_changed_record_differs(virtual: Virtual, tmp_path: Path) -> None:
    path = tmp_path / "record"
    recorded(virtual, path)
    lines = path.read_text().splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if '"Begin"' in line)
    del lines[begin]
    path.write_text("".join(lines))
    assert replay(path)


def test_a_record_cut_short_replays_up_to_there(virtual: Virtual, tmp_path: Path) -> None:
    path = tmp_path / "record"
    recorded(virtual, path)
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    assert replay(path) == []


@pytest.mark.parametrize("text", ["", "{}\n", "no json\n", "[]\n", '{"format": 99}\n'])
def test_what_is_no_record(tmp_path: Path, text: str) -> None:
    path = tmp_path / "record"
    path.write_text(text)
    with pytest.raises(UsageError):
        replay(path)


def test_a_record_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        replay(tmp_path / "none")
    with pytest.raises(UsageError, match="--record"):
        Recorder(tmp_path / "none" / "record", Header(1))
    kept = tmp_path / "kept.toml"
    kept.write_text("a program of somebody's")
    with pytest.raises(UsageError, match="already"):
        Recorder(kept, Header(1))
    assert kept.read_text() == "a program of somebody's"


def test_a_full_disk_never_stops_control(virtual: Virtual, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    async def story(loop: Any) -> None:
        recorder = Recorder(tmp_path / "record", Header(1))
        recorder._file.close()
        monkeypatch.setattr(recorder, "_file", Full())
        session = a_session(loop, note=recorder.note)
        view = await session.run()
        recorder.close()
        assert view.outcome is not None
        assert view.outcome.kind == "completed"
        assert recorder.trouble == "No space left on device"

    virtual(story)


def test_a_disk_that_is_full_at_the_very_end(tmp_path: Path) -> None:
    class Full:
        def close(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    recorder = Recorder(tmp_path / "record", Header(1))
    recorder._file.close()
    recorder._file = Full()  # type: ignore[assignment]  # a file whose last block does not fit
    recorder.close()
    assert recorder.trouble == "No space left on device"


def test_persons_and_events_come_back_as_they_were() -> None:
    from footctl.core.events import Earlier, ExtendAsked
    from footctl.core.person import Person

    person = Person("ann", "standard", excluded_zones=frozenset(("heel",)), limits={"water_setpoint_max": 3700})
    assert record.decode(Person, record.encode(person)) == person
    assert record.decode(Earlier, record.encode(Earlier(1.0, 2.0, 0.1, ("a",)))) == Earlier(1.0, 2.0, 0.1, ("a",))
    assert record.decode(ExtendAsked, record.encode(ExtendAsked(60.0))) == ExtendAsked(60.0)
    header = Header(5, person=person)
    fields = {"format": 1, "nonce": 5, "person": record.encode(person), "more": 1}
    assert record.read_header(fields) == header


def test_what_never_began_as_the_object() -> None:
    told = failure(LinkLost("gone"), "id", "p", True)
    assert (told["outcome"], told["reason"], told["phases"]) == ("link_lost", "gone", [])
    assert failure(DeviceRefused("no"), "id")["outcome"] == "refused"
    assert set(told) == set(result(View(**VIEW), "id"))


VIEW: dict[str, Any] = {
    "now": 0.0, "state": "connecting", "identity": None, "plan": None, "step": None, "phase_left_s": None, "holding": "", "question": None,
    "sample": None, "sample_age_s": None, "phases": (), "elapsed_s": 0.0, "water_max_c": None, "pressure_max_kpa": 0.0, "dose_cem43": 0.0,
    "warnings": (), "outcome": None,
}  # fmt: skip


def test_nothing_waits_for_nobody(virtual: Virtual) -> None:
    """The loop of a session that only waits turns four times a second, not thousands of times."""

    async def story(loop: Any) -> None:
        turns = []
        session = a_session(loop, note=lambda *turn: turns.append(turn), yes=False)
        task = asyncio.create_task(session.run())
        await asyncio.sleep(60.0)
        assert 5 * 60 <= len(turns) < 25 * 60
        session.stop("done")
        await task

    virtual(story)
