"""`footctl device conformance` from a shell, over a serial line, over TCP and against the board's own program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simulator.pico import process
from tests.system.processes import Footctl, Served, Spawn

pytestmark = pytest.mark.system


def test_some_of_it_and_a_report(serve: Callable[..., Served], footctl: Footctl, tmp_path: Path) -> None:
    served = serve("pty", "--person", "none", speed=2)
    report = tmp_path / "out.xml"
    answer = footctl("device", "conformance", *served.device, "--yes", "--only", "8.7", "--report", str(report))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "3 passed, 0 failed" in answer.stdout
    assert ElementTree.parse(report).getroot().get("failures") == "0"


def test_a_board_that_claims_to_be_simulated_does_not_conform(serve: Callable[..., Served], footctl: Footctl) -> None:
    served = serve("pty", "--person", "none", speed=2)
    answer = footctl("device", "conformance", *served.device, "--yes", "--only", "4.9")
    assert answer.returncode == 4
    assert "NO  4.9" in answer.stdout
    assert "does not conform to PROTOCOL.md" in answer.stderr


def test_what_it_would_do_and_what_it_cannot(footctl: Footctl, tmp_path: Path) -> None:
    listed = footctl("device", "conformance", "--list")
    assert listed.returncode == 0
    assert "lease-stages" in listed.stdout
    assert footctl("device", "conformance", "--only", "nonsense", "--list").returncode == 2
    nobody = footctl("device", "conformance", "--port", str(tmp_path / "nothing"))
    assert nobody.returncode == 5, "nobody said yes"
    odd = footctl("device", "conformance", "--yes", "--report", str(tmp_path / "out.txt"))
    assert odd.returncode == 2
    assert "JUnit" in odd.stderr


def test_the_black_box_as_csv(serve: Callable[..., Served], footctl: Footctl, tmp_path: Path) -> None:
    served = serve("pty", "--person", "none", speed=2)
    served.act("press", "stop")
    out = tmp_path / "box.csv"
    answer = footctl("device", "log", *served.device, "--out", str(out))
    assert answer.returncode == 0, answer.stderr
    rows = out.read_text().splitlines()
    assert rows[0].startswith("uptime_s,before_last_s,what,state")
    assert any(",pain," in row for row in rows)
    again = footctl("device", "log", *served.device)
    assert again.stdout.splitlines()[0] == rows[0]
    assert footctl("device", "log", *served.device, "--out", str(tmp_path / "no" / "box.csv")).returncode == 2


@pytest.mark.soak
@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_all_of_it(serve: Callable[..., Served], footctl: Footctl, link: str) -> None:
    served = serve(link, speed=4)
    answer = footctl("device", "conformance", *served.device, "--yes", "--simulator", "--json", timeout=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["conforms"] is True


@pytest.mark.soak
def test_all_of_it_against_the_boards_program(
    spawn: Spawn, footctl: Footctl, tmp_path: Path, must_have: Callable[[object, str], None]
) -> None:
    must_have(process.micropython(), "micropython")
    words = ("sim", "serve", "--board", "pico_w", "--person", "none", "--pty", str(tmp_path / "board"), "--json")
    served = Served(spawn(*words), "pty", 1)
    answer = footctl("device", "conformance", *served.device, "--yes", "--json", timeout=400)
    told = json.loads(answer.stdout)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert told["simulator"] == 0
    assert told["conforms"] is True
