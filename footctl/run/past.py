"""Sessions that are over, from the journal: one line each, one whole, or a measure over time. Reads; marks what a dead host left open."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from footctl.errors import UsageError
from footctl.run.alive import is_alive
from footctl.run.journal import DAY_MIN, Journal, seal

INTERRUPTED = "interrupted"
WHY = "footctl ended without a word: it was killed, it crashed, or the power went"
LAST = "last"
SHORT = 6  # letters of an id that a person types


@dataclass(frozen=True, slots=True)
class Past:
    """One session as one line. `person` None: nobody was named. `outcome` None: it is running now. Scores: (moment, measure) to 0-10."""

    id: str
    person: int | None
    name: str | None
    started: int
    ended: int | None
    simulated: bool
    program: str
    title: str | None
    tier: str | None
    device: str | None
    model: str | None
    firmware: str | None
    outcome: str | None
    reason: str | None
    hint: str | None
    fault: int | None
    off: bool | None
    duration_s: float | None
    water_max_c: float | None
    pressure_max_kpa: float | None
    dose_cem43: float | None
    lost_s: float
    scores: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """The end of the id, which is enough to name it."""
        return self.id[-SHORT:]

    def score(self, measure: str, moment: str) -> int | None:
        """The last score of a measure at a moment."""
        return self.scores.get((moment, measure))


_FIELDS = (
    "sessions.id", "person", "persons.name", "started", "ended", "simulated", "program", "title", "tier", "device", "model", "firmware",
    "outcome", "reason", "hint", "fault", "off", "duration_s", "water_max_c", "pressure_max_kpa", "dose_cem43", "lost_s",
)  # fmt: skip
_NAMES = tuple(name.rpartition(".")[2] for name in _FIELDS)
_FROM = f"SELECT {', '.join(_FIELDS)} FROM sessions LEFT JOIN persons ON persons.id = sessions.person"
ANYBODY = -1  # for `sessions`: whoever it was


def sessions(journal: Journal, person: int | None = ANYBODY, since: int = 0, simulated: bool = True) -> list[Past]:
    """Sessions since a moment, oldest first: of a person, of nobody (None), or of anybody."""
    mark_interrupted(journal)
    whose, who = ("", ()) if person == ANYBODY else (" AND sessions.person IS ?", (person,))
    real = "" if simulated else " AND NOT simulated"
    with journal.guarded() as db:
        rows = db.execute(f"{_FROM} WHERE started >= ?{whose}{real} ORDER BY started, sessions.rowid", (since, *who)).fetchall()
        told: dict[str, dict[tuple[str, str], int]] = {}
        query = (
            "SELECT session, moment, measure, score FROM ratings JOIN sessions ON sessions.id = ratings.session"
            f" WHERE started >= ?{whose} ORDER BY ratings.at, ratings.id"
        )
        for session, moment, measure, score in db.execute(query, (since, *who)):
            told.setdefault(session, {})[moment, measure] = score
    return [_past(row, told.get(row[0], {})) for row in rows]


def _past(row: Sequence[Any], scores: Mapping[tuple[str, str], int]) -> Past:
    values = dict(zip(_NAMES, row, strict=True))
    values["simulated"] = bool(values["simulated"])
    values["off"] = None if values["off"] is None else bool(values["off"])
    return Past(**values, scores=scores)


def find(journal: Journal, name: str | None, person: int | None = ANYBODY) -> Past:
    """The session called so: the beginning or the end of its id; the last one for None or "last". Raises UsageError."""
    known = sessions(journal, person)
    if name is None or name == LAST:
        over = [one for one in known if one.outcome is not None]
        if not over:
            raise UsageError("there is no session yet", "footctl run quick-break --sim makes one")
        return over[-1]
    found = [one for one in known if one.id.startswith(name) or one.id.endswith(name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"no session is called {name!r}", "footctl journal list shows them")
    raise UsageError(f"{name!r} fits {len(found)} sessions", f"more letters: {', '.join(one.id for one in found[:4])}")


def mark_interrupted(journal: Journal) -> None:
    """Sessions that have no end and no process any more say so. What they used up counts on, with what nobody saw."""
    with journal.guarded() as db:
        open_ones = [row[0] for row in db.execute("SELECT id FROM sessions WHERE ended IS NULL AND outcome IS NULL")]
    dead = [one for one in open_ones if not is_alive(journal.file, one)]
    if not dead:
        return
    with journal.guarded(write=True) as db:
        for one in dead:
            db.execute("UPDATE sessions SET outcome = ?, reason = ? WHERE id = ? AND ended IS NULL", (INTERRUPTED, WHY, one))
            db.execute("UPDATE phases SET outcome = 'cut' WHERE session = ? AND ended_s IS NULL", (one,))
            seal(db, one)


def since_soak(journal: Journal, person: int | None) -> float | None:
    """Seconds since a person's feet, or those of anybody unnamed, were last in the water of a real session; None: not in the last 24 h.

    Never more than it is. Use is booked by the minute, so a minute's end counts, or more where more was booked in it. Who did it by
    hand may have soaked until the session's end, and whom a dead host left in the water, until its session timer's.
    """
    now = journal.clock()
    query = (
        "SELECT max(minute * 60 + max(60, soak_s, CASE WHEN elapsed_s IS NULL THEN coalesce(duration_s, 0) ELSE 0 END)"
        " + CASE WHEN ended IS NULL AND feet_in THEN max(0, session_s - elapsed_s) ELSE 0 END)"
        " FROM use JOIN sessions ON sessions.id = use.session WHERE person IS ? AND NOT simulated AND soak_s > 0 AND minute >= ?"
    )
    with journal.guarded() as db:
        last = db.execute(query, (person, now // 60 - DAY_MIN)).fetchone()[0]
    return None if last is None else max(0.0, now - last)


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is kept of one session besides its telemetry. Rows are mappings with the columns' names."""

    past: Past
    plan: Mapping[str, Any]
    phases: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    pains: Sequence[Mapping[str, Any]]
    ratings: Sequence[Mapping[str, Any]]
    skin: Sequence[Mapping[str, Any]]
    notes: Sequence[Mapping[str, Any]]
    lessons: Sequence[Mapping[str, Any]]


