"""The golden frames: makes the entries of vectors/*.json that are not there yet. Never changes or removes one that is.

    python -m firmware_protocol.golden            add what is missing
    python -m firmware_protocol.golden --check    exit 1 when something is missing

For a desk only; a board never needs it. The files hold one entry a line, so that additions read well in a diff.
"""

import binascii
import json
import struct
import sys

from firmware_protocol import exchange, faults, framing, golden_auth, limits, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FOLDER = __file__.rsplit("golden.py", 1)[0] + "vectors/"
NONCE = 0xC0FFEE01

IDENTITY = messages.Identity(
    1, 0, NONCE, 0xB007ED01, 4321, b"SIM-0001".ljust(12, b"\0"), b"footbath-5l".ljust(16, b"\0"), b"0.1.0".ljust(12, b"\0"),
    1, 0x001F, 0x03, 0x1F, 0x1F, 50, 500, limits.digest(limits.ABSOLUTE), messages.IDLE, faults.NONE, 1,
)  # fmt: skip

# What an ordinary session says, beyond the smallest and the largest of every message.
TYPICAL = (
    ("hello-controller", 0, messages.Hello(1, 0, messages.CONTROLLER, NONCE)),
    ("hello-observer", 1, messages.Hello(1, 0, messages.OBSERVER, 0x01020304)),
    ("identity-simulator", 0, IDENTITY),
    ("caps-absolute", 2, messages.Caps(b"".join([struct.pack("<i", value) for value in limits.ABSOLUTE]))),
    ("limits-sensitive", 3, messages.SetLimits(b"".join([struct.pack("<Bi", *pair) for pair in (
        (limits.WATER_SETPOINT_MAX, 3600), (limits.WATER_TRIP, 3700), (limits.PRESSURE_MAX, 20000), (limits.HEAT_LEASE, 2000))]))),
    ("heartbeat", 9, messages.Heartbeat(1234, 60200)),
    ("start-both", 4, messages.Start(messages.CLOSE_HEATER | messages.CLOSE_MOTOR)),
    ("bath-38", 5, messages.SetBath(3800, 100, 1)),
    ("bath-no-heat", 6, messages.SetBath(0, 0, 0)),
    ("massage-arch", 7, messages.SetMassage(messages.LEFT | messages.RIGHT, 0x04, 1, 30000, 10000, 500)),
    ("massage-released", 8, messages.SetMassage(0, 0, 0, 0, 1, 0)),
    ("lamp-feet-in", 10, messages.SetLamp(messages.LAMP_FEET_IN)),
    ("stop", 11, messages.Stop(faults.STOPPED)),
    ("stop-pain", 12, messages.Stop(faults.PAIN)),
    ("stopped-pain", 12, messages.Stopped(messages.LEVEL_OK, 0, 12, 0, messages.LATCHED, faults.PAIN)),
    ("clear-pain", 13, messages.Clear(faults.PAIN)),
    ("telemetry-soak", 14, messages.Telemetry(61800, 3791, 3786, 3800, 0, 35, messages.ACTIVE, 0x15, 0x13, 0, 0, 255, 0, 0, 0, 87, 0)),
    ("telemetry-massage", 255, messages.Telemetry(
        1800000, 3600, 3600, 0, 0, 0, messages.ACTIVE, 0x12, 0x1C, 0, 0, 2, 2981, 2990, 131, 3, 255)),
    ("telemetry-no-sensor", 15, messages.Telemetry(250, -32768, 2400, 0, 0x03, 0, messages.LATCHED, 0x10, 0x60, 1, 0, 255, 0, 0, 0, 1, 0)),
    ("event-yes", 20, messages.Event(messages.YES, 0, 99999)),
    ("event-latch", 21, messages.Event(messages.LATCH, faults.LINK_LOST, 100000)),
    ("ack-bath", 5, messages.Ack(0x10)),
    ("nak-bath-too-warm", 5, messages.Nak(0x10, messages.OUT_OF_RANGE, 4100)),
    ("nak-limits-loosen", 3, messages.Nak(0x07, messages.LOOSENS, limits.PRESSURE_MAX)),
    ("cause-link-lost", 22, messages.Cause(faults.LINK_LOST, 100000, 3790, 3784, 0, 40, 38, messages.ACTIVE)),
    ("log-two-records", 23, messages.LogData(598, 600, struct.pack(messages.LOG_RECORD, 99000, 0, 3790, 3784, 35, 1, 0, 0)
                                             + struct.pack(messages.LOG_RECORD, 100000, faults.LINK_LOST, 3790, 3784, 0, 3, 40, 38))),
    ("log-end", 24, messages.LogData(600, 600, b"")),
)  # fmt: skip


