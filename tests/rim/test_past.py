"""What is kept of sessions and what people say of them: found again, never more than was said, gone with the person."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from footctl.core.learned import WATER
from footctl.errors import UsageError
from footctl.run import diary, flags, lessons, past
from footctl.run.alive import Alive
from footctl.run.journal import SCHEMA, Journal, connect
from footctl.run.ledger import Ledger
from footctl.run.past import INTERRUPTED
from footctl.run.schema import MIGRATIONS
from tests.rim.test_chronicle import PLAN
from tests.rim.test_chronicle import at as a_massage

NOW = 1_760_000_000.0
DAY_S = 86_400


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(clock: Clock) -> Journal:
    return Journal(clock=clock)


@pytest.fixture
def anna(journal: Journal) -> int:
    return journal.screened("Anna", '{"usual_pain": {"said": "3", "on": "2025-10-01"}}', replaces=True, what="").id


def session(journal: Journal, name: str, person: int | None, simulated: bool = False, **fields: Any) -> past.Past:
    journal.opened(name, person, "evening-unwind", simulated)
    told = {"ended": int(journal.clock()) + 2400, "outcome": "completed", "duration_s": 2400.0, **fields}
    with journal.guarded(write=True) as db:
        db.execute(f"UPDATE sessions SET {', '.join(f'{key} = ?' for key in told)} WHERE id = ?", (*told.values(), name))
    return past.find(journal, name)


def hurting(journal: Journal, person: int | None, name: str = "s", simulated: bool = False) -> past.Past:
    """A session with a massage and a pain, as the ledger writes it."""
    from footctl.core.events import Pain
    from footctl.core.view import Outcome
    from tests.rim.views import an_identity

    ledger = Ledger(journal, name, person, "evening-unwind")
    identity = an_identity(simulator=int(simulated), serial="FT-7")
    for number in range(10):
        ledger(a_massage(number / 5, identity=identity))
    ledger.note(101.9, b"", [Pain()], b"")
    ledger.close(a_massage(2.0, identity=identity, outcome=Outcome("pain", "pain was reported", off_confirmed=True)))
    assert ledger.trouble == ""
    return past.find(journal, name)


# ------------------------------------------------------------------------------------------------------------- the schema


def test_a_journal_of_the_first_version_is_brought_along(journal: Journal) -> None:
    file = journal.file.with_name("old.sqlite3")
    db = sqlite3.connect(file)
    for statement in MIGRATIONS[0]:
        db.execute(statement)
    db.execute("INSERT INTO persons VALUES (1, 'Anna', 0)")
    columns = "id, person, started, ended, simulated, program, outcome"
    db.execute(f"INSERT INTO sessions ({columns}) VALUES ('old', 1, 7, 9, 0, 'p', 'completed')")
    db.execute("INSERT INTO use VALUES ('old', 0, 1, 2, 3)")
    db.execute("PRAGMA user_version = 1")
    db.commit()
    db.close()
    with Journal(file, clock=lambda: NOW) as again:
        assert connect(file).execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        one = past.find(again, "old")
        assert (one.name, one.outcome, one.lost_s, one.title, one.off) == ("Anna", "completed", 0.0, None, None)
        whole = past.whole(again, one)
        assert (whole.plan, list(whole.phases), past.batches(again, "old")) == ({}, [], [])
        assert past.plan_steps(again, "old") == []
        assert again.day(1).use.soak_s == 0  # long ago


def test_of_simulated_sessions_of_nobody_the_newest_are_kept(
    journal: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch, anna: int
) -> None:
    monkeypatch.setattr("footctl.run.journal.REHEARSALS", 3)
    for number in range(6):
        clock.now += 60
        session(journal, f"sim-{number}", None, simulated=True)
        session(journal, f"anna-{number}", anna, simulated=True)
        session(journal, f"real-{number}", None)
    names = [one.id for one in past.sessions(journal)]
    assert [name for name in names if name.startswith("sim")] == ["sim-3", "sim-4", "sim-5"]
    assert len(names) == 15


# ------------------------------------------------------------------------------------------------------------- finding


def test_sessions_by_person_time_and_kind(journal: Journal, clock: Clock, anna: int) -> None:
    session(journal, "a", anna)
    clock.now += DAY_S
    session(journal, "b", None)
    session(journal, "c", anna, simulated=True)
    assert [one.id for one in past.sessions(journal)] == ["a", "b", "c"]
    assert [one.id for one in past.sessions(journal, anna)] == ["a", "c"]
    assert [one.id for one in past.sessions(journal, anna, simulated=False)] == ["a"]
    assert [one.id for one in past.sessions(journal, None)] == ["b"]
    assert [one.id for one in past.sessions(journal, since=int(NOW) + 1)] == ["b", "c"]


def test_a_session_by_a_part_of_its_name(journal: Journal) -> None:
    with pytest.raises(UsageError, match="no session yet"):
        past.find(journal, None)
    session(journal, "20260101T000000Z-abc123", None)
    session(journal, "20260102T000000Z-abc456", None)
    assert past.find(journal, "c123").id.endswith("abc123")
    assert past.find(journal, "20260102").short == "abc456"
    assert past.find(journal, "last").short == "abc456"
    with pytest.raises(UsageError, match="fits 2 sessions"):
        past.find(journal, "2026")
    with pytest.raises(UsageError, match="no session is called"):
        past.find(journal, "xyz")


def test_a_host_that_died_is_marked_and_one_that_runs_is_not(journal: Journal) -> None:
    journal.opened("dead", None, "p", False)
    journal.opened("alive", None, "p", False)
    with journal.guarded(write=True) as db:
        db.execute("UPDATE sessions SET elapsed_s = 60")
        db.execute("INSERT INTO phases VALUES ('dead', 0, 'soak', 'soak', 0, NULL, 'running')")
    held = Alive(journal.file, "alive")
    found = {one.id: one for one in past.sessions(journal)}
    held.close()
    assert (found["dead"].outcome, found["dead"].ended, found["alive"].outcome) == (INTERRUPTED, None, None)
    assert past.whole(journal, found["dead"]).phases[0]["outcome"] == "cut"
    with journal.guarded() as db:
        left = db.execute("SELECT count(*) FROM sessions WHERE ended IS NULL AND elapsed_s IS NOT NULL").fetchone()
    assert left == (2,)  # what it used up goes on counting


# ------------------------------------------------------------------------------------------------------------- what people say


def test_scores_skin_and_notes(journal: Journal, anna: int) -> None:
    one = session(journal, "s", anna)
    diary.said(journal, one, "before", {"pain": 6})
    diary.said(journal, one, "after", {"pain": 3, "comfort": 8}, [("ok", "both")], " lovely ")
    again = past.find(journal, "s")
    assert (again.score("pain", "before"), again.score("pain", "after"), again.score("comfort", "after")) == (6, 3, 8)
    whole = past.whole(journal, again)
    assert [row["text"] for row in whole.notes] == ["lovely"]
    assert [(row["finding"], row["foot"]) for row in whole.skin] == [("ok", "both")]
    diary.said(journal, one, "after", {"pain": 4})  # said again in the same second: the newer word holds
    assert past.find(journal, "s").score("pain", "after") == 4
    with pytest.raises(UsageError, match="no moment"):
        diary.said(journal, one, "never", {"pain": 1})


@pytest.mark.parametrize("text", ["pain", "pain=", "pain=11", "pain=-1", "joy=3", "=3"])
def test_what_is_no_rating_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        diary.score(text)
    assert raised.value.hint or "0" in str(raised.value)
    assert diary.score(" Pain = 7 ".replace(" = ", "=")) == ("pain", 7)


def test_findings_of_the_skin() -> None:
    assert diary.skin("Blister:LEFT") == ("blister", "left")
    assert diary.skin("ok") == ("ok", "both")
    for text in ("rash", "blister:middle"):
        with pytest.raises(UsageError, match="no finding"):
            diary.skin(text)


def test_notes_are_short_and_printable(journal: Journal, anna: int) -> None:
    diary.note(journal, anna, "a\x1b[2Jb\nc")
    with journal.guarded() as db:
        assert db.execute("SELECT text, session FROM notes").fetchone() == ("a[2Jb\nc", None)
    with pytest.raises(UsageError, match="empty"):
        diary.note(journal, anna, " \x1b ")
    with pytest.raises(UsageError, match="letters"):
        diary.note(journal, anna, "x" * 5000)


def test_everything_goes_with_the_person(journal: Journal, anna: int) -> None:
    one = hurting(journal, anna)
    diary.said(journal, one, "after", {"pain": 3}, [("blister", "left")], "a note")
    flags.acknowledge(journal, anna, "blister")
    journal.forget(anna)
    with journal.guarded() as db:
        for table in ("sessions", "phases", "events", "telemetry", "pains", "lessons", "ratings", "skin_checks", "notes", "acknowledged"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


# ------------------------------------------------------------------------------------------------------------- pain and lessons


def test_a_pain_teaches_the_next_session(journal: Journal, clock: Clock, anna: int) -> None:
    one = hurting(journal, anna)
    assert [(held.place, held.most) for held in lessons.held(journal, anna, simulated=False)] == [("left.arch.", 14.0)]
    clock.now += 2 * DAY_S
    earlier = Ledger(journal, "next", anna, "p")
    earlier.close(None)
    assert earlier.earlier.ceilings == {"left.arch.": 14.0}
    assert earlier.earlier.reasons["left.arch."].endswith(": pain at 20 kPa")
    assert earlier.rehearsed is not None
    assert past.whole(journal, one).pains[0]["pressure_kpa"] == 20.0


def test_where_it_was_may_be_said_later_and_a_mistake_teaches_nothing(journal: Journal, anna: int) -> None:
    one = hurting(journal, anna)
    felt = diary.hurt(journal, one, "right heel", 6, mistake=False)
    assert (felt.foot, felt.zone) == ("right", "heel")
    assert [held.place for held in lessons.held(journal, anna, simulated=False)] == ["right.heel."]
    diary.hurt(journal, one, "both", None, mistake=False)
    assert [held.place for held in lessons.held(journal, anna, simulated=False)] == ["left.heel.", "right.heel."]
    assert past.whole(journal, one).pains[0]["score"] == 6
    diary.hurt(journal, one, None, None, mistake=True)
    assert lessons.held(journal, anna, simulated=False) == []
    assert [found.kind for found in diary.findings(journal, anna, simulated=False)] == []


def test_what_cannot_be_said_of_a_pain(journal: Journal, anna: int) -> None:
    one = hurting(journal, anna)
    with pytest.raises(UsageError, match="no place"):
        diary.hurt(journal, one, "elbow", None, mistake=False)
    with pytest.raises(UsageError, match="no score"):
        diary.hurt(journal, one, None, 11, mistake=False)
    with pytest.raises(UsageError, match="no pain was reported"):
        diary.hurt(journal, session(journal, "calm", anna), None, 3, mistake=False)


def test_a_simulator_teaches_simulated_sessions_and_a_nobody_learns_nothing_there(journal: Journal, anna: int) -> None:
    hurting(journal, anna, "a", simulated=True)
    assert lessons.held(journal, anna, simulated=False) == []
    assert len(lessons.held(journal, anna, simulated=True)) == 1
    assert lessons.rehearsed(journal, anna) is not None
    one = hurting(journal, None, "b", simulated=True)
    assert lessons.held(journal, None, simulated=True) == []
    diary.hurt(journal, one, "left.heel", None, mistake=False)
    assert lessons.held(journal, None, simulated=True) == []
    assert lessons.rehearsed(journal, None) is None


def teach(journal: Journal, person: int | None, place: str, most: float, simulated: bool = False) -> None:
    with journal.guarded(write=True) as db:
        db.execute(
            "INSERT INTO lessons (person, at, simulated, place, most, why) VALUES (?, ?, ?, ?, ?, 'pain at 20 kPa')",
            (person, int(journal.clock()), simulated, place, most),
        )


def test_only_a_person_raises(journal: Journal, anna: int) -> None:
    teach(journal, anna, "left.heel.", 14.0)
    teach(journal, anna, "left.heel.", 9.0)
    teach(journal, anna, "left.heel.", 18.0)
    (held,) = lessons.held(journal, anna, simulated=False)
    assert (held.most, held.words, held.most_words) == (9.0, "left heel", "9.0 kPa")
    assert lessons.raise_ceiling(journal, anna, "left.heel.", 9.0, "Anna") == []
    assert lessons.raise_ceiling(journal, anna, "right.heel.", None, "Anna") == []
    assert lessons.raise_ceiling(journal, anna, "left.heel.", 16.0, "Anna")
    assert lessons.held(journal, anna, simulated=False)[0].most == 16.0
    assert lessons.raise_ceiling(journal, anna, "left.heel.", None, "Anna")
    assert lessons.held(journal, anna, simulated=False) == []
    assert [one.what for one in journal.happenings(anna)][1:] == [
        "learned ceiling of left heel (9.0 kPa) raised to 16 kPa", "learned ceiling of left heel (16.0 kPa) lifted",
    ]  # fmt: skip


def soaked(journal: Journal, name: str, person: int | None, minute: int, soak_s: float, simulated: bool = False, **fields: Any) -> None:
    """A session that booked a soak `minute` minutes from now."""
    session(journal, name, person, simulated, **{"elapsed_s": 300.0, "feet_in": False, **fields})
    with journal.guarded(write=True) as db:
        db.execute("INSERT INTO use VALUES (?, ?, ?, 60, 0)", (name, int(journal.clock() // 60) + minute, soak_s))


def since_soak_s(journal: Journal, person: int | None) -> float | None:
    return lessons.earlier(journal, person, journal.day(person), ()).since_soak_s


def test_how_long_ago_feet_were_in_the_water_goes_into_the_next_session(journal: Journal, clock: Clock, anna: int) -> None:
    clock.now = NOW - NOW % 60 + 50.0
    assert since_soak_s(journal, anna) is None
    soaked(journal, "dry", anna, -1, 0.0)
    soaked(journal, "another's", None, -1, 60.0)
    soaked(journal, "simulated", anna, -1, 60.0, simulated=True)
    assert since_soak_s(journal, anna) is None
    soaked(journal, "long ago", anna, -20, 60.0)
    assert since_soak_s(journal, anna) == 50.0 + 19 * 60
    soaked(journal, "a while ago", anna, -4, 60.0)
    assert since_soak_s(journal, anna) == 50.0 + 3 * 60  # nobody knows it better than to the minute: its end counts
    clock.now += 2 * DAY_S
    assert since_soak_s(journal, anna) is None


def test_what_cannot_be_dated_to_its_minute_counts_as_late_as_it_may_have_been(journal: Journal, clock: Clock, anna: int) -> None:
    clock.now = NOW - NOW % 60 + 50.0
    soaked(journal, "all in one minute", anna, -10, 300.0)
    assert since_soak_s(journal, anna) == 50.0 + 5 * 60
    soaked(journal, "by hand", anna, -9, 300.0, elapsed_s=None, duration_s=480.0)
    assert since_soak_s(journal, anna) == 50.0 + 60
    soaked(journal, "of a clock that was ahead", anna, 60, 1.0)
    assert since_soak_s(journal, anna) == 0.0


def test_feet_that_a_dead_host_left_in_the_water_may_be_there_still(journal: Journal, clock: Clock, anna: int) -> None:
    clock.now = NOW - NOW % 60 + 50.0
    bounds = {"lease_s": 3.0, "session_s": 2400.0, "volume_l": 5.0, "trip_c": 41.5}
    left: dict[str, Any] = {"ended": None, **bounds, "celsius": 36.0, "pressed": 0}
    soaked(journal, "out", anna, -60, 60.0, **left)
    assert since_soak_s(journal, anna) == 50.0 + 59 * 60
    soaked(journal, "in", anna, -60, 60.0, feet_in=True, **left)
    assert since_soak_s(journal, anna) == 50.0 + 59 * 60 - 2100.0  # what was left of its session timer
    soaked(journal, "in, a while ago", anna, -30, 60.0, feet_in=True, **left)
    assert since_soak_s(journal, anna) == 0.0


def test_words_for_places_and_days() -> None:
    assert lessons.place_words("left.heel.kneading") == "left heel, kneading"
    assert lessons.Held(WATER, 37.0, "", 0, False, None).most_words == "37.0 °C"
    assert lessons.place_words(WATER) == "water"
    now = 1_763_985_600.0  # 24 November 2025, noon
    assert lessons.day_words(int(now) - 3600, now) == "today"
    assert lessons.day_words(int(now) - 3 * DAY_S, now) == "Friday"
    assert lessons.day_words(int(now) - 10 * DAY_S, now) == "14 November"
    assert lessons.day_words(int(now) - 400 * DAY_S, now) == "20 October 2024"


# ------------------------------------------------------------------------------------------------------------- red flags


def test_a_flag_blocks_until_it_is_read_and_again_when_it_is_told_again(journal: Journal, clock: Clock, anna: int) -> None:
    one = session(journal, "s", anna)
    assert flags.blocked(journal, anna) is None
    diary.said(journal, one, "after", {}, [("blister", "left")])
    refused = flags.blocked(journal, anna)
    assert refused is not None
    assert "not for Anna now. A blister" in str(refused)
    assert "--acknowledge blister" in refused.hint
    assert flags.blocked(journal, None) is None
    clock.now += DAY_S
    assert flags.acknowledge(journal, anna, "blister").rule.key == "blister"
    assert flags.blocked(journal, anna) is None
    with pytest.raises(UsageError, match="stands no more"):
        flags.acknowledge(journal, anna, "blister")
    with pytest.raises(UsageError, match="no rule"):
        flags.acknowledge(journal, anna, "hunger")
    diary.said(journal, one, "after", {}, [("blister", "right")])
    assert flags.blocked(journal, anna) is not None


def test_what_a_simulator_was_told_blocks_no_real_session(journal: Journal, anna: int) -> None:
    one = session(journal, "s", anna, simulated=True)
    diary.said(journal, one, "after", {"pain": 9}, [("black", "left")])
    assert flags.blocked(journal, anna) is None
    assert flags.blocked(journal, anna, simulated=True) is not None
    assert [flag.rule.key for flag in flags.standing(journal, anna, simulated=True)] == ["cold_foot", "severe"]


def test_a_flag_of_nobody_blocks_nobody(journal: Journal) -> None:
    one = session(journal, "s", None)
    diary.said(journal, one, "after", {}, [("wound", "left")], "")
    refused = flags.blocked(journal, None)
    assert refused is not None
    assert str(refused).startswith("not now. A wound")


def test_the_usual_scores_are_those_of_the_screening(journal: Journal, clock: Clock, anna: int) -> None:
    assert flags.usual(journal, anna) == {"pain": 3}
    assert flags.usual(journal, None) == {}
    for number in range(3):
        clock.now += DAY_S
        one = session(journal, f"s{number}", anna)
        diary.said(journal, one, "before", {"pain": 6})
    assert [flag.rule.key for flag in flags.standing(journal, anna)] == ["growing"]
    assert PLAN.limits
