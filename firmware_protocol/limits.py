"""The absolute caps. Both ends import this table; nothing on the wire can loosen it.

`sense` is MOST where the value is an upper bound (tighter is smaller) and LEAST where it is a lower bound (tighter is larger). Values
are integers in the unit named. The order of the rows is their number on the wire (CAPS, SET_LIMITS): a row is only ever added at the
end. Where each number comes from stands beside its name in limit_words: a board has no room for prose.

Markings of sources: [S] seen in the source named, [GK] general knowledge, [CALC] computed, [ENG] engineering choice
that no published source gives. All of them need review by a podiatrist and a safety engineer before use on people.
"""

import hashlib
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from firmware_protocol.limit_words import CAPS as CAPS

MOST = 0
LEAST = 1

# Sense and value.
ROWS = (
    (MOST, 4100),  # water_setpoint_max, cdeg
    (LEAST, 2000),  # water_setpoint_min, cdeg
    (MOST, 50),  # heat_cut_above, cdeg
    (MOST, 4200),  # water_trip, cdeg
    (MOST, 4250),  # water_trip_now, cdeg
    (MOST, 4150),  # feet_in_max, cdeg
    (MOST, 1800),  # soak_time, s
    (MOST, 2000),  # thermal_dose, mCEM43
    (MOST, 60000),  # pressure_max, Pa
    (MOST, 65000),  # pressure_trip, Pa
    (MOST, 15000),  # dwell, ms
    (LEAST, 10000),  # dwell_off, ms
    (MOST, 20000),  # pressure_ramp, Pa/s
    (LEAST, 0),  # soft_start, s
    (MOST, 200),  # water_ramp, cdeg/min
    (MOST, 1200),  # massage_foot, s
    (MOST, 2400),  # massage_total, s
    (MOST, 4500),  # session_time, s
    (MOST, 2400),  # preheat_time, s
    (MOST, 600),  # check_in, s
    (MOST, 60),  # check_answer, s
    (MOST, 2000),  # release_lease, ms
    (MOST, 3000),  # heat_lease, ms
    (MOST, 5000),  # abort_lease, ms
    (MOST, 3000),  # setpoint_lease, ms
    (MOST, 200),  # water_differ_off, cdeg
    (MOST, 200),  # water_differ_trip, cdeg
    (MOST, 5000),  # force_differ, Pa
    (MOST, 200),  # force_differ_part, permille
    (LEAST, 20),  # volume_min, dl
    (MOST, 4100),  # heat_under_pressure, cdeg
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
) = range(len(ROWS))

ABSOLUTE = tuple([row[1] for row in ROWS])

WATER_PLAUSIBLE_CDEG = (0, 6000)  # a reading outside is a broken sensor, not water [ENG]
CONTACT_PA = 4300  # 32 mmHg, capillary closing (Landis 1930) [S]; below it dwell does not count
RELEASED_PA = 4000  # a released roller reads below this within 1.0 s [ENG]
PRESSURE_PLAUSIBLE_PA = (-5000, 90000)  # outside it the bridge is open or shorted [ENG]
FRAME_AGE_MS = 1000  # a heartbeat that echoes older telemetry renews nothing [ENG]
TELEMETRY_STALE_MS = 1000  # host: unknown from here [ENG]
TELEMETRY_LOST_MS = 2900  # host: session over from here; its STOP has arrived by 3 s (F30) [ENG]
TELEMETRY_MS = 200  # five a second
TELEMETRY_ENDS_MS = 30000  # after a peer's last frame: a radio does not talk to nobody [ENG]
SILENT_LINK_MS = 35000  # then a device may end a radio's connection: a killed program's, which its system keeps up [ENG]
CONTROLLER_ALIVE_MS = 5000  # a controller that was heard this recently keeps its place: as long as its leases can live [ENG]
NOISY_FRAMES = 5  # more broken ones than this ...
NOISY_MS = 2000  # ... in this time are no link (F34) [ENG]
HEARTBEAT_MS = 250  # four a second, so that one late frame releases nothing; PX4 asks for > 2 Hz [S]


def loosens(index: int, value: int, than: int) -> bool:
    """True when `value` for cap `index` allows more than `than` does."""
    if ROWS[index][0] == MOST:
        return value > than
    return value < than


def tighter(index: int, a: int, b: int) -> int:
    """The stricter of two values of cap `index`."""
    return b if loosens(index, a, b) else a


def digest(values: "tuple[int, ...]") -> bytes:
    """Eight bytes that name a cap table: the start of SHA-256 over its values as little-endian i32."""
    packed = b"".join([struct.pack("<i", value) for value in values])
    return hashlib.sha256(packed).digest()[:8]


if not TYPE_CHECKING:

    def __getattr__(name):
        """Words are fetched when somebody asks for one: a board has no room for them, and never does."""
        from firmware_protocol import limit_words

        word = globals()[name] = getattr(limit_words, name)
        return word
