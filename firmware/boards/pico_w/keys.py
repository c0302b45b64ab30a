"""The board's pairing key in flash: two copies, each with a count and a CRC-32. Made at the first power-up, then kept.

A board whose copies are both damaged makes a new key: whoever was paired pairs again over the cable. Knows nothing of what a key is for.
"""

import binascii
import os
import struct

import flash

NAME = "key"
KEY_BYTES = 16
SIZE = KEY_BYTES + 8


def load() -> bytes:
    """The key, made and written down when there is none."""
    newest = None
    for copy in flash.copies(NAME):
        if len(copy) == SIZE and struct.unpack("<I", copy[-4:])[0] == binascii.crc32(copy[:-4]) & 0xFFFFFFFF:
            count = struct.unpack("<I", copy[KEY_BYTES:-4])[0]
            if newest is None or count > newest[0]:
                newest = (count, copy[:KEY_BYTES])
    if newest is not None:
        return newest[1]
    key = os.urandom(KEY_BYTES)
    for count in (1, 2):
        body = key + struct.pack("<I", count)
        flash.keep(NAME, body + struct.pack("<I", binascii.crc32(body) & 0xFFFFFFFF), count)
    return key
