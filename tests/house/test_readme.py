"""What the README tells people to type exists and works, and its example program is right."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from footctl.cli.main import main

LONG = {"run"}  # the demo watches at 60 times real time; the tests of the system run programs


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), flags=re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """Every line with a prompt, as words, comments dropped."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.split(line[2:], comments=True) for line in lines]


@pytest.fixture
def readme(checkout: Path) -> Path:
    return checkout / "README.md"


def test_the_first_screen_says_what_matters(readme: Path) -> None:
    screen = "\n".join(readme.read_text().splitlines()[:24])
    for needed in (
        "controller for foot massagers",
        "for people",
        "Not a medical device",
        "podiatrist",
        "safety engineer",
        "make demo",
        "make test",
    ):
        assert needed in screen


def test_make_targets_exist(readme: Path, checkout: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (checkout / "Makefile").read_text(), flags=re.MULTILINE))
    asked = {words[1] for words in commands(readme) + commands(checkout / "CONTRIBUTING.md") if words[0] == "make"}
    assert {"demo", "test"} <= asked <= targets


def test_footctl_commands_work(readme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    asked = [words[1:] for words in commands(readme) if words[0].endswith("footctl")]
    assert len(asked) >= 5
    for words in asked:
        if words[0] not in LONG:
            assert main(words) == 0, (words, capsys.readouterr().err)


def test_the_example_program_is_right(readme: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks(readme, "toml")
    path = tmp_path / "example.toml"
    path.write_text(example)
    assert main(["programs", "check", str(path)]) == 0, capsys.readouterr().err
    assert main(["plan", str(path), "--sim"]) == 0


@pytest.mark.slow
@pytest.mark.system
def test_programs_run_as_the_tour_says(readme: Path) -> None:
    tour = [words[1:] for words in commands(readme) if words[:2] == ["footctl", "run"]]
    assert tour
    for words in tour:
        answer = subprocess.run([sys.executable, "-m", "footctl", *words], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr


def test_venv_advice_is_in_the_makefile(checkout: Path) -> None:
    assert "apt install python3-venv" in (checkout / "Makefile").read_text()
