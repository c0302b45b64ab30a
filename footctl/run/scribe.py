"""A thread that writes one session into the journal, so that control never waits for a disk.

What it is given says what is true, not what changed: written twice, or later together with more, it says the same. While the disk does
not take it, it waits here; telemetry that would wait for too long is given up, oldest first, and counted. What was used up is then kept
in the session's spare, which needs no new place on the disk.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from footctl.core.spent import Use
from footctl.errors import JournalError
from footctl.run import telemetry
from footctl.run.chronicle import Rows
from footctl.run.journal import Last, Spare, connect, seal, trouble, writing

WAITING_MOST = 512 * 1024  # bytes of telemetry: more than an hour
SAMPLE_S = 0.2  # from one to the next
SURE_S = 5.0  # wall seconds between two writings that wait for the disk itself: what a power cut may take; a killed host loses no page
BREATH_S = 0.2  # wall seconds between two writings: a simulator in a hurry must not wear out a disk
CLOSE_S = 6.0  # how long the end of a session waits for the disk
SPARE_S = 1.0  # and then for the spare: mostly what hangs is the wait for the disk, not the writing
NOT_EVEN = "what it used up is not kept either: it counts as the longest that it may have been"


@dataclass(slots=True)
class Page:
    """What one writing makes true: use by the minute, fields of the session's row, and rows of the chronicle."""

    minutes: dict[int, Use] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    rows: Rows = field(default_factory=Rows)
    at: int = 0  # seconds since 1970, for what has no time of its own
    last: Last | None = None  # the same use as a whole, for the spare

    def add(self, later: Page) -> None:
        """Take in what came after."""
        self.minutes.update(later.minutes)
        self.fields.update(later.fields)
        self.rows.add(later.rows)
        self.at = later.at


