"""The safety case is whole: every fault has a row, every row a scenario and a test, and what is missing would be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import traceability
from firmware_protocol import faults
from simulator import hazards, mishaps
from simulator.describe import list_troubles, scenario


def test_nothing_is_missing() -> None:
    assert traceability.gaps() == []


def _row(number: int, **changes: object) -> hazards.Row:
    return hazards.rows()[number - 1].model_copy(update=changes)


@pytest.mark.parametrize(
    ("row", "gap"),
    [
        (_row(13, scenario="-"), "F13 has no scenario"),
        (_row(13, scenario="f99-nowhere"), "no scenario f99-nowhere"),
        (_row(13, scenario="f01-sensor-open"), "none of its mishaps"),
        (_row(13, device="", host=""), "detected by nobody"),
        (_row(13, case=()), "F13 has no mishap"),
        (_row(19, tests=()), "F19 has no test"),
        (_row(19, tests=("tests/world/test_faults.py::test_of_nothing",)), "there is no test"),
        (_row(14, reason=""), "F14 has no reason"),
    ],
)
def test_a_gap_is_told(monkeypatch: pytest.MonkeyPatch, row: hazards.Row, gap: str) -> None:
    rows = tuple(row if one.number == row.number else one for one in hazards.rows())
    monkeypatch.setattr(traceability, "rows", lambda: rows)
    assert any(gap in told for told in traceability.gaps())


@pytest.mark.parametrize(("limit", "column"), traceability.MEASURED)
def test_a_limit_that_no_phase_measures_is_told(monkeypatch: pytest.MonkeyPatch, limit: str, column: str) -> None:
    """What is demanded and never reached is not tested, however green."""
    worlds = traceability._worlds()
    case = next(case for case in hazards.cases() if getattr(case, limit) is not None and case.mishap != "converter-frozen")
    mine = [world for world in worlds if world["first"] == case.name and not world["second"]]
    for world in mine:
        world[column] = ""
    monkeypatch.setattr(traceability, "_worlds", lambda: worlds)
    assert any(f"{case.name}: no phase of" in told and limit in told for told in traceability.gaps())
    elsewhere = next(world for world in mine if world["phase"] not in case.demanded)
    elsewhere[column] = "0.05"
    assert traceability.gaps(), "where nothing is demanded, nothing is measured"
    next(world for world in mine if world["phase"] in case.demanded)[column] = "0.05"
    assert traceability.gaps() == []


def test_a_new_fault_without_a_row_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    new = (99, "new_fault", faults.TRIP, "something new", "do something")
    monkeypatch.setattr(faults, "FAULTS", (*faults.FAULTS, new))
    assert "new_fault (99) is in the catalogue and has no row" in traceability.gaps()


def test_every_mishap_of_a_scenario_exists() -> None:
    for name in list_troubles():
        for happening in scenario(name).mishap:
            row = mishaps.TABLE[happening.name]
            assert set(happening.args) <= set(row.takes), name


def test_every_mishap_is_somewhere_in_the_table() -> None:
    """One that belongs to no row is a second fault, or a variant that the tests of the mishaps use."""
    used = {case.mishap for case in hazards.cases()}
    assert set(mishaps.TABLE) - used == {"relays-welded", "motor-welded", "sensor2-stuck", "cold-refill"}


def test_hardware_is_named(checkout: Path) -> None:
    page = (checkout / "docs" / "explanation" / "safety-case.md").read_text().lower()
    for part in ("thermal fuse", "independent thermal cut-out", "relief valve", "mains isolation", "residual-current", "hardware watchdog"):
        assert part in page
    for row in hazards.rows():
        if row.kind in ("elsewhere", "authentication"):
            assert f"f{row.number:02}" in page
