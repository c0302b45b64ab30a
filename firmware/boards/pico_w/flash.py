"""What must outlive the power: two files for each thing, written one after the other, so that one is always whole.

Knows file names and bytes, not what they mean: a reader that checks a CRC picks the newest whole copy.
"""

import sys


def copies(name: str) -> "tuple[bytes, bytes]":
    """Both copies as they are found; empty for one that is not there."""
    return _read(name + ".0"), _read(name + ".1")


def keep(name: str, copy: bytes, turn: int) -> None:
    """Write one copy, the one whose `turn` it is: an even count goes to the first file, an odd one to the second."""
    with open(name + "." + str(turn & 1), "wb") as file:
        file.write(copy)


def keep_first(name: str, error: Exception) -> None:
    """Write down what failed; a text that is there already stays, for whoever looks for what happened first."""
    if not _read(name):
        with open(name, "w") as file:
            sys.print_exception(error, file)


def _read(name: str) -> bytes:
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError:
        return b""
