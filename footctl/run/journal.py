"""What is kept between sessions: persons, their answers, sessions, and what each used up, by the minute. One SQLite file of this user's.

Knows rows, not what answers mean. Nothing of it leaves this machine. A ledger writes during a session, from a thread of its own.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from math import inf
from pathlib import Path
from typing import NamedTuple

from footctl.core.spent import WORST, Bounds, Use, unseen
from footctl.errors import JournalError
from footctl.run import telemetry
from footctl.run.alive import is_alive
from footctl.run.places import DATA_DIR, data_folder
from footctl.run.schema import MIGRATIONS, SCHEMA

FILE = "journal.sqlite3"
DAY_MIN = 24 * 60
BACKWARDS_S = 60  # a clock is corrected by less than this without anything being wrong [ENG]
UNREAD_S = 10.0  # what a session may have done since what is surely on the disk: twice the scribe's SURE_S
WAIT_S = 5.0  # for another process that writes
REHEARSALS = 50  # simulated sessions of nobody that are kept [ENG]
SPARES = "spare"  # a folder beside the journal
SPARE_BYTES = 512  # one sector: a power cut leaves the record before or the new one
BLANK = b" " * SPARE_BYTES


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody that the journal knows."""

    id: int
    name: str
    since: int


@dataclass(frozen=True, slots=True)
class Screening:
    """Answers as they were given, in JSON. `held`: they count."""

    id: int
    made: int
    held: bool
    answers: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something about a person that is written down."""

    at: int
    what: str


@dataclass(frozen=True, slots=True)
class Day:
    """What earlier sessions used up in the last 24 h. `newest`: a moment in the journal that this clock has not reached, else None."""

    use: Use
    sessions: int
    newest: int | None = None


class Last(NamedTuple):
    """The last thing known of a session: all that it used up, the minute since 1970 in which that is booked, what was read last."""

    use: Use
    minute: int
    bounds: Bounds
    elapsed_s: float
    feet_in: bool
    celsius: float
    pressed: int
    ended: bool
    simulated: bool


UNKNOWN = Last(Use(), 0, WORST, 0.0, True, WORST.trip_c, 0, False, False)


class Spare:
    """Room for one `Last` that needs no new place on a disk: made while there is place, written over when the journal takes nothing.

    Making it raises OSError. One that is blank says that the journal took everything; one that cannot be read, that something is missing.
    """

    def __init__(self, journal: Path, session: str) -> None:
        self._lock = threading.Lock()
        self._path = _spare(journal, session)
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self._descriptor: int | None = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        self._put(self._descriptor, BLANK)

    def write(self, last: Last) -> bool:
        """Keep it, surely; from any thread. False: not even this is possible, and who reads it counts the longest that it may have been."""
        record = [*last.use, last.minute, *astuple(last.bounds), *last[3:]]
        with self._lock:
            if self._descriptor is None:
                return True
            try:
                self._put(self._descriptor, json.dumps(record).encode().ljust(SPARE_BYTES))
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._descriptor, 0)
                return False
        return True

    def close(self, keep: bool) -> None:
        """`keep`: the journal does not have it all."""
        with self._lock:
            if self._descriptor is None:
                return
            os.close(self._descriptor)
            self._descriptor = None
            if not keep:
                with suppress(OSError):
                    self._path.unlink()

    @staticmethod
    def _put(descriptor: int, record: bytes) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        if os.write(descriptor, record) != SPARE_BYTES:
            raise OSError("a sector was written in part")
        os.fsync(descriptor)


def spared(journal: Path, session: str) -> Last | None:
    """What was kept beside the journal; None: nothing had to be. Raises ValueError when something was and cannot be read."""
    try:
        record = _spare(journal, session).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(str(error)) from error
    if record == BLANK:
        return None
    values = json.loads(record)
    if not isinstance(values, list) or len(values) != 14:
        raise ValueError("no record")
    return Last(Use(*values[:3]), values[3], Bounds(*values[4:8]), *values[8:])


def _spare(journal: Path, session: str) -> Path:
    return journal.parent / SPARES / session


def _newest(db: sqlite3.Connection) -> int:
    """The latest moment of real use, seconds since 1970."""
    minute = db.execute("SELECT max(minute) * 60 FROM use").fetchone()[0] or 0
    return int(max(minute, db.execute("SELECT max(started) FROM sessions WHERE NOT simulated").fetchone()[0] or 0))


def _redate(db: sqlite3.Connection, session: str, at: int) -> None:
    """Let all of a session be in one minute."""
    sums = db.execute(
        "SELECT coalesce(sum(soak_s), 0), coalesce(sum(massage_s), 0), coalesce(sum(dose_cem43), 0) FROM use WHERE session = ?", (session,)
    ).fetchone()
    db.execute("DELETE FROM use WHERE session = ?", (session,))
    db.execute("INSERT INTO use VALUES (?, ?, ?, ?, ?)", (session, at // 60, *sums))
    db.execute("UPDATE sessions SET started = ? WHERE id = ?", (at, session))


def _undated(db: sqlite3.Connection, now: float) -> dict[str, float]:
    """Sessions that began while the clock was behind the journal, and when that was at the latest: when the next one began in order."""
    newest, waiting = 0.0, list[str]()
    dated: dict[str, float] = {}
    for session, started in db.execute("SELECT id, started FROM sessions WHERE NOT simulated ORDER BY rowid"):
        if started < newest - BACKWARDS_S:
            waiting.append(session)
            continue
        newest = max(newest, started)
        dated.update((one, started) for one in waiting)
        waiting.clear()
    return {**dated, **dict.fromkeys(waiting, now)}


def path() -> Path:
    """The journal's file. Its folder is made when it is missing. Raises JournalError when it cannot be."""
    try:
        return data_folder() / FILE
    except OSError as error:
        raise JournalError(f"no folder for the journal: {error}", f"set {DATA_DIR} to a folder of your own") from error


