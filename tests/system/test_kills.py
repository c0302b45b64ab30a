"""kill -9 of the host at any moment: the device is safe by itself within its lease. `make soak` tries 50 times, a test run a few."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.system.processes import Footctl, Served, Spawn, until

pytestmark = [pytest.mark.system, pytest.mark.slow]

TRIES = int(os.environ.get("FOOTCTL_TRIES", "3"))
SPEED = 10
LEASE_S = 5.0  # the abort lease, device seconds: the last of the three stages
RELEASE_S = 1.0  # from full pressure to below 4 kPa
ASKING_S = 0.4  # wall seconds that a status question may take on a busy machine


def _watched(served: Served) -> dict[str, Any]:
    """One sample, over a fresh connection."""
    command = [sys.executable, "-m", "footctl", "watch", *served.device, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        line = watch.stdout.readline()
        watch.terminate()
        error = watch.communicate()[1]
    assert line, error
    return dict(json.loads(line))


def _is_off(sample: dict[str, Any]) -> bool:
    off = sample["heater_enable"] is False and sample["motor_enable"] is False and sample["heater_duty"] == 0
    return off and sample["pressure_max_kpa"] is not None and sample["pressure_max_kpa"] < 4


@pytest.mark.parametrize(
    ("words", "busy"),
    [
        (("--pressure", "25kPa"), lambda status: max(status["kpa"]) > 18),
        (("--water", "36C"), lambda status: status["feet"]["left"] == "bath"),
    ],
    ids=["full pressure", "mid-soak"],
)
def test_killed_at_a_random_moment(
    serve: Callable[..., Served], spawn: Spawn, footctl: Footctl, words: tuple[str, ...], busy: Callable[[dict[str, Any]], bool]
) -> None:
    served = serve("tcp", speed=SPEED)
    dice = random.Random(sum(words[0].encode()))
    for number in range(TRIES):
        session = spawn("set", *words, "--for", "9min", *served.run)

        def under_way(session: subprocess.Popen[str] = session) -> bool:
            assert session.poll() is None, session.communicate()
            return busy(served.status)

        until(under_way, f"try {number} is under way", 60)
        time.sleep(dice.uniform(0.0, 1.0))
        before = served.status
        assert before["state"] == "active"
        session.send_signal(signal.SIGKILL)
        session.wait()
        killed_at = served.status["uptime_s"]
        latched = until(lambda: (status := served.status)["state"] == "latched" and status, f"try {number} latches")
        assert latched["cause"] == "link_lost"
        assert latched["uptime_s"] - killed_at < LEASE_S + RELEASE_S + ASKING_S * SPEED
        sample = _watched(served)
        assert _is_off(sample), f"try {number}: {sample}"
        assert sample["first_cause"] == "link_lost"
        assert footctl("clear", *served.device, stdin="y\n").returncode == 0
    assert served.status["slipped_s"] < TRIES * 5
