"""What must outlive the power: two files for each thing, written one after the other, so that one is always whole.

Knows file names and bytes that end with their CRC-32, not what they mean: a reader picks the newest whole copy.
"""

import binascii
import struct
import sys

CRC_BYTES = 4


def copies(name: str) -> "tuple[bytes, bytes]":
    """Both copies; empty for one that is not there. One that is damaged is first written anew from the other, before that is, too."""
    found = [_read(name + ".0"), _read(name + ".1")]
    for turn in (0, 1):
        if _whole(found[1 - turn]) and not _whole(found[turn]):
            try:
                keep(name, found[1 - turn], turn)
                found[turn] = found[1 - turn]
            except OSError:
                pass  # a flash that takes nothing any more can still be read
    return found[0], found[1]


def _whole(copy: bytes) -> bool:
    return len(copy) > CRC_BYTES and struct.unpack("<I", copy[-CRC_BYTES:])[0] == binascii.crc32(copy[:-CRC_BYTES]) & 0xFFFFFFFF


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
