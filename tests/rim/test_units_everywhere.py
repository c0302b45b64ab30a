"""Whoever reads °F reads it in every command; what programs read stays in °C."""

from __future__ import annotations

import json

import pytest

from footctl.cli import doctor
from footctl.cli.clear import cause_lines
from footctl.cli.main import main
from footctl.cli.watch import _line
from footctl.core.events import FirstCause
from footctl.screens.plain import Plain
from footctl.screens.units import Units, chosen
from tests.rim.moments import MOMENTS
from tests.rim.views import an_identity


@pytest.fixture(autouse=True)
def _american(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTCTL_UNITS", "F")


def test_the_plan_and_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "evening-unwind", "--sim"]) == 0
    told = capsys.readouterr().out
    assert "75.2 → 100.4 °F" in told
    assert "100.4 °F ±0.9" in told
    assert "°C" not in told
    notes = {line.index("confirm") for line in told.splitlines() if line.rstrip().endswith(" confirm")}
    assert len(notes) == 1
    assert main(["plan", "evening-unwind", "--sim", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["water_max_c"] == 38.0


def test_a_run_in_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "evening-unwind", "--sim", "--speed", "max", "--yes"]) == 0
    told = capsys.readouterr().out
    assert "°C" not in told
    assert "→ 100.4 °F" in told
    assert "peak water 10" in told


def test_every_moment_in_plain_lines() -> None:
    told: list[str] = []
    for name in MOMENTS:
        plain = Plain(told.append, units=Units("F"))
        for one in MOMENTS[name]():
            assert one.view is not None
            plain(one.view)
    assert not [line for line in told if "°C" in line]
    assert any("within 0.9 °F of 100.4 °F" in line for line in told)


def test_a_cause_and_a_sample() -> None:
    cause = FirstCause(60, 0, 38.0, 37.0, 0.5, 0.0, 0.0, "active")
    assert "water 100.4 and 98.6 °F" in chosen().words("\n".join(cause_lines(an_identity(), cause)))
    sample = {
        "t_s": 1.0, "state": "active", "water_c": 38.0, "water_setpoint_c": 38.0, "pressure_max_kpa": 1.0, "heater_enable": True,
        "motor_enable": False, "heater_duty": 0.5, "presence": {}, "level": True, "faults": [],
    }  # fmt: skip
    assert "water 100.4 → 100.4 °F" in chosen().words(_line(sample))


def test_the_doctor_even_with_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._units().fahrenheit
    monkeypatch.setenv("FOOTCTL_UNITS", "K")
    assert not doctor._units().fahrenheit
