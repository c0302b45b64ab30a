"""The platform's voice, for people who cannot read the screen: espeak-ng, `say` or Windows' own. Knows sentences, not what they are about.

A thread owns the speaking process. Nobody waits for it: what cannot be said in time is left out, and what is urgent cuts off what is not.
The text goes in at standard input, so nothing in it can ever be an option or a command.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence

WAITING_MAX = 4  # sentences; older ones are about something that is over
SENTENCE_S = 60.0  # longer than any sentence here takes to say
_WINDOWS = (
    "Add-Type -AssemblyName System.Speech; [Console]::InputEncoding = [Text.Encoding]::UTF8; "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak([Console]::In.ReadToEnd())"
)
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "darwin": (("say", "-f", "-"),),
    "win32": (("powershell", "-NoProfile", "-NonInteractive", "-Command", _WINDOWS),),
    "linux": (("espeak-ng", "--stdin", "-s", "150"), ("espeak", "--stdin", "-s", "150")),  # slower than its 175 words a minute
}
REMEDY = {
    "linux": "install one: sudo apt install espeak-ng, or leave --speak out",
    "darwin": "macOS brings `say` with it: is /usr/bin in PATH?",
    "win32": "Windows PowerShell has one: is it in PATH?",
}


def command(platform: str = sys.platform, which: Callable[[str], str | None] = shutil.which) -> tuple[str, ...] | None:
    """What speaks here, None when nothing does."""
    return next((words for words in COMMANDS.get(platform, COMMANDS["linux"]) if which(words[0])), None)


class Voice:
    """Says sentences one after the other. `tell` hears once why it is silent, from the voice's own thread."""

    def __init__(self, words: Sequence[str], tell: Callable[[str], None]) -> None:
        self._words = list(words)
        self._tell = tell
        self._told = False
        self._waiting: deque[str] = deque(maxlen=WAITING_MAX)
        self._wake = threading.Condition()
        self._closing = False
        self._speaking: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def say(self, sentence: str, urgent: bool = False) -> None:
        """Say it when its turn comes; `urgent`: now, and forget what waits."""
        with self._wake:
            if urgent:
                self._waiting.clear()
                self._hush()
            self._waiting.append(sentence)
            self._wake.notify()

    def close(self, finish_s: float = 0.0) -> None:
        """No more; what waits has `finish_s` seconds to be said."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(finish_s)
        with self._wake:
            self._waiting.clear()
            self._hush()
        self._thread.join(2.0)

    def _hush(self) -> None:
        if self._speaking is not None:
            self._speaking.kill()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                sentence = self._waiting.popleft()
                process = self._start()
                self._speaking = process
            if process is not None:
                self._finish(process, sentence)

    def _start(self) -> subprocess.Popen[str] | None:
        pipes = subprocess.PIPE
        try:
            return subprocess.Popen(
                self._words, stdin=pipes, stdout=subprocess.DEVNULL, stderr=pipes, text=True, encoding="utf-8", start_new_session=True
            )
        except OSError as error:
            self._silent(f"{self._words[0]}: {error.strerror or error}")
            return None

    def _finish(self, process: subprocess.Popen[str], sentence: str) -> None:
        """Until it is said, cut off, or takes too long."""
        try:
            _, told = process.communicate(sentence + "\n", timeout=SENTENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            told = "it hangs"
        except OSError:  # cut off before it had read everything
            process.wait()
            told = ""
        with self._wake:
            self._speaking = None
        lines = [line for line in told.splitlines() if "error" in line.lower() or "hangs" in line]
        if process.returncode > 0 or (process.returncode == 0 and lines):
            self._silent(lines[-1] if lines else told.strip()[-200:] or f"it ended with code {process.returncode}")

    def _silent(self, why: str) -> None:
        if not self._told:
            self._told = True
            self._tell(f"the voice cannot be heard: {self._words[0]}: {why.strip().removeprefix('error: ')}; is there a loudspeaker?")
