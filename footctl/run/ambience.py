"""Light, music, scent: a program names scenes, the owner's settings say what that means here, a process of its own does it.

A subscriber of the session. It writes a name into a pipe and never waits: a command that hangs or fails delays nothing, stops nothing,
and is told in a line. Programs come from anywhere, so a name is all that they can say; commands come from the settings alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping

from footctl.core.profile import Profile
from footctl.core.view import View
from footctl.run.hooks import END

FAREWELL_S = 2.0  # how long the end of a session waits to hear how the last scene went; outputs are off by then


class Ambience:
    """Asks for a scene whenever the step that a view shows names another one. `tell` is called from a thread."""

    def __init__(self, profile: Profile, scenes: Mapping[str, tuple[str, ...]], seconds: float, tell: Callable[[str], None]) -> None:
        self._profile = profile
        self._tell = tell
        self._step: int | None = None
        self._now: str | None = None
        asked = dict.fromkeys(one for one in (profile.scene, *(phase.scene for phase in profile.phases)) if one)
        self._mine = {name: list(scenes[name]) for name in (*asked, END) if name in scenes}
        self._process: subprocess.Popen[bytes] | None = None
        if self._mine.keys() - {END}:
            self._open(seconds)

    def __call__(self, view: View) -> None:
        """See which step it is, and whether it is over."""
        if view.outcome is not None:
            self._end()
            return
        if self._process is None or view.plan is None or view.step is None or view.step == self._step:
            return
        first = self._step is None
        self._step = view.step
        phase = view.plan.steps[view.step].phase
        name = None if phase is None else self._profile.phases[phase].scene
        name = name or (self._profile.scene if first else None)
        if name in self._mine and name != self._now:
            self._now = name
            self._write(f"{name}\n".encode())

    def close(self) -> None:
        """The session is over, and a moment to hear of troubles. What still runs is left to its own process."""
        if self._process is None:
            return
        self._end()
        self._hearing.join(FAREWELL_S)
        self._process = None

    def _end(self) -> None:
        """Nothing more to ask for: the process runs the scene "end" when its input ends."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _open(self, seconds: float) -> None:
        """Before the session begins: starting a process may take a moment."""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "footctl.run.hooks"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is meant for the session
            )
        except OSError as error:
            self._tell(f"scenes are not run: {error.strerror}")
            return
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)
        self._write(json.dumps({"scenes": self._mine, "seconds": seconds}).encode() + b"\n")
        self._hearing = threading.Thread(target=self._hear, args=(self._process,), name="scenes", daemon=True)
        self._hearing.start()

    def _write(self, data: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            written = os.write(self._process.stdin.fileno(), data)
        except OSError as error:
            self._tell(f"scenes are not run any more: {error.strerror}")
            return
        if written < len(data):
            self._tell("scenes are not run: too much to say at once")

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as told:
            for line in told:
                with contextlib.suppress(ValueError, KeyError):
                    said = json.loads(line)
                    self._tell(f"scene {said['scene']}: {said['trouble']}")
        process.wait()
