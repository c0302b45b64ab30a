"""The ledger: books what a real device did, the same whatever the disk does, and never holds up a session."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footctl.core.dose import cem43
from footctl.core.events import Earlier, Event, Pain, PauseAsked, Yes
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.profile import parse_program
from footctl.core.spent import Use, unseen
from footctl.core.view import Outcome, PhaseRecord, View
from footctl.errors import DeviceRefused, JournalError
from footctl.link.inprocess import InProcess
from footctl.run import ledger as ledgers
from footctl.run import scribe
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.journal import UNREAD_S, Day, Journal, Spare, connect
from footctl.run.ledger import Books, Ledger, bounds, day_notes, open_ledger
from footctl.run.session import Session
from simulator.world import World
from tests.rim.views import BOTH, NOBODY, a_plan, a_sample, a_view, an_identity

Virtual = Callable[[Any], Any]
NOW = 1_760_000_000.0
REAL = an_identity(simulator=0, serial="FT-7")
BEGUN = (PhaseRecord("soak", "soak", 0.0, None, ""),)
PROGRAM = """name = "Warm and rolled"
summary = "Both kinds of use."
tier = "standard"
[[phase]]
kind = "soak"
water = "36 C"
for = "2 min"
[[phase]]
kind = "massage"
technique = "rolling"
zones = ["arch"]
pressure = "12 kPa"
for = "1 min"
"""


def at(now: float, **other: Any) -> View:
    return a_view(**{"now": now, "identity": REAL, "phases": BEGUN, "sample": a_sample(water_c=38.0, water2_c=38.0), **other})


def a_ledger(person: int | None = None, **other: Any) -> Ledger:
    return Ledger(Journal(clock=lambda: NOW), "s1", person, "evening", **other)


def rows() -> list[tuple[Any, ...]]:
    db = connect(Journal(clock=lambda: NOW).file)
    return db.execute("SELECT minute - ?, soak_s, massage_s, dose_cem43 FROM use ORDER BY minute", (int(NOW) // 60,)).fetchall()


def session_row() -> dict[str, Any]:
    found = Journal(clock=lambda: NOW).sessions(None)
    return dict(found[0]) if found else {}


def test_a_soak_and_a_massage_by_the_minute() -> None:
    ledger = a_ledger()
    for now in range(181):
        ledger(at(100.0 + now))
    rolling = a_sample(in_bath=NOBODY, on_roller=BOTH, motor_enable=True, water_c=38.0, water2_c=38.0)
    for now in range(181, 241):
        ledger(at(100.0 + now, step=1, sample=rolling))
    outcome = Outcome("completed", "completed", off_confirmed=True)
    ledger.close(at(341.0, step=2, sample=rolling, outcome=outcome))
    ledger.close(None)
    assert ledger.trouble == ""
    booked = rows()
    assert [row[0] for row in booked] == [0, 1, 2, 3, 4]  # NOW is 20 s before a full minute
    assert sum(row[1] for row in booked) == pytest.approx(181)
    assert sum(row[2] for row in booked) == pytest.approx(2 * 60)
    assert sum(row[3] for row in booked) == pytest.approx(cem43([(181, 38.5)]))
    assert max(row[1] for row in booked) <= 65
    told = session_row()
    assert (told["outcome"], told["device"], told["tier"], told["simulated"]) == ("completed", "FT-7", "standard", 0)
    assert told["ended"] == int(NOW) + 240


@pytest.mark.parametrize("outcome", [None, Outcome("link_lost", "gone"), Outcome("tripped", "over")])
def test_an_end_that_nobody_saw_is_filled_in(outcome: Outcome | None) -> None:
    ledger = a_ledger()
    ledger(at(0.0))
    ledger(at(60.0))
    ledger.close(at(60.0, outcome=outcome))
    filled = unseen(bounds(a_plan(), REAL), 60.0, True, 38.0, 0)
    assert filled.soak_s > 300
    assert Journal(clock=lambda: NOW).day(None).use == pytest.approx(Use(60, 0, cem43([(60, 38.5)])).plus(filled))


def test_a_long_preheat_takes_nothing_from_what_nobody_saw() -> None:
    """The session timer starts with the feet, and the rows with the begin."""
    ledger = a_ledger()
    ledger(at(0.0, sample=a_sample(in_bath=NOBODY, water_c=38.0, water2_c=38.0)))
    ledger(at(2400.0, sample=a_sample(in_bath=NOBODY, water_c=38.0, water2_c=38.0)))
    ledger(at(4400.0))
    ledger.close(None)
    assert Journal(clock=lambda: NOW).day(None).use.soak_s > 2000 + 300


def test_a_session_left_without_a_view() -> None:
    ledger = a_ledger()
    ledger(at(0.0))
    ledger(at(60.0))
    ledger.close(None)
    assert Journal(clock=lambda: NOW).day(None).use.soak_s > 360


def test_a_simulator_counts_for_nobody_and_says_what_it_is() -> None:
    ledger = a_ledger()
    ledger(at(0.0, identity=an_identity()))
    ledger(at(60.0, identity=an_identity()))
    ledger.close(at(60.0, identity=an_identity(), outcome=Outcome("completed", "completed", off_confirmed=True)))
    assert (session_row()["simulated"], session_row()["outcome"]) == (1, "completed")
    assert rows() == []
    assert Journal(clock=lambda: NOW).day(None).use == Use()
    anna = Journal(clock=lambda: NOW).screened("Anna", "{}", replaces=True, what="").id
    named = Ledger(Journal(clock=lambda: NOW), "s2", anna, "evening", simulated=True)
    named.close(at(60.0, identity=an_identity(), outcome=Outcome("completed", "completed", off_confirmed=True)))
    told = Journal(clock=lambda: NOW).sessions(anna)
    assert [(one["simulated"], one["outcome"]) for one in told] == [(1, "completed")]
    assert Journal(clock=lambda: NOW).day(anna).use == Use()


def test_what_has_not_begun_uses_nothing() -> None:
    ledger = a_ledger()
    ledger(at(0.0, phases=()))
    ledger(at(60.0, sample=None))
    ledger.close(at(60.0, phases=(), outcome=Outcome("refused", "no")))
    assert rows() == []
    assert session_row()["outcome"] == "refused"


def test_a_person_forgotten_meanwhile_leaves_no_trace() -> None:
    anna = Journal(clock=lambda: NOW).screened("Anna", "{}", replaces=True, what="").id
    ledger = a_ledger(anna)
    ledger(at(0.0))
    Journal().forget(anna)
    ledger(at(60.0))
    ledger.close(at(60.0))
    assert ledger.trouble == ""
    assert rows() == []


def test_a_disk_that_fails_and_comes_back_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    ledger = a_ledger(tell=told.append)
    works = connect
    broken: list[bool] = [True]

    def connect_or_not(file: Path) -> Any:
        if broken:
            raise JournalError("the disk is full")
        return works(file)

    monkeypatch.setattr(scribe, "connect", connect_or_not)
    for now in range(61):
        ledger(at(float(now)))
    while not told:
        time.sleep(0.01)
    broken.clear()
    for now in range(61, 121):
        ledger(at(float(now)))
    ledger.close(at(120.0, outcome=Outcome("stopped", "stop", off_confirmed=True)))
    assert told == ["the disk is full; it is tried again"]
    assert ledger.trouble == ""
    assert sum(row[1] for row in rows()) == pytest.approx(120)


def test_a_disk_that_stays_broken_is_told_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = a_ledger(tell=lambda text: None)

    def broken(file: Path) -> Any:
        raise JournalError("the disk is full")

    monkeypatch.setattr(scribe, "connect", broken)
    ledger(at(0.0))
    ledger.close(at(60.0))
    assert ledger.trouble == "the disk is full"


HOT = a_sample(water_c=40.0, water2_c=40.0)
TRUTH = Use(1200, 0, cem43([(1200, 40.5)]))


def never(*_: Any) -> Any:
    raise JournalError("the disk is full")


def soaked(ledger: Ledger) -> None:
    """20 min at 40 °C and an orderly end."""
    for now in range(1201):
        ledger(at(100.0 + now, sample=HOT))
    ledger.close(at(1300.0, sample=HOT, outcome=Outcome("completed", "completed", off_confirmed=True)))


@pytest.mark.parametrize("pages", [0, 1])
def test_a_disk_that_is_full_from_the_start_loses_no_dose(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    ledger = a_ledger(tell=lambda text: None)
    if pages:
        ledger(at(100.0, sample=HOT))
        while ledger.behind:
            time.sleep(0.01)
    with monkeypatch.context() as full:
        full.setattr(scribe.Scribe, "_put", never)
        soaked(ledger)
    assert ledger.trouble == "the disk is full"
    assert session_row()["ended"] is None
    assert Journal(clock=lambda: NOW + 1500).day(None).use == pytest.approx(TRUTH)


def test_a_disk_that_takes_nothing_at_all_costs_the_longest_session(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = a_ledger(tell=lambda text: None)
    with monkeypatch.context() as full:
        full.setattr(scribe.Scribe, "_put", never)
        full.setattr(Spare, "_put", lambda *_: never_at_all())
        soaked(ledger)
    assert ledger.trouble.startswith("the disk is full; what it used up is not kept either")
    day = Journal(clock=lambda: NOW + 1500).day(None)
    assert day.use.soak_s >= 1500
    assert day.use.dose_cem43 > TRUTH.dose_cem43


def never_at_all() -> None:
    raise OSError(28, "No space left on device")


def test_a_spare_that_cannot_be_made_keeps_a_session_from_starting() -> None:
    journal = Journal(clock=lambda: NOW)
    (journal.file.parent / "spare").write_text("in the way")
    with pytest.raises(JournalError, match="cannot be used"):
        Ledger(journal, "s1", None, "evening")


def test_a_disk_that_hangs_to_the_end_loses_no_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(scribe, "connect", lambda file: goes_on.wait(20) and never())
    monkeypatch.setattr(ledgers, "CLOSE_S", 0.1)
    ledger = a_ledger(tell=lambda text: None)
    started = time.monotonic()
    soaked(ledger)
    assert time.monotonic() - started < 10
    assert ledger.trouble == "the disk does not answer"
    assert Journal(clock=lambda: NOW + 1500).day(None).use == pytest.approx(TRUTH)
    goes_on.set()
    ledger._scribe._thread.join()


def test_a_mistake_in_writing_is_told_and_loses_no_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any) -> None:
        raise TypeError("no number")

    def ill(text: str) -> None:
        raise UserWarning(text)

    ledger = a_ledger(tell=ill)
    with monkeypatch.context() as broken:
        broken.setattr(scribe, "write", wrong)
        soaked(ledger)
    assert ledger.trouble == "TypeError: no number"
    assert Journal(clock=lambda: NOW + 1500).day(None).use == pytest.approx(TRUTH)


def test_a_disk_that_failed_and_works_again_and_a_host_that_dies_then(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    ledger = a_ledger(tell=told.append)
    with monkeypatch.context() as full:
        full.setattr(scribe.Scribe, "_put", never)
        full.setattr(Spare, "_put", lambda *_: never_at_all())
        ledger(at(0.0))
        while not told:
            time.sleep(0.01)
    ledger(at(60.0))
    while ledger.behind or ledger.trouble:
        time.sleep(0.01)
    filled = unseen(bounds(a_plan(), REAL), 60.0, True, 38.0, 0, UNREAD_S)
    assert Journal(clock=lambda: NOW + 3600).day(None).use == pytest.approx(Use(60, 0, cem43([(60, 38.5)])).plus(filled))
    ledger.close(None)


# ------------------------------------------------------------------------------------------------------------ clocks


def test_a_clock_put_right_during_a_session_dates_all_of_it_anew() -> None:
    wall = [NOW - 72 * 3600]
    ledger = Ledger(Journal(clock=lambda: wall[0]), "s1", None, "evening")
    for now in range(301):
        wall[0] += 1
        ledger(at(100.0 + now))
    wall[0] += 72 * 3600
    for now in range(301, 601):
        wall[0] += 1
        ledger(at(100.0 + now))
    ledger.close(at(700.0, outcome=Outcome("completed", "completed", off_confirmed=True)))
    day = Journal(clock=lambda: wall[0] + 720).day(None)
    assert day.use == pytest.approx(Use(600, 0, cem43([(600, 38.5)])))
    assert day.newest is None


def test_a_clock_put_back_during_a_session_dates_nothing_back() -> None:
    wall = [NOW]
    ledger = Ledger(Journal(clock=lambda: wall[0]), "s1", None, "evening")
    for now in range(601):
        wall[0] += 1 if now != 300 else -72 * 3600
        ledger(at(100.0 + now))
    ledger.close(at(700.0, outcome=Outcome("completed", "completed", off_confirmed=True)))
    assert Journal(clock=lambda: NOW + 600).day(None).use.soak_s == pytest.approx(600)


def test_under_a_clock_that_is_behind_a_session_is_booked_after_what_is_there() -> None:
    soaked(a_ledger())
    behind = Ledger(Journal(clock=lambda: NOW - 5 * 86_400), "s2", None, "evening")
    soaked(behind)
    assert Journal(clock=lambda: NOW - 5 * 86_400 + 1200).day(None).use.soak_s == pytest.approx(2400)
    assert Journal(clock=lambda: NOW + 3 * 3600).day(None).use.soak_s == pytest.approx(2400)
    assert rows()[-1][0] >= 40


# ------------------------------------------------------------------------------------------------------------ its own mistakes


def test_a_mistake_in_the_chronicle_is_told_and_costs_no_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    ledger = a_ledger(tell=told.append)
    looks = iter(range(10_000))

    def look(view: View) -> None:
        if next(looks) == 400:
            raise RuntimeError("one bad view")

    monkeypatch.setattr(ledger._chronicle, "look", look)
    soaked(ledger)
    assert told == ["what happens is not written down any more, what it uses up is counted: RuntimeError: one bad view"]
    assert ledger.trouble == "RuntimeError: one bad view"
    assert Journal(clock=lambda: NOW + 1500).day(None).use == pytest.approx(TRUTH)
    assert session_row()["outcome"] == "completed"


@pytest.mark.parametrize("where", ["look", "note", "take"])
def test_wherever_the_chronicle_fails(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def ill(*_: Any) -> None:
        raise RuntimeError(where)

    ledger = a_ledger(tell=ill)
    monkeypatch.setattr(ledger._chronicle, where, ill)
    ledger.note(100.0, b"", (Yes(),), b"")
    soaked(ledger)
    assert ledger.trouble == f"RuntimeError: {where}"
    assert Journal(clock=lambda: NOW + 1500).day(None).use == pytest.approx(TRUTH)


def test_a_page_that_cannot_be_made_leaves_the_row_open(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = a_ledger()
    ledger(at(0.0))
    ledger(at(60.0))
    monkeypatch.setattr(ledger, "_page", never)
    ledger(at(61.0))
    assert ledger.lost == "JournalError: the disk is full"
    ledger.close(at(64.0, outcome=Outcome("stopped", "stopped", off_confirmed=True)))
    assert ledger.trouble == "JournalError: the disk is full"
    assert session_row()["ended"] is None
    assert Journal(clock=lambda: NOW + 3600).day(None).use.soak_s > 64


def _fails_at(ledger: Ledger, soak_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    works = ledger._count

    def count(*args: Any) -> None:
        if ledger._meter is not None and ledger._meter.use.soak_s >= soak_s:
            raise RuntimeError("cannot count")
        works(*args)

    monkeypatch.setattr(ledger, "_count", count)


def test_what_cannot_be_counted_any_more_counts_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = a_ledger()
    _fails_at(ledger, 60.0, monkeypatch)
    soaked(ledger)
    assert ledger.trouble == ledger.lost == "RuntimeError: cannot count"
    use = Journal(clock=lambda: NOW + 1500).day(None).use
    assert 1200 < use.soak_s < 1800
    assert use.dose_cem43 > TRUTH.dose_cem43


def test_what_was_never_counted_counts_at_the_trip_temperature(monkeypatch: pytest.MonkeyPatch) -> None:
    def ill(*_: Any) -> None:
        raise RuntimeError("cannot count")

    monkeypatch.setattr(ledgers, "bounds", ill)
    for session, last, least in (("s1", at(700.0, elapsed_s=600.0), 600), ("s2", None, 600), ("s3", at(700.0, phases=()), 0)):
        ledger = Ledger(Journal(clock=lambda: NOW), session, None, "evening")
        ledger(at(100.0))
        before = Journal(clock=lambda: NOW).day(None).use
        ledger.close(last)
        more = Journal(clock=lambda: NOW).day(None).use.minus(before)
        assert more.soak_s >= least
        assert more.dose_cem43 >= cem43([(least, 42.5)])
        assert bool(least) == bool(more.soak_s)


def test_a_real_session_that_cannot_be_counted_ends_in_order(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW + loop.time()), "s1", None, "p")
        _fails_at(ledger, 30.0, monkeypatch)
        view = await _real_session(loop, ledger).run()
        ledger.close(view)
        return view

    view = virtual(story)
    assert (view.outcome.kind, view.outcome.off_confirmed) == ("stopped", True)
    assert "cannot be counted: RuntimeError: cannot count" in view.outcome.reason
    assert Journal(clock=lambda: NOW + 7200).day(None).use.soak_s > 30


def test_books_that_fail_before_the_start_keep_a_real_device_from_starting(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW), "s1", None, "p")
        monkeypatch.setattr(ledger, "pain_before", 3)
        monkeypatch.setattr(ledgers, "PainScored", never)
        try:
            return await _real_session(loop, ledger).run()
        finally:
            ledger.close(None)

    with pytest.raises(DeviceRefused, match="cannot be counted: JournalError"):
        virtual(story)


def test_a_simulated_session_goes_on_without_books(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW), "s1", None, "p")
        _fails_at(ledger, 30.0, monkeypatch)
        session = _real_session(loop, ledger)
        session.link.world.board.device.body.simulator = 1  # type: ignore[attr-defined]  # an InProcess has a world
        view = await session.run()
        ledger.close(view)
        return view

    assert virtual(story).outcome.kind == "completed"
    assert Journal(clock=lambda: NOW).day(None).use == Use()


# ------------------------------------------------------------------------------------------------------------ with a session


def _real_session(loop: Any, opened: Ledger | JournalError, person: Person | None = None) -> Session:
    """A device that says it is real, and a person at its keys."""
    world = World()
    world.board.device.body.simulator = 0
    host = Host(nonce=1, profile=parse_program(PROGRAM, "p"), person=person or Person("Anna", "standard", screened=True))
    session = Session(host, InProcess(world), Clock(awake=loop.time, always=loop.time))
    session.subscribe(Books(session, opened))
    says = Answers()

    def answer(view: View) -> None:
        event: Event | None = says.to(view)
        question = view.question
        if event is None and question is not None and question.ready and question.kind in ("feet_in", "check_in"):
            event = Yes()
        if event is not None:
            session.post(event)

    session.subscribe(answer)
    return session


def test_a_real_session_is_booked_and_the_next_one_hears_of_it(virtual: Virtual) -> None:
    async def story(loop: Any) -> View:
        clock = Journal(clock=lambda: NOW + loop.time())
        ledger = Ledger(clock, "s1", None, "p")
        view = await _real_session(loop, ledger).run()
        ledger.close(view)
        return view

    first = virtual(story)
    assert first.outcome.kind == "completed"
    assert not any(note.startswith("in the last 24 h") for note in first.plan.notes)
    day = Journal(clock=lambda: NOW + 7200).day(None).use
    assert day.soak_s == pytest.approx(120, abs=30)
    assert day.massage_s == pytest.approx(120, abs=20)
    assert day.dose_cem43 == pytest.approx(first.dose_cem43, rel=0.2)

    async def second(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW + 7200), "s2", None, "p")
        session = _real_session(loop, ledger)
        session.subscribe(lambda view: session.stop("enough") if view.phases and not session.stopping else None)
        view = await session.run()
        ledger.close(view)
        return view

    view = virtual(second)
    assert any(note.startswith("in the last 24 h: 2 min in the water") for note in view.plan.notes)
    assert view.plan.limits["soak_time"] == pytest.approx(1200)


def test_a_day_that_is_used_up_refuses(virtual: Virtual) -> None:
    async def story(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW), "s1", None, "p")
        ledger.earlier = Earlier(soak_s=2400.0)
        view = await _real_session(loop, ledger).run()
        ledger.close(view)
        return view

    view = virtual(story)
    assert view.outcome.kind == "refused"
    assert "24 h" in view.outcome.reason


def test_no_journal_no_real_session_but_a_simulated_one(virtual: Virtual) -> None:
    async def real(loop: Any) -> View:
        return await _real_session(loop, JournalError("the disk is full", "make room")).run()

    with pytest.raises(DeviceRefused, match="not known: the disk is full") as raised:
        virtual(real)
    assert raised.value.hint == "make room"

    async def simulated(loop: Any) -> View:
        session = _real_session(loop, JournalError("the disk is full"))
        session.link.world.board.device.body.simulator = 1  # type: ignore[attr-defined]  # an InProcess has a world
        return await session.run()

    assert virtual(simulated).outcome.kind == "completed"


def test_a_pause_does_not_count_as_massage(virtual: Virtual) -> None:
    async def story(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW + loop.time()), "s1", None, "p")
        session = _real_session(loop, ledger)
        posted: list[float] = []

        def pause(view: View) -> None:
            if view.state == "massage" and not posted:
                posted.append(view.now)
                session.post(PauseAsked())
            elif posted and view.now > posted[0] + 60 and not session.stopping:
                session.stop("enough")

        session.subscribe(pause)
        view = await session.run()
        ledger.close(view)
        return view

    assert virtual(story).outcome.kind == "stopped"
    assert Journal(clock=lambda: NOW + 7200).day(None).use.massage_s < 30


# ------------------------------------------------------------------------------------------------------------ beyond this process

CHILD = """
import sys, time
from tests.rim.test_ledger import NOW, at
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger
ledger = Ledger(Journal(clock=lambda: NOW), "killed", None, "evening")
for now in range(0, 181):
    ledger(at(float(now)))
