"""The ring of records."""

from __future__ import annotations

import struct

from firmware.device.blackbox import ENOUGH, RECORD_BYTES, RECORDS, BlackBox
from firmware_protocol import framing, messages


def times(records: bytes) -> list[int]:
    return [struct.unpack_from(messages.LOG_RECORD, records, at)[0] for at in range(0, len(records), RECORD_BYTES)]


def filled(count: int) -> BlackBox:
    box = BlackBox()
    for number in range(count):
        box.write(number, 0, 3800, 3790, 50, 1, 1000, 0)
    return box


def test_empty() -> None:
    assert BlackBox().read(0) == b""


def test_records_come_oldest_first_and_as_many_as_fit() -> None:
    box = filled(20)
    assert times(box.read(0)) == list(range(ENOUGH))
    assert times(box.read(ENOUGH)) == list(range(ENOUGH, 20))
    assert box.read(20) == box.read(65535) == b""
    assert len(box.read(0)) + 4 <= framing.PAYLOAD_MAX


def test_a_full_ring_forgets_the_oldest() -> None:
    box = filled(RECORDS + 5)
    assert box.total == RECORDS
    assert times(box.read(0))[0] == 5
    assert times(box.read(RECORDS - 1)) == [RECORDS + 4]


def test_layout() -> None:
    box = BlackBox()
    box.write(1 << 32 | 7, 15, -5, 4200, 200, 3, 6500, 65535)
    assert struct.unpack(messages.LOG_RECORD, box.read(0)) == (7, 15, -5, 4200, 200, 3, 6500, 65535)
