"""What developers of other things get: fixtures in their own pytest, four lines of Python. The how-to page is what is run here."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import footctl
from footctl.core.events import Begin, OperatorEvent, Pain, Yes
from footctl.core.view import View
from footctl.errors import DeviceFaulted, DeviceRefused, LinkNotFound, LinkTimeout, ProfileError, SessionEnded, UsageError
from footctl.pytest_plugin import Massager, ServedMassager
from tests.system.processes import Served, until

pytestmark = pytest.mark.system

Serve = Callable[..., Served]


def _blocks(checkout: Path) -> list[str]:
    text = (checkout / "docs" / "how-to" / "test-against-a-simulator.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_fixtures_of_the_page_work_in_somebody_elses_project(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "test_massager.py").write_text(_blocks(checkout)[0])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "-W", "error", str(tmp_path)]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path, env=environment)
    assert "4 passed" in answer.stdout, answer.stdout + answer.stderr


def test_the_four_lines_of_the_page(tmp_path: Path, checkout: Path) -> None:
    command = [sys.executable, "-c", _blocks(checkout)[1]]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert answer.stdout == "completed\n", answer.stderr


def test_a_fixture_tells_what_it_knows(massager: Massager) -> None:
    with pytest.raises(ValueError, match="there are: sensor-open"):
        massager.fault("gremlin")
    massager.fault("sensor-open")
    view = massager.run("quick-break")
    assert view.outcome is not None
    assert view.outcome.kind in ("refused", "tripped")
    massager.mend("sensor-open")
    assert massager.world.board.mishaps == {}
    with pytest.raises(ValueError, match="there are: sensor-open"):
        massager.mend("gremlin")
    with pytest.raises(ValueError, match="there are: "):
        massager.press("nosuch")
    massager.press("feet-in")
    assert massager.world.plant.places == ["bath", "bath"]


@pytest.mark.massager(person=None, scenario="cold-fill")
def test_a_marker_describes_the_fixture(massager: Massager) -> None:
    assert massager.world.person is None
    assert massager.world.plant.bath.water_c == pytest.approx(24.0)


@pytest.mark.massager(speed=20, person=None)
def test_a_served_fixture(served_massager: ServedMassager) -> None:
    assert served_massager.status["speed"] == 20
    assert served_massager.press("feet-in")["feet"] == {"left": "bath", "right": "bath"}
    assert served_massager.fault("tilt")["faults"] == ["tilt"]
    assert served_massager.fault("tilt", on=False)["faults"] == []
    assert served_massager.fault("sensor-offset", celsius=3)["faults"] == ["sensor-offset"]
    with pytest.raises(ValueError, match="cannot fault gremlin"):
        served_massager.fault("gremlin")


# ---------------------------------------------------------------------------------------------------------- the API


def _asyncio(story: Callable[[], object]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]  # a coroutine function


async def _pressing(massager: footctl.Massager) -> asyncio.Task[View]:
    """A run that has come to pressing."""
    presses = asyncio.Event()

    def watch(view: View) -> None:
        if view.pressure_max_kpa > 5:
            presses.set()

    running = asyncio.create_task(massager.run("quick-break", watch=watch))
    await asyncio.wait_for(presses.wait(), 30)
    return running


def test_pain_is_raised_and_the_next_run_is_refused() -> None:
    async def story() -> None:
        async with footctl.connect("sim") as massager:

            def watch(view: View) -> None:
                if view.elapsed_s > 60:
                    massager.pain()

            with pytest.raises(SessionEnded, match="pain"):
                await massager.run("quick-break", watch=watch)
            assert massager.view is not None
            assert massager.view.outcome is not None
            assert massager.view.outcome.off_confirmed
            with pytest.raises(DeviceRefused, match="latched"):
                await massager.run("quick-break")

    _asyncio(story)


def test_the_person_answers() -> None:
    asked: list[str] = []

    def answer(view: View) -> OperatorEvent | None:
        if view.question is None or not view.question.ready:
            return None
        asked.append(view.question.kind)
        return Begin() if view.question.kind == "start" else Yes()

    async def story() -> None:
        async with footctl.connect("sim", scenario="warm-fill", seed=3) as massager:
            assert massager.identity.serial
            view = await massager.run("quick-break", answer=answer)
            assert view.outcome is not None
            assert view.outcome.kind == "completed"

    _asyncio(story)
    assert "start" in asked


def test_what_cannot_be_connected() -> None:
    async def story() -> None:
        with pytest.raises(LinkNotFound):
            async with footctl.connect("/dev/no-such-port"):
                pass
        with pytest.raises(LinkNotFound):
            async with footctl.connect("tcp://127.0.0.1:9"):
                pass
        with pytest.raises(UsageError):
            async with footctl.connect("tcp://127.0.0.1:9", speed=3):
                pass
        async with footctl.connect("sim") as massager:
            with pytest.raises(ProfileError):
                await massager.run("no-such-program")

    _asyncio(story)


def test_one_program_at_a_time_over_a_served_simulator(serve: Serve) -> None:
    served = serve("tcp", speed=5)

    async def story() -> None:
        async with footctl.connect(f"tcp://{served.address}") as massager:
            assert massager.identity.simulator == 5
            running = await _pressing(massager)
            with pytest.raises(UsageError, match="running already"):
                await massager.run("quick-break")
            massager.act(Pain())
            with pytest.raises(SessionEnded):
                await running
            massager.stop()  # nothing runs: nothing to stop

    _asyncio(story)
    assert served.status["state"] == "latched"


def test_a_cancelled_run_stops_the_device(serve: Serve) -> None:
    served = serve("pty", speed=5)

    async def story() -> None:
        async with footctl.connect(served.address) as massager:
            running = await _pressing(massager)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    _asyncio(story)
    until(lambda: served.status["cause"] == "stopped", "STOP arrived")


def test_a_watcher_that_fails_stops_the_device_and_is_told(serve: Serve) -> None:
    served = serve("pty", speed=5)

    def watch(view: View) -> None:
        if view.pressure_max_kpa > 5:
            raise ZeroDivisionError("a mistake in the caller's own code")

    async def story() -> None:
        async with footctl.connect(served.address) as massager:
            with pytest.raises(ZeroDivisionError):
                await massager.run("quick-break", watch=watch)

    _asyncio(story)
    assert served.status["cause"] == "stopped"


def test_a_restart_is_raised(serve: Serve) -> None:
    served = serve("tcp", speed=5)

    async def story() -> None:
        async with footctl.connect(f"tcp://{served.address}") as massager:
            running = await _pressing(massager)
            served.act("fault", "power-blink")
            with pytest.raises(DeviceFaulted, match="restarted"):
                await running

    _asyncio(story)


def test_a_device_that_does_not_answer(serve: Serve) -> None:
    served = serve("tcp", speed=5)
    served.act("fault", "link-silent")

    async def story() -> None:
        with pytest.raises(LinkTimeout, match="nobody answers"):
            async with footctl.connect(f"tcp://{served.address}"):
                pass

    _asyncio(story)


def test_importing_footctl_loads_nothing_else() -> None:
    code = "import sys, footctl; print([name for name in sys.modules if name.startswith('footctl.')])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert answer.stdout == "[]\n"
    with pytest.raises(AttributeError):
        _ = footctl.nothing  # type: ignore[attr-defined]  # that is the point
