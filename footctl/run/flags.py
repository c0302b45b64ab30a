"""Which red flags stand for a person now, and who may say that they were read. The urgent ones forbid a session until then."""

from __future__ import annotations

from footctl.core.redflags import BY_KEY, Flag, flags
from footctl.errors import DeviceRefused, UsageError
from footctl.run import persons
from footctl.run.diary import findings
from footctl.run.journal import Journal
from footctl.run.lessons import day_words

BASELINES = {"usual_pain": "pain", "usual_numbness": "numbness", "usual_tingling": "tingling"}


def standing(journal: Journal, person: int | None, simulated: bool = False) -> list[Flag]:
    """The flags of a person, or of everybody unnamed, the most urgent first. `simulated`: also what was told of simulated sessions."""
    told = findings(journal, person, simulated)
    if not told:
        return []
    with journal.guarded() as db:
        read = dict(db.execute("SELECT rule, max(until) FROM acknowledged WHERE person IS ? GROUP BY rule", (person,)).fetchall())
    return flags(told, usual(journal, person), read, int(journal.clock()))


def usual(journal: Journal, person: int | None) -> dict[str, int]:
    """A person's ordinary scores, as far as the screening asked."""
    held = [] if person is None else [one for one in journal.screenings(person) if one.held]
    answers = persons.from_json(held[-1].answers) if held else {}
    return {
        measure: number
        for key, measure in BASELINES.items()
        if (given := answers.get(key)) is not None and (number := given.number) is not None
    }


def blocked(journal: Journal, person: int | None, simulated: bool = False) -> DeviceRefused | None:
    """Why nothing may run for a person now, or None."""
    urgent = [flag for flag in standing(journal, person, simulated) if flag.rule.blocks]
    if not urgent:
        return None
    name = next((row.name for row in journal.persons() if row.id == person), None)
    who = "" if name is None else f" for {name}"
    told = " ".join(f"{flag.rule.title} ({flag.because}, {day_words(flag.at, journal.clock())}). {flag.rule.do}" for flag in urgent)
    whose = "" if name is None else f" --person {name!r}"
    return DeviceRefused(f"not{who} now. {told}", f"once it was looked at: footctl journal flags{whose} --acknowledge {urgent[0].rule.key}")


def acknowledge(journal: Journal, person: int | None, rule: str) -> Flag:
    """Somebody has read a flag and had it looked at: it is quiet until something new is told. Raises UsageError when it does not stand."""
    found = next((flag for flag in standing(journal, person, simulated=True) if flag.rule.key == rule), None)
    if found is None:
        known = "it stands no more" if rule in BY_KEY else f"there is no rule {rule!r}"
        raise UsageError(f"nothing to acknowledge: {known}", "footctl journal flags shows what stands")
    now = int(journal.clock())
    with journal.guarded(write=True) as db:
        db.execute("INSERT INTO acknowledged (person, rule, until, at) VALUES (?, ?, ?, ?)", (person, rule, found.at, now))
        what = f"red flag read: {found.rule.title} ({found.because})"
        db.execute("INSERT INTO happenings (person, at, what) VALUES (?, ?, ?)", (person, now, what))
    return found
