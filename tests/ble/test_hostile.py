"""Devices that lie, over BLE: the same table as over TCP, with the same ends, and the four bad wires under a whole session."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from footctl.run.result import EXIT_CODES
from simulator.peripheral import Peripheral
from tests.ble.conftest import SLOWER, until
from tests.ble.process import Process
from tests.ble.sky import Sky
from tests.system.test_hostile_peers import PROGRAM, Far
from tests.world.liars import ALWAYS, LIES, PRESSING
from tests.world.test_liars import nothing_above_the_absolute_caps

SPEED = 10
SLOWER_SPEED = 2  # once more, when the machine that runs the tests was held up: at SPEED every limit is that much shorter
AT_ONCE = 4
WIRES = ("bytes", "lossy", "delayed", "flipping")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "press.toml"
    path.write_text(PROGRAM)
    return path


def trouble(name: str, sky: Sky, spawn: Callable[..., Process], program: Path, speed: int = SPEED) -> str:
    """What was wrong with the end of a session with this liar, "" when nothing was."""
    lie = LIES[name]
    peripheral = Peripheral(f"LIE-{list(LIES).index(name):04d}", sky.socket(f"liar {name}"))
    far = carrier = None
    try:
        address = peripheral.name.rpartition("(")[2].rstrip(")")
        session = spawn("run", str(program), "--ble", address, "--speed", str(speed), "--yes", "--json")
        carrier = until(lambda: peripheral.accept() or session.poll(), "it connects", 60.0 * SLOWER)
        if isinstance(carrier, int):
            return f"never connected: {session.told()}"
        far = Far(lie, carrier.fd, speed)
        code, told, words = session.result(90.0 * SLOWER)
    except AssertionError as error:
        return f"it hangs: {error}"
    finally:
        if far is not None:
            far.close()
        if carrier is not None and not isinstance(carrier, int):
            carrier.close()
        peripheral.close()
    nothing_above_the_absolute_caps(far.liar)
    if told["outcome"] == "link_lost" and "broken frames" in told["reason"]:
        return ""  # it said more than the air takes, and frames were torn: the right end, too
    strange = told["outcome"] not in (*lie.ends, "completed")
    if ("this computer did not run" in told["reason"] or strange) and speed > SLOWER_SPEED:
        return trouble(name, sky, spawn, program, SLOWER_SPEED)
    if told["outcome"] not in lie.ends:
        return f"ended as {told['outcome']}: {told['reason']}"
    if code != EXIT_CODES[told["outcome"]]:
        return f"exit code {code} for {told['outcome']}"
    if code and (told["reason"] not in words or "Traceback" in words):
        return f"does not say why: {words!r}"
    return ""


def all_of(names: list[str], sky: Sky, spawn: Callable[..., Process], program: Path) -> dict[str, str]:
    with ThreadPoolExecutor(AT_ONCE) as several:
        found = dict(zip(names, several.map(lambda name: trouble(name, sky, spawn, program), names), strict=True))
    return {name: what for name, what in found.items() if what}


def test_lies_from_the_first_byte_on(sky: Sky, spawn: Callable[..., Process], program: Path) -> None:
    dry = "no water and no heater"  # is no lie to a program without water
    assert not all_of([name for name, lie in LIES.items() if lie.when == ALWAYS and name != dry], sky, spawn, program)


def test_lies_under_the_rollers(sky: Sky, spawn: Callable[..., Process], program: Path) -> None:
    assert not all_of([name for name, lie in LIES.items() if lie.when == PRESSING and not lie.pain], sky, spawn, program)


@pytest.mark.parametrize("wire", WIRES)
def test_a_bad_wire_behind_the_radio(sky: Sky, spawn: Callable[..., Process], tmp_path: Path, wire: str) -> None:
    served = spawn(sky.socket("massager"), wire, "4", main="tests.ble.served:main")
    until(lambda: served.told()[0] or served.poll() is not None, "it is served")
    code, told, err = spawn("set", "--pressure", "12kPa", "--for", "20s", "--ble", "SIM-0001", "--speed", "4", "--yes", "--json").result()
    assert (code, told["outcome"]) == (0, "completed"), (told, err, served.told())
