"""Ten minutes on the air: telemetry comes five times a second and never pauses. `make soak`."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from footctl.core.host import Host
from footctl.core.view import View
from footctl.link.ble import open_ble
from footctl.run.clock import Clock
from footctl.run.session import Session
from tests.ble.conftest import Massager

LONG_S = float(os.environ.get("FOOTCTL_SOAK_SECONDS", "600"))
GAP_S = 0.4
RATE_HZ = 5


@pytest.mark.soak
@pytest.mark.usefixtures("here")
def test_telemetry_never_pauses(serve: Callable[..., Massager], capsys: pytest.CaptureFixture[str]) -> None:
    serve(speed=1)
    arrived: list[float] = []
    uptimes: list[int] = []

    async def listen() -> None:
        link = await open_ble("SIM-0001")
        session = Session(Host(nonce=secrets.randbits(32), role="observer"), link, Clock())

        def look(view: View) -> None:
            if view.sample is not None and (not uptimes or view.sample.uptime_ms != uptimes[-1]):
                uptimes.append(view.sample.uptime_ms)
                arrived.append(time.monotonic())
            if arrived and arrived[-1] - arrived[0] >= LONG_S:
                session.left = True

        session.subscribe(look)
        await asyncio.wait_for(session.run(), LONG_S + 30)
        link.close()

    asyncio.run(listen())
    gaps = sorted(later - earlier for earlier, later in pairwise(arrived))
    with capsys.disabled():
        print(f"\n{len(gaps)} gaps: median {gaps[len(gaps) // 2] * 1e3:.0f} ms, longest {gaps[-1] * 1e3:.0f} ms")
    assert len(gaps) >= LONG_S * RATE_HZ * 0.98
    assert gaps[-1] <= GAP_S
