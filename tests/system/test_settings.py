"""Settings as defaults for flags: the usual device, program and person, and that they loosen nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.processes import Footctl, Served

pytestmark = pytest.mark.system


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def to_file(text: str) -> Path:
        Path(os.environ["FOOTCTL_CONFIG"]).write_text(text)
        return Path(os.environ["FOOTCTL_CONFIG"])

    return to_file


@pytest.fixture
def short(tmp_path: Path) -> str:
    """A program of two seconds, for devices that run as fast as a clock."""
    path = tmp_path / "short.toml"
    path.write_text('name = "Short"\ntier = "standard"\n[[phase]]\nkind = "rest"\nfor = "2 s"\n')
    return str(path)


def test_the_usual_device_and_program(serve: Callable[..., Served], footctl: Footctl, write: Callable[[str], Path], short: str) -> None:
    served = serve(speed=1)
    file = write(f'port = "{served.address}"\nprogram = "{short}"\n')
    planned = footctl("plan", "quick-break", "--json")
    assert json.loads(planned.stdout)["device"]["serial"] == "SIM-0001", planned.stderr
    assert footctl("watch", "--json", timeout=20, env={**os.environ, "FOOTCTL_PORT": "/dev/none"}).returncode == 4
    ran = footctl("run", "--yes", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["program"] == "short"
    assert served.process.poll() is None
    served.act("quit")
    served.process.wait(20)
    gone = footctl("plan", "quick-break")
    assert gone.returncode == 4
    assert f"this is your usual device, from {file}:1" in gone.stderr


def test_a_flag_passes_over_the_usual_device(serve: Callable[..., Served], footctl: Footctl, write: Callable[[str], Path]) -> None:
    served = serve("tcp")
    write('port = "/dev/no-such-port"\n')
    planned = footctl("plan", "quick-break", *served.device)
    assert planned.returncode == 0, planned.stderr
    simulated = footctl("plan", "quick-break", "--sim")
    assert simulated.returncode == 0, simulated.stderr


def test_the_usual_person_is_checked_like_a_named_one(
    serve: Callable[..., Served], footctl: Footctl, write: Callable[[str], Path], short: str
) -> None:
    served = serve(speed=1)
    write('person = "Anna"\n')
    unknown = footctl("run", short, *served.run)
    assert unknown.returncode == 2
    assert "nobody is called 'Anna' here" in unknown.stderr
    assert footctl("person", "screen", "Anna", "--otherwise-no").returncode == 0
    unasked = footctl("run", short, *served.run)
    assert unasked.returncode == 5, "the check of the day is asked, whoever named the person"
    assert "check of the day" in unasked.stderr
    assert footctl("run", short, *served.run, env={**os.environ, "FOOTCTL_PERSON": ""}).returncode == 0


def test_nothing_runs_on_wrong_settings(footctl: Footctl, write: Callable[[str], Path]) -> None:
    file = write("\n\nunits = 1\n")
    for words in (("run", "quick-break", "--sim", "--speed", "max", "--yes"), ("config", "show")):
        answer = footctl(*words)
        assert answer.returncode == 2
        assert f"{file}:3: units = 1 is not known" in answer.stderr


def test_somebody_else_is_nobody_by_name(serve: Callable[..., Served], footctl: Footctl, write: Callable[[str], Path], short: str) -> None:
    served = serve(speed=1)
    write('person = "Anna"\n')
    assert footctl("plan", short, *served.device).returncode == 2, "the usual person, and nobody is called so"
    assert footctl("plan", short, *served.device, "--person", "-").returncode == 0
    assert footctl("run", short, *served.run, "--person", "-").returncode == 0


def test_without_a_program_the_last_one_of_who_was_screened(footctl: Footctl, write: Callable[[str], Path], short: str) -> None:
    at_once = ("--sim", "--speed", "max", "--yes", "--json", "--person", "Anna", "--daily-ok")

    def ran(*words: str) -> str:
        answer = footctl("run", *words, *at_once)
        assert answer.returncode == 0, answer.stderr
        return str(json.loads(answer.stdout.splitlines()[-1])["program"])

    assert footctl("person", "screen", "Anna", "--otherwise-no").returncode == 0
    assert ran() == "first-time"
    assert ran(short) == "short"
    assert ran() == "short"
    Path(short).unlink()
    assert ran() == "first-time", "what is gone cannot be run again"
    write('program = "quick-break"\n')
    assert ran() == "quick-break"
