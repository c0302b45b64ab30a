"""`footctl` in processes of its own without paying for its imports each time: forked from one that has loaded everything and done nothing.

On an emulated processor a start from nothing takes ten seconds and more. What runs is the same: its own process, signals, exit code.
This module is both sides of it; `python -m tests.ble.process` is the one that forks, told what to do in lines on its standard input.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOADED = (
    "tests.ble.backend", "dbus_fast.aio", "bleak.backends.bluezdbus.client", "bleak.backends.bluezdbus.scanner",
    "bumble.transport.tcp_client",
    "footctl.api", "footctl.cli.main", "footctl.cli.run", "footctl.cli.set", "footctl.cli.sim", "footctl.cli.devices", "footctl.cli.device",
    "footctl.cli.running", "footctl.link.sealed", "footctl.link.discover", "footctl.run.keys", "platformdirs.unix", "pickle",
    "footctl.cli.watch", "footctl.cli.clear", "footctl.cli.act", "footctl.cli.doctor", "footctl.link.ble", "footctl.run.control",
    "simulator.serve", "simulator.peripheral", "simulator.world", "simulator.people", "simulator.air",
)  # fmt: skip
REAP_S = 0.02
MAIN = "footctl.cli.main:main"


class Forge:
    """Makes processes. One a test session."""

    def __init__(self, checkout: Path) -> None:
        command = [sys.executable, "-m", "tests.ble.process"]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(checkout), os.environ.get("PYTHONPATH", "")])}
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(command, cwd=checkout, env=environment, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self._codes: dict[int, int] = {}
        self._one = threading.RLock()

    def make(self, words: Sequence[str], out: str, err: str, transport: str | None, main: str) -> int:
        """A process; its number."""
        order = {"words": list(words), "environment": dict(os.environ), "out": out, "err": err, "transport": transport, "main": main}
        assert self._server.stdin is not None
        with self._one:
            self._server.stdin.write(json.dumps(order) + "\n")
            while True:
                told = self._next(120.0)
                assert told is not None, "the process that forks does not answer"
                if "made" in told:
                    return int(told["made"])

    def code(self, pid: int) -> int | None:
        """The exit code of that process; None while it runs."""
        with self._one:
            while pid not in self._codes and self._next(0.0) is not None:
                pass
        return self._codes.get(pid)

    def end(self) -> None:
        """No more processes."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(20)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def _next(self, wait_s: float) -> dict[str, int] | None:
        assert self._server.stdout is not None
        ready, _, _ = select.select([self._server.stdout], [], [], wait_s)
        line = self._server.stdout.buffer.raw.readline() if ready else b""  # type: ignore[attr-defined]  # unbuffered, as select sees it
        if not line:
            return None
        told: dict[str, int] = json.loads(line)
        if "ended" in told:
            self._codes[told["ended"]] = told["code"]
        return told


class Process:
    """A running `footctl`."""

    def __init__(self, forge: Forge, words: Sequence[str], folder: Path, transport: str | None = None, main: str = MAIN) -> None:
        self.words = tuple(words)
        stem = folder / f"process-{time.monotonic_ns()}"
        self.out, self.err = stem.with_suffix(".out"), stem.with_suffix(".err")
        for path in (self.out, self.err):
            path.touch()
        self._forge = forge
        self.pid = forge.make(words, str(self.out), str(self.err), transport, main)

    def poll(self) -> int | None:
        """The exit code once it has ended; of a killed one the negative signal."""
        return self._forge.code(self.pid)

    def signal(self, number: int) -> None:
        """Send a signal to it, and to nobody else."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, wait_s: float = 120.0) -> int:
        """Its exit code."""
        end = time.monotonic() + wait_s
        while (code := self.poll()) is None:
            assert time.monotonic() < end, f"{self.words} still runs after {wait_s} s: {self.told()}"
            time.sleep(REAP_S)
        return code

    def told(self) -> tuple[str, str]:
        """What stands on its standard output and error."""
        return self.out.read_text(), self.err.read_text()

    def result(self, wait_s: float = 120.0) -> tuple[int, dict[str, Any], str]:
        """Exit code, the JSON object at the end, standard error."""
        code = self.wait(wait_s)
        out, err = self.told()
        assert out, err
        return code, json.loads(out.splitlines()[-1]), err

    def end(self) -> None:
        """Nothing is left."""
        self.signal(signal.SIGKILL)
        self.wait(20)


# ------------------------------------------------------------------------------------------------------ the one that forks


def serve() -> None:
    """Fork what standard input orders, tell who ended how, until there are no more orders."""
    for name in LOADED:
        importlib.import_module(name)
    while True:
        ready, _, _ = select.select([0], [], [], REAP_S)
        if ready:
            line = _line()
            if not line:
                return
            order = json.loads(line)
            pid = os.fork()
            if not pid:
                _become(**order)
            _tell({"made": pid})
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                _tell({"ended": ended[0], "code": os.waitstatus_to_exitcode(ended[1])})


def _line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            return b""
        line += piece
    return line


def _tell(what: Mapping[str, int]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _become(words: list[str], environment: dict[str, str], out: str, err: str, transport: str | None, main: str) -> None:
    """From here on this process is the command. Never returns."""
    os.environ.clear()
    os.environ.update(environment)
    os.setsid()
    created = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    for number, path, flags in ((0, os.devnull, os.O_RDONLY), (1, out, created), (2, err, created)):
        os.dup2(os.open(path, flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # for the life of the process
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    code: Any = 1
    try:
        if transport is not None:
            importlib.import_module("tests.ble.backend").install(transport)
        module, _, name = main.partition(":")
        code = vars(importlib.import_module(module))[name](words)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    serve()
