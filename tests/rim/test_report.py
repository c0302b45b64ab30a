"""What a report claims: nothing that nobody measured, nothing of another session, and all that somebody told."""

from __future__ import annotations

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