def kebab(name: str) -> str:
    """SetBath -> set-bath."""
    return "".join(["-" + letter.lower() if letter.isupper() else letter for letter in name])[1:]


def frames() -> "Iterator[tuple[str, int, Any]]":
    """(name, sequence number, message): the smallest and the largest of every message, then the typical ones."""
    for row in messages.TABLE:
        for word, pick, fill, items in (("least", 0, b"\x00", 0), ("most", 1, b"\xff", 6)):
            values: "list[Any]" = [fill * bounds[2] if bounds[2] else bounds[pick] for bounds in row.bounds]
            if row.tail:
                values.append(bytes(range(1, row.tail + 1)) * items)
            yield kebab(row.name) + "-" + word, 255 if items else 0, row.make(*values)
    yield from TYPICAL


def plain(message: "Any") -> "dict[str, Any]":
    """A message's fields as JSON has them: integers, and bytes as hex."""
    row = messages.BY_MAKE[type(message)]
    return {name: value.hex() if type(value) is bytes else value for name, value in zip(row.names, message)}


def frame_entry(name: str, seq: int, message: "Any") -> "dict[str, Any]":
    """One line of frames.json."""
    row = messages.BY_MAKE[type(message)]
    payload = messages.pack(message)
    way = {messages.TO_DEVICE: "to_device", messages.TO_HOST: "to_host", messages.BOTH: "both"}[row.way]
    wire = framing.encode(row.code, seq, payload)
    return {
        "name": name, "way": way, "type": row.code, "message": row.name, "seq": seq, "fields": plain(message),
        "payload": payload.hex(), "wire": wire.hex(),
    }  # fmt: skip


def stuff(raw: bytes) -> bytes:
    """Any bytes as a stuffed frame with delimiter, with no regard to what a frame may hold."""
    return b"".join([bytes((len(part) + 1,)) + part for part in raw.split(b"\0")]) + b"\0"


def framed(code: int, seq: int, payload: bytes) -> bytes:
    """A frame with a good checksum around a payload that need not make sense."""
    raw = bytes((code, seq)) + payload
    return stuff(raw + struct.pack("<I", binascii.crc32(raw)))


