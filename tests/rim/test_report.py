"""What a report claims: nothing that nobody measured, nothing of another session, and all that somebody told."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from footctl.core.events import Begin, Event, StopAsked, Yes
from footctl.core.guide import Guide
from footctl.core.profile import parse_program
from footctl.core.view import Outcome
from footctl.run import past
from footctl.run.journal import Journal
from footctl.run.ledger import Ledger
from footctl.run.presets import read_program
from footctl.screens import pasts
from footctl.screens.report import charts, session
from tests.rim.test_by_hand import ANA
from tests.rim.test_chronicle import at as a_massage
from tests.rim.test_journal_command import a_session, anna, journal, report, typed

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
