"""Readings as the journal keeps them: 24 bytes each while a session runs, about a tenth of that once it is over.

Knows bytes and columns, no sessions. A live batch is whole rows, so nothing that was written depends on what follows; a sealed one is
the differences of each column, compressed. Units: ms since the begin, cdeg, permille, 10 Pa, mm.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from operator import sub

from firmware_protocol.messages import STATES, ZONES
from footctl.core.events import Sample

COLUMNS = (
    "t_ms", "water", "water2", "setpoint", "duty", "left", "right", "position", "bits", "zone", "state", "fault", "active",
)  # fmt: skip
_ROW = struct.Struct("<IhhhHhhhHBBBB")
ROW_BYTES = _ROW.size
LIVE, SEALED = 1, 2  # first byte of a batch
NONE = -0x8000  # a reading that is not there
BITS = ("heater", "motor", "pump", "level_ok", "armed", "check_due", "left_in_bath", "right_in_bath", "left_on_roller", "right_on_roller")
_SIGNED = frozenset(("water", "water2", "setpoint", "left", "right", "position"))
_STATE = {name: number for number, name in enumerate(STATES)}
_ZONE = {name: number for number, name in enumerate(ZONES, 1)}


def row(t_s: float, sample: Sample) -> bytes:
    """One reading, `t_s` seconds after the begin."""
    bath, roller = sample.in_bath, sample.on_roller
    bits = (
        sample.heater_enable | sample.motor_enable << 1 | sample.pump << 2 | sample.level_ok << 3 | sample.armed << 4
        | sample.check_due << 5 | ("left" in bath) << 6 | ("right" in bath) << 7 | ("left" in roller) << 8 | ("right" in roller) << 9
    )  # fmt: skip
    return _ROW.pack(
        min(max(0, round(t_s * 1000)), 0xFFFFFFFF),
        _whole(sample.water_c, 100), _whole(sample.water2_c, 100), _whole(sample.setpoint_c, 100),
        min(max(0, round(sample.heater_duty * 1000)), 1000), _whole(sample.left_kpa, 100), _whole(sample.right_kpa, 100),
        _whole(sample.position_mm, 1), bits, _ZONE.get(sample.zone or "", 0), _STATE.get(sample.state, 0xFF), sample.fault & 0xFF,
        sample.active & 0xFF,
    )  # fmt: skip


def _whole(value: float | None, scale: int) -> int:
    return NONE if value is None else min(max(-0x7FFF, round(value * scale)), 0x7FFF)


def live(rows: bytes) -> bytes:
    """A batch of rows, as they come."""
    return bytes((LIVE,)) + rows


def seal(batches: Iterable[bytes]) -> bytes:
    """All batches of a session as one."""
    return seal_columns(unpack(batches))


def seal_columns(columns: Mapping[str, Sequence[int]]) -> bytes:
    """Columns as one batch."""
    parts = []
    for name in COLUMNS:
        values = columns[name]
        wide = name == "t_ms"
        mask = 0xFFFFFFFF if wide else 0xFFFF
        steps = array("I" if wide else "H", [step & mask for step in map(sub, values, (0, *values[:-1]))] if values else [])
        if sys.byteorder == "big":
            steps.byteswap()
        data, size = steps.tobytes(), steps.itemsize
        parts += [data[offset::size] for offset in range(size)]  # like bytes together: differences are small
    return struct.pack("<BI", SEALED, len(columns["t_ms"])) + zlib.compress(b"".join(parts), 9)


def unpack(batches: Iterable[bytes]) -> dict[str, Sequence[int]]:
    """The columns of all batches, in order. A batch of a kind that this version does not know raises ValueError."""
    found: dict[str, list[int]] = {name: [] for name in COLUMNS}
    for batch in batches:
        kind = batch[0] if batch else 0
        if kind == LIVE:
            whole = (len(batch) - 1) // ROW_BYTES * ROW_BYTES
            for name, values in zip(COLUMNS, zip(*_ROW.iter_unpack(batch[1 : 1 + whole]), strict=True), strict=False):
                found[name].extend(values)
        elif kind == SEALED:
            _open(batch, found)
        else:
            raise ValueError(f"telemetry of an unknown kind {kind}")
    return dict(found)


def _open(batch: bytes, found: dict[str, list[int]]) -> None:
    _, count = struct.unpack_from("<BI", batch)
    data = zlib.decompress(batch[5:])
    at = 0
    for name in COLUMNS:
        wide = name == "t_ms"
        size = 4 if wide else 2
        woven = bytearray(count * size)
        for offset in range(size):
            woven[offset::size] = data[at : at + count]
            at += count
        steps = array("I" if wide else "H", bytes(woven))
        if sys.byteorder == "big":
            steps.byteswap()
        mask = 0xFFFFFFFF if wide else 0xFFFF
        values = [value & mask for value in accumulate(steps)]
        if name in _SIGNED:
            values = [value - 0x10000 if value >= 0x8000 else value for value in values]
        found[name].extend(values)


def readings(columns: dict[str, Sequence[int]], name: str, scale: float) -> list[float | None]:
    """A column in the house's units; what is not there is None."""
    return [None if value == NONE else value / scale for value in columns[name]]


def zone(number: int) -> str:
    """The zone under the roller; "" for none."""
    return ZONES[number - 1] if 0 < number <= len(ZONES) else ""
