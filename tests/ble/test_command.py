"""The commands, with a massager on the air: who is there, watching, stopping, and what is said when the radio cannot be had."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ble.conftest import BENCH, SLOWER, Massager, until
from tests.ble.process import Process
from tests.ble.sky import Sky

Serve = Callable[..., Massager]
Spawn = Callable[..., Process]

MASSAGE = ("set", "--pressure", "20kPa", "--for", "9min")


def ended(process: Process, code: int = 0) -> str:
    """Standard output, once it has ended with that code."""
    assert process.wait(60.0 * SLOWER) == code, process.told()
    return process.told()[0]


def pressing(massager: Massager, session: Process) -> None:
    def presses() -> bool:
        assert session.poll() is None, session.told()
        return max(massager.status["kpa"]) > 6

    until(presses, "the rollers press", 120.0)


def test_devices(serve: Serve, spawn: Spawn) -> None:
    serve()
    [found] = [one for one in json.loads(ended(spawn("devices", "--json"))) if one["link"] == "ble"]
    assert found["identity"]["serial"] == "SIM-0001"
    assert found["name"] == "Footbath-0001"
    assert -120 < found["signal_dbm"] < 0
    assert found["battery_percent"] is None
    assert found["paired"] is True
    told = ended(spawn("devices"))
    assert "SIM-0001" in told
    assert "signal" in told
    assert "paired" in told
    assert "Bluetooth" not in ended(spawn("devices", "--no-ble"))


def test_devices_without_anybody(spawn: Spawn) -> None:
    assert "no massager advertises" in ended(spawn("devices"))


def test_watching_another_terminals_session_and_stopping_it(serve: Serve, spawn: Spawn) -> None:
    massager = serve()
    session = spawn(*MASSAGE, *massager.run)
    pressing(massager, session)
    for name in ("SIM-0001", "any", "Footbath-0001"):
        watch = spawn("watch", "--ble", name, "--json")
        until(lambda watch=watch: watch.told()[0].count("\n") >= 2, "it tells samples")
        assert json.loads(watch.told()[0].splitlines()[0])["state"] == "active"
        watch.signal(signal.SIGKILL)
        watch.wait()
    busy = spawn("device", "info", *massager.device)
    assert busy.wait(60.0 * SLOWER) == 4
    assert "in use by" in busy.told()[1]
    assert "everything is off" in ended(spawn("stop", *massager.device))
    code, told, _ = session.result()
    assert (code, told["outcome"]) == (6, "stopped")


def test_a_device_whose_host_was_killed_is_stopped_from_outside(serve: Serve, spawn: Spawn) -> None:
    massager = serve(speed=1)
    session = spawn(*MASSAGE, *massager.run)
    pressing(massager, session)
    session.signal(signal.SIGKILL)
    assert "everything is off" in ended(spawn("stop", *massager.device))
    assert massager.status["state"] == "latched"
    assert massager.status["cause"] in ("stopped", "link_lost")


def test_watching_a_device_itself(serve: Serve, spawn: Spawn) -> None:
    massager = serve()
    watch = spawn("watch", *massager.device)
    until(lambda: "idle" in watch.told()[0], "it tells samples")
    massager.end()
    assert watch.wait(60.0 * SLOWER) == 4
    assert "Traceback" not in watch.told()[1]


# ------------------------------------------------------------------------------------------------ the simulator's adapter


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--ble", "nonsense:0"), 2, "no such transport"),
        (("--ble", "usb:0", "--mtu", "5"), 2, "from 23 to 247"),
        (("--tcp", "127.0.0.1:0", "--mtu", "23"), 2, "--mtu is for --ble"),
        (("--ble", "tcp-client:127.0.0.1:9"), 4, "--ble tcp-client:127.0.0.1:9"),
    ],
)
def test_an_adapter_that_cannot_be_had(spawn: Spawn, words: tuple[str, ...], code: int, told: str) -> None:
    process = spawn("sim", "serve", *words)
    assert process.wait(60.0 * SLOWER) == code
    out, err = process.told()
    assert out == ""
    assert told in err
    assert len(err.strip().splitlines()) == 2 or code == 2
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "linux" and Path("/dev/vhci").exists(), reason="this machine can make virtual adapters")
def test_no_virtual_adapters_here(spawn: Spawn) -> None:
    process = spawn("sim", "serve", "--ble", "vhci")
    assert process.wait(60.0 * SLOWER) == 4
    assert "modprobe hci_vhci" in process.told()[1]


def test_bumble_is_missing(spawn: Spawn) -> None:
    process = spawn("sim", "serve", "--ble", "usb:0", main="tests.ble.test_command:without_bumble")
    assert process.wait(60.0 * SLOWER) == 2
    assert "pip install 'footctl[ble-sim]'" in process.told()[1]


def without_bumble(words: list[str]) -> int:
    """footctl where bumble is not installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "bumble"]:
        del sys.modules[name]
    sys.modules["bumble"] = None  # type: ignore[assignment]
    from footctl.cli.main import main

    return main(words)


def test_the_adapter_goes_away(sky: Sky, serve: Serve) -> None:
    massager = serve()
    sky.unplug("massager")
    assert massager.process.wait(20.0 * SLOWER) == 4
    assert "the adapter went away" in massager.process.told()[1]


if BENCH == "bluez":

    def test_vhci_of_this_machine(spawn: Spawn) -> None:
        """The second virtual adapter of the machine, with a massager on an air of its own, and the machine's Bluetooth sees it come."""
        process = spawn("sim", "serve", "--ble", "vhci", "--json")
        until(lambda: process.told()[0] or process.poll() is not None, "it is served")
        assert process.poll() is None, process.told()
        until(lambda: len(list(Path("/sys/class/bluetooth").glob("hci?"))) >= 2, "the kernel has a second adapter")
        process.signal(signal.SIGTERM)
        assert process.wait() == 0