def whole(journal: Journal, past: Past) -> Whole:
    """Everything about one session."""
    with journal.guarded() as db:

        def rows(query: str) -> list[dict[str, Any]]:
            cursor = db.execute(query, (past.id,))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

        return Whole(
            past,
            _plan(db, past.id),
            rows("SELECT number, kind, name, started_s, ended_s, outcome FROM phases WHERE session = ? ORDER BY number"),
            rows("SELECT at_s, kind, words FROM events WHERE session = ? ORDER BY number"),
            rows("SELECT at_s, source, foot, zone, technique, pressure_kpa, water_c, score, mistake FROM pains WHERE session = ?"),
            rows("SELECT at, moment, measure, score FROM ratings WHERE session = ? ORDER BY at, id"),
            rows("SELECT at, finding, foot FROM skin_checks WHERE session = ? ORDER BY at, id"),
            rows("SELECT at, text FROM notes WHERE session = ? ORDER BY at, id"),
            rows("SELECT place, most, why, raised FROM lessons WHERE session = ? ORDER BY place"),
        )


def _plan(db: sqlite3.Connection, session: str) -> dict[str, Any]:
    row = db.execute("SELECT plan FROM sessions WHERE id = ?", (session,)).fetchone()
    if row is None or row[0] is None:
        return {}
    plan = json.loads(row[0])
    return plan if isinstance(plan, dict) else {}


def plan_steps(journal: Journal, session: str) -> Sequence[Mapping[str, Any]]:
    """The steps of a session's plan, as they were agreed to."""
    with journal.guarded() as db:
        return list(_plan(db, session).get("steps", ()))


def batches(journal: Journal, session: str) -> list[bytes]:
    """A session's telemetry, for footctl.run.telemetry."""
    with journal.guarded() as db:
        rows = db.execute("SELECT data FROM telemetry WHERE session = ? ORDER BY first_ms", (session,))
        return [row[0] for row in rows]
