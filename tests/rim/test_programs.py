"""`footctl programs`: what ships, and the tools to write one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from footctl.cli.main import main
from footctl.core.profile import MAX_BYTES
from footctl.run.presets import MAX_READ, list_programs, load_program


def test_a_list_says_what_the_judged_program_says() -> None:
    rows = list_programs()
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    assert {"evening-unwind", "first-time", "neuropathy-gentle", "quick-break"} <= {row["name"] for row in rows}
    for row in rows:
        profile = load_program(row["name"])
        assert (row["title"], row["tier"], row["summary"]) == (profile.name, profile.tier, profile.summary)
        assert row["for_whom"]
        assert row["not_for"]
        assert row["based_on"]


def test_reading_stops_one_byte_beyond_what_is_allowed() -> None:
    assert MAX_READ == MAX_BYTES + 1


def test_show_is_the_file_and_json_is_its_values(capsys: pytest.CaptureFixture[str], checkout: Path) -> None:
    assert main(["programs", "show", "quick-break"]) == 0
    assert capsys.readouterr().out == (checkout / "profiles" / "quick-break.toml").read_text()
    assert main(["programs", "show", "quick-break", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["phase"][0]["zones"] == ["ball", "arch", "heel"]
    assert shown["phase"][0]["for"] == 180.0


def test_check_tells_every_mistake_of_every_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "Hot"\ntier = "standard"\n[[phase]]\nkind = "soak"\nwater = "45 C"\nfor = 104\n')
    before = bad.read_bytes()
    assert main(["programs", "check", "evening-unwind", str(bad), str(tmp_path / "none.toml")]) == 3
    told = capsys.readouterr()
    assert "evening-unwind: right" in told.out
    assert "bad.toml:5" in told.err
    assert "bad.toml:6" in told.err
    assert "there is no such file" in told.err
    assert bad.read_bytes() == before


def test_check_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "check", "quick-break", str(tmp_path), "--json"]) == 3
    good, bad = json.loads(capsys.readouterr().out)
    assert good["ok"] is True
    assert bad["ok"] is False
    assert "directory" in bad["error"]


def test_new_copies_and_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["programs", "new", "quick-break"]) == 0
    assert load_program("./quick-break.toml").model_dump() == load_program("quick-break").model_dump()
    (tmp_path / "quick-break.toml").write_text("mine")
    assert main(["programs", "new", "quick-break"]) == 2
    assert (tmp_path / "quick-break.toml").read_text() == "mine"
    assert main(["programs", "new", "quick-break", "no/such/folder.toml"]) == 2
    assert "nothing was written" in capsys.readouterr().err


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "phase" in schema["properties"]
