"""Whole sessions over BLE: the same program as over a cable, with the same end, run after run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ble.conftest import Massager
from tests.ble.process import Process

Serve = Callable[..., Massager]
Footctl = Callable[..., Process]

RUNS = int(os.environ.get("FOOTCTL_TRIES", "2"))

# Half a minute from wrist-warm on, and the shortest phases that a plan keeps.
SHORT = """
name = "Evening, shortened"
tier = "standard"

[[phase]]
kind = "soak"
water = "34 C"
for = "15 s"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "15 kPa"
for = "15 s"
"""


@pytest.fixture
def short(tmp_path: Path) -> str:
    """The path of a soak and a massage that take seconds."""
    path = tmp_path / "short.toml"
    path.write_text(SHORT)
    return str(path)


@pytest.mark.parametrize("run", range(RUNS))
def test_soak_and_massage_complete(serve: Serve, footctl: Footctl, short: str, run: int) -> None:
    massager = serve("--scenario", "wrist-warm")
    code, told, err = footctl("run", short, *massager.run, wait_s=240).result()
    assert (code, told["outcome"]) == (0, "completed"), (told, err)
    assert [phase["kind"] for phase in told["phases"]] == ["preheat", "feet_in", "soak", "dry", "feet_in", "massage", "finish"]
    status = massager.status
    assert status["state"] == "idle"
    assert status["dropped_frames"] == 0
