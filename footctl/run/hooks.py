"""A process of its own that runs the commands of scenes: `python -m footctl.run.hooks`, started by a session that has some.

One JSON object on standard input says which command belongs to which scene and how long one may take; then come names, one a line.
What went wrong is one JSON object a line on standard output. It knows no session. When its input ends, however the session ended,
the scene "end" is run if any other was. Commands that hang, fail or cannot be started trouble nobody but this process.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading

END = "end"
SAID_MOST = 200  # bytes of what a failing command says


class Hooks:
    """Runs commands, each in a thread and a session of its own. `seconds`: how long one may take."""

    def __init__(self, scenes: "dict[str, list[str]]", seconds: float) -> None:
        self.scenes = scenes
        self.seconds = seconds
        self._threads: list[threading.Thread] = []
        self._told = threading.Lock()

    def start(self, name: str) -> None:
        """Run the command of a scene. Returns at once."""
        thread = threading.Thread(target=self._run, args=(name,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self) -> None:
        """Wait for what still runs; nothing takes longer than it may."""
        for thread in self._threads:
            thread.join(self.seconds + 1.0)

    def _run(self, name: str) -> None:
        trouble = self._trouble(self.scenes[name])
        if trouble:
            with self._told, contextlib.suppress(OSError, ValueError):  # whoever wanted to know may have gone
                print(json.dumps({"scene": name, "trouble": trouble}), flush=True)

    def _trouble(self, command: "list[str]") -> str:
        """What went wrong, or nothing."""
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
                )
            except (OSError, ValueError) as error:
                return f"{command[0]} cannot be started: {getattr(error, 'strerror', None) or error}"
            try:
                code = process.wait(self.seconds)
            except subprocess.TimeoutExpired:
                _kill(process)
                return f"{command[0]} did not end within {self.seconds:g} s and was stopped"
            if code == 0:
                return ""
            said.seek(0)
            words = " ".join(said.read(SAID_MOST).decode(errors="replace").split())
            return f"{command[0]} ended with {code}" + (f": {words}" if words else "")


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """It and all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def main() -> None:
    """Read, run, until the input ends."""
    order = json.loads(sys.stdin.readline() or "{}")
    hooks = Hooks(order.get("scenes", {}), order.get("seconds", 10.0))
    some = False
    for line in sys.stdin:
        name = line.strip()
        if name in hooks.scenes:
            some = True
            hooks.start(name)
    if some and END in hooks.scenes:
        hooks.start(END)
    hooks.finish()


if __name__ == "__main__":
    main()