class Scribe:
    """`trouble`: why something is not written, "" when everything is. `lost_s`: telemetry that was given up. `tell`: from any thread."""

    def __init__(self, file: Path, session: str, person: int | None, tell: Callable[[str], None]) -> None:
        try:
            self._spare = Spare(file, session)
        except OSError as error:
            raise trouble(file, error) from error
        self.trouble = ""
        self.lost_s = 0.0
        self._file = file
        self._session = session
        self._person = person
        self._tell = tell
        self._db: sqlite3.Connection | None = None
        self._sure_at = 0.0
        self._lock = threading.Lock()
        self._waiting: Page | None = None
        self._last: Last | None = None
        self._given = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------------------------------------ for the loop's thread

    def give(self, page: Page) -> None:
        """Hand over; never waits for the disk."""
        with self._lock:
            self._last = page.last or self._last
            if self._waiting is None:
                self._waiting = page
            else:
                self._waiting.add(page)
            self._shorten(self._waiting)
        self._given.set()

    @property
    def behind(self) -> bool:
        """True while something waits or is being written."""
        return self._given.is_set()

    def close(self, wait_s: float = CLOSE_S) -> None:
        """Write what waits, make the telemetry small, and end; give up after `wait_s` on a disk that does not answer."""
        self._closing.set()
        self._given.set()
        self._thread.join(wait_s)
        if self._thread.is_alive():
            spare = threading.Thread(target=self._keep, name="spare", daemon=True)
            spare.start()
            spare.join(SPARE_S)
        if self._thread.is_alive():
            self.trouble = "the disk does not answer"

    def _shorten(self, page: Page) -> None:
        batches = page.rows.batches
        size = sum(len(batch) for _, batch in batches)
        while size > WAITING_MOST:
            _, batch = batches.pop(0)
            size -= len(batch)
            self.lost_s = round(self.lost_s + (len(batch) - 1) // telemetry.ROW_BYTES * SAMPLE_S, 1)
            page.fields["lost_s"] = self.lost_s

    # ------------------------------------------------------------------------------------------------ in the writing thread

    def _work(self) -> None:
        last = False
        while not last:
            self._given.wait()
            last = self._closing.is_set()
            with self._lock:
                page, self._waiting = self._waiting, None
            if page is not None:
                self._try(page)
            if not last:
                self._breathe()
        if not self.trouble:
            self._seal()
        self._hang_up()
        self._spare.close(keep=bool(self.trouble))

    def _breathe(self) -> None:
        with self._lock:
            if self._waiting is None or self.trouble:
                self._given.clear()  # what failed is tried again together with what comes next
        if self._closing.is_set():
            self._given.set()  # nothing comes next
        self._closing.wait(BREATH_S)

    def _try(self, page: Page) -> None:
        try:
            self._put(page)
        except Exception as error:  # also one that no disk is to blame for: what was used up must not be lost with it
            self._hang_up()
            why = str(error) if isinstance(error, JournalError) else f"{type(error).__name__}: {error}"
            new = not self.trouble
            self.trouble = why if self._keep() else f"{why}; {NOT_EVEN}"
            if new:
                with suppress(Exception):  # whoever listens must not end the writing
                    self._tell(f"{why}; it is tried again")
            with self._lock:
                if self._waiting is not None:
                    page.add(self._waiting)
                self._waiting = page
                self._shorten(page)
        else:
            if self.trouble:
                self._keep()
            self.trouble = ""

    def _keep(self) -> bool:
        """What was used up so far, beside the journal."""
        with self._lock:
            last = self._last
        return last is None or self._spare.write(last)

    def _hang_up(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _put(self, page: Page) -> None:
        if self._db is None:
            self._db = connect(self._file)
        try:
            now = time.monotonic()
            sure = self._closing.is_set() or now >= self._sure_at
            self._db.execute(f"PRAGMA synchronous = {'FULL' if sure else 'NORMAL'}")
            self._sure_at = now + SURE_S if sure else self._sure_at
            with writing(self._db):
                write(self._db, self._session, self._person, page)
        except sqlite3.Error as error:
            raise trouble(self._file, error) from error

    def _seal(self) -> None:
        """One small piece instead of many. What fails here is whole all the same, and is made small another day."""
        if self._db is None:
            return
        try:
            with writing(self._db):
                seal(self._db, self._session)
        except sqlite3.Error:
            return


def write(db: sqlite3.Connection, session: str, person: int | None, page: Page) -> None:
    """Make `page` true. Nothing happens when the session's person was forgotten meanwhile."""
    if db.execute("SELECT 1 FROM sessions WHERE id = ?", (session,)).fetchone() is None:
        return
    fields = {**page.rows.fields, **page.fields}
    if fields:
        db.execute(f"UPDATE sessions SET {', '.join(f'{name} = ?' for name in fields)} WHERE id = ?", (*fields.values(), session))
    db.executemany("INSERT OR REPLACE INTO use VALUES (?, ?, ?, ?, ?)", [(session, minute, *use) for minute, use in page.minutes.items()])
    rows = page.rows
    db.executemany(
        "INSERT OR REPLACE INTO phases (session, number, kind, name, started_s, ended_s, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(session, number, *row) for number, row in rows.phases.items()],
    )
    db.executemany("INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?)", [(session, number, *row) for number, row in rows.events.items()])
    db.executemany("INSERT OR REPLACE INTO telemetry VALUES (?, ?, ?)", [(session, first_ms, data) for first_ms, data in rows.batches])
    db.executemany(
        "INSERT OR IGNORE INTO ratings (person, session, at, moment, measure, score) VALUES (?, ?, ?, ?, 'pain', ?)",
        [(person, session, page.at, moment, score) for moment, score in rows.scores],
    )
    if rows.pains is not None:
        db.executemany(
            "INSERT OR REPLACE INTO pains VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(session, number, one.at_s, one.source, *one.felt, one.score, one.mistake) for number, one in enumerate(rows.pains)],
        )
    simulated = fields.get("simulated")
    if rows.lessons is not None and not (simulated and person is None):  # a simulated nobody learns nothing: runs stay comparable
        db.execute("DELETE FROM lessons WHERE session = ?", (session,))
        db.executemany(
            "INSERT INTO lessons (person, session, at, simulated, place, most, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(person, session, page.at, bool(simulated), *lesson) for lesson in rows.lessons],
        )
