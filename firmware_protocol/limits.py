"""The absolute caps. Both ends import this table; nothing on the wire can loosen it.

A row is (name, unit, sense, value, source). `sense` is MOST where the value is an upper bound (tighter is smaller)
and LEAST where it is a lower bound (tighter is larger). Values are integers in the unit named. The order of the rows is
their number on the wire (CAPS, SET_LIMITS): a row is only ever added at the end.

Markings of sources: [S] seen in the source named, [GK] general knowledge, [CALC] computed, [ENG] engineering choice
that no published source gives. All of them need review by a podiatrist and a safety engineer before use on people.
"""

import hashlib
import struct

MOST = 0
LEAST = 1

CAPS = (
    ("water_setpoint_max", "cdeg", MOST, 4100, "41 C x 40 min trial, Liao 2008 [S]; IEC 60601-1 2nd ed. applied part 41 C [S]"),
    ("water_setpoint_min", "cdeg", LEAST, 2000, "below this nobody asks for a warm bath [ENG]"),
    ("heat_cut_above", "cdeg", MOST, 50, "heater off above setpoint + this [ENG]"),
    ("water_trip", "cdeg", MOST, 4200, "held 2 s; 43 C x 20 min provoked burns in volunteers [S]"),
    ("water_trip_now", "cdeg", MOST, 4250, "two samples 0.6 s apart [ENG]"),
    ("feet_in_max", "cdeg", MOST, 4150, "feet may not enter warmer water [ENG]"),
    ("soak_time", "s", MOST, 1800, "foot-bath trials of 20-40 min [S]"),
    ("thermal_dose", "mCEM43", MOST, 2000, "van Rhoon 2013: 2 CEM43, uncontrolled exposure [S]"),
    ("pressure_max", "Pa", MOST, 60000, "half of what hurts half of healthy people on 1 cm2 [CALC]"),
    ("pressure_trip", "Pa", MOST, 65000, "three samples at 20 Hz; mechanical limit 80 kPa [ENG]"),
    ("dwell", "ms", MOST, 15000, "above 4.3 kPa on one spot; foot pumps press 3 s [S]"),
    ("dwell_off", "ms", LEAST, 10000, "relief after a full dwell [ENG]"),
    ("pressure_ramp", "Pa/s", MOST, 20000, "faster indentation is noticed later, Xiong 2011 [S]"),
    ("soft_start", "s", LEAST, 0, "first seconds of massage at no more than half the cap [ENG]"),
    ("water_ramp", "cdeg/min", MOST, 200, "feet in; the power limit of 500 W in 4 L [CALC]"),
    ("massage_foot", "s", MOST, 1200, "self-massage trials, 15 min a foot [S]"),
    ("massage_total", "s", MOST, 2400, "two feet [CALC]"),
    ("session_time", "s", MOST, 4500, "first feet-in to end, prompts and pauses included [ENG]"),
    ("preheat_time", "s", MOST, 2400, "500 W needs 15 min for 6 L [CALC]"),
    ("check_in", "s", MOST, 600, "2 CEM43 at 42 C take 8 min [CALC]"),
    ("check_answer", "s", MOST, 60, "time to answer a check-in [ENG]"),
    ("release_lease", "ms", MOST, 2000, "heartbeat lost: roller released [ENG]"),
    ("heat_lease", "ms", MOST, 3000, "heartbeat lost: heater off; Klipper MAX_HEAT_TIME 3.0 s [S]"),
    ("abort_lease", "ms", MOST, 5000, "heartbeat lost: latched; ArduPilot FS_GCS_TIMEOUT 5 s [S]"),
    ("setpoint_lease", "ms", MOST, 3000, "a setpoint dies unless renewed; Klipper 3.0 s [S]"),
    ("water_differ_off", "cdeg", MOST, 200, "two sensors apart for 10 s: heater off [ENG]"),
    ("water_differ_trip", "cdeg", MOST, 200, "two sensors apart for 2 s: latched [ENG]"),
    ("force_differ", "Pa", MOST, 5000, "two load cells of a foot apart for 0.3 s [ENG]"),
    ("force_differ_part", "permille", MOST, 200, "the same, of the larger reading [ENG]"),
    ("volume_min", "dl", LEAST, 20, "2 L: a stuck 500 W heater gains 3.6 C/min [CALC]"),
    ("heat_under_pressure", "cdeg", MOST, 4100, "warmest setpoint while pressed over 4 kPa for 10 s [ENG]"),
)

(
    WATER_SETPOINT_MAX,
    WATER_SETPOINT_MIN,
    HEAT_CUT_ABOVE,
    WATER_TRIP,
    WATER_TRIP_NOW,
    FEET_IN_MAX,
    SOAK_TIME,
    THERMAL_DOSE,
    PRESSURE_MAX,
    PRESSURE_TRIP,
    DWELL,
    DWELL_OFF,
    PRESSURE_RAMP,
    SOFT_START,
    WATER_RAMP,
    MASSAGE_FOOT,
    MASSAGE_TOTAL,
    SESSION_TIME,
    PREHEAT_TIME,
    CHECK_IN,
    CHECK_ANSWER,
    RELEASE_LEASE,
    HEAT_LEASE,
    ABORT_LEASE,
    SETPOINT_LEASE,
    WATER_DIFFER_OFF,
    WATER_DIFFER_TRIP,
    FORCE_DIFFER,
    FORCE_DIFFER_PART,
    VOLUME_MIN,
    HEAT_UNDER_PRESSURE,
) = range(len(CAPS))

ABSOLUTE = tuple([row[3] for row in CAPS])

WATER_PLAUSIBLE_CDEG = (0, 6000)  # a reading outside is a broken sensor, not water [ENG]
CONTACT_PA = 4300  # 32 mmHg, capillary closing (Landis 1930) [S]; below it dwell does not count
RELEASED_PA = 4000  # a released roller reads below this within 1.0 s [ENG]
PRESSURE_PLAUSIBLE_PA = (-5000, 90000)  # outside it the bridge is open or shorted [ENG]
FRAME_AGE_MS = 1000  # a heartbeat that echoes older telemetry renews nothing [ENG]
TELEMETRY_STALE_MS = 1000  # host: unknown from here [ENG]
TELEMETRY_LOST_MS = 2900  # host: session over from here; its STOP has arrived by 3 s (F30) [ENG]
TELEMETRY_MS = 200  # five a second
TELEMETRY_ENDS_MS = 30000  # after a peer's last frame: a radio does not talk to nobody [ENG]
CONTROLLER_ALIVE_MS = 5000  # a controller that was heard this recently keeps its place: as long as its leases can live [ENG]
HEARTBEAT_MS = 250  # four a second, so that one late frame releases nothing; PX4 asks for > 2 Hz [S]


def loosens(index: int, value: int, than: int) -> bool:
    """True when `value` for cap `index` allows more than `than` does."""
    if CAPS[index][2] == MOST:
        return value > than
    return value < than


def tighter(index: int, a: int, b: int) -> int:
    """The stricter of two values of cap `index`."""
    return b if loosens(index, a, b) else a


def digest(values: "tuple[int, ...]") -> bytes:
    """Eight bytes that name a cap table: the start of SHA-256 over its values as little-endian i32."""
    packed = b"".join([struct.pack("<i", value) for value in values])
    return hashlib.sha256(packed).digest()[:8]
