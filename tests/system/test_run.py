"""`footctl run --sim` as a process: every preset, every way to end it, a person at a terminal, a record that replays."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from footctl.core.program import CONFIRM_S
from footctl.run.presets import list_programs
from footctl.run.record import replay
from tests.system.processes import Footctl, Served, Spawn, Terminal, result, until

pytestmark = pytest.mark.system

PRESETS = [row["name"] for row in list_programs()]
KINDS = ("preheat", "feet_in", "soak", "dry", "prompt", "massage", "stretch", "guided", "rest", "finish")
KEYS = {
    "outcome", "reason", "program", "tier", "simulated", "phases", "duration_s", "water_max_c", "pressure_max_kpa", "dose_cem43", "trips",
    "session_id", "warnings",
}  # fmt: skip
TOUR = """
name = "Tour"
tier = "standard"

[[phase]]
kind = "soak"
water = "36 C"
for = "5 min"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch", "heel"]
pressure = "15 kPa"
speed = 40
for = "5 min"

[[phase]]
kind = "prompt"
text = "Look at both feet."
confirm = true

[[phase]]
kind = "stretch"
zones = ["toes"]
pressure = "10 kPa"
for = "2 min"

[[phase]]
kind = "guided"
text = "Circle your ankles."
for = "2 min"

