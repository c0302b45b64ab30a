"""Healthy sessions end as they should; one that is not healthy is seen."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from footctl.cli.main import main
from footctl.cli.trial import says_yes
from footctl.run.presets import list_programs, load_program
from simulator import trial

PRESETS = sorted(row["name"] for row in list_programs())
SLICE = trial.cases(PRESETS, 4 * len(PRESETS), seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLICE, ids=[f"{case.program}, {case.person}, {case.volume_l:g} L, {case.heater_w} W" for case in SLICE])
def test_a_healthy_session_is_not_stopped(case: trial.Case) -> None:
    verdict = trial.run(case, load_program, says_yes)
    assert verdict.outcome == "completed", verdict
    assert verdict.water_c < 40.5
    assert verdict.kpa < 57


def test_cases_come_from_the_seed_and_cover_what_they_should() -> None:
    assert trial.cases(PRESETS, 40, 3) == trial.cases(PRESETS, 40, 3)
    assert trial.cases(PRESETS, 40, 3) != trial.cases(PRESETS, 40, 4)
    many = trial.cases(PRESETS, 300)
    assert len(set(many)) == 300
    assert len({(case.program, case.person, case.tier) for case in many}) == len(PRESETS) * len(trial.PEOPLE) * len(trial.TIERS)
    for name, (low, high) in (("volume_l", trial.LITRES), ("heater_w", trial.WATTS), ("water_c", trial.WATER_C), ("room_c", trial.ROOM_C)):
        values = [getattr(case, name) for case in many]
        assert low <= min(values) < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < max(values) <= high
    world = many[7].world()
    assert (world.board.spec.heater_w, world.board.spec.bath.volume_l) == (many[7].heater_w, many[7].volume_l)


def test_what_is_not_healthy_is_seen() -> None:
    apart = replace(trial.cases(["evening-unwind"], 1)[0], probe_offset_c=(3.0, -3.0))
    verdict = trial.run(apart, load_program, says_yes)
    assert verdict.stopped
    (row,) = trial.table([verdict])
    assert (row["sessions"], row["completed"]) == (1, 0)
    assert row["stopped_by"].endswith("(1)")


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", "trial", "--healthy", "1", "--workers", "1", "--seed", "5", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["outcome"], row["case"]["program"]) == ("completed", PRESETS[0])
    assert main(["sim", "trial", "--healthy", "0"]) == 2
    assert main(["sim", "trial", "--workers", "0"]) == 2


@pytest.mark.slow
def test_several_processes_tell_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    found = trial.cases(["quick-break"], 2)
    assert list(trial.trials(found, load_program, says_yes, 2)) == list(trial.trials(found, load_program, says_yes, 1))
