"""What people say of a session, before and after: scores, skin, notes, where it hurt. Written when it is said, deleted with the person.

Which words mean that help is needed is footctl.run.flags' business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from footctl.core.change import MEASURES, SCALE_MOST
from footctl.core.events import FOOT_SIDES
from footctl.core.findings import SKIN, Finding
from footctl.core.learned import Felt, from_pain
from footctl.core.pain import place
from footctl.core.plan import Step
from footctl.errors import UsageError
from footctl.run.journal import Journal
from footctl.run.past import Past, plan_steps

MOMENTS = ("before", "during", "after")
NOTE_MOST = 4000  # letters; a diary, not an archive [ENG]
FEET = (*FOOT_SIDES, "both")


def score(text: str) -> tuple[str, int]:
    """`pain=3` as a measure and its score. Raises UsageError with what would be right."""
    name, equals, number = text.partition("=")
    name = name.strip().lower()
    if name not in MEASURES or not equals:
        raise UsageError(f"{text!r} is no rating", f"like pain=3; there are {', '.join(MEASURES)}")
    if not (number.strip().isascii() and number.strip().isdecimal()) or int(number) > SCALE_MOST:
        one = MEASURES[name]
        raise UsageError(f"{text!r}: a whole number from 0 ({one.none}) to {SCALE_MOST} ({one.worst})")
    return name, int(number)


def skin(text: str) -> tuple[str, str]:
    """`blister:left` as a finding and the foot, both when none is named. Raises UsageError."""
    finding, _, foot = text.strip().lower().partition(":")
    foot = foot.strip() or "both"
    if finding not in SKIN or foot not in FEET:
        raise UsageError(f"{text!r} is no finding", f"like blister:left; there are {', '.join(SKIN)}; feet {', '.join(FEET)}")
    return finding, foot


def said(
    journal: Journal, session: Past, moment: str, scores: Mapping[str, int], skins: Sequence[tuple[str, str]] = (), note: str = ""
) -> None:
    """Keep what was said of a session. All of it or nothing."""
    if moment not in MOMENTS:
        raise UsageError(f"{moment!r} is no moment", f"one of {', '.join(MOMENTS)}")
    now = int(journal.clock())
    with journal.guarded(write=True) as db:
        db.executemany(
            "INSERT INTO ratings (person, session, at, moment, measure, score) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET score = excluded.score",
            [(session.person, session.id, now, moment, name, number) for name, number in scores.items()],
        )
        db.executemany(
            "INSERT INTO skin_checks (person, session, at, finding, foot) VALUES (?, ?, ?, ?, ?)",
            [(session.person, session.id, now, finding, foot) for finding, foot in skins],
        )
        if note:
            db.execute("INSERT INTO notes (person, session, at, text) VALUES (?, ?, ?, ?)", (session.person, session.id, now, _short(note)))


def note(journal: Journal, person: int | None, text: str) -> None:
    """A note about a person, of no session."""
    with journal.guarded(write=True) as db:
        db.execute("INSERT INTO notes (person, at, text) VALUES (?, ?, ?)", (person, int(journal.clock()), _short(text)))


def _short(text: str) -> str:
    clean = "".join(letter for letter in text.strip() if letter.isprintable() or letter == "\n")
    if not clean:
        raise UsageError("the note is empty", "write something, or nothing at all")
    if len(clean) > NOTE_MOST:
        raise UsageError(f"the note has {len(clean)} letters; at most {NOTE_MOST}")
    return clean


def hurt(journal: Journal, session: Past, where: str | None, strong: int | None, mistake: bool) -> Felt:
    """Say where the last pain of a session was, how strong, or that nothing hurt; what it teaches follows. Raises UsageError."""
    try:
        told = place(where) if where is not None else None
    except ValueError as error:
        raise UsageError(str(error)) from error
    if strong is not None and not 0 <= strong <= SCALE_MOST:
        raise UsageError(f"{strong} is no score", f"0 to {SCALE_MOST}")
    with journal.guarded(write=True) as db:
        row = db.execute(
            "SELECT number, at_s, foot, zone, technique, pressure_kpa, water_c, score FROM pains WHERE session = ?"
            " ORDER BY number DESC LIMIT 1",
            (session.id,),
        ).fetchone()
        if row is None:
            raise UsageError(f"no pain was reported in {session.id}", "what hurt afterwards is a rating: footctl journal rate pain=N")
        felt = _placed(Felt(*row[2:7]), told)
        strong = row[7] if strong is None else strong
        db.execute(
            "UPDATE pains SET foot = ?, zone = ?, score = ?, mistake = ? WHERE session = ? AND number = ?",
            (felt.foot, felt.zone, strong, mistake, session.id, row[0]),
        )
        db.execute("DELETE FROM lessons WHERE session = ? AND why LIKE 'pain %'", (session.id,))
        if not mistake and not (session.simulated and session.person is None):
            step = _step_at(session, journal, row[1])
            db.executemany(
                "INSERT INTO lessons (person, session, at, simulated, place, most, why) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(session.person, session.id, session.started, session.simulated, *lesson) for lesson in from_pain(felt, step)],
            )
    return felt


def _placed(felt: Felt, told: str | None) -> Felt:
    foot, zone = felt.foot, felt.zone
    for word in (told or "").split("."):
        if word in FEET:
            foot = word
        elif word:
            zone = word
    return felt._replace(foot=foot, zone=zone)


def _step_at(session: Past, journal: Journal, at_s: float) -> Step | None:
    """The step of the plan that was on; only what a lesson needs of it."""
    steps = plan_steps(journal, session.id)
    with journal.guarded() as db:
        row = db.execute(
            "SELECT number FROM phases WHERE session = ? AND started_s <= ? ORDER BY number DESC LIMIT 1", (session.id, at_s)
        ).fetchone()
    if row is None or not 0 <= row[0] < len(steps):
        return None
    one = steps[row[0]]
    feet, zones = frozenset(one.get("feet", ())), frozenset(one.get("zones", ()))
    return Step(one["kind"], one["name"], feet=feet, zones=zones, technique=one.get("technique"))


def findings(journal: Journal, person: int | None, simulated: bool) -> list[Finding]:
    """All that a person told, oldest first. `simulated`: also of simulated sessions."""
    where = " LEFT JOIN sessions ON sessions.id = {0}.session WHERE {0}.person IS ? AND coalesce(sessions.simulated, 0) <= ?"
    who = (person, simulated)
    found = []
    with journal.guarded() as db:
        rows = db.execute("SELECT at, measure, score, moment FROM ratings" + where.format("ratings"), who)
        found += [Finding(at, "score", measure, number, moment=moment) for at, measure, number, moment in rows]
        rows = db.execute("SELECT at, finding, foot FROM skin_checks" + where.format("skin_checks"), who)
        found += [Finding(at, "skin", finding, foot=foot) for at, finding, foot in rows]
        rows = db.execute("SELECT at, text FROM notes" + where.format("notes"), who)
        found += [Finding(at, "note", text) for at, text in rows]
        rows = db.execute(
            "SELECT started + at_s, foot, zone, pains.score, pressure_kpa FROM pains JOIN sessions ON sessions.id = pains.session"
            " WHERE sessions.person IS ? AND sessions.simulated <= ? AND NOT mistake",
            who,
        )
        found += [
            Finding(int(at), "pain", ".".join(word for word in (foot, zone) if word), number, kpa=kpa)
            for at, foot, zone, number, kpa in rows
        ]
    return sorted(found, key=lambda one: one.at)
