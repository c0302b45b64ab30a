"""A served simulator: there when it says so, gone at the end, and no lock left by one that was killed."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_protocol import framing, messages
from firmware_protocol.exchange import Exchange
from tests.system.processes import Footctl, Served, Spawn, until

pytestmark = pytest.mark.system

Serve = Callable[..., Served]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_port_is_there_when_ready_and_gone_at_exit(serve: Serve, number: signal.Signals) -> None:
    served = serve()
    path = Path(served.address)
    assert path.is_symlink()
    assert path.is_char_device()
    assert served.door.exists()
    served.process.send_signal(number)
    assert served.process.wait(10) == 0
    assert not path.is_symlink()
    assert not served.door.exists()


def test_quit_ends_it(serve: Serve, footctl: Footctl) -> None:
    served = serve("tcp")
    assert footctl("sim", "quit").returncode == 0
    assert served.process.wait(10) == 0
    answer = footctl("sim", "quit")
    assert answer.returncode == 4
    assert "no simulator is served" in answer.stderr


def test_a_killed_server_leaves_nothing_in_the_way(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    first = serve()
    first.process.kill()
    first.process.wait(10)
    path = Path(first.address)
    assert path.is_symlink()
    assert first.door.exists()
    second = Served(spawn("sim", "serve", "--pty", str(path), "--json"), "pty", 1)
    assert path.is_char_device()
    assert not first.door.exists()
    assert "footbath-5l" in footctl("sim", "served").stdout
    third = footctl("sim", "serve", "--pty", str(path))
    assert third.returncode == 4
    assert f"process {second.process.pid} serves there" in third.stderr
    assert path.is_char_device()


def test_an_address_in_use_says_so(serve: Serve, footctl: Footctl) -> None:
    served = serve("tcp")
    answer = footctl("sim", "serve", "--tcp", served.address)
    assert answer.returncode == 4
    assert "somebody listens there" in answer.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--speed", "21"), 2, "1 to 20 times"),
        (("--speed", "1.5"), 2, "1 to 20 times"),
        (("--person", "santa"), 2, "no virtual person"),
        (("--scenario", "flood"), 2, "no scenario"),
        (("--device", "toaster"), 2, "no device"),
    ],
)
def test_flags_that_make_no_sense(footctl: Footctl, tmp_path: Path, words: tuple[str, ...], code: int, told: str) -> None:
    answer = footctl("sim", "serve", "--pty", str(tmp_path / "foot"), *words)
    assert answer.returncode == code
    assert told in answer.stderr
    assert not (tmp_path / "foot").is_symlink()


def test_something_else_at_the_place_is_left_alone(footctl: Footctl, tmp_path: Path) -> None:
    (tmp_path / "diary").write_text("dear")
    answer = footctl("sim", "serve", "--pty", str(tmp_path / "diary"))
    assert answer.returncode == 2
    assert (tmp_path / "diary").read_text() == "dear"


def test_hands_on_a_served_world(serve: Serve, footctl: Footctl) -> None:
    served = serve("pty", "--person", "none")
    assert served.status["feet"] == {"left": "elsewhere", "right": "elsewhere"}
    assert footctl("sim", "press", "feet-in").returncode == 0
    served.act("press", "left-out")
    assert served.status["feet"] == {"left": "elsewhere", "right": "bath"}
    served.act("press", "stop")
    until(lambda: served.status["state"] == "latched", "the stop button latches")
    assert served.status["cause"] == "pain"
    served.act("press", "arm")
    until(lambda: served.status["state"] == "idle", "holding the arm button clears")
    assert footctl("sim", "fault", "sensor-open").returncode == 0
    assert footctl("sim", "fault", "sensor-offset", "celsius=2").returncode == 0
    assert footctl("sim", "fault", "sensor-offset", "off").returncode == 0
    strange = footctl("sim", "fault", "sensor-offset", "litres=2")
    assert strange.returncode == 2
    assert "it takes: celsius" in strange.stderr
    assert served.status["faults"] == ["sensor-open"]
    assert served.act("fault", "sensor-open", on=False)["faults"] == []
    assert "error" in served.act("fault", "gremlin")
    assert "error" in served.act("dance")


@pytest.mark.parametrize(("verb", "word"), [("press", "nose"), ("fault", "gremlin")])
def test_an_unknown_hand_or_fault_is_refused_with_the_list(footctl: Footctl, verb: str, word: str) -> None:
    answer = footctl("sim", verb, word)
    assert answer.returncode == 2
    assert "there are:" in answer.stderr


def test_several_served_worlds_want_a_name(serve: Serve, footctl: Footctl) -> None:
    one, other = serve("pty"), serve("tcp")
    answer = footctl("sim", "press", "stop")
    assert answer.returncode == 2
    assert one.address in answer.stderr
    assert footctl("sim", "press", "stop", "--at", other.address, "--json").returncode == 0
    until(lambda: other.status["state"] == "latched", "only the one that was named")
    assert one.status["state"] == "idle"


def test_a_host_that_does_not_read_costs_frames_and_nothing_else(serve: Serve) -> None:
    served = serve(speed=20)
    port = os.open(served.address, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    exchange = Exchange(messages.TO_HOST)
    try:
        nonce = 0
        while not served.status["dropped_frames"]:
            nonce += 1
            exchange.ask(messages.Hello(1, 0, messages.OBSERVER, nonce))  # each is answered with the longest frame there is
            os.write(port, exchange.data_to_send(nonce * 10_000))
            exchange.drop_requests()
            time.sleep(0.001)
            assert nonce < 20_000, "this port never fills up"
        before = served.status["uptime_s"]
        decoder = framing.Decoder()
        until(lambda: served.status["uptime_s"] > before + 5, "the device goes on")
        frames = []
        while True:
            try:
                frames += decoder.feed(os.read(port, 4096))
            except BlockingIOError:
                break
        assert frames
        assert decoder.dropped == 0
        lost = served.status["dropped_frames"]
        os.write(port, framing.encode(1, 99, messages.pack(messages.Hello(1, 0, messages.OBSERVER, 1 << 20))))
        until(lambda: _read(port, decoder), "it talks again")
        assert decoder.dropped == 0
        assert served.status["dropped_frames"] == lost
    finally:
        os.close(port)


def _read(port: int, decoder: framing.Decoder) -> list[tuple[int, int, bytes]]:
    try:
        return decoder.feed(os.read(port, 4096))
    except BlockingIOError:
        return []


def test_a_fifth_connection_is_turned_away_and_room_comes_back(serve: Serve) -> None:
    served = serve("tcp")
    host, port = served.address.rsplit(":", 1)
    four = [socket.create_connection((host, int(port))) for _ in range(4)]
    until(lambda: served.status["connections"] == 4, "four connections")
    with socket.create_connection((host, int(port))) as fifth:
        fifth.settimeout(5)
        assert fifth.recv(1) == b""
    assert served.status["refused"] == 1
    four.pop().close()
    until(lambda: served.status["connections"] == 3, "one left")
    with socket.create_connection((host, int(port))) as again:
        until(lambda: served.status["connections"] == 4, "room again")
        again.sendall(framing.encode(1, 1, messages.pack(messages.Hello(1, 0, messages.OBSERVER, 7))))
        again.settimeout(5)
        assert again.recv(1000)
    for one in four:
        one.close()


def test_a_server_that_was_stopped_for_long_does_not_jump(serve: Serve) -> None:
    served = serve(speed=10)
    served.process.send_signal(signal.SIGSTOP)
    before = time.monotonic()
    time.sleep(1.0)
    served.process.send_signal(signal.SIGCONT)
    held_up = time.monotonic() - before
    slipped = until(lambda: served.status["slipped_s"], "the time that was lost is counted")
    assert slipped > 10 * held_up - 2.0  # all but the second that it catches up
