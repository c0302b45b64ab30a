"""MicroPython's raw prompt, as a board has it on its cable: the unix port of MicroPython has none. In the MicroPython subset.

Ctrl-A enters, Ctrl-D runs what was typed and answers OK, its output, Ctrl-D, its error, Ctrl-D; Ctrl-B leaves. Ctrl-E A Ctrl-A asks for a
faster way, which this one says it does not have.

FOOT_BOARD in its environment is the board that it says it is: implementation|platform|version|version of .mpy files|machine.
"""

import io
import os
import sys

typed = sys.stdin.buffer
shown = sys.stdout.buffer
names = {"__name__": "__main__"}


class Claimed:
    """In place of `sys`, for what is typed."""

    def __init__(self, real, words):
        self._real = real
        self.platform = words[1]
        self.implementation = self
        self.name = words[0]
        self.version = tuple([int(part) for part in words[2].split(".")])
        self._mpy = 0x1600 | int(words[3])
        self._machine = words[4]

    def __getattr__(self, name):
        return getattr(self._real, name)


if os.getenv("FOOT_BOARD"):
    sys.modules["sys"] = Claimed(sys, os.getenv("FOOT_BOARD").split("|"))


def run(text):
    """Run it; its error."""
    try:
        exec(text, names)  # noqa: S102  # that is what a prompt is
    except SystemExit:
        raise
    except BaseException as error:
        told = io.StringIO()
        sys.print_exception(error, told)
        return told.getvalue()
    return ""


def main():
    """Until a reset."""
    raw = False
    text = b""
    while True:
        byte = typed.read(1)
        if not byte:
            return
        if byte == b"\x01":
            if text == b"\x05A":
                shown.write(b"R\x00")
            else:
                raw = True
                shown.write(b"raw REPL; CTRL-B to exit\r\n>")
            text = b""
        elif byte == b"\x02":
            raw = False
            shown.write(b"\r\nMicroPython\r\n>>> ")
        elif byte == b"\x03":
            text = b""
        elif byte == b"\x04" and raw:
            shown.write(b"OK")
            error = run(text)
            text = b""
            shown.write(b"\x04" + error.encode() + b"\x04>")
        elif raw:
            text += byte


main()
