"""What the fixtures of these tests hand out."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from simulator import channel

Spawn: TypeAlias = Callable[..., "subprocess.Popen[str]"]
Footctl: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

WAIT_S = 20.0


def until(true: Callable[[], Any], what: str, wait_s: float = WAIT_S) -> Any:
    """What `true` gives once it is something."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {wait_s} s: {what}")


class Served:
    """A `footctl sim serve` in a process of its own. `flags` name it and its speed to other commands, `device` without the speed."""

    def __init__(self, process: subprocess.Popen[str], link: str, speed: int) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        self.about: dict[str, Any] = json.loads(line)
        self.address: str = self.about["address"]
        self.device = ("--port" if link == "pty" else "--tcp", self.address)
        self.flags = (*self.device, "--speed", str(speed))
        self.run = (*self.flags, "--yes", "--json")

    @property
    def door(self) -> Path:
        """Its control socket."""
        return Path(os.environ["XDG_RUNTIME_DIR"]) / "footctl" / f"sim-{self.process.pid}.sock"

    def act(self, do: str, name: str = "", on: bool = True) -> dict[str, Any]:
        """Press, fault, quit, status; the status after it."""
        return channel.ask(self.door, {"do": do, "name": name, "on": on})

    @property
    def status(self) -> dict[str, Any]:
        """How it is now."""
        return self.act("status")


def result(process: subprocess.Popen[str], timeout: float = 60) -> tuple[int, dict[str, Any]]:
    """Exit code and the JSON object of a `run --json`."""
    out, err = process.communicate(timeout=timeout)
    assert out, err
    return process.returncode, json.loads(out.splitlines()[-1])


class Terminal:
    """`footctl` in the foreground of a terminal of its own, as a person has it."""

    def __init__(self, *words: str) -> None:
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execv(sys.executable, [sys.executable, "-m", "footctl", *words])
        self.seen = ""
        self.code: int | None = None

    def until(self, pattern: str, wait_s: float = 60.0) -> str:
        """What is on the screen once it fits."""
        end = time.monotonic() + wait_s
        while not re.search(pattern, self.seen):
            ready, _, _ = select.select([self.fd], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"never saw {pattern!r} in {self.seen}"
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            assert data, f"ended before {pattern!r}: {self.seen}"
            self.seen += data.decode(errors="replace")
        return self.seen

    def press(self, keys: str) -> None:
        """Hit keys."""
        os.write(self.fd, keys.encode())

    def wait(self, wait_s: float = 60.0) -> int:
        """The exit code, with everything read that is still on its way."""
        end = time.monotonic() + wait_s
        while self.code is None and time.monotonic() < end:
            ready, _, _ = select.select([self.fd], [], [], 0.05)
            if ready:
                try:
                    self.seen += os.read(self.fd, 4096).decode(errors="replace")
                except OSError:
                    time.sleep(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        assert self.code is not None, self.seen
        return self.code

    def close(self) -> None:
        """The window is closed."""
        os.close(self.fd)
        self.fd = -1

    def end(self) -> None:
        """Nothing is left behind."""
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.fd >= 0:
            os.close(self.fd)
