"""What a report claims: nothing that nobody measured, nothing of another session, and all that somebody told."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from footctl.core.events import Begin, Event, StopAsked, Yes
from footctl.core.findings import Finding
from footctl.core.guide import Guide
from footctl.core.profile import parse_program
from footctl.core.redflags import flags
from footctl.core.view import Outcome
from footctl.run import past
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger
from footctl.run.presets import read_program
from footctl.screens import pasts
from footctl.screens.report import charts, session, weeks
from footctl.screens.report import told as told_of
from footctl.screens.units import Units
from tests.rim.test_by_hand import ANA
from tests.rim.test_chronicle import at as a_massage
from tests.rim.test_journal_command import a_session, anna, journal, report, typed
from tests.rim.test_trend import DAY_S, SUNDAY, a_past

__all__ = ["anna", "journal"]


def by_hand(journal: Journal, name: str) -> None:
    """A session without a device, stopped in its first minutes."""
    guide = Guide(parse_program(read_program("evening-unwind"), "evening-unwind"), ANA)
    ledger = Ledger(journal, name, None, "evening-unwind")
    told: list[tuple[float, Event | None]] = [(0.0, None), (1.0, Begin()), (2.0, Yes()), (3.0, Yes()), (200.0, StopAsked("stop"))]
    for now, event in told:
        guide.act(now, *([] if event is None else [event]))
        ledger(guide.view(now))
    ledger.close(guide.view(201.0))


def shown(journal: Journal, name: str) -> str:
    whole = past.whole(journal, past.find(journal, name))
    return pasts.verdict(whole.past, whole.plan)


def test_a_session_by_hand_claims_nothing(journal: Journal, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    by_hand(journal, "hands")
    assert shown(journal, "hands") == "stopped; not measured: done by hand"
    page, _ = report(capsys, tmp_path / "page.html", "hands")
    assert "Done by hand, without a device: nothing was measured." in page.words
    for claim in ("exceeded", "no device.", "0.0 °C", "kPa", "No readings were kept"):
        assert claim not in page.words.partition("How to read this")[0], claim
    assert "device by hand" not in typed(capsys, "journal", "show", "hands")[1]
    weeks, _ = report(capsys, tmp_path / "weeks.html", "--since", "1d", "--person", "-")
    assert "0 kPa" not in weeks.words


def test_what_was_not_recorded_to_the_end_is_not_called_whole(journal: Journal) -> None:
    ledger = Ledger(journal, "killed", None, "evening-unwind")
    for number in range(50):
        ledger(a_massage(number / 5))
    ledger._scribe.close(5.0)
    ledger._alive.close()
    told = shown(journal, "killed")
    assert told.startswith("interrupted: footctl ended without a word")
    assert told.endswith("nothing exceeded in what was recorded")


def test_nothing_measured_is_nothing_claimed(journal: Journal) -> None:
    ledger = Ledger(journal, "deaf", None, "evening-unwind")
    for number in range(3):
        ledger(a_massage(number / 5, sample=None, water_max_c=None, pressure_max_kpa=0.0))
    ending = Outcome("link_lost", "nothing came", off_confirmed=False)
    ledger.close(a_massage(1.0, sample=None, water_max_c=None, pressure_max_kpa=0.0, outcome=ending))
    assert shown(journal, "deaf") == "link_lost: nothing came; nothing was measured; the device did not confirm that it was off"


@pytest.mark.parametrize(
    ("reason", "said"),
    [("stopped (stop)", "stopped"), ("stopped (ctrl-c)", "stopped (ctrl-c)"), ("by the device", "stopped: by the device")],
)
def test_no_word_twice(journal: Journal, reason: str, said: str) -> None:
    a_session(journal, "s", None, kind="stopped")
    journal._db.execute("UPDATE sessions SET reason = ?", (reason,))
    assert shown(journal, "s") == f"{said}; nothing exceeded"


# ------------------------------------------------------------------------------------------------------------- the drawings


def presses(journal: Journal, *events: tuple[float, str, str]) -> past.Whole:
    """A massage of ten seconds in which this happened."""
    a_session(journal, "s", None)
    journal._db.execute("DELETE FROM events")
    journal._db.executemany("INSERT INTO events VALUES ('s', ?, ?, ?, ?)", [(number, *row) for number, row in enumerate(events)])
    return past.whole(journal, past.find(journal, "s"))


def test_presses_that_changed_nothing_are_no_marks(journal: Journal) -> None:
    told = "no firmer than this: a cap is reached"
    whole = presses(
        journal, (10.5, "firmer", ""), (11, "firmer", ""), (11, "warning", told), (12, "firmer", ""), (13, "softer", ""),
        (14, "firmer", ""), (15, "firmer", ""), (16, "warning", told), (17, "pause", ""),
    )  # fmt: skip
    assert [(round(mark.at * 60, 1), mark.kind) for mark in session.marks(whole)] == [
        (10.5, "firmer"), (13, "softer"), (14, "firmer"), (17, "pause"),
    ]  # fmt: skip


def test_presses_where_nothing_can_be_changed_are_no_marks(journal: Journal) -> None:
    whole = presses(journal, (5, "firmer", ""), (12, "firmer", ""))
    steps = [{"kind": "dry", "name": "dry"}, whole.plan["steps"][1]]
    assert [mark.at * 60 for mark in session.marks(replace(whole, plan={"steps": steps}))] == [12]
    assert [mark.at * 60 for mark in session.marks(replace(whole, plan={}))] == [5, 12]
    assert session.marks(replace(whole, phases=())) == []


def test_marks_of_a_kind_that_are_near_are_one() -> None:
    marks = [charts.Mark(at, "firmer") for at in (1.0, 1.1, 1.2, 1.3, 5.0)] + [charts.Mark(1.2, "softer"), charts.Mark(9.9, "pain")]
    assert charts.merged(marks, 9.0) == [(1.0, "firmer ×4", False), (1.2, "softer", False), (5.0, "firmer", False), (9.0, "pain", True)]


def test_labels_stay_inside_and_hide_no_other() -> None:
    kinds = ("softer", "firmer", "pause", "stop", "pain", "fault")
    found = [(at, kind, kind in charts.BAD) for at in (1.0, 1.02, 5.0, 9.9, 10.0) for kind in kinds]
    placed = charts.placed(found, 10.0)
    assert {(at, label) for at, label, bad, _, _ in placed if bad and at == 1.0} == {(1.0, "stop"), (1.0, "pain"), (1.0, "fault")}
    spans: dict[int, list[tuple[float, float]]] = {}
    for at, label, _, row, side in placed:
        wide = charts.width(label) * 10
        spans.setdefault(row, []).append((at, at + wide) if side == "left" else (at - wide, at))
    assert set(spans) == {0, 1, 2}
    for row in spans.values():
        row.sort()
        assert all(end <= begin for (_, end), (begin, _) in pairwise(row))
        assert row[0][0] >= 0
        assert row[-1][1] <= 10


def test_the_legend_is_outside_and_each_zone_has_its_peak() -> None:
    at = [number / 10 for number in range(100)]
    curve = charts.Curve(at, marks=[charts.Mark(5.0, "firmer")])
    drawn = charts.water(curve, [38.0] * 100, [38.0] * 100, 40.0)
    heights = {text: float(y) for y, text in re.findall(r'transform="rotate\(-0 [\d.]+ ([\d.]+)\)">([^<]*)</text>', drawn)}
    heights |= {text: float(y) for y, text in re.findall(r'y="([\d.]+)"[^>]*>([^<]*)</text>', drawn)}
    assert heights["limit in force"] > heights["0"]
    assert "firmer" in drawn
    drawn = charts.pressure(curve, {"heel": ([22.4] * 100, [0.0] * 100), "toes": ([0.0] * 100, [0.0] * 100)}, 50.0)
    assert "22 kPa" in drawn
    assert "toes" not in drawn


# ------------------------------------------------------------------------------------------------------------- what was told


def test_a_period_has_its_skin_findings_and_its_acknowledged_flags(
    journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    a_session(journal, "s", anna)
    typed(capsys, "journal", "rate", "pain=3", "--skin", "blister:left", "--note", "the skin is peeling a little")
    day = pasts.moment(int(journal.clock()))[:10]
    first, _ = report(capsys, tmp_path / "first.html", "--since", "1d")
    assert re.search(rf"{day} \d\d:\d\da blister, left footstands", first.words)
    assert typed(capsys, "journal", "flags", "--acknowledge", "blister", "--confirm")[0] == 0
    typed(capsys, "journal", "rate", "--skin", "ok")
    for words in (("--since", "1d"), ("s",)):
        page, _ = report(capsys, tmp_path / f"{words[-1]}.html", *words)
        assert re.search(rf"Acknowledged: A blister \(skin check: a blister, left foot, {day}\)", page.words), words
        assert "No red flag stands in what was told" not in page.words
    page, _ = report(capsys, tmp_path / "weeks.html", "--since", "1d")
    assert "a blister, left footacknowledged" in page.words
    assert "1 of 2 skin checks found nothing new." in page.words


def test_a_finding_that_came_again_does_not_stand_twice() -> None:
    told = [Finding(10, "skin", "blister", foot="left"), Finding(20, "note", "burning feet"), Finding(30, "skin", "blister", foot="both")]
    standing = flags(told, {}, {}, 40)
    assert [row[1:] for row in told_of.rows(told, standing)] == [
        ("a blister, left foot", "told again since"),
        ("a note says: burning", "stands"),
        ("a blister, both feet", "stands"),
    ]
    assert told_of.rows(told[1:2], []) == [(pasts.moment(20), "a note says: burning", "stands no more")]
    assert told_of.table(told[:1] * 20, []).count("<tr>") == 1 + told_of.ROWS_MOST


def test_each_pain_has_its_strength(journal: Journal, anna: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, score in (("one", "6"), ("two", "")):
        a_session(journal, name, anna, kind="pain")
        if score:
            assert typed(capsys, "journal", "pain", "--score", score)[0] == 0
    page, _ = report(capsys, tmp_path / "weeks.html", "--since", "1d")
    assert re.search(r"left arch2\d{4}-\d\d-\d\d: 6 at 24 kPa; \d{4}-\d\d-\d\d: – at 24 kPa", page.words)


def test_a_flag_of_another_session_says_so(journal: Journal, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    a_session(journal, "old", None, days_ago=3)
    journal._db.execute(
        "INSERT INTO skin_checks (session, at, finding, foot) SELECT id, started + 60, 'blister', 'left' FROM sessions WHERE id = 'old'"
    )
    a_session(journal, "new", None)
    old = past.find(journal, "old").started
    page, text = report(capsys, tmp_path / "new.html", "new")
    assert f"not of this session: told {pasts.moment(old + 60)}; the session before that began {pasts.moment(old)}" in page.words
    assert 'class="verdict"' in text
    page, text = report(capsys, tmp_path / "old.html", "old")
    assert "A blister: within one working day" in page.words
    assert "not of this session" not in page.words
    assert 'class="verdict bad"' in text
    journal._db.execute("UPDATE skin_checks SET session = NULL, at = at + 400000")
    assert "the session before" not in report(capsys, tmp_path / "later.html", "new")[0].words


def test_many_scores_are_drawn_by_the_week() -> None:
    told = [a_past(day, {("before", "pain"): 9 - day // 10, ("after", "pain"): 5}) for day in range(80)]
    page = weeks.html("Anna", SUNDAY, SUNDAY + 90 * DAY_S, told, [], [], {}, [], Units("C"))
    assert "more than 60 scores show the mean and the range of each week" in page
    page = weeks.html("Anna", SUNDAY, SUNDAY + 90 * DAY_S, told[:50], [], [], {}, [], Units("C"))
    assert "the range of each week" not in page
