"""make says what is missing, and leaves no half-made environment behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def make(checkout: Path, tmp_path: Path, script: str | None) -> subprocess.CompletedProcess[str]:
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    command = ["make", "--no-print-directory", f"PYTHON={python}", f"VENV={tmp_path / 'env'}", "demo"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (None, "Install Python 3.11 or newer"),
        ('[ "$1" = -V ] && echo "Python 3.9.2" && exit; [ "$1" = -c ] && exit 1', "needs Python 3.11 or newer"),
        ('[ "$1" = -m ] && mkdir -p "$3/bin" && exit 1; exit 0', "sudo apt install python3-venv"),
    ],
    ids=["no python", "old python", "no venv"],
)
def test_it_says_what_is_missing(checkout: Path, tmp_path: Path, script: str | None, told: str) -> None:
    answer = make(checkout, tmp_path, script)
    assert answer.returncode != 0
    assert told in answer.stdout + answer.stderr
    assert not (tmp_path / "env").exists()