while ledger.behind:
    time.sleep(0.01)
time.sleep(0.2)
print("soaking", flush=True)
time.sleep(60)
"""


@pytest.mark.system
def test_a_host_killed_in_the_soak_counts_with_what_followed(checkout: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True, cwd=checkout)
    assert child.stdout is not None
    assert child.stdout.readline() == "soaking\n"
    child.kill()
    child.wait()
    child.stdout.close()
    day = Journal(clock=lambda: NOW + 3600).day(None)
    most = Use(181, 0, cem43([(181, 38.5)])).plus(unseen(bounds(a_plan(), REAL), 180.0, True, 38.0, 0, UNREAD_S))
    assert 180 + 300 < day.use.soak_s <= most.soak_s + 1e-6
    assert day.use.dose_cem43 <= most.dose_cem43 + 1e-9
    assert session_row()["ended"] is None


FULL = """
import resource, signal, sys, time
from tests.rim.test_ledger import NOW, at
from footctl.core.view import Outcome
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger
told = []
ledger = Ledger(Journal(clock=lambda: NOW), "full", None, "evening", tell=told.append)
ledger(at(0.0))
while ledger.behind:
    time.sleep(0.01)
time.sleep(0.2)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (512, resource.RLIM_INFINITY))  # a full disk: only a sector that is there
started = time.monotonic()
for now in range(1, 1201):
    ledger(at(float(now)))
