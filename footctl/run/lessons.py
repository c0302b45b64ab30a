"""What a person's comfort taught, from the journal into the next session, and how a person takes it back. Only this lets anything rise.

What a lesson means is footctl.core.learned's business; here is since when, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from footctl.core.events import Earlier
from footctl.core.learned import ANY, WATER
from footctl.run.journal import Day, Journal
from footctl.run.past import since_soak

WEEK_DAYS = 6  # a weekday's name alone is plain for so long


@dataclass(frozen=True, slots=True)
class Held:
    """The ceiling in force at a place (a key of footctl.core.learned). `at`: when it was learned. `simulated`: from a simulator."""

    place: str
    most: float
    why: str
    at: int
    simulated: bool
    session: str | None

    @property
    def words(self) -> str:
        """Like "left heel, kneading"."""
        return place_words(self.place)

    @property
    def most_words(self) -> str:
        """Like "14.0 kPa"."""
        return f"{self.most:.1f} °C" if self.place == WATER else f"{self.most:.1f} kPa"


def place_words(place: str) -> str:
    """A key of footctl.core.learned in words: "left heel", "left heel, kneading", "water"."""
    if place == WATER:
        return "water"
    foot, zone, technique = place.split(".")
    return f"{foot} {zone}" + (f", {technique}" if technique != ANY else "")


def held(journal: Journal, person: int | None, simulated: bool) -> list[Held]:
    """The lowest lesson of each place that nobody has raised. `simulated`: also what a simulator taught."""
    with journal.guarded() as db:
        rows = db.execute(
            "SELECT place, min(most), why, at, simulated, session FROM lessons"
            " WHERE person IS ? AND raised IS NULL AND simulated <= ? GROUP BY place ORDER BY place",
            (person, simulated),
        ).fetchall()
    return [Held(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows]


def earlier(journal: Journal, person: int | None, day: Day, notes: tuple[str, ...]) -> Earlier:
    """What a real session should know before it begins."""
    most, why = _ceilings(held(journal, person, simulated=False), journal.clock())
    use = day.use
    return Earlier(use.soak_s, use.massage_s, use.dose_cem43, notes, most, why, since_soak_s=since_soak(journal, person))


def rehearsed(journal: Journal, person: int | None) -> Earlier | None:
    """What a simulated session of somebody should know; None when there is nothing, or nobody was named."""
    found = [] if person is None else held(journal, person, simulated=True)
    if not found:
        return None
    most, why = _ceilings(found, journal.clock())
    return Earlier(ceilings=most, reasons=why)


def _ceilings(found: list[Held], now: float) -> tuple[Mapping[str, float], Mapping[str, str]]:
    return {one.place: one.most for one in found}, {one.place: f"since {day_words(one.at, now)}: {one.why}" for one in found}


def day_words(at: int, now: float) -> str:
    """A day as people say it: today, Tuesday, 18 November, 18 November 2025."""
    then, today = datetime.fromtimestamp(at).astimezone(), datetime.fromtimestamp(now).astimezone()
    days = (today.date() - then.date()).days
    if days == 0:
        return "today"
    if 0 < days <= WEEK_DAYS:
        return f"{then:%A}"
    return f"{then.day} {then:%B}" + (f" {then.year}" if then.year != today.year else "")


def raise_ceiling(journal: Journal, person: int | None, place: str, to: float | None, who: str) -> list[Held]:
    """A person lifts what was learned at `place`: altogether, or up to `to` (kPa, °C). What held there; empty when nothing did.

    A value that is no higher than what holds raises nothing, so it changes nothing.
    """
    before = [one for one in held(journal, person, simulated=True) if one.place == place]
    if not before or (to is not None and all(to <= one.most for one in before)):
        return []
    now = int(journal.clock())
    unit = "°C" if place == WATER else "kPa"
    what = f"learned ceiling of {place_words(place)} ({before[0].most_words}) " + ("lifted" if to is None else f"raised to {to:g} {unit}")
    with journal.guarded(write=True) as db:
        most = 1e9 if to is None else to
        db.execute(
            "UPDATE lessons SET raised = ? WHERE person IS ? AND place = ? AND raised IS NULL AND most < ?", (now, person, place, most)
        )
        if to is not None:
            db.execute(
                "INSERT INTO lessons (person, at, simulated, place, most, why) VALUES (?, ?, ?, ?, ?, ?)",
                (person, now, all(one.simulated for one in before), place, to, f"set by {who}"),
            )
        db.execute("INSERT INTO happenings (person, at, what) VALUES (?, ?, ?)", (person, now, what))
    return before
