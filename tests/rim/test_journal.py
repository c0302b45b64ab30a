"""The journal: private, versioned, complete; what it cannot know counts."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from footctl.core.spent import WORST, Bounds, Use, unseen
from footctl.errors import FootctlError, JournalError
from footctl.run import journal, places
from footctl.run.alive import Alive
from footctl.run.journal import SCHEMA, UNKNOWN, UNREAD_S, Journal, Last, Spare, connect

NOW = 1_760_000_000.0
HOUR = 3600.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> Journal:
    return Journal(clock=clock)


def used(kept: Journal, session: str, person: int | None, at: float, use: Use, simulated: bool = False, ended: bool = True) -> None:
    """A session of the past."""
    kept.opened(session, person, "evening", simulated)
    db = connect(kept.file)
    db.execute("UPDATE sessions SET started = ?, ended = ? WHERE id = ?", (int(at), int(at) if ended else None, session))
    db.execute("INSERT INTO use VALUES (?, ?, ?, ?, ?)", (session, int(at // 60), *use))
    db.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ------------------------------------------------------------------------------------------------------------ the file


def test_it_is_ours_alone(kept: Journal) -> None:
    kept.screened("Anna", "{}", replaces=True, what="answered")
    assert mode(kept.file.parent) == 0o700
    assert {path.name for path in kept.file.parent.iterdir()} >= {"journal.sqlite3", "journal.sqlite3-wal"}
    for path in kept.file.parent.iterdir():
        assert mode(path) == 0o600


def test_a_file_that_others_may_read_is_closed_again(kept: Journal) -> None:
    kept.close()
    kept.file.chmod(0o644)
    Journal().close()
    assert mode(kept.file) == 0o600


def test_a_named_folder_that_was_there_keeps_its_mode_and_ours_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    shared.chmod(0o755)
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(shared))
    Journal().close()
    assert mode(shared) == 0o755
    assert mode(shared / "journal.sqlite3") == 0o600
    monkeypatch.delenv("FOOTCTL_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    ours = places.data_folder()
    assert ours == tmp_path / "xdg" / "footctl"
    ours.chmod(0o755)
    assert mode(places.data_folder()) == 0o700


def test_a_folder_that_cannot_be_made_or_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(JournalError, match="no folder") as raised:
        journal.path()
    assert "FOOTCTL_DATA_DIR" in raised.value.hint
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(FootctlError, match="belongs to somebody else"):
        journal.path()


def test_the_schema_has_a_number_and_migrates_once(kept: Journal) -> None:
    db = sqlite3.connect(kept.file)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    kept.screened("Anna", "{}", replaces=True, what="answered")
    assert [one.name for one in Journal().persons()] == ["Anna"]
    db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(JournalError, match="newer footctl"):
        Journal()


def test_a_migration_that_fails_leaves_everything_as_it_was(kept: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.screened("Anna", "{}", replaces=True, what="answered")
    monkeypatch.setattr(journal, "MIGRATIONS", (*journal.MIGRATIONS, ("CREATE TABLE more (x)", "CREATE nonsense")))
    monkeypatch.setattr(journal, "SCHEMA", SCHEMA + 1)
    with pytest.raises(JournalError):
        Journal()
    db = sqlite3.connect(kept.file)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
    monkeypatch.setattr(journal, "MIGRATIONS", (*journal.MIGRATIONS[:-1], ("CREATE TABLE more (x)",)))
    assert [one.name for one in Journal().persons()] == ["Anna"]


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 40, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_file_is_told_and_left_alone(content: bytes) -> None:
    file = journal.path()
    file.write_bytes(content)
    with pytest.raises(JournalError, match="damaged") as raised:
        Journal()
    assert "move" in raised.value.hint
    assert file.read_bytes() == content


def test_a_folder_in_its_place_is_told() -> None:
    journal.path().mkdir()
    with pytest.raises(JournalError, match="cannot be used"):
        Journal()


def test_trouble_while_it_is_open(kept: Journal) -> None:
    other = sqlite3.connect(kept.file, isolation_level=None)
    other.execute("DROP TABLE use")
    other.execute("DROP TABLE persons")
    with pytest.raises(JournalError, match="cannot be used: no such table"):
        kept.day(None)
    with pytest.raises(JournalError):
        kept.screened("Anna", "{}", replaces=True, what="answered")


# ------------------------------------------------------------------------------------------------------------ persons


def test_persons_and_their_answers(kept: Journal, clock: Clock) -> None:
    anna = kept.screened("Anna", "1", replaces=True, what="first")
    clock.now += 60
    assert kept.screened("ANNA", "2", replaces=False, what="second") == anna
    kept.screened("Bo", "x", replaces=True, what="other")
    assert kept.person("anna") == anna
    assert kept.person("Cleo") is None
    assert [one.name for one in kept.persons()] == ["Anna", "Bo"]
    assert [(one.answers, one.held, one.made) for one in kept.screenings(anna.id)] == [("1", True, NOW), ("2", True, NOW + 60)]
    newest = kept.screenings(anna.id)[-1].id
    assert kept.only_newest(anna.id, newest, "loosened")
    assert [(one.answers, one.held) for one in kept.screenings(anna.id)] == [("1", False), ("2", True)]
    kept.screened("Anna", "3", replaces=True, what="third")
    assert [one.held for one in kept.screenings(anna.id)] == [False, False, True]
    assert not kept.only_newest(anna.id, newest, "too late")
    assert [one.what for one in kept.happenings(anna.id)] == ["first", "second", "loosened", "third"]


def test_forgetting_leaves_nothing_in_the_files(kept: Journal) -> None:
    name, secret = "Wilhelmina-Xenia", "usual_pain_is_seven_and_a_half"
    row = kept.screened(name, secret * 50, replaces=True, what=f"answered {secret}")
    kept.screened("Bo", "{}", replaces=True, what="answered")
    used(kept, f"session-{secret}", row.id, NOW, Use(60, 60, 0.1))
    assert any(secret.encode() in path.read_bytes() for path in kept.file.parent.iterdir())
    kept.forget(row.id)
    kept.close()
    for path in kept.file.parent.iterdir():
        data = path.read_bytes()
        assert name.encode() not in data
        assert secret.encode() not in data
    with Journal() as again:
        assert [one.name for one in again.persons()] == ["Bo"]
        assert again.screenings(row.id) == []
        assert again.happenings(row.id) == []
        assert again.sessions(row.id) == []


# ------------------------------------------------------------------------------------------------------------ the day


def test_the_last_24_hours_of_one_person(kept: Journal) -> None:
    anna = kept.screened("Anna", "{}", replaces=True, what="").id
    bo = kept.screened("Bo", "{}", replaces=True, what="").id
    used(kept, "c", anna, NOW - 24.1 * HOUR, Use(7000, 7000, 7))
    used(kept, "b", anna, NOW - 23.9 * HOUR, Use(60, 30, 0.01))
    used(kept, "d", anna, NOW - 2 * HOUR, Use(7000, 7000, 7), simulated=True)
    used(kept, "e", bo, NOW - 2 * HOUR, Use(5, 5, 0.5))
    used(kept, "f", None, NOW - 2 * HOUR, Use(6, 6, 0.6))
    used(kept, "a", anna, NOW - 1 * HOUR, Use(600, 300, 0.1))
    day = kept.day(anna)
    assert day.use == pytest.approx(Use(660, 330, 0.11))
    assert (day.sessions, day.newest) == (2, None)
    assert kept.day(bo).use == Use(5, 5, 0.5)
    assert kept.day(None).use == Use(6, 6, 0.6)
    assert [one["id"] for one in kept.sessions(anna)] == ["c", "b", "d", "a"]


def test_when_the_clock_ran_backwards_everything_counts(kept: Journal, clock: Clock) -> None:
    used(kept, "a", None, NOW - 100 * HOUR, Use(60, 60, 0.1))
    used(kept, "b", None, NOW, Use(600, 300, 0.2))
    clock.now = NOW - 59
    assert kept.day(None).newest is None
    clock.now = NOW - 50 * HOUR
    day = kept.day(None)
    assert day.use == pytest.approx(Use(660, 360, 0.3))
    assert day.newest == NOW // 60 * 60 or day.newest == NOW
    anna = kept.screened("Anna", "{}", replaces=True, what="").id
    assert kept.day(anna).newest is not None
    assert kept.day(anna).use == Use()


def test_a_wrong_clock_put_right_by_a_person(kept: Journal, clock: Clock) -> None:
    used(kept, "old", None, NOW - 100 * HOUR, Use(600, 300, 0.2))
    used(kept, "future", None, NOW + 5000 * HOUR, Use(60, 60, 0.1))
    assert kept.day(None).use == pytest.approx(Use(660, 360, 0.3))
    assert kept.redated("put right") == 1
    day = kept.day(None)
    assert day.newest is None
    assert day.use == pytest.approx(Use(60, 60, 0.1))
    clock.now += 25 * HOUR
    assert kept.day(None).use == Use()
    assert kept.redated("again") == 0


def test_a_session_under_a_clock_that_was_behind_counts_until_a_day_after_the_next_one(kept: Journal, clock: Clock) -> None:
    used(kept, "a", None, NOW, Use(300, 0, 0.1))
    used(kept, "behind", None, NOW - 120 * HOUR, Use(600, 0, 0.2))
    clock.now = NOW + 30 * HOUR  # put right
    day = kept.day(None)
    assert day.newest is None
    assert day.use == pytest.approx(Use(600, 0, 0.2))
    used(kept, "next", None, clock.now, Use(60, 0, 0.01))
    clock.now += 23 * HOUR
    assert kept.day(None).use == pytest.approx(Use(660, 0, 0.21))
    clock.now += 2 * HOUR
    assert kept.day(None).use == Use()


def test_a_clock_that_was_behind_is_remembered_when_what_showed_it_is_forgotten(kept: Journal, clock: Clock) -> None:
    bo = kept.screened("Bo", "{}", replaces=True, what="").id
    used(kept, "a", bo, NOW, Use(300, 0, 0.1))
    used(kept, "behind", None, NOW - 120 * HOUR, Use(600, 0, 0.2))
    used(kept, "open", None, NOW - 119 * HOUR, Use(60, 0, 0.1), ended=False)
    clock.now = NOW - 118 * HOUR
    kept.forget(bo)
    clock.now = NOW + 3 * HOUR
    assert kept.day(None).use == pytest.approx(Use(660, 0, 0.3))


BOUNDS = Bounds(5.0, 3600.0, 5.0, 41.5)


def test_a_session_without_an_end_counts_with_what_nobody_saw(kept: Journal, clock: Clock) -> None:
    used(kept, "a", None, NOW - HOUR, Use(300, 0, 0.01), ended=False)
    assert kept.day(None).use == Use(300, 0, 0.01)  # it never got as far as a reading
    db = connect(kept.file)
    db.execute("UPDATE sessions SET lease_s = 5, session_s = 3600, volume_l = 5, trip_c = 41.5")
    db.execute("UPDATE sessions SET elapsed_s = 300, feet_in = 1, celsius = 38, pressed = 0")
    filled = unseen(BOUNDS, 300, True, 38.0, 0, UNREAD_S)
    assert kept.day(None).use == pytest.approx(Use(300, 0, 0.01).plus(filled))
    clock.now += 24 * HOUR
    assert kept.day(None).use == Use()
    clock.now = NOW - 48 * HOUR
    assert kept.day(None).use == pytest.approx(Use(300, 0, 0.01).plus(filled))


def spare(kept: Journal, session: str, last: Last) -> Spare:
    room = Spare(kept.file, session)
    assert room.write(last)
    return room


def test_what_is_kept_beside_the_journal_counts_where_the_journal_has_less(kept: Journal, clock: Clock) -> None:
    used(kept, "a", None, NOW, Use(60, 0, 0.01), ended=False)
    last = Last(Use(1200, 30, 0.6), int(NOW // 60) + 20, BOUNDS, 1230.0, False, 40.0, 1, True, False)
    room = spare(kept, "a", last)
    assert kept.day(None).use == pytest.approx(last.use)
    room.write(last._replace(ended=False, feet_in=True))
    filled = unseen(BOUNDS, 1230.0, True, 40.0, 1, UNREAD_S)
    assert kept.day(None).use == pytest.approx(last.use.plus(filled))
    room.write(last._replace(simulated=True))
    assert kept.day(None).use == Use(60, 0, 0.01)
    room.write(last)
    db = connect(kept.file)
    db.execute("UPDATE sessions SET lease_s = 5, session_s = 3600, volume_l = 5, trip_c = 41.5")
    db.execute("UPDATE sessions SET elapsed_s = 1300, feet_in = 0, celsius = 38, pressed = 0")
    assert kept.day(None).use == Use(60, 0, 0.01)  # the journal went on and knows more
    db.execute("UPDATE sessions SET elapsed_s = 60")
    clock.now = NOW + 24 * HOUR + 600
    assert kept.day(None).use == pytest.approx(Use(1140, 30, 0.59))  # what was booked by the minute is a day ago
    clock.now = NOW + 25 * HOUR
    assert kept.day(None).use == Use()
    clock.now = NOW - 48 * HOUR
    assert kept.day(None).use == pytest.approx(last.use)
    db.execute("UPDATE sessions SET ended = started")
    assert kept.day(None).use == Use(60, 0, 0.01)


@pytest.mark.parametrize("torn", [b"", b"{}", b"\0" * 512, b"[1, 2, 3]"])
def test_a_host_that_lived_and_could_write_nothing_counts_as_long_as_it_may_have_gone_on(kept: Journal, clock: Clock, torn: bytes) -> None:
    kept.opened("a", None, "evening", False)
    Spare(kept.file, "a").close(keep=True)
    assert kept.day(None).use == Use()  # never begun
    (kept.file.parent / "spare" / "a").write_bytes(torn)
    clock.now = NOW + 600
    assert kept.day(None).use == unseen(WORST, 0.0, True, WORST.trip_c, 0, 600.0)
    assert kept.day(None).use.soak_s > 600
    db = connect(kept.file)
    db.execute("UPDATE sessions SET lease_s = 5, session_s = 3600, volume_l = 5, trip_c = 41.5")
    db.execute("UPDATE sessions SET elapsed_s = 300, feet_in = 0, celsius = 38, pressed = 0")
    assert kept.day(None).use == pytest.approx(unseen(BOUNDS, 300.0, True, 38.0, 0, 300.0))
    clock.now = NOW + 5 * HOUR
    assert kept.day(None).use.soak_s == 3300
    clock.now = NOW + 26 * HOUR
    assert kept.day(None).use == Use()
    clock.now = NOW - 26 * HOUR
    assert kept.day(None).use.soak_s == 3300


def test_a_spare_that_is_no_file_is_trouble_too(kept: Journal, clock: Clock) -> None:
    kept.opened("a", None, "evening", False)
    (kept.file.parent / "spare" / "a").mkdir(parents=True)
    clock.now = NOW + 60
    assert kept.day(None).use.soak_s > 60


def test_a_disk_that_takes_nothing_at_all_leaves_a_mark(kept: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.opened("a", None, "evening", False)
    room = Spare(kept.file, "a")
    assert mode(kept.file.parent / "spare") == 0o700
    assert mode(kept.file.parent / "spare" / "a") == 0o600
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, data: 100)
        assert not room.write(UNKNOWN)
    room.close(keep=True)
    room.close(keep=False)
    assert room.write(UNKNOWN)  # nobody waits for it any more
    clock.now = NOW + 600
    assert kept.day(None).use.soak_s > 600


def test_spares_are_cleared_away_when_they_say_nothing_more(kept: Journal) -> None:
    for session in ("gone", "closed", "killed", "told", "lives"):
        kept.opened(session, None, "evening", False)
    rooms = {session: Spare(kept.file, session) for session in ("gone", "closed", "killed", "told", "lives")}
    rooms["told"].write(UNKNOWN)
    db = connect(kept.file)
    db.execute("DELETE FROM sessions WHERE id = 'gone'")
    db.execute("UPDATE sessions SET ended = 1 WHERE id = 'closed'")
    held = Alive(kept.file, "lives")
    kept.opened("next", None, "evening", False)
    assert {path.name for path in (kept.file.parent / "spare").iterdir()} == {"told", "lives"}
    held.close()
    for room in rooms.values():
        room.close(keep=True)


KILLED = """
import sys, time
from footctl.run.journal import Journal
journal = Journal()
number = 0
print("ready", flush=True)
while True:
    number += 1
    journal.screened("Anna", "x" * 3000, replaces=True, what=str(number))
    print(number, flush=True)
"""


def test_kill_9_in_the_middle_of_writing(kept: Journal) -> None:
    kept.close()
    child = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(20):
        assert child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    told = [int(line) for line in child.stdout.read().split() if line.isdecimal()]
    child.wait()
    child.stdout.close()
    with Journal() as again:
        assert connect(again.file).execute("PRAGMA integrity_check").fetchone() == ("ok",)
        anna = again.person("Anna")
        assert anna is not None
        last = int(again.happenings(anna.id)[-1].what)
        assert last >= max(told, default=19)
        assert [one.held for one in again.screenings(anna.id)] == [False] * (last - 1) + [True]


WRITER = """
import sys
from footctl.run.journal import Journal
for number in range(30):
    with Journal() as journal:
        journal.opened(f"{sys.argv[1]}-{number}", None, "p", False)
"""


def test_two_writers_take_turns(kept: Journal) -> None:
    children = [subprocess.Popen([sys.executable, "-c", WRITER, which]) for which in "ab"]
    assert [child.wait(60) for child in children] == [0, 0]
    assert len(kept.sessions(None)) == 60
