"""The wheel has everything: installed into an empty environment, away from the checkout, it lists, plans and runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.system]

DATA = ("profiles/", "simulator/devices/", "simulator/scenarios/", "firmware_protocol/vectors/")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built with the backend that is installed, so without the network."""
    target = tmp_path_factory.mktemp("wheel")
    checkout = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel; the libraries it depends on are lent by the environment of the tests."""
    place = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place / "env")], check=True, capture_output=True)
    python = place / "env" / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([*command, "--disable-pip-version-check"], check=True, capture_output=True)
    site = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
    )
    # A line in a .pth file adds a folder, and does not follow the .pth files in it: an editable footctl stays out of sight.
    (Path(site.stdout.strip()) / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n" + sysconfig.get_path("platlib") + "\n")
    return place


def footctl(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(home / "env" / "bin" / "footctl"), *words], cwd=home, capture_output=True, text=True, check=False, env=environment
    )


def test_the_wheel_has_the_data(wheel: Path, checkout: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "firmware_protocol/PROTOCOL.md" in names
    assert "footctl/py.typed" in names
    for folder in DATA:
        for path in (checkout / folder).iterdir():
            if path.is_file():
                assert folder + path.name in names
    for path in (checkout / "firmware").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(checkout).as_posix() in names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "bench/"))]


def test_it_is_the_installed_one(home: Path) -> None:
    code = "import footctl, profiles, simulator, firmware, firmware_protocol; print(footctl.__file__)"
    where = subprocess.run([str(home / "env" / "bin" / "python"), "-c", code], cwd=home, capture_output=True, text=True, check=True).stdout
    assert where.startswith(str(home))


def test_it_lists_plans_and_runs(home: Path) -> None:
    listed = footctl(home, "programs", "list", "--json")
    assert "quick-break" in [row["name"] for row in json.loads(listed.stdout)], listed.stderr
    planned = footctl(home, "plan", "quick-break", "--sim")
    assert planned.returncode == 0, planned.stderr
    ran = footctl(home, "run", "quick-break", "--sim", "--speed", "max", "--yes", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["outcome"] == "completed"
    assert footctl(home, "doctor").returncode == 0
    assert footctl(home, "sim", "scenarios").returncode == 0
