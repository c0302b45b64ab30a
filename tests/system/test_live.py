"""The live view as a person has it: a real terminal, read by a terminal emulator, with the session behind it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from footctl.run.record import replay

SIZE = 80, 24
PROGRAM = """
name = "Live"
tier = "standard"
[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch"]
pressure = "15 kPa"
for = "14 min"
"""


class Screen:
    """`footctl` in a window of 80 by 24, with what stands in it. `every_s`: a slow line gives so many bytes so often."""

    def __init__(
        self, *words: str, size: tuple[int, int] = SIZE, slow: tuple[int, float] | None = None, from_a_shell: bool = False
    ) -> None:
        self.pid, self.fd = pty.fork()
        if not self.pid:
            if from_a_shell and (inner := os.fork()):  # whose terminal it is stays when footctl is gone
                os.waitpid(inner, 0)
                time.sleep(60)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", PYTHONUTF8="1")
            os.execv(sys.executable, [sys.executable, "-m", "footctl", *words])
        self.emulator = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.emulator)
        self._slow = slow
        self._next = 0.0
        self.raw = b""
        self.code: int | None = None
        self.before = termios.tcgetattr(self.fd)

    @property
    def text(self) -> str:
        """The window's lines."""
        return "\n".join(line.rstrip() for line in self.emulator.display)

    def read(self, wait_s: float = 0.05) -> bool:
        """Take what came. False when the other end is closed."""
        most = 1 << 16
        if self._slow is not None:
            most, every_s = self._slow
            time.sleep(max(0.0, min(wait_s, self._next - time.monotonic())))
            if time.monotonic() < self._next:
                return True
            self._next = time.monotonic() + every_s
        ready, _, _ = select.select([self.fd], [], [], wait_s)
        if not ready:
            return True
        try:
            data = os.read(self.fd, most)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    def until(self, pattern: str, wait_s: float = 60.0) -> str:
        """The window once it fits."""
        end = time.monotonic() + wait_s
        while not re.search(pattern, self.text, re.MULTILINE):
            assert time.monotonic() < end, f"never saw {pattern!r} in\n{self.text}"
            assert self.read(), f"ended before {pattern!r}:\n{self.text}"
        return self.text

    def watch(self, seconds: float) -> None:
        """Look on."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()

    def press(self, keys: str) -> None:
        """Hit keys."""
        os.write(self.fd, keys.encode())

    def wait(self, wait_s: float = 60.0) -> int:
        """The exit code."""
        end = time.monotonic() + wait_s
        while self.code is None:
            assert time.monotonic() < end, self.text
            if not self.read(0.02):
                time.sleep(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        while select.select([self.fd], [], [], 0.1)[0] and self.read(0.0):
            pass
        return self.code

    def child(self, of: int, words: bytes) -> int:
        """The process that `of` started with `words` among its arguments."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for path in Path("/proc").glob("[0-9]*/stat"):
                try:
                    fields = path.read_text().rpartition(")")[2].split()
                    line = (path.parent / "cmdline").read_bytes()
                except OSError:
                    continue
                if int(fields[1]) == of and words in line:
                    return int(path.parent.name)
            self.read()
        raise AssertionError(f"no {words!r}")

    def end(self) -> None:
        """Nothing is left behind."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def screen() -> Iterator[Callable[..., Screen]]:
    opened: list[Screen] = []

    def start(*words: str, **other: object) -> Screen:
        opened.append(Screen(*words, **other))  # type: ignore[arg-type]  # passed on
        return opened[-1]

    yield start
    for one in opened:
        one.end()


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "live.toml"
    path.write_text(PROGRAM)
    return str(path)


def gone(one: Screen) -> bool:
    """The first screen, the cursor and the terminal's modes are as before."""
    left = one.raw.rfind(b"\x1b[?1049l") > one.raw.rfind(b"\x1b[?1049h") and one.raw.rfind(b"\x1b[?25h") > one.raw.rfind(b"\x1b[?25l")
    return left and termios.tcgetattr(one.fd) == one.before


def test_from_the_yes_to_pain_and_what_is_asked(screen: Callable[..., Screen], program: str, tmp_path: Path) -> None:
    record = tmp_path / "record"
    one = screen("run", program, "--sim", "--speed", "20", "--record", str(record))
    one.until("Before you start")
    one.until("Y starts")
    one.press("?")
    one.until("SPACE or X +it hurts")
    one.press("?")
    one.until("Before you start")
    one.press("y")
    one.until("Put both feet on the roller")
    one.until("^ +Y yes$")
    one.press("y")
    one.until("▶arch +1[0-9]")
    one.press(" ")
    one.until("Where did it hurt")
    text = one.until("reads back")
    assert "the device reads back: heater off, roller released, everything is off" in text
    assert re.search(r"roller +off", text)
    one.press("rh")
    one.until("How strong")
    one.press("7\r")
    one.until("noted: right heel, 7 of 10")
    one.press("\r")
    one.until("How was it")
    assert b"\x1b[?1049l" in one.raw
    one.press("\x04")
    assert one.wait() == 6
    told = record.read_text()
    assert '"where": "right.heel", "score": 7' in told
    assert replay(record) == []


def test_a_view_that_is_killed_leaves_plain_lines(screen: Callable[..., Screen], program: str) -> None:
    one = screen("run", program, "--sim", "--speed", "60", "--yes")
    one.until("arch kneading · ")
    os.kill(one.child(one.pid, b"footctl.screens.live"), signal.SIGKILL)
    one.until("the live view is gone")
    one.until(r"left +water .* kPa arch")
    assert one.wait() == 0
    assert gone(one)
    assert "Completed" in one.text


def test_a_session_that_is_killed_leaves_the_terminal_in_order(screen: Callable[..., Screen], program: str) -> None:
    one = screen("run", program, "--sim", "--speed", "20", "--yes", from_a_shell=True)
    one.until("▶ arch kneading")
    os.kill(one.child(one.pid, b"footctl"), signal.SIGKILL)
    one.until("footctl is gone. The device switches everything off by itself")
    assert b"\x1b[?1049l" in one.raw
    modes = termios.tcgetattr(one.fd)
    assert modes[3] & termios.ICANON
    assert modes[3] & termios.ECHO


def test_ctrl_c_is_the_sessions(screen: Callable[..., Screen], program: str) -> None:
    one = screen("run", program, "--sim", "--speed", "20", "--yes")
    one.until("▶ arch kneading")
    one.press("\x03")
    assert one.wait() == 6
    assert gone(one)
    assert "Stopped (Ctrl-C)" in one.text


def test_a_slow_line_sees_how_things_are_and_holds_nothing_up(screen: Callable[..., Screen], program: str) -> None:
    """Twelve hundred bytes a second, then none at all for a while: afterwards it shows the present, and pain works at once."""
    one = screen("run", program, "--sim", "--speed", "3", "--yes", slow=(60, 0.05))
    one.until("▶ arch kneading")
    one.watch(8.0)  # the first screens are some thousand bytes
    before = _left_s(one)
    begun = time.monotonic()
    time.sleep(4.0)
    one.watch(4.0)
    went = 3 * (time.monotonic() - begun)
    assert before - _left_s(one) == pytest.approx(went, abs=12.0), one.text
    one.press(" ")
    one.until("everything is off")
    one.press("q")
    one.until("Enter leaves")
    one.press("\r")
    assert one.wait() == 6


def _left_s(one: Screen) -> int:
    one.until(r"arch kneading · [0-9]+:[0-9][0-9] left")
    found = re.search(r"arch kneading · ([0-9]+):([0-9]+) left", one.text)
    assert found is not None
    return int(found[1]) * 60 + int(found[2])


def test_a_new_size_is_drawn_anew(screen: Callable[..., Screen], program: str) -> None:
    one = screen("run", program, "--sim", "--speed", "20", "--yes")
    one.until("▶ arch kneading")
    one.emulator.resize(30, 100)
    fcntl.ioctl(one.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    one.until(r"\A.{90,100}\n")
    text = one.until(r"\? help\s*\Z")
    assert len(text.splitlines()) == 30
    one.press("s")
    assert one.wait() == 6


def test_where_it_does_not_fit_there_are_plain_lines(screen: Callable[..., Screen], program: str) -> None:
    one = screen("run", program, "--sim", "--speed", "60", "--yes", size=(60, 12))
    one.until("arch kneading ·")
    one.press("s")
    assert one.wait() == 6
    assert b"\x1b[?1049h" not in one.raw
