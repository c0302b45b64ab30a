"""The black box: ten minutes of 1 Hz samples and the faults between them, in bytes. What is full forgets its oldest record."""

import struct

from firmware_protocol import framing, messages
from firmware_protocol.exchange import TRAILER

RECORDS = 640  # ten minutes of samples and forty faults
RECORD_BYTES = struct.calcsize(messages.LOG_RECORD)
PAGE = 64  # records: a board's memory may have no ten kilobytes in one piece
ENOUGH = (framing.PAYLOAD_MAX - 4 - TRAILER) // RECORD_BYTES  # that many fit one LOG_DATA, with a tag


class BlackBox:
    """Records in the order of writing; number 0 is the oldest that is still there."""

    __slots__ = ("_pages", "_next", "total")

    def __init__(self) -> None:
        self._pages = [bytearray(PAGE * RECORD_BYTES) for _ in range(RECORDS // PAGE)]
        self._next = 0
        self.total = 0

    def write(
        self, now_ms: int, fault: int, water1_cdeg: int, water2_cdeg: int, duty_half_pct: int, state: int, left_dapa: int, right_dapa: int
    ) -> None:
        """Add a record; `fault` 0 is a sample. Values as in TELEMETRY, in their ranges."""
        page = self._pages[self._next // PAGE]
        record = (now_ms & 0xFFFFFFFF, fault, water1_cdeg, water2_cdeg, duty_half_pct, state, left_dapa, right_dapa)
        struct.pack_into(messages.LOG_RECORD, page, self._next % PAGE * RECORD_BYTES, *record)
        self._next = (self._next + 1) % RECORDS
        if self.total < RECORDS:
            self.total += 1

    def read(self, first: int) -> bytes:
        """Records from number `first` on, as many as one message holds; empty at the end."""
        oldest = self._next - self.total
        out = b""
        for number in range(first, min(first + ENOUGH, self.total)):
            page = self._pages[(oldest + number) % RECORDS // PAGE]
            at = (oldest + number) % PAGE * RECORD_BYTES
            out += bytes(page[at : at + RECORD_BYTES])
        return out
