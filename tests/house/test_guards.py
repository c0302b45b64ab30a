"""The guards of tests/conftest.py catch what they are for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SINS = """
import asyncio, time, warnings
import pytest

async def nap(seconds):
    await asyncio.sleep(seconds)

def test_thread_sleeps():
    time.sleep(0.2)

def test_loop_sleeps():
    asyncio.run(nap(0.2))

def test_task_is_left():
    async def leave():
        asyncio.get_running_loop().create_task(asyncio.Event().wait())
    asyncio.run(leave())

def test_warning():
    warnings.warn("careless")

@pytest.mark.unheard_of
def test_marker():
    pass
"""

VIRTUES = """
import asyncio, time
import pytest

def test_short_nap():
    time.sleep(0.001)
    asyncio.run(asyncio.sleep(0.001))

@pytest.mark.system
def test_system_may_sleep():
    time.sleep(0.06)
"""


def outcomes(tmp_path: Path, checkout: Path, text: str) -> str:
    shutil.copy(checkout / "tests" / "conftest.py", tmp_path)
    shutil.copy(checkout / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment).stdout


def test_sins_are_caught(tmp_path: Path, checkout: Path) -> None:
    told = outcomes(tmp_path, checkout, SINS)
    assert "'unheard_of' not found in `markers`" in told
    (tmp_path / "tests").rename(tmp_path / "first")
    told = outcomes(tmp_path, checkout, SINS.replace("@pytest.mark.unheard_of", ""))
    for test in ("test_thread_sleeps", "test_loop_sleeps", "test_task_is_left", "test_warning"):
        assert f"::{test} - " in told, told
    assert "tasks still running at the end" in told
    assert "again with the same random choices: pytest --hypothesis-seed=" in told


def test_virtues_pass(tmp_path: Path, checkout: Path) -> None:
    assert "2 passed" in outcomes(tmp_path, checkout, VIRTUES)
