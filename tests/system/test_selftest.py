"""`footctl device selftest` as a person meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.processes import Footctl, Served

SELFTEST = ("device", "selftest")


def test_the_simulator_in_this_process_passes_at_once(footctl: Footctl) -> None:
    answer = footctl(*SELFTEST, "--sim", "--yes")
    assert answer.returncode == 0, answer.stderr
    assert "latched without heartbeat" in answer.stdout
    assert "passed" in answer.stdout
    assert "NO" not in answer.stdout


def test_a_served_simulator_passes_over_its_wire_and_is_not_left_latched(serve: Callable[..., Served], footctl: Footctl) -> None:
    served = serve("tcp")
    answer = footctl(*SELFTEST, *served.device, "--yes", "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "waiting: hold the device's button" in answer.stderr  # over a network it needs a hand, here the simulator's
    told = json.loads(answer.stdout)
    assert told["outcome"] == "completed"
    assert [row["passed"] for row in told["proof"]] == [True] * 9
    assert "nothing is latched" in footctl("clear", *served.device).stdout


def test_nobody_who_can_say_yes_and_two_devices_at_once(footctl: Footctl) -> None:
    answer = footctl(*SELFTEST, "--sim")
    assert answer.returncode == 5
    assert "nobody is here" in answer.stderr
    assert footctl(*SELFTEST, "--sim", stdin="n\n").returncode == 6
    assert footctl(*SELFTEST, "--sim", stdin="y\n").returncode == 0
    assert footctl(*SELFTEST, "--sim", "--tcp", "127.0.0.1:1", "--yes").returncode == 2
    assert footctl(*SELFTEST, "--tcp", "127.0.0.1:1", "--yes").returncode == 4


@pytest.mark.parametrize(
    ("fault", "says"), [("level-switch", "not enough water over the heater"), ("tilt", "the device does not stand level")]
)
def test_a_dry_or_tilted_device_is_not_tested_and_says_why(
    fault: str, says: str, serve: Callable[..., Served], footctl: Footctl, checkout: Path
) -> None:
    served = serve("pty")
    served.act("fault", fault)
    answer = footctl(*SELFTEST, *served.device, "--yes")
    assert answer.returncode == 5, answer.stdout + answer.stderr
    assert says in answer.stderr
    assert says in (checkout / "docs" / "how-to" / "build-a-device.md").read_text("utf-8")
    served.act("fault", fault, on=False)
    assert footctl(*SELFTEST, *served.device, "--yes").returncode == 0