def connect(file: Path) -> sqlite3.Connection:
    """The database, at today's schema. Raises JournalError when it is damaged, newer than this, or cannot be opened."""
    try:
        _private(file)
        db = sqlite3.connect(file, timeout=WAIT_S, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise trouble(file, error) from error
    try:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        _migrate(db, file)
    except sqlite3.Error as error:
        db.close()
        raise trouble(file, error) from error
    except JournalError:
        db.close()
        raise
    return db


def _private(file: Path) -> None:
    """Make it ours alone before SQLite sees it: its side files get the same mode."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _migrate(db: sqlite3.Connection, file: Path) -> None:
    if _version(db) == SCHEMA:
        return
    with writing(db):
        version = _version(db)  # another process may have been quicker
        if version > SCHEMA:
            raise JournalError(f"{file} is of a newer footctl (schema {version}; this reads {SCHEMA})", "use the newer footctl")
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA}")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def writing(db: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def seal(db: sqlite3.Connection, session: str) -> None:
    """Put a session's telemetry into one piece, a tenth as large."""
    batches = db.execute("SELECT first_ms, data FROM telemetry WHERE session = ? ORDER BY first_ms", (session,)).fetchall()
    if len(batches) > 1:
        whole = telemetry.seal(data for _, data in batches)
        db.execute("DELETE FROM telemetry WHERE session = ?", (session,))
        db.execute("INSERT INTO telemetry VALUES (?, ?, ?)", (session, batches[0][0], whole))


def trouble(file: Path, error: Exception) -> JournalError:
    """What went wrong, in words, and what to do."""
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        hint = f"move {file} away to begin a new one; what sessions of the last 24 h used up is forgotten then"
        return JournalError(f"the journal {file} is damaged: {error}", hint)
    return JournalError(f"the journal {file} cannot be used: {error}", f"is the disk full or read-only? {DATA_DIR} names another folder")


class Journal:
    """The journal, for one command. `clock`: seconds since 1970. Everything raises JournalError when the file fails."""

    def __init__(self, file: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.file = file or path()
        self.clock = clock
        self._db = connect(self.file)

    def close(self) -> None:
        """Done."""
        self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @contextmanager
    def guarded(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """The database; with `write` all of it or nothing. What goes wrong with the file is a JournalError."""
        try:
            if write:
                with writing(self._db):
                    yield self._db
            else:
                yield self._db
        except sqlite3.Error as error:
            raise trouble(self.file, error) from error

    # ------------------------------------------------------------------------------------------- persons and screenings

    def persons(self) -> list[PersonRow]:
        """Everybody, by name."""
        with self.guarded() as db:
            return [PersonRow(*row) for row in db.execute("SELECT id, name, since FROM persons ORDER BY name COLLATE NOCASE")]

    def person(self, name: str) -> PersonRow | None:
        """Whoever is called so; small and capital letters are the same."""
        with self.guarded() as db:
            row = db.execute("SELECT id, name, since FROM persons WHERE name = ?", (name,)).fetchone()
        return None if row is None else PersonRow(*row)

    def screenings(self, person: int) -> list[Screening]:
        """Everything that was answered, oldest first."""
        with self.guarded() as db:
            rows = db.execute("SELECT id, made, held, answers FROM screenings WHERE person = ? ORDER BY id", (person,))
            return [Screening(row[0], row[1], bool(row[2]), row[3]) for row in rows]

    def happenings(self, person: int) -> list[Happening]:
        """What was written down about a person, oldest first."""
        with self.guarded() as db:
            return [Happening(*row) for row in db.execute("SELECT at, what FROM happenings WHERE person = ? ORDER BY id", (person,))]

    def screened(self, name: str, answers: str, replaces: bool, what: str) -> PersonRow:
        """Keep answers of `name`, who is new or known. `replaces`: those before do not count any more."""
        now = int(self.clock())
        with self.guarded(write=True) as db:
            db.execute("INSERT INTO persons (name, since) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, now))
            row = db.execute("SELECT id, name, since FROM persons WHERE name = ?", (name,)).fetchone()
            if replaces:
                db.execute("UPDATE screenings SET held = 0 WHERE person = ?", (row[0],))
            db.execute("INSERT INTO screenings (person, made, held, answers) VALUES (?, ?, 1, ?)", (row[0], now, answers))
            db.execute("INSERT INTO happenings (person, at, what) VALUES (?, ?, ?)", (row[0], now, what))
        return PersonRow(*row)

    def only_newest(self, person: int, screening: int, what: str) -> bool:
        """From now on only the answers `screening` count. False, and nothing changes, when newer ones were given meanwhile."""
        with self.guarded(write=True) as db:
            newest = db.execute("SELECT max(id) FROM screenings WHERE person = ?", (person,)).fetchone()[0]
            if newest != screening:
                return False
            db.execute("UPDATE screenings SET held = (id = ?) WHERE person = ?", (screening, person))
            db.execute("INSERT INTO happenings (person, at, what) VALUES (?, ?, ?)", (person, int(self.clock()), what))
        return True

    def forget(self, person: int) -> None:
        """Delete a person and all that is theirs, also from the file's unused parts."""
        with self.guarded(write=True) as db:
            for session, at in _undated(db, max(self.clock(), _newest(db))).items():
                _redate(db, session, int(at))  # what shows that the clock was behind may be this person's
            db.execute("DELETE FROM persons WHERE id = ?", (person,))
        self._tidy()
        with self.guarded() as db:
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # ------------------------------------------------------------------------------------------------------- sessions

    def opened(self, session: str, person: int | None, program: str, simulated: bool) -> None:
        """A session is about to begin. On the disk when this returns. Of simulated sessions of nobody only the newest are kept."""
        self._tidy()
        with self.guarded(write=True) as db:
            if simulated and person is None:
                db.execute(
                    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE simulated AND person IS NULL AND ended IS NOT NULL"
                    " ORDER BY started DESC LIMIT -1 OFFSET ?)",
                    (REHEARSALS - 1,),
                )
            db.execute(
                "INSERT INTO sessions (id, person, started, simulated, program) VALUES (?, ?, ?, ?, ?)",
                (session, person, int(self.clock()), simulated, program),
            )

    def day(self, person: int | None) -> Day:
        """What a person, or everybody unnamed, used up in the last 24 h. When the clock ran backwards, everything counts."""
        now = self.clock()
        with self.guarded() as db:
            newest = _newest(db)
            backwards = newest > now + BACKWARDS_S
            since = -1 if backwards else int(now // 60) - DAY_MIN
            late = [session for session, at_most in _undated(db, now).items() if at_most >= since * 60]
            rows = db.execute(
                "SELECT coalesce(sum(soak_s), 0), coalesce(sum(massage_s), 0), coalesce(sum(use.dose_cem43), 0), count(DISTINCT session)"
                " FROM use JOIN sessions ON sessions.id = use.session"
                f" WHERE person IS ? AND NOT simulated AND (minute >= ? OR session IN ({', '.join('?' * len(late))}))",
                (person, since, *late),
            ).fetchone()
            use = Use(*rows[:3])
            for session, started, *row in db.execute(
                "SELECT sessions.id, started, coalesce(sum(soak_s), 0), coalesce(sum(massage_s), 0), coalesce(sum(use.dose_cem43), 0),"
                " coalesce(max(minute), 0), lease_s, session_s, volume_l, trip_c, elapsed_s, feet_in, celsius, pressed"
                " FROM sessions LEFT JOIN use ON use.session = sessions.id"
                " WHERE person IS ? AND NOT simulated AND ended IS NULL GROUP BY sessions.id",
                (person,),
            ):
                booked = Use(*row[:3])
                elapsed_s, feet_in, celsius, pressed = row[8:]
                known = None
                if elapsed_s is not None:
                    known = Last(booked, row[3], Bounds(*row[4:8]), elapsed_s, bool(feet_in), celsius, pressed, False, False)
                when = (-1, inf) if backwards or session in late else (since, now)
                use = use.plus(self._open(session, started, booked, known, *when))
        return Day(use, rows[3], newest if backwards else None)

    def _open(self, session: str, started: int, booked: Use, known: Last | None, since: int, now: float) -> Use:
        """What a session without an end used up beyond what is booked. `since`: the first minute that counts. `now` infinite: not known."""
        unread_s = UNREAD_S
        try:
            spare = spared(self.file, session)
        except ValueError:  # its host lived on and could write nothing
            known = (known or UNKNOWN)._replace(feet_in=True)
            unread_s = max(UNREAD_S, now - started - known.elapsed_s)
        else:
            if spare is not None and (known is None or spare.elapsed_s >= known.elapsed_s):
                known = spare
        if known is None or known.simulated:
            return Use()
        bounds, elapsed_s = known.bounds, known.elapsed_s
        if max(started + min(elapsed_s + unread_s, bounds.session_s), known.minute * 60) < since * 60:
            return Use()
        more = known.use.minus(booked)
        return more if known.ended else more.plus(unseen(bounds, elapsed_s, known.feet_in, known.celsius, known.pressed, unread_s))

    def _tidy(self) -> None:
        """Clear away the spares of sessions that are gone or have an end, and those that say nothing and that nobody holds."""
        try:
            names = os.listdir(self.file.parent / SPARES)
        except OSError:
            return
        with self.guarded() as db:
            open_ones = {session for (session,) in db.execute("SELECT id FROM sessions WHERE ended IS NULL")}
        for name in names:
            with suppress(OSError):
                if name not in open_ones or (not is_alive(self.file, name) and _spare(self.file, name).read_bytes() == BLANK):
                    _spare(self.file, name).unlink()

    def redated(self, what: str) -> int:
        """Give what is dated in days to come the present minute, because it was the clock that was wrong. How many sessions."""
        now = int(self.clock())
        with self.guarded(write=True) as db:
            found = db.execute(
                "SELECT DISTINCT sessions.id FROM sessions LEFT JOIN use ON use.session = sessions.id"
                " WHERE NOT simulated AND (started > ? OR minute > ?)",
                (now, now // 60),
            ).fetchall()
            for (session,) in found:
                _redate(db, session, now)
            db.execute("INSERT INTO happenings (at, what) VALUES (?, ?)", (now, what))
        return len(found)

    def sessions(self, person: int | None) -> list[Mapping[str, object]]:
        """The sessions of a person, or of everybody unnamed, oldest first."""
        names = ("id", "started", "ended", "simulated", "program", "tier", "device", "outcome", "reason")
        with self.guarded() as db:
            rows = db.execute(f"SELECT {', '.join(names)} FROM sessions WHERE person IS ? ORDER BY started, id", (person,))
            return [dict(zip(names, row, strict=True)) for row in rows]
