"""The calibration as a board keeps it: two copies, each with a version, a count and a CRC-32, written one after the other.

Power may go away in the middle of a write: then the other copy is whole. What is damaged is not believed, and what is whole but cannot
be true neither. Knows no file and no flash; a board hands it the bytes.
"""

import binascii
import struct

from firmware_protocol import faults, limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware.device.body import Body

VERSION = 1
FORMAT = "<BI4i4h2h"  # version, count, then cell_pa, cell_zero, water_offset_cdeg as in Body
SIZE = struct.calcsize(FORMAT) + 4

# What a calibration may say [ENG]: a cell's gain half to twice its nominal one, its zero within 10 kPa, a sensor within a degree.
CELL_PA = (25000, 100000)
CELL_ZERO = (-200, 200)
WATER_OFFSET_CDEG = (-100, 100)

# With no calibration to believe: the caps of somebody with little feeling, in and after a soak.
STRICTEST = (
    (limits.WATER_SETPOINT_MAX, 3600),
    (limits.HEAT_CUT_ABOVE, 30),
    (limits.WATER_TRIP, 3700),
    (limits.WATER_TRIP_NOW, 3800),
    (limits.FEET_IN_MAX, 3650),
    (limits.SOAK_TIME, 600),
    (limits.THERMAL_DOSE, 50),
    (limits.PRESSURE_MAX, 15000),
    (limits.PRESSURE_TRIP, 18000),
    (limits.DWELL, 5000),
    (limits.PRESSURE_RAMP, 5000),
    (limits.SOFT_START, 120),
    (limits.WATER_RAMP, 50),
    (limits.MASSAGE_FOOT, 600),
    (limits.MASSAGE_TOTAL, 1200),
    (limits.SESSION_TIME, 2400),
    (limits.CHECK_IN, 180),
    (limits.CHECK_ANSWER, 30),
    (limits.RELEASE_LEASE, 1000),
    (limits.HEAT_LEASE, 2000),
    (limits.ABORT_LEASE, 3000),
    (limits.SETPOINT_LEASE, 2000),
    (limits.WATER_DIFFER_OFF, 50),
    (limits.WATER_DIFFER_TRIP, 100),
    (limits.FORCE_DIFFER, 3000),
    (limits.FORCE_DIFFER_PART, 150),
    (limits.HEAT_UNDER_PRESSURE, 0),
)


def pack(body: "Body", count: int) -> bytes:
    """One copy of this body's calibration; the higher count is the newer one."""
    data = struct.pack(FORMAT, VERSION, count, *(tuple(body.cell_pa) + tuple(body.cell_zero) + tuple(body.water_offset_cdeg)))
    return data + struct.pack("<I", binascii.crc32(data) & 0xFFFFFFFF)


def restore(body: "Body", copies: "tuple[bytes, ...]") -> None:
    """Give the body the newest whole copy. With none, it keeps its nominal values and gets the strictest caps."""
    newest = None
    for copy in copies:
        found = _unpack(copy)
        if found is not None and (newest is None or found[1] > newest[1]):
            newest = found
    if newest is None:
        own = list(body.caps or limits.ABSOLUTE)
        for cap, value in STRICTEST:
            own[cap] = limits.tighter(cap, own[cap], value)
        body.caps = tuple(own)
        body.calibration = faults.CALIBRATION_LOST
        return
    body.cell_pa = newest[2:6]
    body.cell_zero = newest[6:10]
    body.water_offset_cdeg = newest[10:12]


def plausible(body: "Body") -> bool:
    """Whether this body's coefficients can be true."""
    for values, bounds in ((body.cell_pa, CELL_PA), (body.cell_zero, CELL_ZERO), (body.water_offset_cdeg, WATER_OFFSET_CDEG)):
        for value in values:
            if not bounds[0] <= value <= bounds[1]:
                return False
    return True


def _unpack(copy: bytes) -> "tuple[int, ...] | None":
    if len(copy) != SIZE or struct.unpack("<I", copy[-4:])[0] != binascii.crc32(copy[:-4]) & 0xFFFFFFFF:
        return None
    found = struct.unpack(FORMAT, copy[:-4])
    return found if found[0] == VERSION else None
