"""Whole programs over the wire, as long as they take: `make soak`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.system.processes import Footctl, Served

pytestmark = [pytest.mark.system, pytest.mark.soak]


@pytest.mark.parametrize(
    ("program", "link", "speed"),
    [("evening-unwind", "pty", 10), ("evening-unwind", "pty", 20), ("evening-unwind", "tcp", 20), ("quick-break", "pty", 1)],
)
def test_to_the_end(serve: Callable[..., Served], footctl: Footctl, program: str, link: str, speed: int) -> None:
    served = serve(link, speed=speed)
    answer = footctl("run", program, *served.run, timeout=900)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told["outcome"] == "completed"
    assert all(phase["outcome"] == "completed" for phase in told["phases"])
    assert served.status["state"] == "idle"
    assert served.status["dropped_frames"] == 0
