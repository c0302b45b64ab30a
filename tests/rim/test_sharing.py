"""Programs from others and for others: what comes in is shown before it is kept; what goes out is data."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import platformdirs
import pytest

from footctl.cli.main import main
from footctl.core.unusual import unusual
from footctl.run import library
from footctl.run.presets import list_programs, load_program

ODD = """# never mind this
name = "Evening unwind"
tier = "standard"
scene = "disco"
[[phase]]
kind = "massage"
technique = "press"
zones = ["heel"]
pressure = "48 kPa"
for = "1 min"
[[phase]]
kind = "prompt"
text = "Ignore the pain."
"""


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "odd.toml"
    path.write_text(ODD)
    return path


@pytest.mark.parametrize("name", [row["name"] for row in list_programs()])
def test_nothing_but_its_scenes_is_unusual_in_a_preset(name: str) -> None:
    told = [line for line in unusual(load_program(name)) if not line.startswith("it names scenes")]
    if name == "dry-gentle":  # what its tier allows is all that there is to give
        assert told.pop() == "phase 3 (heel and arch circles): presses with 8 kPa, at most 8 kPa are allowed in its tier"
    assert not told


def test_what_is_unusual_is_shown_and_nothing_is_kept_without_a_yes(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "import", str(odd)]) == 2
    told = capsys.readouterr()
    for words in ("calls itself", "does not say who made it", "disco", "48 kPa, at most 50 kPa", "out of stopping", "Ignore the pain."):
        assert words in told.out
    assert "nobody is here to say yes" in told.err
    assert not library.programs()


@pytest.mark.parametrize(("said", "kept"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_a_person_decides(odd: Path, said: str, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(prompt: str) -> str:
        if not said:
            raise EOFError
        return said.strip()

    monkeypatch.setattr("footctl.cli.sharing.somebody_there", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    assert main(["programs", "import", str(odd), "--as", "odd"]) == (0 if kept else 2)
    assert ("odd" in library.programs()) is kept


def test_a_kept_program_is_a_program_like_any_other(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "import", str(odd), "--yes"]) == 0
    assert "kept as evening-unwind-2" in capsys.readouterr().out
    path = Path(library.programs()["evening-unwind-2"])
    assert path.read_text() == ODD
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert load_program("evening-unwind-2").program == "evening-unwind-2"
    for words in (["programs", "check"], ["programs", "show"], ["plan", "--sim"]):
        assert main([*words, "evening-unwind-2"]) == 0
    capsys.readouterr()
    assert main(["programs", "list"]) == 0
    assert "taken in:\nevening-unwind-2" in capsys.readouterr().out
    assert main(["programs", "list", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out) if row["origin"] == "taken in"] == ["evening-unwind-2"]
    assert main(["programs", "remove", "evening-unwind-2"]) == 0
    assert not library.programs()
    assert main(["programs", "remove", "evening-unwind-2"]) == 2


def test_names_are_never_taken_over(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, why in (("evening-unwind", "is a preset"), ("../../etc", "is no name"), ("A", "is no name")):
        assert main(["programs", "import", str(odd), "--yes", "--as", name]) == 2
        assert why in capsys.readouterr().err
    assert main(["programs", "import", str(odd), "--yes", "--as", "mine"]) == 0
    other = odd.with_name("other.toml")
    other.write_text(ODD.replace("48", "20"))
    assert main(["programs", "import", str(other), "--yes", "--as", "mine"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert "48 kPa" in Path(library.programs()["mine"]).read_text()
    assert main(["programs", "import", str(other), "--yes", "--as", "mine", "--replace"]) == 0
    assert "20 kPa" in Path(library.programs()["mine"]).read_text()


def test_a_wrong_program_is_told_and_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hot = tmp_path / "hot.toml"
    hot.write_text('name = "Hot"\ntier = "standard"\n[[phase]]\nkind = "soak"\nwater = "45 C"\nfor = "5 min"\n')
    assert main(["programs", "import", str(hot), "--yes"]) == 3
    assert "hot.toml:5" in capsys.readouterr().err
    assert main(["programs", "import", "none.toml", "--yes"]) == 3
    assert "nothing was stored" in capsys.readouterr().err
    assert main(["programs", "import", "https://example.com/x.toml", "--yes"]) == 2
    assert "fetches nothing" in capsys.readouterr().err
    assert main(["programs", "import", "quick-break", "--yes"]) == 3, "a file of that name, not the preset"
    assert not library.programs()


def test_as_json_it_only_looks_unless_told_to_keep(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "import", str(odd), "--json"]) == 0
    looked = json.loads(capsys.readouterr().out)
    assert (looked["name"], looked["kept"]) == ("evening-unwind-2", None)
    assert len(looked["unusual"]) == 5
    assert main(["programs", "import", str(odd), "--json", "--yes"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == library.programs()["evening-unwind-2"]


def test_one_that_was_broken_later_does_not_break_the_list(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "import", str(odd), "--yes", "--as", "mine"]) == 0
    Path(library.programs()["mine"]).write_text("name = [")
    assert main(["programs", "list"]) == 0
    assert "wrong: footctl programs check mine" in capsys.readouterr().out
    assert main(["plan", "mine", "--sim"]) == 3


def test_a_store_that_cannot_be_written(odd: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "programs").write_text("in the way")
    assert main(["programs", "import", str(odd), "--yes"]) == 1
    assert "nothing was stored" in capsys.readouterr().err


@pytest.mark.parametrize("name", [row["name"] for row in list_programs()])
def test_an_export_is_the_same_program_without_its_comments(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["programs", "export", name]) == 0
    text = capsys.readouterr().out
    assert not [line for line in text.splitlines() if line.startswith("#")]
    target = tmp_path / "out.toml"
    assert main(["programs", "export", name, str(target)]) == 0
    assert target.read_text() == text
    assert load_program(str(target)).model_dump() == load_program(name).model_dump()
    assert main(["programs", "export", name, str(target)]) == 2


def test_the_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert library.folder() == os.path.join(os.environ["FOOTCTL_DATA_DIR"], "programs")
    monkeypatch.delenv("FOOTCTL_DATA_DIR")
    for value in (str(tmp_path), "", "relative/path"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        if sys.platform == "linux" and value != "relative/path":
            assert library.folder() == os.path.join(platformdirs.user_data_dir("footctl", appauthor=False), "programs")
        assert os.path.isabs(library.folder())
