"""Scenes: commands of the owner's that a program can only name. Whatever they do, the session does not notice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from footctl.core.host import Host
from footctl.core.profile import Profile, parse_program
from footctl.core.pump import turn
from footctl.core.view import Outcome, View
from footctl.run.ambience import Ambience
from simulator.world import World
from tests.system.processes import Footctl, until

pytestmark = pytest.mark.system

PROGRAM = """name = "Scenes"
tier = "standard"
scene = "start"
[[phase]]
kind = "rest"
for = "20 s"
[[phase]]
kind = "rest"
scene = "quiet"
for = "20 s"
[[phase]]
kind = "rest"
scene = "nobody-mapped-this"
for = "20 s"
[[phase]]
kind = "rest"
scene = "quiet"
for = "20 s"
"""


@pytest.fixture
def profile() -> Profile:
    return parse_program(PROGRAM, "scenes.toml")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def append(log: Path, word: str) -> tuple[str, ...]:
    return ("sh", "-c", f'echo "$1" >> {log}', "sh", word)


def said(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def views(profile: Profile) -> list[View]:
    """A view of each step."""
    host, world = Host(nonce=1, profile=profile), World(person=None)
    for tick in range(100):
        turn(host, world, tick * 0.05)
    view = host.view(5.0)
    assert view.plan is not None
    return [replace(view, step=step) for step in (None, *range(len(view.plan.steps)))]


def test_each_scene_once_when_its_step_comes_and_the_end_at_the_end(profile: Profile, log: Path) -> None:
    told: list[str] = []
    scenes = {name: append(log, name) for name in ("start", "quiet", "end", "unused")}
    ambience = Ambience(profile, scenes, 5.0, told.append)
    expected: list[str] = []
    for view, coming in zip(views(profile), ((), ("start",), ("quiet",), (), (), ()), strict=True):
        ambience(view)
        ambience(view)
        expected += coming
        until(lambda so_far=tuple(expected): said(log) == list(so_far), f"{expected}, not {said(log)}")
    ambience.close()
    assert said(log) == ["start", "quiet", "end"]
    assert told == []


def test_the_end_comes_with_the_outcome_and_waits_for_no_question(profile: Profile, log: Path) -> None:
    told: list[str] = []
    ambience = Ambience(profile, {name: append(log, name) for name in ("start", "end")}, 5.0, told.append)
    before, first, *_ = views(profile)
    ambience(before)
    ambience(first)
    until(lambda: said(log) == ["start"], "start")
    over = replace(first, outcome=Outcome("pain", "pain was reported"))
    ambience(over)
    ambience(over)
    until(lambda: said(log) == ["start", "end"], "the lights come back while footctl still asks where it hurt")
    ambience.close()
    assert told == []


def test_troubles_are_told_and_delay_nothing(profile: Profile, log: Path, tmp_path: Path) -> None:
    told: list[str] = []
    scenes = {"start": ("sh", "-c", "echo the lamp is gone >&2; exit 3"), "quiet": ("sh", "-c", f"sleep 60; echo late >> {log}")}
    ambience = Ambience(profile, {**scenes, "nobody-mapped-this": (str(tmp_path / "none"),)}, 1.0, told.append)
    begun = time.monotonic()
    for view in views(profile):
        ambience(view)
    assert time.monotonic() - begun < 1.0
    until(lambda: len(told) == 4, "the second `quiet` hangs, too", 10)
    ambience.close()
    assert sorted(set(told)) == [
        f"scene nobody-mapped-this: {tmp_path / 'none'} cannot be started: No such file or directory",
        "scene quiet: sh did not end within 1 s and was stopped",
        "scene start: sh ended with 3: the lamp is gone",
    ]


def test_a_scene_takes_no_time_of_the_turn(profile: Profile) -> None:
    """What the session spends on a view: a write into a pipe, or nothing."""
    ambience = Ambience(profile, {"start": ("sleep", "30"), "quiet": ("sleep", "30")}, 2.0, print)
    took = []
    for view in views(profile):
        begun = time.perf_counter()
        ambience(view)
        took.append(time.perf_counter() - begun)
    assert sorted(took)[len(took) // 2] < 0.001
    assert max(took) < 0.05, "a process that is started at that moment would take longer on a busy machine"
    ambience.close()


def test_a_process_that_died_and_one_that_reads_nothing(profile: Profile) -> None:
    told: list[str] = []
    ambience = Ambience(profile, {"start": ("true",), "quiet": ("true",)}, 2.0, told.append)
    assert ambience._process is not None
    ambience._process.kill()
    ambience._process.wait()
    for view in views(profile):
        ambience(view)
    ambience.close()
    assert "scenes are not run any more: Broken pipe" in told


def test_without_commands_there_is_no_process(profile: Profile) -> None:
    for scenes in ({}, {"end": ("true",)}, {"other": ("true",)}):
        ambience = Ambience(profile, scenes, 2.0, print)
        assert ambience._process is None
        for view in views(profile):
            ambience(view)
        ambience.close()


def test_what_a_command_started_is_ended_with_it(log: Path) -> None:
    order = json.dumps({"scenes": {"slow": ["sh", "-c", f"(sleep 2; echo late >> {log}) & wait"]}, "seconds": 1})
    ran = subprocess.run([sys.executable, "-m", "footctl.run.hooks"], input=f"{order}\nslow\n", capture_output=True, text=True, check=True)
    assert "did not end within 1 s" in ran.stdout
    time.sleep(2.5)
    assert said(log) == []


def test_a_session_that_asked_for_no_scene_has_no_end(log: Path) -> None:
    order = json.dumps({"scenes": {"dim": append(log, "dim"), "end": append(log, "end")}, "seconds": 5})
    subprocess.run([sys.executable, "-m", "footctl.run.hooks"], input=f"{order}\n", text=True, check=True)
    assert said(log) == []


def test_the_lights_come_back_when_the_session_is_killed(log: Path) -> None:
    order = json.dumps({"scenes": {"dim": append(log, "dim"), "end": append(log, "end")}, "seconds": 5})
    process = subprocess.Popen([sys.executable, "-m", "footctl.run.hooks"], stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(f"{order}\ndim\nunknown\n")
    process.stdin.flush()
    until(lambda: said(log) == ["dim"], "dim")
    process.stdin.close()  # which is what the kernel does for a process that is gone
    assert process.wait(10) == 0
    assert said(log) == ["dim", "end"]


@pytest.fixture
def settings(tmp_path: Path) -> Callable[[str], None]:
    def write(text: str) -> None:
        Path(os.environ["FOOTCTL_CONFIG"]).write_text(text)

    return write


def test_a_session_with_scenes(footctl: Footctl, tmp_path: Path, log: Path, settings: Callable[[str], None]) -> None:
    program = tmp_path / "scenes.toml"
    program.write_text(PROGRAM)
    lines = [f"{name} = {json.dumps(append(log, name))}" for name in ("start", "end")]
    settings("scene_seconds = 1\n[scenes]\n" + "\n".join([*lines, 'quiet = ["sleep", "60"]']) + "\n")
    ran = footctl("run", str(program), "--sim", "--speed", "20", "--yes", "--plain")
    assert ran.returncode == 0, ran.stderr
    assert said(log) == ["start", "end"]
    assert "scene quiet: sleep did not end within 1 s and was stopped" in ran.stdout
    log.unlink()
    assert footctl("run", str(program), "--sim", "--speed", "max", "--yes").returncode == 0
    assert said(log) == [], "on the virtual clock an hour is a second: no lights"
