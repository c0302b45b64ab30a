"""The table of messages: number, direction, kind, fields with range; unit and meaning in comments. Pack and unpack.

Everything else about the wire comes from this table: the codec below, the reference page, the golden vectors, the tests.
A REQUEST is answered (its retry keeps the sequence number); an ANSWER carries the sequence number of its request;
a DATAGRAM is sent once. Numbers are little-endian. A payload longer than its row is accepted and the rest ignored,
because a later minor version may add fields at the end; a shorter one is broken.
"""

import struct
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware_protocol.message_words import EVENTS as EVENTS
    from firmware_protocol.message_words import FEATURES as FEATURES
    from firmware_protocol.message_words import FLAGS as FLAGS
    from firmware_protocol.message_words import LAMPS as LAMPS
    from firmware_protocol.message_words import PERMISSIVES as PERMISSIVES
    from firmware_protocol.message_words import PLACES as PLACES
    from firmware_protocol.message_words import PRESENCE as PRESENCE
    from firmware_protocol.message_words import QUALITIES as QUALITIES
    from firmware_protocol.message_words import REASONS as REASONS
    from firmware_protocol.message_words import STATES as STATES
    from firmware_protocol.message_words import TECHNIQUES as TECHNIQUES
    from firmware_protocol.message_words import ZONES as ZONES

TO_DEVICE = 1
TO_HOST = 2
BOTH = 3

REQUEST = 1
ANSWER = 2
DATAGRAM = 3

# An authenticated frame is its type + 0x80, with a u32 counter and an 8-byte tag after the payload.
AUTHENTICATED = 0x80

# Roles in HELLO
CONTROLLER = 1
OBSERVER = 2

# Device states in TELEMETRY
IDLE = 0
ACTIVE = 1
PAUSED = 2
LATCHED = 3

# Flags in TELEMETRY and STOPPED
HEATER_ENABLE = 0x01
MOTOR_ENABLE = 0x02
PUMP = 0x04
BUBBLES = 0x08
LEVEL_OK = 0x10
ARMED = 0x20
CHECK_DUE = 0x40

# Enables in START
CLOSE_HEATER = 0x01
CLOSE_MOTOR = 0x02

# Feet, presence, zones, techniques: bit masks
LEFT = 0x01
RIGHT = 0x02
BATH_LEFT = 0x01
BATH_RIGHT = 0x02
ROLLER_LEFT = 0x04
ROLLER_RIGHT = 0x08
NO_ZONE = 0xFF

# Lamp: what the person at the device is asked to do
LAMP_OFF = 0
LAMP_WAIT = 1
LAMP_FEET_IN = 2
LAMP_FEET_OUT = 3
LAMP_HOLD_TO_ARM = 4
LAMP_CHECK_IN = 5
LAMP_FAULT = 6

# Quality of a reading, two bits each in TELEMETRY.quality: water 1, water 2, left cells, right cells
GOOD = 0
STALE = 1
IMPLAUSIBLE = 2
ABSENT = 3

# What an EVENT tells
YES = 1
FEET = 2
ARMING = 3
LATCH = 4
CLEARED = 5
INTRUSION = 6

# Capability bits in IDENTITY.features
SECOND_SENSOR = 0x0001
LEVEL_SWITCH = 0x0002
TILT_SWITCH = 0x0004
CURRENT_SENSE = 0x0008
DRAIN = 0x0010
BUBBLER = 0x0020
BATTERY = 0x0040
ARMS_BY_HAND = 0x0080
WANTS_PROOF = 0x0100  # on the link on which IDENTITY says so

# Where feet can be, bits in IDENTITY.places
PLACE_BATH = 0x01
PLACE_ROLLER = 0x02
PLACE_SHARED = 0x04  # bath and roller are one place

# Why a request was refused
UNKNOWN_MESSAGE = 1
MALFORMED = 2
OUT_OF_RANGE = 3
LOOSENS = 4
NOT_CONTROLLER = 5
BUSY = 6
IS_LATCHED = 7
NOT_STARTED = 8
NOT_ARMED = 9
NOT_PERMITTED = 10
WRONG_CAUSE = 11
WRONG_VERSION = 12
NOT_AUTHENTICATED = 13
UNSUPPORTED = 14
BY_CABLE = 15
TOO_MANY = 16

