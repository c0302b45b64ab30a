"""The writing thread: whatever the disk does, control goes on, what can be kept is kept, and what is lost is counted and told."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from footctl.errors import JournalError
from footctl.run import scribe as scribes
from footctl.run import telemetry
from footctl.run.alive import FOLDER, Alive, is_alive
from footctl.run.chronicle import Rows
from footctl.run.journal import Journal, connect, seal, writing
from footctl.run.scribe import WAITING_MOST, Page, Scribe
from tests.rim.views import a_sample


@pytest.fixture
def file() -> Path:
    with Journal() as journal:
        journal.opened("s", None, "p", False)
        return journal.file


def page(at_s: float, readings: int = 5, **fields: Any) -> Page:
    batch = telemetry.live(b"".join(telemetry.row(at_s + n / 5, a_sample()) for n in range(readings)))
    return Page(fields={"simulated": False, **fields}, rows=Rows(batches=[(round(at_s * 1000), batch)]))


def kept(file: Path) -> list[int]:
    found = connect(file).execute("SELECT data FROM telemetry ORDER BY first_ms").fetchall()
    return list(telemetry.unpack(data for (data,) in found)["t_ms"])


def test_what_was_given_is_on_the_disk_and_in_one_piece_at_the_end(file: Path) -> None:
    scribe = Scribe(file, "s", None, print)
    for second in range(4):
        scribe.give(page(float(second), outcome=None))
    scribe.close()
    assert kept(file) == [1000 * second + 200 * n for second in range(4) for n in range(5)]
    assert connect(file).execute("SELECT count(*) FROM telemetry").fetchone() == (1,)
    assert (scribe.trouble, scribe.lost_s, scribe.behind) == ("", 0.0, True)


def test_a_disk_that_hangs_holds_up_nobody_and_the_oldest_readings_are_given_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    works = scribes.connect

    def hangs(path: Path) -> Any:
        goes_on.wait(10)
        return works(path)

    monkeypatch.setattr(scribes, "connect", hangs)
    scribe = Scribe(file, "s", None, print)
    scribe.give(page(0.0))
    while scribe._waiting is not None:
        pass
    many = WAITING_MOST // telemetry.ROW_BYTES // 4
    for number in range(6):
        scribe.give(page(1000.0 * (1 + number), readings=many))
    assert scribe.lost_s == pytest.approx(2 * many * 0.2)
    goes_on.set()
    scribe.close(60)
    found = kept(file)
    assert found[:5] == [0, 200, 400, 600, 800]
    assert found[5] == 3_000_000
    lost = connect(file).execute("SELECT lost_s FROM sessions").fetchone()[0]
    assert lost == pytest.approx(scribe.lost_s)


def test_what_failed_is_written_together_with_what_came_next(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    works = scribes.connect
    fails = [True]
    told: list[str] = []

    def connect_or_not(path: Path) -> Any:
        if fails:
            raise JournalError("the disk is full")
        return works(path)

    monkeypatch.setattr(scribes, "connect", connect_or_not)
    scribe = Scribe(file, "s", None, told.append)
    scribe.give(page(0.0))
    while not told:
        pass
    scribe.give(page(1.0))
    fails.clear()
    scribe.close()
    assert told == ["the disk is full; it is tried again"]
    assert scribe.trouble == ""
    assert len(kept(file)) == 10


def test_a_disk_that_fails_to_the_end_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: Path) -> Any:
        raise JournalError("the disk is full")

    monkeypatch.setattr(scribes, "connect", never)
    scribe = Scribe(file, "s", None, lambda text: None)
    scribe.give(page(0.0))
    scribe.close()
    assert scribe.trouble == "the disk is full"


def test_an_end_that_comes_while_a_page_fails_is_not_waited_for(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = threading.Event()

    def slow(path: Path) -> Any:
        fails.wait(10)
        raise JournalError("the disk is full")

    monkeypatch.setattr(scribes, "connect", slow)
    scribe = Scribe(file, "s", None, lambda text: None)
    scribe.give(page(0.0))
    while scribe._waiting is not None:
        pass
    scribe.give(page(1.0))
    scribe.close(0.0)
    fails.set()
    scribe._thread.join(10)
    assert not scribe._thread.is_alive()


def test_writing_twice_says_the_same(file: Path) -> None:
    db = connect(file)
    one = page(0.0, outcome="completed")
    one.rows.events = {0: (0.0, "begin", "started")}
    one.rows.phases = {0: ("soak", "soak", 0.0, None, "running")}
    one.rows.scores = [("before", 4)]
    for _ in range(2):
        with writing(db):
            scribes.write(db, "s", None, one)
    for table in ("events", "phases", "telemetry", "ratings"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


def test_a_session_that_is_gone_takes_nothing(file: Path) -> None:
    db = connect(file)
    with writing(db):
        scribes.write(db, "nobody", None, page(0.0))
    assert db.execute("SELECT count(*) FROM telemetry").fetchone() == (0,)


def test_sealing_one_piece_or_none_changes_nothing(file: Path) -> None:
    db = connect(file)
    seal(db, "s")
    with writing(db):
        scribes.write(db, "s", None, page(0.0))
    before = db.execute("SELECT data FROM telemetry").fetchall()
    seal(db, "s")
    assert db.execute("SELECT data FROM telemetry").fetchall() == before


def test_alive_while_somebody_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    assert not is_alive(file, "s")
    held = Alive(file, "s")
    assert is_alive(file, "s")
    held.close()
    held.close()
    assert not is_alive(file, "s")


def test_what_a_dead_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    left = tmp_path / FOLDER / "s"
    left.write_text("")
    assert not is_alive(tmp_path / "journal.sqlite3", "s")
    assert not left.exists()


def test_a_folder_that_cannot_be_written_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    held = Alive(tmp_path / "journal.sqlite3", "s")
    held.close()
    assert not is_alive(tmp_path / "journal.sqlite3", "s")
