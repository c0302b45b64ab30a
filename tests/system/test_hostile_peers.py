"""The real command against devices that lie, over TCP and over a pseudo-terminal: a clear end, the right exit code, no hang, no memory."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import messages
from footctl.run.result import EXIT_CODES
from simulator.world import World
from tests.world.liars import ALWAYS, LIES, PRESSING, Liar, Lie, instead
from tests.world.test_liars import nothing_above_the_absolute_caps

pytestmark = pytest.mark.system

SPEED = 10
SLOWER = 2  # once more, when the machine that runs the tests was held up: at SPEED every limit is that much shorter
AT_ONCE = 6
PATIENCE_S = 60.0  # wall seconds, of a machine that does other things, too
MOST_MB = 160

PROGRAM = """\
name = "Press"
tier = "standard"

[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "12 kPa"
for = "20 s"
"""


class Far:
    """A liar behind a descriptor, on a clock that runs `speed` times as fast as the wall's."""

    def __init__(self, lie: Lie, fd: int, speed: int) -> None:
        self.liar = Liar(World(seed=3, speed=speed), lie)
        self._speed = speed
        self._fd = fd
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        begun = time.monotonic()
        os.set_blocking(self._fd, False)
        while not self._over.is_set():
            try:
                there, _, _ = select.select([self._fd], [], [], 0.01)
                data = os.read(self._fd, 4096) if there else b""
                if there and not data:
                    return
                now = (time.monotonic() - begun) * self._speed
                if data:
                    self.liar.write(now, data)
                told = self.liar.read(now)
                if told:
                    os.write(self._fd, told)  # what does not fit is lost, as on a cable
            except BlockingIOError:
                continue
            except OSError:
                return  # the other end is gone

    def close(self) -> None:
        self._over.set()
        self._thread.join(5)


@contextmanager
def over_tcp(lie: Lie, speed: int) -> Iterator[tuple[list[str], Callable[[], Far]]]:
    """The flags of a device in the network, and who is there once somebody has connected."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_S)
        held: list[Any] = []

        def accept() -> None:
            end, _ = listener.accept()
            held.extend((end, Far(lie, end.fileno(), speed)))

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()

        def far() -> Far:
            thread.join(PATIENCE_S)
            return held[1]

        yield ["--tcp", f"127.0.0.1:{listener.getsockname()[1]}"], far
        if held:
            held[1].close()
            held[0].close()


@contextmanager
def over_pty(lie: Lie, speed: int) -> Iterator[tuple[list[str], Callable[[], Far]]]:
    """The same on a serial port."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    far = Far(lie, master, speed)
    yield ["--port", os.ttyname(slave)], lambda: far
    far.close()
    os.close(master)
    os.close(slave)


# footctl, and at its end the most memory that it ever had as the last line on standard error. (getrusage would count the test
# runner that it was forked from, too.)
WEIGHED = """
import atexit, runpy, sys
from pathlib import Path
peak = lambda: [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
atexit.register(lambda: print(*peak(), file=sys.stderr))
runpy.run_module("footctl", run_name="__main__", alter_sys=True)
"""


def told(lie: Lie, program: Path, carrier: Any = over_tcp, speed: int = SPEED) -> tuple[int, dict[str, Any], str, Far]:
    with carrier(lie, speed) as (flags, far):
        command = [sys.executable, "-c", WEIGHED, "run", str(program), *flags, "--speed", str(speed), "--yes", "--json"]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False, stdin=subprocess.DEVNULL)
        there = far()
    return answer.returncode, json.loads(answer.stdout.splitlines()[-1]), answer.stderr, there


def trouble(lie: Lie, program: Path, carrier: Any = over_tcp) -> str:
    """What was wrong with the end of a session with this liar, "" when nothing was."""
    try:
        code, result, words, far = told(lie, program, carrier)
        if "this computer did not run" in result["reason"] or result["outcome"] not in (*lie.ends, "completed"):
            code, result, words, far = told(lie, program, carrier, SLOWER)
    except subprocess.TimeoutExpired:
        return "it hangs"
    nothing_above_the_absolute_caps(far.liar)
    if result["outcome"] not in lie.ends:
        return f"ended as {result['outcome']}: {result['reason']}"
    if code != EXIT_CODES[result["outcome"]]:
        return f"exit code {code} for {result['outcome']}"
    if code and (result["reason"] not in words or "Traceback" in words):
        return f"does not say why: {words!r}"
    peak_kb = int(words.splitlines()[-1])
    if peak_kb > MOST_MB * 1024:
        return f"took {peak_kb} kB"
    hidden = [letter for letter in words if not letter.isprintable() and letter != "\n"]
    if hidden:
        return f"the terminal gets {hidden!r}"
    if lie.bare and [message for _, message in far.liar.heard if type(message) in (messages.Start, messages.SetBath, messages.SetMassage)]:
        return "something was started"
    return ""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "press.toml"
    path.write_text(PROGRAM)
    return path


def all_of(names: list[str], program: Path, carrier: Any = over_tcp) -> dict[str, str]:
    with ThreadPoolExecutor(AT_ONCE) as several:
        found = dict(zip(names, several.map(lambda name: trouble(LIES[name], program, carrier), names), strict=True))
    return {name: what for name, what in found.items() if what}


@pytest.mark.slow
def test_lies_from_the_first_byte_on(program: Path) -> None:
    dry = "no water and no heater"  # is no lie to a program without water
    assert not all_of([name for name, lie in LIES.items() if lie.when == ALWAYS and name != dry], program)


@pytest.mark.slow
def test_lies_under_the_rollers(program: Path) -> None:
    assert not all_of([name for name, lie in LIES.items() if lie.when == PRESSING and not lie.pain], program)


@pytest.mark.slow
def test_lies_on_a_serial_port(program: Path) -> None:
    names = ["never answers", "noise without end", "a frame without end", "a byte every quarter of a second", "caps below zero"]
    assert not all_of(names, program, over_pty)


@pytest.mark.parametrize(("simulator", "hint"), [(0, "is a real device"), (3, "runs at speed 3"), (65535, "runs at speed 65535")])
def test_a_device_that_lies_about_its_clock_is_refused(program: Path, simulator: int, hint: str) -> None:
    lie = Lie("another clock", ("refused",), tell=instead(messages.Identity, simulator=simulator), bare=True)
    code, result, words, far = told(lie, program)
    assert (code, result["outcome"]) == (5, "refused")
    assert hint in words
    assert not far.liar.said(messages.Start)
