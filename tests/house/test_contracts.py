"""The architecture's contracts hold, and each catches the sin that it was written against."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ("footctl", "firmware_protocol", "firmware", "simulator")

# where, what is added, the contract that must break
SINS = (
    ("footctl/core/sin.py", "from footctl.run import record", "The house has floors"),
    ("footctl/core/sin.py", "import firmware.device", "The house has floors"),
    ("footctl/link/sin.py", "import footctl.run", "The house has floors"),
    ("footctl/core/sin.py", "import asyncio", "The minds have no clock and no I/O"),
    ("firmware/device/sin.py", "import time", "The minds have no clock and no I/O"),
    ("firmware_protocol/sin.py", "from dataclasses import dataclass", "The device stays in the MicroPython subset"),
    ("simulator/sin.py", "import footctl.link", "The simulator does not use the rim"),
    ("footctl/run/sin.py", "from transitions import Machine", "One door to transitions"),
)


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path, checkout: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(checkout / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(checkout / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_contracts_hold(copy: Path) -> None:
    report = lint(copy)
    assert report.returncode == 0, report.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("where", "line", "contract"), SINS, ids=[f"{sin[0].rsplit('/', 1)[0]}: {sin[1]}" for sin in SINS])
def test_each_sin_is_caught(copy: Path, where: str, line: str, contract: str) -> None:
    (copy / where).write_text(line + "\n")
    report = lint(copy)
    assert report.returncode == 1, report.stdout
    assert f"{contract} BROKEN" in report.stdout


def imports(path: Path) -> list[str]:
    """Every module that a file imports, anywhere in it, relative imports spelled with their dots."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [f"{base}.{alias.name}" for alias in node.names]
    return found


def test_the_device_does_not_know_its_boards(checkout: Path) -> None:
    """import-linter does not see firmware/boards: it has no __init__.py, since `machine` exists on a board only."""
    files = [*(checkout / "firmware" / "device").rglob("*.py"), *(checkout / "firmware_protocol").rglob("*.py")]
    assert files
    for path in files:
        assert not [name for name in imports(path) if "boards" in name.split(".") or name.startswith("machine")], path


def test_one_door_to_transitions(checkout: Path) -> None:
    users = [
        path.relative_to(checkout).as_posix()
        for room in ROOMS
        for path in (checkout / room).rglob("*.py")
        if any(name.split(".")[0] == "transitions" for name in imports(path))
    ]
    assert users == ["footctl/core/machine.py"]


def test_boards_are_no_package(checkout: Path) -> None:
    assert not list((checkout / "firmware").glob("boards/**/__init__.py"))