# Permissives, `limit` of a NAK not_permitted
LEVEL_LOW = 1
SENSORS_BAD = 2
CELLS_BAD = 3
TILTED = 4
PRESSED = 5
LEASE_DEAD = 6
TOO_WARM = 7
HEATER_LIVE = 8
TIME_SPENT = 9
UNSETTLED = 10
FOOT_MISSING = 11
UNCALIBRATED = 12

_RANGES = {
    "B": (0, 0xFF, 0),
    "b": (-0x80, 0x7F, 0),
    "H": (0, 0xFFFF, 0),
    "h": (-0x8000, 0x7FFF, 0),
    "I": (0, 0xFFFFFFFF, 0),
    "i": (-0x80000000, 0x7FFFFFFF, 0),
}


if not TYPE_CHECKING:

    def __getattr__(name):
        """Words are fetched when somebody asks for one: a board has no room for them, and never does."""
        from firmware_protocol import message_words

        word = globals()[name] = getattr(message_words, name)
        return word


class BadMessage(ValueError):
    """A message that cannot be packed, or bytes that are no message. The text names the field and what is allowed.

    `reason` and `limit` are what a NAK should say.
    """

    def __init__(self, reason: int, limit: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.limit = limit


# One message. `names` of all fields; `tail` is 0, or the bytes of an item of the list at the end; `bounds` for each field before it: least,
# most, and 0 or the number of bytes; `narrow` the fields whose format lets through more than their bounds. A tuple: a board has no room for
# thirty dictionaries.
Row = namedtuple("Row", ("code", "name", "way", "kind", "names", "tail", "format", "size", "bounds", "narrow", "make"))


def _bounds(letter: str, *narrow: int) -> "tuple[int, int, int]":
    full = _RANGES.get(letter)
    if full is None:
        return (1, 0, int(letter[:-1]))  # no number lies between these
    if not narrow:
        return full
    return (narrow[0], narrow[1] if len(narrow) > 1 else full[1], 0)


def _type(name: str, names: "tuple[str, ...]") -> "Any":
    return namedtuple(name, names)


TABLE: "list[Row]" = []


def _row(code: int, name: str, way: int, kind: int, *fields: "Any") -> "Any":
    """Number, name, way, kind, fields.

    A field is (name, format, least, most), the bounds where they are narrower than the format's. The format is a struct letter, "Ns"
    for N bytes, or "*" for the rest of the payload in items of `least` bytes (last field only).
    """
    names = tuple([field[0] for field in fields])
    tail = fields[-1][2] if fields and fields[-1][1] == "*" else 0
    if tail:
        fields = fields[:-1]
    layout = "<" + "".join([field[1] for field in fields])
    # What the format itself cannot break needs no look at arrival.
    narrow = tuple([index for index, field in enumerate(fields) if len(field) > 2])
    bounds = tuple([_bounds(*field[1:]) for field in fields])
    make = _type(name, names)
    TABLE.append(Row(code, name, way, kind, names, tail, layout, struct.calcsize(layout), bounds, narrow, make))
    return make


# The comments are the reference page's text ([unit] meaning): comments, because a board has no room for prose.
# fmt: off
Hello = _row(  # Opens a session; the only message besides STOP that needs none. Its layout never changes.
    0x01, "Hello", TO_DEVICE, REQUEST,
    ("major", "B"),  # protocol version of the host
    ("minor", "B"),  # protocol version of the host
    ("role", "B", 1, 2),  # 1 controller, 2 observer
    ("nonce", "I"),  # random; a new one opens a new session, the same one repeats the answer
)
Identity = _row(  # Who the device is and what it can do. Answers HELLO.
    0x02, "Identity", TO_HOST, ANSWER,
    ("major", "B"),  # protocol version of the device
    ("minor", "B"),  # protocol version of the device
    ("nonce", "I"),  # the nonce of the HELLO
    ("boot_id", "I"),  # random at every power-up; a change means that the device restarted
    ("uptime_ms", "I"),  # [ms] time since power-up
    ("serial", "12s"),  # serial number, ASCII, padded with zeros
    ("model", "16s"),  # model, ASCII, padded with zeros
    ("firmware", "12s"),  # firmware version, ASCII, padded with zeros
    ("simulator", "H"),  # 0: a real device; N: simulated, its clock runs N times as fast as a wall clock
    ("features", "H"),  # capability bits
    ("places", "B"),  # where feet can be, bits
    ("zones", "B"),  # zones that the roller reaches, bits
    ("techniques", "B"),  # techniques that it knows, bits
    ("volume_dl", "H"),  # [dl] water when filled to the mark
    ("heater_w", "H"),  # [W] heater power
    ("caps_hash", "8s"),  # digest of the cap table in force
    ("state", "B", 0, 3),  # device state
    ("cause", "B"),  # latched fault, 0 when none
    ("controller", "B", 0, 1),  # 1 when this peer is the controller now
)
Auth = _row(  # Asks the device to prove that it knows its key. What both make of their nonces are the keys of this session.
    0x03, "Auth", TO_DEVICE, REQUEST,
    ("nonce", "16s"),  # random, the host's
)
Proof = _row(  # The device's proof. Answers AUTH. The host's own is the tag of the HELLO that follows.
    0x04, "Proof", TO_HOST, ANSWER,
    ("nonce", "16s"),  # random, the device's
    ("proof", "16s"),  # from the key, both nonces and who the device is
)
GetCaps = _row(0x05, "GetCaps", TO_DEVICE, REQUEST)  # Asks for the cap table in force.
Caps = _row(  # The cap table in force, in the order of the table of caps.
    0x06, "Caps", TO_HOST, ANSWER,
    ("values", "*", 4),  # one i32 a cap, in the cap's unit
)
SetLimits = _row(  # The limits of the person for this session. All or none: one that loosens refuses the whole message. Gone with the session.
    0x07, "SetLimits", TO_DEVICE, REQUEST,
    ("limits", "*", 5),  # number of the cap (u8) and its value (i32)
)
Heartbeat = _row(  # The control loop is alive. Renews every lease when both of its fields are fresh.
    0x08, "Heartbeat", TO_DEVICE, DATAGRAM,
    ("turn", "I"),  # counts turns of the control loop; must differ from the last one
    ("echo_ms", "I"),  # [ms] uptime of the newest telemetry; older than 1,000 ms renews nothing
)
Start = _row(  # Goes to, or stays in, state active with just these enables closed.
    0x09, "Start", TO_DEVICE, REQUEST,
    ("enables", "B", 0, 3),  # 1 heater relay, 2 motor driver
)
Pause = _row(0x0a, "Pause", TO_DEVICE, REQUEST)  # Releases the roller, opens the motor enable, keeps the water's setpoint.
Release = _row(0x0b, "Release", TO_DEVICE, REQUEST)  # Roller off now; the state stays.
Finish = _row(0x0c, "Finish", TO_DEVICE, REQUEST)  # Orderly end: everything off, state idle, nothing latched, session limits gone.
GetKey = _row(0x0d, "GetKey", TO_DEVICE, REQUEST)  # Asks for the device's key. Over a cable only.
Key = _row(  # The device's key, for whoever holds the device in their hands. Answers GET_KEY.
    0x0e, "Key", TO_HOST, ANSWER,
    ("key", "16s"),  # 128 bits, as on the device's label
)
Arm = _row(  # Whether a start over a cable, too, needs the device's button held first. Until power-down; over a cable only.
    0x0f, "Arm", TO_DEVICE, REQUEST,
    ("by_hand", "B", 0, 1),  # 1 it does, 0 it does not
)
SetBath = _row(  # What the water should be. Leased.
    0x10, "SetBath", TO_DEVICE, REQUEST,
    ("water_cdeg", "h", 0),  # [cdeg] setpoint; 0: no heat
    ("ramp_cdeg_min", "H"),  # [cdeg/min] how fast the setpoint may move; 0: at once (no feet in the water)
    ("pump", "B", 0, 3),  # 1 pump, 2 bubbles
)
SetMassage = _row(  # What the roller should do. Leased. Feet 0: released.
    0x11, "SetMassage", TO_DEVICE, REQUEST,
    ("feet", "B", 0, 3),  # 1 left, 2 right
    ("zones", "B", 0, 31),  # zones, bits
    ("technique", "B", 0, 5),  # 1 kneading, 2 rolling, 3 circular, 4 press, 5 stretch
    ("pressure_pa", "I"),  # [Pa] contact pressure at the peak of a stroke
    ("ramp_pa_s", "H", 1),  # [Pa/s] how fast pressure may rise
    ("speed_pm", "H", 0, 1000),  # [permille] of the device's fastest stroke
)
SetLamp = _row(  # What the person at the device is asked to do.
    0x12, "SetLamp", TO_DEVICE, REQUEST,
    ("lamp", "B", 0, 6),  # 0 off, 1 wait, 2 feet in, 3 feet out, 4 hold to arm, 5 check-in, 6 fault
)
Checked = _row(0x13, "Checked", TO_DEVICE, REQUEST)  # A person answered a check-in at the host; the device's timer starts anew.
Stop = _row(  # Everything off, latched. Needs no session, no order, no lease; works in every state; applied at every arrival.
    0x14, "Stop", TO_DEVICE, REQUEST,
    ("cause", "B"),  # 60 stop, 61 pain; from the controller what it found, 1 to 62; anything else, or nothing, counts as 60
)
Stopped = _row(  # The outputs as read back, after they were switched off. Answers STOP.
    0x15, "Stopped", TO_HOST, ANSWER,
    ("flags", "B"),  # flags as in TELEMETRY
    ("duty_half_pct", "B", 0, 200),  # [0.5 %] heater duty
    ("left_dapa", "H"),  # [10 Pa] contact pressure, left
    ("right_dapa", "H"),  # [10 Pa] contact pressure, right
    ("state", "B", 0, 3),  # device state
    ("cause", "B"),  # latched fault, the first one
)
Clear = _row(  # Lets go of the latch. Restarts nothing. Refused while the fault's cause is there.
    0x16, "Clear", TO_DEVICE, REQUEST,
    ("cause", "B"),  # the latched fault, as proof that it was read
)
Telemetry = _row(  # One dated set of readings, five a second, to every peer that said HELLO.
    0x20, "Telemetry", TO_HOST, DATAGRAM,
    ("uptime_ms", "I"),  # [ms] time since power-up
    ("water1_cdeg", "h"),  # [cdeg] water at the inlet
    ("water2_cdeg", "h"),  # [cdeg] water at the far end
    ("setpoint_cdeg", "h"),  # [cdeg] setpoint of the thermostat now, ramped; 0: no heat
    ("quality", "B"),  # two bits each, lowest first: water 1, water 2, left and right cells; 0 good, 1 stale, 2 implausible, 3 absent
    ("duty_half_pct", "B", 0, 200),  # [0.5 %] heater duty
    ("state", "B", 0, 3),  # 0 idle, 1 active, 2 paused, 3 latched
    ("flags", "B"),  # 1 heater enable, 2 motor enable (both as read back), 4 pump, 8 bubbles, 16 level ok, 32 armed, 64 check-in due
    ("presence_lamp", "B"),  # low four bits: foot in bath left 1, right 2, on roller left 4, right 8; high four: lamp
    ("cause", "B"),  # latched fault, the first one; 0 none
    ("active", "B"),  # interlock or warning in force now; 0 none
    ("zone", "B"),  # zone under the roller; 255 none
    ("left_dapa", "H"),  # [10 Pa] contact pressure, left
    ("right_dapa", "H"),  # [10 Pa] contact pressure, right
    ("position_mm", "B"),  # [mm] carriage, from the toes
    ("sample", "B"),  # counts conversions of the sensors
    ("dropped", "B"),  # counts broken frames from this peer, stops at 255
)
Event = _row(  # Something happened at the device. What lasts is in TELEMETRY as well; each event counts once.
    0x21, "Event", TO_HOST, REQUEST,
    ("kind", "B"),  # 1 yes (button pressed shortly), 2 feet, 3 arming, 4 latch, 5 cleared, 6 intrusion
    ("value", "B"),  # feet: presence bits; arming: 1 armed; latch, cleared and intrusion: the fault; yes: 0
    ("uptime_ms", "I"),  # [ms] when it happened
)
Ack = _row(  # Done.
    0x30, "Ack", BOTH, ANSWER,
    ("message", "B"),  # number of the message that is answered
)
Nak = _row(  # Not done, and nothing changed.
    0x31, "Nak", BOTH, ANSWER,
    ("message", "B"),  # number of the message that is answered
    ("reason", "B"),  # number in the table of reasons
    ("limit", "i"),  # the value that limits, in the field's unit, or what the reason says
)
GetCause = _row(0x32, "GetCause", TO_DEVICE, REQUEST)  # Asks for the first cause of the latch.
Cause = _row(  # The first fault since the last CLEAR and the readings at that moment.
    0x33, "Cause", TO_HOST, ANSWER,
    ("fault", "B"),  # 0 when nothing is latched
    ("uptime_ms", "I"),  # [ms] when
    ("water1_cdeg", "h"),  # [cdeg] water at the inlet then
    ("water2_cdeg", "h"),  # [cdeg] water at the far end then
    ("duty_half_pct", "B", 0, 200),  # [0.5 %] heater duty then
    ("left_dapa", "H"),  # [10 Pa] contact pressure then, left
    ("right_dapa", "H"),  # [10 Pa] contact pressure then, right
    ("state", "B", 0, 3),  # device state then
)
LogRead = _row(  # Asks for a piece of the black box: ten minutes of 1 Hz samples and the faults between them.
    0x34, "LogRead", TO_DEVICE, REQUEST,
    ("first", "H"),  # number of the first record wanted, 0 is the oldest
)
LogData = _row(  # Records from `first` on, as many as fit. None: the end.
    0x35, "LogData", TO_HOST, ANSWER,
    ("first", "H"),  # number of the first record here
    ("total", "H"),  # records in the black box
    ("records", "*", 15),  # 15 bytes each, layout `LOG_RECORD`
)
# fmt: on

# uptime_ms, fault (0: a sample), water1_cdeg, water2_cdeg, duty_half_pct, state, left_dapa, right_dapa
LOG_RECORD = "<IBhhBBHH"

BY_CODE = {row.code: row for row in TABLE}
BY_MAKE = {row.make: row for row in TABLE}


# What answers what; every other request is answered by ACK, and any by NAK.
ANSWERED_BY = {Hello: Identity, Auth: Proof, GetKey: Key, GetCaps: Caps, Stop: Stopped, GetCause: Cause, LogRead: LogData}


def code_of(message: "Any") -> int:
    """The number of a message's type."""
    return BY_MAKE[type(message)].code  # type: ignore[no-any-return]  # a namedtuple has no types


def answers(request: "Any", answer: "Any") -> bool:
    """True when `answer` can be the answer to `request`, and not to another that had the same sequence number."""
    kind = type(answer)
    if kind is Nak or kind is Ack:
        return bool(answer.message == code_of(request)) and (kind is Nak or type(request) not in ANSWERED_BY)
    if kind is Identity:
        return type(request) is Hello and bool(answer.nonce == request.nonce)
    return kind is ANSWERED_BY.get(type(request))


def pack(message: "Any") -> bytes:
    """Payload bytes of a message. Raises BadMessage naming the field and its range.

    struct.pack on MicroPython wraps a value out of range and ignores a wrong count, so both are checked here.
    """
    row = BY_MAKE[type(message)]
    for value, (low, high, _) in zip(message, row.bounds):
        if type(value) is not int or value < low or value > high:
            _check(row, message)
            break
    if row.tail:
        return struct.pack(row.format, *message[:-1]) + _tail(row, message[-1])
    return struct.pack(row.format, *message)


def _check(row: Row, message: "Any") -> None:
    """Every field, bytes among them."""
    index = 0
    for low, high, size in row.bounds:
        value = message[index]
        if size:
            if type(value) is not bytes or len(value) > size:
                raise BadMessage(MALFORMED, size, "%s.%s: %r; allowed are %d bytes" % (row.name, row.names[index], value, size))
        elif type(value) is not int or value < low or value > high:
            raise _out_of_range(row, index, value)
        index += 1


def unpack(code: int, payload: bytes) -> "Any":
    """The message in a payload. Raises BadMessage on an unknown number, a short payload or a value out of range."""
    row = BY_CODE.get(code)
    if row is None:
        raise BadMessage(UNKNOWN_MESSAGE, 0, "no message has the number 0x%02x" % code)
    size = row.size
    if len(payload) < size:
        raise BadMessage(MALFORMED, size, "%s: %d bytes; it needs %d" % (row.name, len(payload), size))
    values = struct.unpack(row.format, payload if len(payload) == size else payload[:size])
    for index in row.narrow:
        low, high, _ = row.bounds[index]
        if values[index] < low or values[index] > high:
            raise _out_of_range(row, index, values[index])
    if row.tail:
        return row.make(*(values + (_tail(row, payload[size:]),)))
    return row.make(*values)


def _tail(row: Row, rest: bytes) -> bytes:
    if len(rest) % row.tail:
        raise BadMessage(MALFORMED, row.tail, "%s.%s: %d bytes; items have %d" % (row.name, row.names[-1], len(rest), row.tail))
    return rest


def _out_of_range(row: Row, index: int, value: "Any") -> BadMessage:
    low, high, _ = row.bounds[index]
    limit = low if type(value) is int and value < low else high
    return BadMessage(OUT_OF_RANGE, limit, "%s.%s: %r; allowed is %d to %d" % (row.name, row.names[index], value, low, high))
