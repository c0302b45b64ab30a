"""Frames in a byte stream: COBS( type · seq · payload · CRC-32 ) then one zero byte.

Knows nothing about what a frame means. The decoder survives any bytes: it drops what is broken, counts it and starts
again at the next zero. It never holds more than one frame.
"""

import binascii
import struct

RAW_MAX = 240  # bytes before stuffing: below 254, so one COBS code byte reaches every zero
WIRE_MAX = RAW_MAX + 2  # the leading code byte and the delimiter
OVERHEAD = 6  # type, seq, CRC-32
PAYLOAD_MAX = RAW_MAX - OVERHEAD


def encode(code: int, seq: int, payload: bytes) -> bytes:
    """The wire bytes of one frame. Raises ValueError over PAYLOAD_MAX bytes of payload."""
    if len(payload) > PAYLOAD_MAX:
        raise ValueError("payload of %d bytes; a frame holds %d" % (len(payload), PAYLOAD_MAX))
    raw = bytes((code, seq)) + payload
    raw += struct.pack("<I", binascii.crc32(raw))
    # COBS: every zero, and the beginning, is replaced by the distance to the next one.
    out = bytearray()
    for piece in raw.split(b"\x00"):
        out.append(len(piece) + 1)
        out.extend(piece)
    out.append(0)
    return bytes(out)


def decode(stuffed: bytes) -> "tuple[int, int, bytes] | None":
    """One frame without its delimiter -> (type, seq, payload), or None when it is broken."""
    end = len(stuffed)
    if end <= OVERHEAD or end >= WIRE_MAX:
        return None
    raw = bytearray(stuffed)
    at = 0
    while at < end:
        step = raw[at]
        if not step:
            return None
        raw[at] = 0
        at += step
    if at != end:
        return None
    body = bytes(raw[1:-4])
    if binascii.crc32(body) != struct.unpack_from("<I", raw, end - 4)[0]:
        return None
    return body[0], body[1], body[2:]


class Decoder:
    """Bytes in any chunks -> whole frames. `dropped` counts broken ones."""

    def __init__(self) -> None:
        self.dropped = 0
        self._held = b""
        self._seam = 0  # where in it the first pause was
        self._skipping = False

    def feed(self, data: bytes) -> "list[tuple[int, int, bytes]]":
        """Take bytes; give every frame that they complete, in order."""
        frames = []
        start = 0
        end = data.find(b"\x00")
        while end >= 0:
            if self._skipping:
                self._skipping = False
            else:
                stuffed = self._held + data[start:end]
                if stuffed:  # zeros in a row are idle line, not a broken frame
                    frame = decode(stuffed)
                    if frame is None:
                        self.dropped += 1
                        if self._seam:
                            frame = decode(stuffed[self._seam :])
                    if frame is not None:
                        frames.append(frame)
            self._held = b""
            self._seam = 0
            start = end + 1
            end = data.find(b"\x00", start)
        rest = len(data) - start
        if rest and not self._skipping:
            if len(self._held) + rest >= WIRE_MAX and self._seam:  # whatever was before the pause, its end never came
                self.dropped += 1
                self._held = self._held[self._seam :]
                self._seam = 0
            if len(self._held) + rest >= WIRE_MAX:
                self.dropped += 1
                self._held = b""
                self._skipping = True
            else:
                self._held += data[start:]
        return frames

    def pause(self) -> None:
        """The line was still for so long that what follows may be a new frame. Or more of this one: the checksum will tell."""
        self._skipping = False
        if not self._seam:
            self._seam = len(self._held)
