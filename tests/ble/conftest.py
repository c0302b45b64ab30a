"""A massager on the air, and `footctl` with a radio. On two benches with the same tests.

`bumble`: bleak on bumble's host stack. `bluez`: bleak's own back end, the machine's bluetoothd and kernel, and only the radio is virtual;
that one needs /dev/vhci and a system bus, and `make ble-vm` makes a machine that has them and runs this folder there.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footctl.link import radio
from simulator import channel
from tests.ble.gadget import Gadget
from tests.ble.process import MAIN, Forge, Process
from tests.ble.sky import Sky

BENCH = os.environ.get("FOOTCTL_BLE_BENCH", "bumble")
SLOWER = {"bumble": 1.0, "bluez": 5.0}[BENCH]  # an emulated processor
SPEED = {"bumble": 5, "bluez": 1}[BENCH]  # three Python processes and a radio between them: of leases nothing is left at a higher one
WAIT_S = 30.0 * SLOWER


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is real processes in real time."""
    for item in items:
        if "ble" in item.path.parts:
            item.add_marker(pytest.mark.system)
            item.add_marker(pytest.mark.slow)


def pytest_report_header() -> str:
    """Which bench."""
    return f"BLE bench: {BENCH}"


def until(true: Callable[[], Any], what: str, wait_s: float = WAIT_S) -> Any:
    """What `true` gives once it is something."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {wait_s} s: {what}")


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    """Where processes come from."""
    made = Forge(Path(__file__).resolve().parents[2])
    yield made
    made.end()


@pytest.fixture(scope="session")
def sky() -> Iterator[Sky]:
    """The air, with the kernel's adapter on it where there is one."""
    made = Sky(kernel=BENCH == "bluez")
    if BENCH == "bluez":
        from tests.ble.bluez import powered

        until(powered, "bluetoothd has switched its adapter on")
    yield made
    made.end()


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets, journal and settings of this test are nobody else's."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")


@pytest.fixture
def spawn(forge: Forge, sky: Sky, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start `footctl` with these words and this bench's radio; whatever still runs at the end of the test is killed."""
    started: list[Process] = []
    transport = sky.socket("host") if BENCH == "bumble" else None

    def start(*words: str, main: str = MAIN) -> Process:
        started.append(Process(forge, words, tmp_path, transport, main))
        return started[-1]

    yield start
    for process in started:
        process.end()


@pytest.fixture
def footctl(spawn: Callable[..., Process]) -> Callable[..., Process]:
    """Run `footctl` with these words to its end."""

    def run(*words: str, wait_s: float = 60.0 * SLOWER) -> Process:
        process = spawn(*words)
        process.wait(wait_s)
        return process

    return run


@pytest.fixture
def here(sky: Sky, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process has the bench's radio."""
    if BENCH == "bumble":
        from tests.ble import backend

        for name, kind in (("scanner", backend.Scanner), ("client", backend.Client), ("adapter", backend.Adapter)):
            monkeypatch.setattr(f"bleak.get_platform_{name}_backend_type", lambda kind=kind: (kind, "bumble"))
        monkeypatch.setattr(backend.Station, "transport", sky.socket("host"))
    yield
    if BENCH == "bumble":
        asyncio.run(_close())
    radio.end()


async def _close() -> None:
    from tests.ble.backend import Station

    await radio.radio().left()
    await radio.radio().ask(Station.close(), 5.0, "the adapter")


@pytest.fixture
def gadget(sky: Sky) -> Iterator[Callable[..., Gadget]]:
    """Peripherals that are no massagers."""
    made: list[Gadget] = []

    def start(**other: Any) -> Gadget:
        made.append(Gadget(sky, **other))
        return made[-1]

    yield start
    for one in made:
        one.end()


class Massager:
    """A simulated massager that is served on the air. `run` are the flags of a session with it."""

    def __init__(self, process: Process, speed: int) -> None:
        self.process = process
        self.speed = speed
        self.device = ("--ble", "SIM-0001")
        self.run = (*self.device, "--speed", str(speed), "--yes", "--json")
        until(lambda: process.told()[0] or process.poll() is not None, "the massager is served")
        assert process.poll() is None, process.told()
        self.address: str = json.loads(process.told()[0])["address"].rpartition("(")[2].rstrip(")")

    def act(self, do: str, name: str = "", on: bool = True) -> dict[str, Any]:
        """Press, fault, status; the status after it."""
        door = Path(os.environ["XDG_RUNTIME_DIR"]) / "footctl" / f"sim-{self.process.pid}.sock"
        return channel.ask(door, {"do": do, "name": name, "on": on}, timeout=WAIT_S)

    @property
    def status(self) -> dict[str, Any]:
        """How it is now."""
        return self.act("status")

    def end(self) -> None:
        """Switch it off."""
        self.process.signal(signal.SIGTERM)
        self.process.wait()


@pytest.fixture
def serve(spawn: Callable[..., Process], sky: Sky) -> Iterator[Callable[..., Massager]]:
    """Serve a massager on the air; more words go to `footctl sim serve`."""
    made: list[Massager] = []

    def start(*words: str, speed: int = SPEED) -> Massager:
        sky.air.longest = 0
        made.append(Massager(spawn("sim", "serve", "--ble", sky.socket("massager"), "--speed", str(speed), "--json", *words), speed))
        return made[-1]

    yield start
    sky.delay(0.0)
    sky.air.answers = True
    for massager in made:
        massager.end()
