"""The real command and a served simulator in the network, and others there who have no key."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import framing, messages
from footctl.run import keys
from tests.system.processes import Footctl, Served, Spawn, result, until
from tests.world.stranger import Stranger

pytestmark = pytest.mark.system

Serve = Callable[..., Served]

HEAD = """\
name = "Short"
summary = "For a test."
tier = "standard"
"""
SOAK = """
[[phase]]
kind = "soak"
water = "34.5 C"
for = "20 s"
"""
MASSAGE = """
[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "12 kPa"
for = "20 s"
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "short.toml"
    path.write_text(HEAD + SOAK + MASSAGE)
    return str(path)


@pytest.fixture
def brief(tmp_path: Path) -> str:
    """Without water: shorter, so that it can go slower, which a busy machine bears."""
    path = tmp_path / "brief.toml"
    path.write_text(HEAD + MASSAGE)
    return str(path)


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of another user."""
    folder = tmp_path / "other"
    (folder / "run").mkdir(parents=True, mode=0o700)
    places = {"XDG_RUNTIME_DIR": str(folder / "run"), "FOOTCTL_DATA_DIR": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "conf")}
    return {**os.environ, **places}


def address_of(served: Served) -> tuple[str, int]:
    host, _, port = served.address.rpartition(":")
    return host, int(port)


@contextmanager
def overheard(served: Served, lies: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A place between the owner and the device: its address, and what the owner said through it. `lies` go to the owner now and then."""
    said: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def serve() -> None:
            with suppress(OSError):
                near, _ = listener.accept()
                with near, socket.create_connection(address_of(served)) as far:
                    while not over.is_set():
                        for ready in select.select([near, far], [], [], 0.1)[0]:
                            data = ready.recv(4096)
                            if not data:
                                return
                            if ready is near:
                                said.append(data)
                                far.sendall(data)
                            else:
                                near.sendall(data + (lies if len(said) % 20 == 9 else b""))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", said
        over.set()
        thread.join(5)


@contextmanager
def talking(served: Served, strangers: list[Stranger]) -> Iterator[None]:
    """Each on a connection of its own, some words ten times a second."""
    over = threading.Event()

    def talk(stranger: Stranger) -> None:
        with suppress(OSError), socket.create_connection(address_of(served)) as sock:
            sock.setblocking(False)
            while not over.wait(0.1):
                with suppress(BlockingIOError):
                    stranger.hear(sock.recv(1 << 16))
                with suppress(BlockingIOError):
                    sock.send(stranger.say())

    threads = [threading.Thread(target=talk, args=(stranger,), daemon=True) for stranger in strangers]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join(5)


@pytest.mark.slow
def test_the_owners_session_goes_on_and_names_them_and_what_they_recorded_is_worth_nothing(
    serve: Serve, spawn: Spawn, program: str
) -> None:
    served = serve("tcp", speed=2)
    strangers = [Stranger(number) for number in (1, 2, 3)]
    with overheard(served) as (address, said), talking(served, strangers):
        code, told = result(spawn("run", program, "--tcp", address, "--speed", "2", "--yes", "--json"), timeout=120)
    assert (code, told["outcome"]) == (0, "completed"), told
    assert any("without the device's key" in warning for warning in told["warnings"])
    assert len(said) > 100
    for stranger in strangers:
        assert [one for one in stranger.heard if isinstance(one, messages.Telemetry)], "it was never there"
        assert not [one for one in stranger.heard if isinstance(one, messages.Ack)]
    water = served.status["water_c"]
    served.act("press", "arm")
    until(lambda: served.status["state"] == "idle", "it is over")
    playing = [Stranger(4, recorded=said), Stranger(5, recorded=said)]
    with talking(served, playing):
        time.sleep(3)
    seen = [one for stranger in playing for one in stranger.heard if isinstance(one, messages.Telemetry)]
    assert len(seen) > 10
    assert not [one for one in seen if one.flags & (messages.HEATER_ENABLE | messages.MOTOR_ENABLE)]
    assert served.status["water_c"] <= water + 0.01
    assert served.status["state"] == "idle"


def test_who_has_no_key_may_look_and_not_touch(serve: Serve, footctl: Footctl, program: str, elsewhere: dict[str, str]) -> None:
    served = serve("tcp", speed=10)
    answer = footctl("run", program, *served.run, env=elsewhere)
    assert answer.returncode == 5
    assert "SIM-0001 wants proof" in answer.stderr
    assert "footctl device pair" in answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["outcome"] == "refused"
    assert footctl("clear", *served.device, env=elsewhere).returncode == 0  # nothing is latched: it only looked
    assert "wants_proof" in footctl("device", "info", *served.device, env=elsewhere).stdout
    served.act("press", "stop")
    until(lambda: served.status["state"] == "latched", "it hurts")
    answer = footctl("clear", *served.device, stdin="y\n", env=elsewhere)
    assert answer.returncode == 5
    assert served.status["state"] == "latched"
    assert footctl("clear", *served.device, stdin="y\n").returncode == 0
    assert served.status["state"] == "idle"


def test_pairing_over_a_cable_and_by_the_label(serve: Serve, footctl: Footctl, brief: str, elsewhere: dict[str, str]) -> None:
    cable, served = serve("pty"), serve("tcp", speed=3)
    answer = footctl("device", "pair", *cable.device, "--show", env=elsewhere)
    assert answer.returncode == 0, answer.stderr
    label = answer.stdout.splitlines()[1].split()[-1]
    assert keys.from_label(label) == keys.simulator_key()
    assert footctl("sim", "label").stdout == label + "\n"
    assert footctl("device", "unpair", env=elsewhere).stdout == "SIM-0001\n"
    assert footctl("device", "unpair", "SIM-0001", env=elsewhere).returncode == 0
    assert footctl("device", "unpair", "SIM-0001", env=elsewhere).returncode == 2
    assert footctl("device", "unpair", env=elsewhere).stdout == "no device is paired\n"
    answer = footctl("device", "pair", *served.device, env=elsewhere)
    assert answer.returncode == 2
    assert "over a cable only" in answer.stderr
    assert footctl("device", "pair", *served.device, "--label", env=elsewhere).returncode == 6
    wrong = keys.label(bytes(16))
    answer = footctl("device", "pair", *served.device, "--label", stdin=f"nonsense\n{wrong}\n{label}\n", env=elsewhere)
    assert answer.returncode == 0, answer.stderr
    assert "look at the label again" in answer.stderr
    assert label not in answer.stdout
    code = footctl("run", brief, *served.run, env=elsewhere, timeout=120)
    assert code.returncode == 0, code.stderr


def test_three_wrong_labels_are_enough(serve: Serve, footctl: Footctl, elsewhere: dict[str, str]) -> None:
    served = serve("tcp")
    answer = footctl("device", "pair", *served.device, "--label", stdin=f"{keys.label(bytes(16))}\n" * 4, env=elsewhere)
    assert answer.returncode == 5
    assert footctl("device", "unpair", env=elsewhere).stdout == "no device is paired\n"


def test_a_key_goes_into_no_record_and_no_journal(serve: Serve, footctl: Footctl, brief: str, tmp_path: Path) -> None:
    served = serve("tcp", speed=3)
    record = tmp_path / "session.jsonl"
    data = {**os.environ, "FOOTCTL_DATA_DIR": str(tmp_path / "data")}
    answer = footctl("run", brief, *served.run, "--record", str(record), env=data, timeout=120)
    assert answer.returncode == 0, answer.stderr
    key = keys.simulator_key()
    kept = [record, *(path for path in (tmp_path / "data").rglob("*") if path.is_file())]
    for path in kept:
        content = path.read_bytes()
        assert key not in content, path
        assert key.hex().encode() not in content, path
        assert keys.label(key).encode() not in content, path
    assert key.hex() not in answer.stdout + answer.stderr
    code = "import sys; from pathlib import Path; from footctl.run.record import replay; sys.exit(len(replay(Path(sys.argv[1]))))"
    assert subprocess.run([sys.executable, "-c", code, str(record)], check=False).returncode == 0


def test_a_hand_of_ones_own(serve: Serve, spawn: Spawn, footctl: Footctl, brief: str) -> None:
    """`sim serve --arm manual`: nothing starts before `footctl sim press arm`."""
    served = serve("tcp", "--arm", "manual", speed=3)
    process = spawn("run", brief, *served.flags, "--yes", "--plain")
    assert process.stdout is not None
    line = ""
    while "Hold the device's button" not in line:
        line = process.stdout.readline()
        assert line, "it ended"
    time.sleep(1)
    assert served.status["state"] == "idle"
    assert footctl("sim", "press", "arm", "--at", served.address).returncode == 0
    assert process.wait(120) == 0


def test_arming_over_a_cable_is_the_owners_choice(serve: Serve, footctl: Footctl) -> None:
    cable, served = serve("pty", "--arm", "manual"), serve("tcp")
    answer = footctl("device", "arming", "off", *cable.device)
    assert answer.returncode == 0, answer.stderr
    assert "without its button" in answer.stdout
    answer = footctl("device", "arming", "off", *served.device)
    assert answer.returncode == 5
    assert "over a cable only" in answer.stderr
    assert footctl("device", "arming", "on", *cable.device).returncode == 0
    assert footctl("device", "arming", "off", *serve("pty").device).returncode == 5


def lie(message: Any, seq: int = 1) -> bytes:
    return b"\0" + framing.encode(messages.code_of(message), seq, messages.pack(message))


@pytest.mark.slow
def test_somebody_between_who_puts_words_into_the_devices_mouth(serve: Serve, spawn: Spawn, footctl: Footctl, brief: str) -> None:
    """Nobody holds the button, and a stranger on the wire says that somebody did, that the start was accepted, and yes to everything."""
    served = serve("tcp", "--arm", "manual", speed=3)
    lies = b"".join(lie(one, seq) for seq in range(8) for one in (messages.Event(3, 1, 9), messages.Event(1, 0, 9), messages.Ack(0x09)))
    with overheard(served, lies) as (address, _):
        code, told = result(spawn("run", brief, "--tcp", address, "--speed", "3", "--yes", "--json"), timeout=120)
    assert (code, told["outcome"]) == (5, "refused"), told
    assert any("were not the device's" in warning for warning in told["warnings"]), told
    assert served.status["state"] == "idle"


def test_somebody_between_who_answers_for_the_device(footctl: Footctl, serve: Serve, program: str, elsewhere: dict[str, str]) -> None:
    """A device that was paired is not mistaken for another one that says its name and wants no proof."""
    served = serve("tcp", speed=10)
    data = Path(elsewhere["FOOTCTL_DATA_DIR"])
    data.mkdir(mode=0o700)
    (data / "keys.json").write_text(json.dumps({"SIM-0001": "00" * 16}))
    answer = footctl("run", program, *served.run, env=elsewhere)
    assert answer.returncode == 5
    assert "has another key than the one that was paired" in answer.stderr
    assert served.status["state"] == "idle"
