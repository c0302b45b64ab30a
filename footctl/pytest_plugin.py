"""Fixtures for whoever writes something that talks to a massager: one in this process on the virtual clock, one served in its own.

    def test_it(massager):
        assert massager.run("quick-break").outcome.kind == "completed"

Loaded by pytest wherever footctl is installed, so it loads nothing else before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from footctl.core.events import Event, OperatorEvent
    from footctl.core.host import Host
    from footctl.core.view import View
    from simulator.world import World

READY_S = 20.0  # a process start on a busy machine


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "massager(scenario, device, person, seed, speed): what the `massager` and `served_massager` fixtures simulate"
    )


class Massager:
    """A simulated device in this process. `world` is all of it: its plant, its person, its buttons. Time passes only while `run` runs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._planned: list[tuple[float, Callable[[], object]]] = []

    def run(self, program: str | Path, *, answer: Callable[[View], OperatorEvent | None] | None = None) -> View:
        """Run a preset or a program file to its end and give the last view. `answer` says what the person says; None is `--yes`."""
        import secrets

        from footctl.core.host import Host
        from footctl.run.answers import Answers
        from footctl.run.presets import load_program
        from simulator.world import play

        says = answer or Answers().to
        begin = self.world.now
        next_look = 0.0

        def person(now: float, host: Host) -> Sequence[Event]:
            nonlocal next_look
            while self._planned and now >= begin + self._planned[0][0]:
                self._planned.pop(0)[1]()
            if now < next_look:
                return ()
            next_look = now + 0.2
            event = says(host.view(now))
            return () if event is None else (event,)

        host = Host(nonce=secrets.randbits(32), profile=load_program(str(program)))
        play(host, self.world, operator=person)
        self._planned.clear()
        return host.view(self.world.now)

    def press(self, button: str = "stop", at_s: float | None = None) -> None:
        """A hand or a foot at the device, now or `at_s` seconds into the next run; names as `footctl sim presses` lists them."""
        from simulator import serve

        if button not in serve.PRESSES:
            raise ValueError(f"nobody can press {button!r}; there are: {', '.join(serve.PRESSES)}")
        self._plan(at_s, lambda: serve.press(self.world, button))

    def fault(self, name: str, at_s: float | None = None, **numbers: float) -> None:
        """Let something go wrong, now or `at_s` seconds into the next run; names and numbers as `footctl sim faults` lists them."""
        from simulator import mishaps

        if name not in mishaps.TABLE:
            raise ValueError(f"no fault is called {name!r}; there are: {', '.join(mishaps.TABLE)}")
        self._plan(at_s, lambda: mishaps.happen(self.world, name, **numbers))

    def mend(self, name: str, at_s: float | None = None) -> None:
        """End what `fault` began."""
        from simulator import mishaps

        if name not in mishaps.TABLE:
            raise ValueError(f"no fault is called {name!r}; there are: {', '.join(mishaps.TABLE)}")
        self._plan(at_s, lambda: mishaps.mend(self.world, name))

    def _plan(self, at_s: float | None, do: Callable[[], object]) -> None:
        if at_s is None:
            do()
        else:
            self._planned.append((at_s, do))
            self._planned.sort(key=lambda planned: planned[0])


class ServedMassager:
    """A simulated device in a process of its own behind TCP.

    `address` is HOST:PORT; `device` names it to a `footctl` command, `flags` to `footctl run`.
    """

    def __init__(self, address: str, speed: int, door: Path) -> None:
        self.address = address
        self.url = f"tcp://{address}"
        self.device = ("--tcp", address)
        self.flags = (*self.device, *(("--speed", str(speed)) if speed > 1 else ()))
        self._door = door

    @property
    def status(self) -> dict[str, Any]:
        """How it is now: state, cause, water_c, feet, faults …"""
        return self._ask({"do": "status"})

    def press(self, name: str = "stop") -> dict[str, Any]:
        """A hand at the device; names as `footctl sim presses` lists them."""
        return self._ask({"do": "press", "name": name})

    def fault(self, name: str, on: bool = True, **numbers: float) -> dict[str, Any]:
        """Let something go wrong, or mend it; names and numbers as `footctl sim faults` lists them."""
        return self._ask({"do": "fault", "name": name, "on": on, "numbers": numbers})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        from simulator.channel import ask

        answer = ask(self._door, question)
        if not answer.pop("ok", False):
            raise ValueError(answer.get("error", "the simulator did not answer"))
        return answer


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("massager")
    return dict(marker.kwargs) if marker else {}


@pytest.fixture
def massager(request: pytest.FixtureRequest) -> Massager:
    """A simulated massager in this process, as fast as the machine can."""
    from simulator.world import World

    return Massager(World(**_options(request)))


@pytest.fixture
def served_massager(request: pytest.FixtureRequest) -> Iterator[ServedMassager]:
    """A simulated massager served over TCP for the length of the test; `speed` 10 unless the marker says otherwise."""
    import json
    import subprocess
    import sys

    from footctl.run.places import runtime_folder

    options = {"speed": 10, **_options(request)}
    options["person"] = options.get("person", "adult") or "none"
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "footctl", "sim", "serve", "--tcp", "127.0.0.1:0", "--json", *words]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                pytest.fail(f"the simulator did not start: {process.communicate(timeout=READY_S)[1]}")
            yield ServedMassager(json.loads(line)["address"], options["speed"], runtime_folder() / f"sim-{process.pid}.sock")
        finally:
            process.terminate()
            process.communicate(timeout=READY_S)