def byte_streams() -> "Iterator[tuple[str, bytes]]":
    """(name, bytes that a device's end hears): what is broken, foreign or merely odd."""
    good = framing.encode(0x12, 7, b"\x02")
    yield "good", good
    yield "two-frames", good + framing.encode(0x12, 8, b"\x03")
    yield "idle-zeros", b"\0\0\0" + good + b"\0\0"
    yield "no-delimiter", good[:-1]
    yield "checksum-wrong", good[:-2] + bytes((good[-2] ^ 1,)) + b"\0"
    yield "type-flipped", bytes((good[0], good[1] ^ 0x40)) + good[2:]
    yield "byte-missing", good[:3] + good[4:]
    yield "byte-extra", good[:3] + b"\x55" + good[3:]
    yield "delimiter-lost", good[:-1] + good + good
    yield "zero-inside", good[:4] + b"\0" + good[4:] + good
    yield "code-beyond-end", b"\xff" + good[1:] + good
    yield "too-short", stuff(b"\x12\x07\x02\x03\x04") + good
    yield "checksum-alone", stuff(struct.pack("<I", 0)) + good
    yield "longest-frame", framed(0x12, 7, b"\x02" + b"\x55" * (framing.PAYLOAD_MAX - 1)) + framing.encode(0x12, 8, b"\x03")
    yield "one-too-long", framed(0x12, 7, b"\x02" + b"\x55" * framing.PAYLOAD_MAX) + framing.encode(0x12, 8, b"\x03")
    yield "garbage-then-frame", bytes(range(1, 256)) * 3 + b"\0" + good
    yield "text-then-frame", b"rst:0x1 (POWERON_RESET)\r\n\0" + good
    yield "newer-minor-longer-payload", framed(0x12, 7, b"\x02\x01\x02\x03")
    yield "payload-short", framed(0x10, 7, b"\xd8\x0e")
    yield "payload-empty", framed(0x12, 7, b"")
    yield "value-out-of-range", framed(0x12, 7, b"\x07")
    yield "value-below-range", framed(0x10, 7, b"\xff\xff\x64\x00\x00")
    yield "items-incomplete", framed(0x07, 7, b"\x00\x10\x0e\x00")
    yield "unknown-message", framed(0x40, 7, b"\x01\x02")
    yield "unknown-message-twice", framed(0x40, 7, b"") * 2
    yield "reserved-message", framed(0x03, 7, bytes(16))
    yield "authenticated-bit", framed(0x92, 7, b"\x02" + bytes(12))
    yield "own-direction", framing.encode(0x20, 7, messages.pack(messages.Telemetry(*([0] * 17))))
    yield "answer-to-nothing", framing.encode(0x30, 7, b"\x12")
    yield "stop-without-cause", framed(0x14, 7, b"")
    yield "stop-after-half-a-frame", good[:5] + b"\0" + framing.encode(0x14, 9, b"\x3d")
    yield "stop-twice-is-applied-twice", framing.encode(0x14, 9, b"\x3c") * 2
    yield "repeat", good + good
    yield "same-number-other-content", good + framing.encode(0x12, 7, b"\x03")
    yield "older-number", good + framing.encode(0x12, 6, b"\x03")
    yield "number-wraps", framing.encode(0x12, 255, b"\x02") + framing.encode(0x12, 0, b"\x03") + framing.encode(0x12, 255, b"\x04")
    yield "half-a-turn-ahead", good + framing.encode(0x12, 134, b"\x03") + framing.encode(0x12, 6, b"\x04")
    hello = framing.encode(0x01, 1, messages.pack(messages.Hello(1, 0, 1, 5)))
    yield "hello-starts-anew", framing.encode(0x12, 200, b"\x02") + hello + framing.encode(0x12, 2, b"\x03")
    yield "hello-repeated-late", hello + b"".join([framing.encode(0x12, seq, b"\x02") for seq in (2, 3, 4, 5, 6)]) + hello
    again, other = messages.pack(messages.Hello(1, 0, 1, 5)), messages.pack(messages.Hello(1, 0, 1, 6))
    yield "hello-renewed", hello + framing.encode(0x12, 2, b"\x02") + framing.encode(0x01, 3, again)
    yield "hello-of-another-host", hello + framing.encode(0x12, 2, b"\x02") + framing.encode(0x01, 1, other)


def stream_entry(name: str, stream: bytes) -> "dict[str, Any]":
    """One line of streams.json: what the device's end makes of the bytes, one at a time, when every request is answered at once.

    The answer is ACK, and to STOP a STOPPED that says latched, fault 60, all else zero.
    """
    end = exchange.Exchange(messages.TO_DEVICE)
    heard = []
    out = b""
    for index in range(len(stream)):
        for _, seq, message in end.receive(0, stream[index : index + 1]):
            heard.append({"message": type(message).__name__, "seq": seq, "fields": plain(message)})
            stopped = type(message) is messages.Stop
            answer = messages.Stopped(0, 0, 0, 0, messages.LATCHED, faults.STOPPED) if stopped else messages.Ack(messages.code_of(message))
            end.answer(seq, answer)
        out += end.data_to_send(0)
    return {"name": name, "in": stream.hex(), "heard": heard, "out": out.hex(), "dropped": end.dropped, "strange": end.strange}


def wanted() -> "dict[str, list[dict[str, Any]]]":
    """File name -> the entries that this version makes."""
    return {
        "frames.json": [frame_entry(*case) for case in frames()],
        "streams.json": [stream_entry(*case) for case in byte_streams()],
        "auth.json": golden_auth.entries(),
    }


def read(name: str, folder: str = FOLDER) -> "list[dict[str, Any]]":
    """The entries of a vector file; none when there is no such file yet."""
    try:
        with open(folder + name, encoding="ascii") as file:
            entries: "list[dict[str, Any]]" = json.load(file)
    except FileNotFoundError:
        return []
    return entries


def main(arguments: "list[str]", folder: str = FOLDER) -> int:
    """Add or check; the exit code."""
    missing = 0
    for name, entries in wanted().items():
        there = read(name, folder)
        known = {entry["name"] for entry in there}
        new = [entry for entry in entries if entry["name"] not in known]
        missing += len(new)
        if "--check" in arguments:
            print("%s: %d entries, %d missing" % (name, len(there), len(new)))
        elif new:
            with open(folder + name, "w", encoding="ascii", newline="\n") as file:
                file.write("[\n" + ",\n".join([json.dumps(entry) for entry in there + new]) + "\n]\n")
    return 1 if missing and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
