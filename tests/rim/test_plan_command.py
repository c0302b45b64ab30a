"""`footctl plan`, `sim` and `doctor`, without a device in the room."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from footctl.cli import doctor
from footctl.cli.flags import check_phase
from footctl.cli.main import main
from footctl.errors import UsageError
from footctl.run.presets import list_programs

PRESETS = [row["name"] for row in list_programs()]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_has_a_plan(preset: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", preset, "--sim"]) == 0
    told = capsys.readouterr().out
    assert "simulator SIM-0001" in told
    assert "nothing refused" in told
    assert max(len(line) for line in told.splitlines()) <= 170


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "evening-unwind", "--sim", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["simulated"] is True
    assert [step["kind"] for step in plan["steps"]][:3] == ["preheat", "feet_in", "soak"]
    assert plan["water_max_c"] == 38.0


def test_from_a_phase(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "quick-break", "--sim", "--from", "4", "--json"]) == 0
    assert "massage" not in [step["kind"] for step in json.loads(capsys.readouterr().out)["steps"]]
    capsys.readouterr()
    for wrong in ("0", "-1", "x", "1.5"):
        with pytest.raises(SystemExit) as ended:
            main(["plan", "quick-break", "--sim", f"--from={wrong}"])
        assert ended.value.code == 2
        assert "phases are counted from 1" in capsys.readouterr().err
    assert main(["plan", "quick-break", "--sim", "--from", "5"]) == 2
    capsys.readouterr()
    assert main(["plan", "quick-break", "--port", "/nowhere", "--from", "99"]) == 2  # the port is not even looked for
    told = capsys.readouterr()
    assert told.out == ""
    assert "--from 99: quick-break has 4 phases\n" in told.err


def test_a_wrong_program_is_exit_3_also_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hot = tmp_path / "hot.toml"
    hot.write_text('name = "Hot"\ntier = "standard"\n[[phase]]\nkind = "soak"\nwater = "45 C"\nfor = "5 min"\n')
    assert main(["plan", str(hot), "--sim", "--json"]) == 3
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["code"] == "profile"
    assert "45 C" in told.err


def test_flags_that_make_no_sense() -> None:
    assert main(["plan", "quick-break", "--scenario", "cold-fill"]) == 2
    assert main(["plan", "quick-break", "--sim", "--scenario", "boiling"]) == 2
    assert main(["plan", "quick-break", "--sim", "--port", "/dev/null"]) == 2
    assert main(["plan", "quick-break", "--port", "/dev/no-such-port"]) == 4


def test_a_small_heater_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "evening-unwind", "--sim", "--scenario", "small-heater"]) in (0, 5)
    assert "300 W" in capsys.readouterr().out


def test_sim_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sim", "scenarios", "--json"]) == 0
    assert "wrist-warm" in [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert main(["sim", "devices"]) == 0
    assert "footbath-5l" in capsys.readouterr().out


def test_doctor_finds_a_working_installation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"footctl", "python", "programs", "simulator"} <= {row["what"] for row in found}
    assert all(row["remedy"] for row in found if row["state"] != "ok")


def test_doctor_shows_the_settings_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text('units = "F"\n[scenes]\ncalm = ["sh", "-c", "true"]\nloud = ["no-such-command"]\n')
    monkeypatch.setenv("FOOTCTL_PLAIN", "yes")
    monkeypatch.setenv("FOOTCTL_SPEEK", "yes")
    assert main(["doctor", "--json"]) == 0
    told = {row["told"]: row for row in json.loads(capsys.readouterr().out)}
    assert f"units = F (from {file}:1)" in told
    assert "plain = yes (from FOOTCTL_PLAIN)" in told
    assert told["calm: sh -c true"]["state"] == "ok"
    assert told["loud: there is no command no-such-command"]["state"] == "note"
    assert "FOOTCTL_SPEEK is not known; did you mean FOOTCTL_SPEAK?" in told
    file.write_text("units = 3\n")
    assert main(["doctor"]) == 1
    assert f"wrong  settings     {file}:1: units = 3 is not known" in capsys.readouterr().out


def test_doctor_goes_on_when_a_check_breaks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def _broken() -> list[doctor.Finding]:
        raise OSError("no such thing")

    monkeypatch.setattr(doctor, "CHECKS", (_broken, *doctor.CHECKS[:1]))
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "wrong  broken" in told
    assert "ok     python" in told


def test_a_program_of_one_phase_has_no_second() -> None:
    check_phase(None, "short", 1)
    check_phase(0, "short", 1)
    with pytest.raises(UsageError, match=r"^--from 2: short has 1 phase$"):
        check_phase(1, "short", 1)
