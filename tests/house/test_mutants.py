"""The campaign against broken lines: its table is right, its committed result meets the gates, and it does find a gap in the tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import mutants


def test_the_table_names_what_exists(checkout: Path) -> None:
    for target in mutants.targets().values():
        for path in (target.module, *target.tests):
            assert (checkout / path).is_file()


def test_the_committed_results_are_of_this_code_meet_their_gates_and_say_what_was_not_run(checkout: Path) -> None:
    results = json.loads(mutants.RESULTS.read_text("utf-8"))
    assert list(results) == [name for name in mutants.targets() if name in results]
    for name, row in results.items():
        assert row["killed"] >= row["gate"] * row["mutants"], name
        assert row["mutants"] - row["killed"] == len(row["survivors"])
        assert all(one["why"] for one in row["survivors"]), name
        assert row["sha256"] == mutants.digest((checkout / name).read_text("utf-8")), f"{name} has changed since it was run"
    page = mutants.PAGE.read_text("utf-8")
    assert page == mutants.page(results)
    assert page.count("not run yet") == len(mutants.targets()) - len(results)


def test_annotations_are_no_mutants() -> None:
    source = "def f(x: int | None = None) -> int | str:\n    y: int | str = 1\n    return y\n"
    assert mutants._meaning(source) == mutants._meaning(source.replace("|", "&"))
    assert mutants._meaning(source) != mutants._meaning(source.replace("= 1", "= 2"))


@pytest.mark.slow
def test_a_gap_is_found_and_a_test_closes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    (tmp_path / "homes").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (tmp_path / "toyed.py").write_text("LIMIT = 40\n\n\ndef allowed(value: int) -> bool:\n    return value <= LIMIT\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    far = "from toyed import allowed\n\ndef test_far():\n    assert allowed(1)\n    assert not allowed(90)\n"
    near = far + "\ndef test_near():\n    assert allowed(40)\n    assert not allowed(41)\n"
    survivors = {}
    for name, tests in (("far", far), ("near", near)):
        (tmp_path / f"test_{name}.py").write_text(tests)
        found, left = mutants.hunt(mutants.Target("toyed", "toyed.py", (f"test_{name}.py",), 1.0), tmp_path, 2)
        assert found > 5
        survivors[name] = [mutant.after((tmp_path / "toyed.py").read_text()) for mutant in left]
    assert "LIMIT = 41" in survivors["far"]
    assert "return value < LIMIT" in survivors["far"]
    assert survivors["near"] == []