took = time.monotonic() - started
while not told:
    time.sleep(0.01)
if sys.argv[1] == "freed":
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.close(at(1200.0, outcome=Outcome("completed", "completed", off_confirmed=True)))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert took < 1.0, took
print(len(told), bool(ledger.trouble))
"""


@pytest.mark.system
@pytest.mark.parametrize(("then", "told"), [("freed", "1 False"), ("full", "1 True")])
def test_a_full_disk_neither_stops_nor_slows_a_session(checkout: Path, then: str, told: str) -> None:
    child = subprocess.run([sys.executable, "-c", FULL, then], capture_output=True, text=True, cwd=checkout, timeout=60, check=False)
    assert child.returncode == 0, child.stderr
    assert child.stdout.strip() == told
    day = Journal(clock=lambda: NOW + 3600).day(None)
    assert day.use.soak_s == pytest.approx(1200)
    assert day.use.dose_cem43 == pytest.approx(cem43([(1200, 38.5)]))


# ------------------------------------------------------------------------------------------------------------ words


def test_what_the_person_hears_of_the_day() -> None:
    assert day_notes(Day(Use(), 0), NOW) == ()
    told = "in the last 24 h: 12 min in the water, 20 min of massage, each foot, dose 0.310 CEM43 min"
    assert day_notes(Day(Use(720, 1200, 0.31), 2), NOW) == (told,)
    assert "2.0 days behind" in day_notes(Day(Use(1, 0, 0), 1, int(NOW) + 2 * 86400), NOW)[0]


def test_opening_by_name_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = Journal().screened("Anna", "{}", replaces=True, what="").id
    for session, person, whose in (("a", "anna", anna), ("b", "nobody", None), ("c", None, None), ("d", anna, anna)):
        opened = open_ledger(session, person, "p")
        assert isinstance(opened, Ledger)
        opened.close(None)
        assert session in [one["id"] for one in Journal().sessions(whose)]
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(tmp_path / "file" / "x"))
    assert isinstance(open_ledger("e", None, "p"), JournalError)




# ------------------------------------------------------------------------------------------------------------ what was told before


def test_a_red_flag_keeps_a_real_device_from_starting_and_a_simulator_not(virtual: Virtual) -> None:
    with Journal(clock=lambda: NOW) as journal, journal.guarded(write=True) as db:
        db.execute("INSERT INTO skin_checks (at, finding, foot) VALUES (?, 'wound', 'left')", (int(NOW),))

    async def real(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW), "s1", None, "p")
        try:
            return await _real_session(loop, ledger).run()
        finally:
            ledger.close(None)

    with pytest.raises(DeviceRefused, match=r"not now\. A wound") as raised:
        virtual(real)
    assert "--acknowledge wound" in raised.value.hint

    async def simulated(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW), "s2", None, "p")
        session = _real_session(loop, ledger)
        session.link.world.board.device.body.simulator = 1  # type: ignore[attr-defined]  # an InProcess has a world
        view = await session.run()
        ledger.close(view)
        return view

    assert virtual(simulated).outcome.kind == "completed"


@pytest.mark.parametrize(("score", "kind"), [(1, "completed"), (9, "refused")])
def test_pain_before_the_start_is_judged_and_kept(virtual: Virtual, score: int, kind: str) -> None:
    async def story(loop: Any) -> View:
        ledger = Ledger(Journal(clock=lambda: NOW), "s1", None, "p")
        ledger.pain_before = score
        session = _real_session(loop, ledger)
        session._note = ledger.note
        view = await session.run()
        ledger.close(view)
        return view

    assert virtual(story).outcome.kind == kind
    db = connect(Journal(clock=lambda: NOW).file)
    assert db.execute("SELECT moment, measure, score FROM ratings").fetchall() == [("before", "pain", score)]


def test_a_pain_in_a_real_session_lowers_the_next_one(virtual: Virtual) -> None:
    def session(name: str, at: float) -> Callable[[Any], Any]:
        async def story(loop: Any) -> View:
            ledger = Ledger(Journal(clock=lambda: at + loop.time()), name, None, "p")
            session = _real_session(loop, ledger)
            session._note = ledger.note

            def hurts(view: View) -> None:
                if view.state == "massage" and view.sample is not None and (view.sample.pressure_kpa or 0) > 10 and not session.stopping:
                    session.post(Pain())

            session.subscribe(hurts)
            view = await session.run()
            ledger.close(view)
            return view

        return story

    first = virtual(session("s1", NOW))
    assert first.outcome.kind == "pain"
    second = virtual(session("s2", NOW + 2 * 86_400))
    assert [low.rule for low in second.plan.lowered] == ["learned"]
    assert second.plan.steps[-2].pressure_to_kpa < 9
    assert any(note.startswith("starting lower in the left arch since") for note in second.plan.notes)
    assert second.outcome.kind == "completed"  # it never comes up to what hurt