[[phase]]
kind = "rest"
for = "2 min"
"""


@pytest.fixture
def tour(tmp_path: Path) -> str:
    """A program with every kind of phase, minutes each."""
    path = tmp_path / "tour.toml"
    path.write_text(TOUR)
    return str(path)


@pytest.mark.parametrize("program", PRESETS)
def test_every_preset_on_the_virtual_clock(footctl: Footctl, program: str) -> None:
    done = footctl("run", program, "--sim", "--speed", "max", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told) == KEYS
    assert (told["outcome"], told["program"], told["simulated"], told["trips"]) == ("completed", program, True, [])
    assert {phase["kind"] for phase in told["phases"]} <= set(KINDS)
    assert all(set(phase) == {"name", "kind", "started_s", "ended_s", "outcome"} for phase in told["phases"])


def test_the_plain_view_tells_peaks_dose_and_read_back(footctl: Footctl) -> None:
    done = footctl("run", "quick-break", "--sim", "--speed", "max", "--yes")
    assert done.returncode == 0
    last = done.stdout.splitlines()[-4:]
    assert any(line.startswith("Completed") for line in last)
    assert any("peak pressure" in line and "dose" in line for line in last)
    assert any("everything is off" in line for line in last)


def lines_until(process: subprocess.Popen[str], pattern: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(pattern, line):
            return lines
    raise AssertionError(f"never saw {pattern!r} in {''.join(lines)}")


# The heading of each kind, and flags that bring it soon: the prompt is there as long as nobody answers
STEPS = {
    "preheat": ("── preheat", "60"),
    "feet_in": ("── feet in", "60"),
    "soak": ("── soak", "200"),
    "dry": ("── dry", "200"),
    "massage": ("── arch", "200", "--from", "2"),
    "stretch": ("── toes", "200", "--from", "4"),
    "guided": ("── by hand", "200", "--from", "5"),
    "rest": ("── rest", "200", "--from", "6"),
}


@pytest.mark.parametrize("kind", STEPS)
def test_ctrl_c_in_every_kind_of_phase(spawn: Spawn, tour: str, tmp_path: Path, kind: str) -> None:
    record = tmp_path / "record"
    heading, *flags = STEPS[kind]
    process = spawn("run", tour, "--sim", "--yes", "--plain", "--record", str(record), "--speed", *flags)
    lines_until(process, heading)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 6, err
    assert "Stopped" in out
    assert "everything is off" in out
    assert replay(record) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_stop_in_good_order(spawn: Spawn, tour: str, name: str) -> None:
    process = spawn("run", tour, "--sim", "--speed", "60", "--yes")
    lines_until(process, "── soak")
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=30)
    assert process.returncode == 6, err
    assert ("Ctrl-C" if name == "SIGINT" else name) in out


def begun(spawn: Spawn, record: Path, *flags: str) -> subprocess.Popen[str]:
    """A silent session that is under way: its record grows."""
    process = spawn("run", *flags, "--sim", "--yes", "--json", "--record", str(record))
    until(lambda: record.exists() and len(record.read_text().splitlines()) > 20, "the session begins", 60.0)
    return process


@pytest.mark.parametrize("twice", [True, False], ids=["twice", "once"])
def test_a_second_ctrl_c_leaves_now(serve: Callable[..., Served], spawn: Spawn, twice: bool) -> None:
    served = serve("tcp", speed=1)
    process = spawn("set", "--pressure", "12kPa", "--for", "9min", *served.run)
    until(lambda: served.status["state"] == "active", "the session begins", 60.0)
    served.act("fault", "link-deaf")  # nothing of what the device says arrives, so an orderly stop waits its 3 s for the read-back
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    until(lambda: served.status["state"] == "latched", "the first one stops the device")  # two at once might arrive as one
    assert process.poll() is None
    while twice and process.poll() is None:  # held down, as a keyboard repeats it
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
    out, err = process.communicate(timeout=20)
    code, told = process.returncode, json.loads(out.splitlines()[-1])
    assert ("at the mains" in err) == twice
    took_s = time.monotonic() - begin
    assert (code, told["outcome"]) == (6, "stopped")
    assert told["reason"] == ("left before the device confirmed" if twice else "stopped (Ctrl-C)")
    assert took_s < 2.5 if twice else took_s >= CONFIRM_S
    assert (served.status["state"], served.status["cause"]) == ("latched", "stopped")


def test_json_is_the_last_line_for_a_stop_too(spawn: Spawn, tour: str, tmp_path: Path) -> None:
    process = begun(spawn, tmp_path / "record", tour, "--speed", "20")
    process.send_signal(signal.SIGTERM)
    code, told = result(process)
    assert (code, told["outcome"]) == (6, "stopped")
    assert set(told) == KEYS


def test_ctrl_c_on_the_virtual_clock(spawn: Spawn, tmp_path: Path) -> None:
    process = spawn("run", "evening-unwind", "--sim", "--speed", "max", "--yes", "--plain")
    lines_until(process, "── soak")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 6
    assert "Stopped" in out


def test_a_record_on_the_virtual_clock_replays(footctl: Footctl, tmp_path: Path) -> None:
    record = tmp_path / "record"
    done = footctl("run", "evening-unwind", "--sim", "--speed", "max", "--yes", "--json", "--record", str(record))
    assert done.returncode == 0, done.stderr
    assert replay(record) == []


def test_a_full_disk_does_not_end_the_session(footctl: Footctl) -> None:
    done = footctl("run", "quick-break", "--sim", "--speed", "max", "--yes", "--json", "--record", "/dev/full")
    assert done.returncode == 0
    assert "No space left" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["outcome"] == "completed"


def test_a_closed_pipe_does_not_end_the_session(spawn: Spawn, tour: str, tmp_path: Path) -> None:
    record = tmp_path / "record"
    process = spawn("run", tour, "--sim", "--speed", "200", "--yes", "--plain", "--record", str(record))
    lines_until(process, "── soak")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    assert process.wait(60) == 0
    assert replay(record) == []


@pytest.mark.parametrize(
    ("words", "code", "needle"),
    [
        (("run", "quick-break", "--sim"), 2, "--yes"),
        (("run", "quick-break", "--sim", "--port", "/dev/null", "--yes"), 2, "name one"),
        (("run", "quick-break", "--sim", "--speed", "0", "--yes"), 2, "--speed"),
        (("run", "quick-break", "--sim", "--from", "0", "--yes"), 2, "counted from 1"),
        (("run", "quick-break", "--sim", "--from", "99", "--yes"), 2, "--from 99: quick-break has 4 phases\n"),
        (("run", "quick-break", "--port", "/nowhere", "--from", "5", "--yes"), 2, "--from 5: quick-break has 4 phases\n"),
        (("run", "quick-break", "--no-device", "--from", "5", "--yes"), 2, "--from 5: quick-break has 4 phases\n"),
        (("run", "quick-break", "--port", "/dev/null", "--speed", "21", "--yes"), 2, "at most 20"),
        (("run", "quick-break", "--port", "/dev/null", "--seed", "1", "--yes"), 2, "for --sim"),
        (("run", "no-such", "--sim", "--yes", "--json"), 3, "is no program here"),
        (("run", "quick-break", "--port", "/dev/null", "--yes", "--json"), 4, "no serial port"),
        (("run", "quick-break", "--tcp", "127.0.0.1:1", "--yes", "--json"), 4, "nothing listens"),
        (("run", "quick-break", "--sim", "--scenario", "none", "--yes"), 2, "scenario"),
    ],
)
def test_what_cannot_run_says_why(footctl: Footctl, words: tuple[str, ...], code: int, needle: str) -> None:
    done = footctl(*words)
    assert done.returncode == code
    assert needle in done.stderr
    if "--json" in words:
        told = json.loads(done.stdout.splitlines()[-1])
        assert set(told) == KEYS
        assert told["outcome"] == ("link_lost" if code == 4 else "refused")
    assert "Traceback" not in done.stderr


def test_a_person_says_yes_and_presses_pain(terminal: type[Terminal], tour: str) -> None:
    screen = terminal("run", tour, "--sim", "--speed", "20", "--from", "2", "--plain")
    screen.until(r"Start .*\[Y\]")
    screen.press("?")
    screen.until("it hurts")
    screen.press("y")
    screen.until(r"\? Take .*\[Y\]")
    screen.press("\n")
    screen.until(r"\? Put .*\[Y\]")
    screen.press("y")
    screen.until("water .* kPa arch|water .* kPa heel")
    screen.press("-+p")
    screen.until(r"\? .*\[Y\][^?]*$")
    screen.press(" ")
    screen.until("Where did it hurt")
    screen.press("lh")
    screen.until("How strong")
    screen.press("4+\r")
    screen.until("How was it")
    screen.press("\x04")
    assert screen.wait() == 6
    assert "noted: left heel, 5 of 10" in screen.seen
    assert "Pain" in screen.seen
    assert "everything is off" in screen.seen


def test_s_stops_and_n_declines(terminal: type[Terminal], tour: str) -> None:
    screen = terminal("run", tour, "--sim", "--speed", "60", "--yes", "--plain")
    screen.until("── soak")
    screen.press("s")
    assert screen.wait() == 6
    screen = terminal("run", tour, "--sim", "--plain")
    screen.until(r"Start .*\[Y\]")
    screen.press("n")
    assert screen.wait() == 6


def test_the_keyboards_ctrl_c(terminal: type[Terminal], tour: str) -> None:
    screen = terminal("run", tour, "--sim", "--speed", "60", "--yes", "--plain")
    screen.until("── soak")
    screen.press("\x03")
    assert screen.wait() == 6
    assert "everything is off" in screen.seen


def test_a_closed_terminal_ends_in_good_order(terminal: type[Terminal], tour: str, tmp_path: Path) -> None:
    record = tmp_path / "record"
    screen = terminal("run", tour, "--sim", "--speed", "60", "--yes", "--plain", "--record", str(record))
    screen.until("── soak")
    screen.close()
    end = time.monotonic() + 60
    while screen.code is None and time.monotonic() < end:
        pid, status = os.waitpid(screen.pid, os.WNOHANG)
        if pid:
            screen.code = os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    assert screen.code == 6
    assert replay(record) == []
    assert '"StopAsked"' in record.read_text()


def test_questions_on_the_virtual_clock(terminal: type[Terminal]) -> None:
    screen = terminal("run", "quick-break", "--sim", "--speed", "max")
    screen.until(r"\? Start")
    screen.press("\n")
    screen.until(r"\? Put")
    screen.press("\x03")
    screen.until("How was it")
    screen.press("\x03")
    assert screen.wait() == 6


@pytest.mark.slow
def test_watching_takes_less_than_a_minute(terminal: type[Terminal]) -> None:
    begun = time.monotonic()
    screen = terminal("run", "evening-unwind", "--sim", "--speed", "60", "--yes", "--plain")
    assert screen.wait(90) == 0
    assert time.monotonic() - begun < 60
    assert "Completed" in screen.seen


def test_another_device_than_the_one_that_must_be_there_is_refused(footctl: Footctl) -> None:
    told = footctl("run", "quick-break", "--sim", "--serial", "FB-0007", "--yes", "--plain", "--speed", "max")
    assert told.returncode == 4
    assert "this is SIM-0001, not FB-0007" in told.stdout + told.stderr
