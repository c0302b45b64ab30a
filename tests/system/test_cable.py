"""The same program at the other end of a wire, and everything that goes wrong with wires: message, exit code, device safe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import framing, messages
from simulator.carriers import Carrier, open_pty
from simulator.serve import Server
from simulator.world import World
from tests.system.processes import Footctl, Served, Spawn, result, until

pytestmark = pytest.mark.system

Serve = Callable[..., Served]

SHORT = """
name = "Short"
tier = "standard"

[[phase]]
kind = "soak"
water = "36 C"
for = "20 s"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "15 kPa"
for = "20 s"
"""
PRESS = ("set", "--pressure", "20kPa", "--for", "10min")  # long enough to be interrupted
PRESSED_KPA = 6.0  # a massage starts softly: half of the 20 kPa in its first minute
BRIEF = ("set", "--pressure", "12kPa", "--for", "15s")


def _safe(served: Served, footctl: Footctl) -> dict[str, Any]:
    """What an observer on a connection of its own reads once everything is off."""

    def off() -> dict[str, Any] | None:
        sample = _glance(served)
        enables = sample["heater_enable"] or sample["motor_enable"] or sample["heater_duty"]
        return None if enables or sample["pressure_max_kpa"] is None or sample["pressure_max_kpa"] >= 4 else sample

    return dict(until(off, "the device reads as off"))


def _glance(served: Served) -> dict[str, Any]:
    watch = subprocess.Popen(
        [sys.executable, "-m", "footctl", "watch", *served.device, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert watch.stdout is not None
    line = watch.stdout.readline()
    watch.kill()
    _, error = watch.communicate()
    assert line, error
    return dict(json.loads(line))


def _pressing(served: Served, session: subprocess.Popen[str]) -> None:
    def presses() -> bool:
        assert session.poll() is None, session.communicate()
        return max(served.status["kpa"]) > PRESSED_KPA

    until(presses, "the rollers press", 60)


@pytest.fixture
def short(tmp_path: Path) -> str:
    path = tmp_path / "short.toml"
    path.write_text(SHORT)
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_soak_and_massage_over_a_wire(serve: Serve, footctl: Footctl, short: str, link: str) -> None:
    served = serve(link, speed=5)  # at 10 a fifth of a second that the machine takes from us ends it
    answer = footctl("run", short, *served.run, timeout=180)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = json.loads(answer.stdout.splitlines()[-1])
    assert told["outcome"] == "completed"
    assert told["simulated"] is True
    assert [phase["kind"] for phase in told["phases"]] == ["preheat", "feet_in", "soak", "dry", "feet_in", "massage", "finish"]
    assert told["water_max_c"] < 36.5
    assert served.status["state"] == "idle"
    assert served.status["dropped_frames"] == 0


@pytest.mark.parametrize("runs", [3, pytest.param(10, marks=pytest.mark.soak)])
def test_runs_one_after_another(serve: Serve, footctl: Footctl, runs: int) -> None:
    served = serve(speed=20)
    for _ in range(runs):
        answer = footctl(*BRIEF, *served.run)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    assert served.status["state"] == "idle"


@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_pain_from_a_second_terminal(serve: Serve, spawn: Spawn, footctl: Footctl, link: str) -> None:
    served = serve(link)
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    said = () if link == "pty" else ("--score", "eleven", "--zone", "left heel")  # what makes no sense keeps nothing on
    answer = footctl("pain", "--json", *said)
    assert answer.returncode == 0, answer.stderr
    assert ("--score eleven is left out" in answer.stderr) == bool(said)
    assert json.loads(answer.stdout)[0]["confirmed"] is True
    code, told = result(session)
    assert (code, told["outcome"]) == (6, "pain")
    _safe(served, footctl)
    again = footctl(*PRESS, *served.run)
    assert again.returncode == 5
    assert "pain" in again.stderr
    assert "footctl clear" in again.stderr
    for word, expected in (("", 5), ("n\n", 6), ("y\n", 0)):
        cleared = footctl("clear", *served.device, stdin=word)
        assert cleared.returncode == expected, cleared.stderr
        assert "pain was reported" in cleared.stdout
    assert "nothing is latched" in footctl("clear", *served.device).stdout
    assert footctl(*BRIEF, *served.run).returncode == 0


def test_a_pain_waits_for_no_session_that_hangs(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    hanging, alive = serve(speed=1), serve("tcp", speed=1)
    sessions = [spawn(*PRESS, *served.run) for served in (hanging, alive)]
    for served, session in zip((hanging, alive), sessions, strict=True):
        _pressing(served, session)
    sessions[0].send_signal(signal.SIGSTOP)
    said = spawn("pain")
    begin = time.monotonic()
    until(lambda: alive.status["state"] == "latched", "the one that does not hang has stopped")
    assert time.monotonic() - begin < 3.0
    out, _ = said.communicate(timeout=20)
    assert said.returncode == 4
    assert "everything is off" in out
    assert f"does not answer, process {sessions[0].pid}" in out
    for words in (("softer",), ("stop", "--session", "set")):
        told = footctl(*words)
        assert told.returncode == 4
        assert f"kill {sessions[0].pid}" in told.stderr
    assert f"process {sessions[0].pid} does not answer" in footctl("doctor").stdout
    until(lambda: hanging.status["state"] == "latched", "its own lease")


def test_every_word_reaches_the_session(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    served = serve(speed=5)
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    assert footctl("softer").returncode == 0
    assert footctl("firmer").returncode == 0
    assert footctl("extend", "1 min").returncode == 0
    assert footctl("extend", "1").returncode == 2
    assert footctl("yes").returncode == 5  # nothing was asked
    assert footctl("yes", "--pain", "12").returncode == 2
    assert footctl("yes", "--pain", "0").returncode == 5  # taken, but nothing was asked
    assert footctl("pause").returncode == 0
    until(lambda: max(served.status["kpa"]) < 4, "a pause releases")
    assert footctl("resume").returncode == 0
    _pressing(served, session)
    assert footctl("skip").returncode == 0
    code, told = result(session)
    assert (code, told["outcome"]) == (0, "completed")
    assert "skipped" in [phase["outcome"] for phase in told["phases"]]


def test_stop_ends_the_session_in_good_order(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    served = serve()
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    answer = footctl("stop")
    assert answer.returncode == 0, answer.stderr
    assert "everything is off" in answer.stdout
    code, told = result(session)
    assert (code, told["outcome"]) == (6, "stopped")


@pytest.mark.parametrize("word", ["stop", "pain", "pause", "resume", "yes", "softer", "firmer", "skip"])
def test_no_session_is_4(footctl: Footctl, word: str) -> None:
    answer = footctl(word)
    assert answer.returncode == 4
    assert "no session of yours is running" in answer.stderr


def test_watching_a_session_that_runs_elsewhere(serve: Serve, spawn: Spawn) -> None:
    served = serve()
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    pace_s = time.monotonic() - begin  # of this machine now: 0.02 s where nothing else runs
    begin = time.monotonic()
    watch = spawn("watch", *served.device, "--json")
    assert watch.stdout is not None
    sample = json.loads(watch.stdout.readline())
    assert time.monotonic() - begin < 2.0 + 30 * pace_s
    assert sample["state"] == "active"
    assert sample["motor_enable"] is True
    session.send_signal(signal.SIGTERM)
    assert result(session)[0] == 6
    assert watch.wait(10) == 0


def test_watching_ends_quietly_on_a_closed_pipe(serve: Serve, spawn: Spawn) -> None:
    served = serve("tcp")
    watch = spawn("watch", *served.device)
    assert watch.stdout is not None
    assert "idle" in watch.stdout.readline()
    watch.stdout.close()
    watch.stdout = None
    assert watch.wait(10) == 0
    assert watch.stderr is not None
    assert watch.stderr.read() == ""
    assert served.status["state"] == "idle"


def test_watching_a_device_that_goes_away(serve: Serve, spawn: Spawn) -> None:
    served = serve("tcp")
    watch = spawn("watch", *served.device, "--json")
    assert watch.stdout is not None
    watch.stdout.readline()
    served.process.kill()
    assert watch.wait(15) == 4


def test_devices_and_info(serve: Serve, footctl: Footctl) -> None:
    served = serve()
    [found] = [one for one in json.loads(footctl("devices", "--json").stdout) if one["port"] == served.address]
    assert found["identity"]["serial"] == served.about["serial"]
    assert found["identity"]["simulator"] == 10
    told = json.loads(footctl("device", "info", *served.device, "--json").stdout)
    assert told["model"] == "footbath-5l"
    assert len(told["caps"]) > 30
    assert all(cap["value"] is not None for cap in told["caps"])
    assert served.address in footctl("devices").stdout
    assert "caps in force" in footctl("device", "info", *served.device).stdout


# ------------------------------------------------------------------------------------------------ ports that are none


@pytest.mark.parametrize("words", [BRIEF, ("watch",), ("clear",), ("device", "info")])
def test_a_port_that_does_not_exist(footctl: Footctl, tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = footctl(*words, "--port", str(tmp_path / "none"), *(["--yes"] if words is BRIEF else []))
    assert answer.returncode == 4
    assert "no such port" in answer.stderr


def test_a_directory_is_no_port(footctl: Footctl, tmp_path: Path) -> None:
    answer = footctl(*BRIEF, "--port", str(tmp_path), "--yes", "--json")
    assert answer.returncode == 4
    assert "is a directory" in answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["outcome"] == "link_lost"


# Nobody may read root's Python, so everything is loaded before the rights are given away.
AS_NOBODY = """
import argparse, csv, gettext, grp, locale, os, shutil, sys, traceback
import footctl.cli.device, footctl.cli.devices, footctl.core.profile, footctl.link.discover, serial, serial.serialposix
from footctl.cli.main import main
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
sys.exit(main(["device", "info", "--port", sys.argv[1]]))
"""


def test_a_port_without_permission(serve: Serve) -> None:
    served = serve()
    target = os.path.realpath(served.address)
    os.chmod(target, 0o600)
    answer = subprocess.run([sys.executable, "-c", AS_NOBODY, target], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 4, answer.stderr
    assert "no permission" in answer.stderr
    assert "not even its group may open it" in answer.stderr, "to join it would not help"


def test_a_busy_port_says_by_whom(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    served = serve()
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    answer = footctl(*BRIEF, *served.run)
    assert answer.returncode == 4
    assert "in use by" in answer.stderr
    assert str(session.pid) in answer.stderr
    assert session.poll() is None


def test_nobody_listens(footctl: Footctl) -> None:
    answer = footctl(*BRIEF, "--tcp", "127.0.0.1:9", "--yes")
    assert answer.returncode == 4
    assert "nothing listens there" in answer.stderr


def test_two_hosts_one_controller(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    served = serve("tcp")
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    answer = footctl(*BRIEF, *served.run)
    assert answer.returncode == 4
    assert "another host controls" in answer.stderr
    assert session.poll() is None
    assert max(served.status["kpa"]) >= 4 or served.status["state"] == "active"


def test_another_speed_is_refused_before_the_start(serve: Serve, footctl: Footctl) -> None:
    served = serve()
    answer = footctl(*BRIEF, *served.device, "--yes")
    assert answer.returncode == 5
    assert "--speed 10" in answer.stderr


# ------------------------------------------------------------------------------------------------ devices that are none


@contextmanager
def _fake(path: Path, answer: Callable[[bytes], bytes]) -> Iterator[Carrier]:
    """Something that answers whatever arrives at `path` with `answer(data)`."""
    carrier = open_pty(path)
    done = threading.Event()

    def talk() -> None:
        while not done.is_set():
            data = carrier.read()
            if data:
                carrier.write(answer(data))
            done.wait(0.01)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield carrier
    finally:
        done.set()
        thread.join()
        carrier.close()


def test_garbage_is_nobody(footctl: Footctl, tmp_path: Path) -> None:
    with _fake(tmp_path / "noise", lambda data: bytes(range(256)) * 4):
        answer = footctl(*BRIEF, "--port", str(tmp_path / "noise"), "--yes", "--json")
    assert answer.returncode == 4
    assert "what answers does not speak our protocol" in answer.stderr
    assert "footctl devices" in answer.stderr


def test_an_echo_is_nobody(footctl: Footctl, tmp_path: Path) -> None:
    with _fake(tmp_path / "echo", lambda data: data):
        answer = footctl(*BRIEF, "--port", str(tmp_path / "echo"), "--yes")
    assert answer.returncode == 4
    assert "what answers does not speak our protocol" in answer.stdout


def test_another_major_version(footctl: Footctl, tmp_path: Path) -> None:
    decoder = framing.Decoder()

    def refuse(data: bytes) -> bytes:
        out = b""
        for code, seq, _ in decoder.feed(data):
            nak = messages.Nak(code, messages.WRONG_VERSION, 2)
            out += framing.encode(messages.code_of(nak), seq, messages.pack(nak))
        return out

    with _fake(tmp_path / "new", refuse):
        answer = footctl(*BRIEF, "--port", str(tmp_path / "new"), "--yes", "--json")
    assert answer.returncode == 4
    assert "version" in answer.stderr
    assert "update" in answer.stderr


# -------------------------------------------------------------------------------------------- things that go wrong in mid-session


def test_a_device_that_restarts_ends_the_session(serve: Serve, spawn: Spawn) -> None:
    served = serve()
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    served.act("fault", "power-blink")
    code, told = result(session)
    assert (code, told["outcome"]) == (7, "tripped")
    assert "restarted" in told["reason"]
    assert max(until(lambda: served.status["kpa"], "pressures")) < 4 or until(lambda: max(served.status["kpa"]) < 4, "released")


def test_a_device_that_falls_silent(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    served = serve()
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    served.act("fault", "link-silent")
    code, told = result(session)
    assert (code, told["outcome"]) == (4, "link_lost")
    until(lambda: served.status["state"] == "latched", "the device latches by its own lease")
    assert served.status["cause"] == "link_lost"
    served.act("fault", "link-silent", on=False)
    assert _safe(served, footctl)["first_cause"] == "link_lost"


@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_a_port_that_goes_away_and_comes_back(serve: Serve, spawn: Spawn, footctl: Footctl, tmp_path: Path, link: str) -> None:
    served = serve(link)
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    served.process.kill()
    code, told = result(session)
    assert (code, told["outcome"]) == (4, "link_lost")
    where = ("--pty", served.address) if link == "pty" else ("--tcp", served.address)
    back = Served(spawn("sim", "serve", *where, "--speed", "10", "--json"), link, 10)
    assert back.status["state"] == "idle"  # nothing came back by itself
    assert footctl(*BRIEF, *back.run).returncode == 0


@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_a_host_that_is_suspended(serve: Serve, spawn: Spawn, link: str) -> None:
    served = serve(link)
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    session.send_signal(signal.SIGSTOP)
    status = until(lambda: (status := served.status)["state"] == "latched" and status, "the device latches by its own lease")
    assert status["cause"] == "link_lost"
    assert max(status["kpa"]) < 4
    session.send_signal(signal.SIGCONT)
    code, told = result(session)
    assert (code, told["outcome"]) == (7, "tripped")
    assert "this computer did not run for" in told["reason"]  # not the device's latch, which it finds when it wakes up
    assert served.status["cause"] == "link_lost"
    assert max(served.status["kpa"]) < 4


def test_a_host_that_wakes_up_without_its_port(serve: Serve, spawn: Spawn) -> None:
    served = serve("tcp")
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    session.send_signal(signal.SIGSTOP)
    until(lambda: served.status["state"] == "latched", "the device latches by its own lease")
    served.process.kill()
    served.process.wait()
    session.send_signal(signal.SIGCONT)
    code, told = result(session)
    assert (code, told["outcome"]) == (7, "tripped")
    assert "this computer did not run for" in told["reason"]
    assert "went away" in told["reason"]


class Swapped(Server):
    """A server behind whose wire, when told so, another device stands."""

    def __init__(self, world: World, carrier: Carrier) -> None:
        super().__init__(world, 10, {})
        self.another = threading.Event()
        self.add(carrier, 0)

    def turn(self) -> None:
        if self.another.is_set():
            self.another.clear()
            self.world.board.spec = self.world.board.spec.model_copy(update={"serial": "SIM-0002"})
            self.world.restart()
        super().turn()


def test_another_device_in_mid_session(spawn: Spawn, tmp_path: Path) -> None:
    server = Swapped(World(speed=10), open_pty(tmp_path / "foot"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        session = spawn(*PRESS, "--port", str(tmp_path / "foot"), "--speed", "10", "--yes", "--json")
        until(lambda: max(server.status()["kpa"]) > PRESSED_KPA, "the rollers press", 60)
        server.another.set()
        out, err = session.communicate(timeout=60)
        told = json.loads(out.splitlines()[-1])
        assert (session.returncode, told["outcome"]) == (7, "tripped"), told
        assert "another one (SIM-0002)" in told["reason"]
        assert "another one (SIM-0002)" in err
        status = server.status()
        assert (status["state"], status["cause"]) == ("latched", "stopped")  # whoever it is, it was told to stop
        assert max(status["kpa"]) < 4
    finally:
        server.done = True
        thread.join()
        server.close()


@pytest.mark.parametrize("wait_s", [0.0, 0.31, 0.7])
def test_a_host_killed_while_it_presses(serve: Serve, spawn: Spawn, footctl: Footctl, wait_s: float) -> None:
    served = serve("tcp")
    session = spawn(*PRESS, *served.run)
    _pressing(served, session)
    time.sleep(wait_s)
    session.kill()
    begin = served.status["uptime_s"]
    until(lambda: served.status["state"] == "latched", "the device latches by its own lease")
    assert served.status["uptime_s"] - begin < 5.0 + 4.0  # the lease, and what asking takes at speed 10
    sample = _safe(served, footctl)
    assert sample["first_cause"] == "link_lost"
    assert footctl("stop").returncode == 4  # the dead session's socket is passed over


def test_a_host_killed_in_mid_soak(serve: Serve, spawn: Spawn, footctl: Footctl) -> None:
    served = serve("pty", "--scenario", "wrist-warm")
    session = spawn("set", "--water", "36C", "--for", "10min", *served.run)
    until(lambda: served.status["feet"]["left"] == "bath", "feet are in", 60)
    session.kill()
    until(lambda: served.status["state"] == "latched", "the device latches by its own lease")
    assert _safe(served, footctl)["first_cause"] == "link_lost"
