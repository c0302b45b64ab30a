"""A board at its MicroPython prompt, through mpremote in a process of its own: run a piece of code, copy files, reset."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from footctl.errors import LinkNotFound, LinkTimeout, UsageError

INSTALL = "pip install 'footctl[board]'"
SERVICE = (
    "hold the board's arm button (on a new board nothing is needed), plug it in, let go after a second, and try again; "
    "no other program may have the port open"
)
PATIENCE_S = 60.0  # for one step; a whole program goes over in ten seconds


class Board:
    """One port. Raises LinkError when nobody at a prompt answers there, UsageError without mpremote."""

    def __init__(self, port: str) -> None:
        self.port = port
        if find_spec("mpremote") is None:
            raise UsageError("mpremote is not installed", INSTALL)
        if port.startswith("/") and not Path(port).exists():
            raise LinkNotFound(f"{port}: no such port", "plug the board in; `python -m mpremote devs` lists serial ports")

    def run(self, code: str) -> str:
        """What this piece of Python prints on the board."""
        return self._do("exec", code)

    def copy(self, paths: Sequence[Path], where: str) -> None:
        """One file to a place, or several into a folder that is there, whose name ends in a slash."""
        self._do("fs", "cp", *map(str, paths), where)

    def reset(self) -> None:
        """As if the power came on."""
        self._do("reset")

    def _do(self, *words: str) -> str:
        command = [sys.executable, "-m", "mpremote", "connect", self.port, "resume", *words]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise LinkTimeout(f"{self.port}: no answer within {PATIENCE_S:.0f} s", SERVICE) from error
        if answer.returncode:
            said = (answer.stderr.strip() or answer.stdout.strip() or "no word").splitlines()[-1]
            raise LinkTimeout(f"{self.port}: nobody at a MicroPython prompt does it: {said}", SERVICE)
        return answer.stdout
