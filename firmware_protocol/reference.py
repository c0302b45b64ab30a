"""The tables of PROTOCOL.md, made from the code, so that page and code cannot disagree.

    python -m firmware_protocol.reference            write them into the page
    python -m firmware_protocol.reference --check    exit 1 when the page is stale

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; everything else on the page is written by hand.
For a desk only; a board never needs it.
"""

import struct
import sys

from firmware_protocol import exchange, faults, framing, limits, messages, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

FOLDER = __file__.rsplit("reference.py", 1)[0]
PAGE = FOLDER + "PROTOCOL.md"
MESSAGES = FOLDER + "messages.py"
BEGIN = "<!-- table: "
END = "<!-- end -->"

WAYS = {messages.TO_DEVICE: "host → device", messages.TO_HOST: "device → host", messages.BOTH: "both"}
KINDS = {messages.REQUEST: "request", messages.ANSWER: "answer", messages.DATAGRAM: "datagram"}
TYPES = {"B": "u8", "b": "i8", "H": "u16", "h": "i16", "I": "u32", "i": "i32"}
CLASSES = {faults.TRIP: "trip", faults.INTERLOCK: "interlock", faults.WARNING: "warning"}
SENSES = {limits.MOST: "at most", limits.LEAST: "at least"}


def table(head: str, rows: "Iterable[tuple[Any, ...]]") -> str:
    """A Markdown table; `head` holds the column titles, separated by |."""
    columns = head.split("|")
    lines = ["| " + " | ".join([column.strip() for column in columns]) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        assert len(row) == len(columns), row
        lines.append("| " + " | ".join([str(cell).replace("|", "\\|") for cell in row]) + " |")
    return "\n".join(lines)


def number(value: int) -> str:
    """12345 -> 12,345."""
    return "{:,}".format(value)


def title(name: str) -> str:
    """SetBath -> SET_BATH, as this page writes messages."""
    return "".join(["_" + letter if letter.isupper() else letter.upper() for letter in name]).strip("_")


def hexed(data: bytes) -> str:
    """Bytes as people read them."""
    return " ".join(["%02x" % byte for byte in data])


def bits(names: "tuple[str, ...]") -> str:
    """Names of bits, lowest first."""
    return table("bit | value | name", [(bit, "0x%02x" % (1 << bit), name) for bit, name in enumerate(names)])


def listed(names: "tuple[str, ...]", first: int = 0) -> str:
    """Names of numbers."""
    return table("number | name", [(first + index, name) for index, name in enumerate(names) if name])


def meanings(rows: "tuple[tuple[str, str], ...]") -> str:
    """Numbered names with their meaning."""
    return table("number | name | meaning", [(index, *row) for index, row in enumerate(rows) if row[0]])


def summary() -> str:
    """One line a message."""
    rows = []
    for row in messages.TABLE:
        answer = ""
        if row.kind == messages.REQUEST:
            answer = title(messages.BY_MAKE[messages.ANSWERED_BY.get(row.make, messages.Ack)].name)
        size = "%d + %d n" % (row.size, row.tail) if row.tail else row.size
        rows.append(("0x%02x" % row.code, title(row.name), WAYS[row.way], KINDS[row.kind], answer, size))
    return table("number | message | way | kind | answered by | payload bytes", rows)


def prose() -> "dict[str, tuple[str, str]]":
    """Message, or message.field -> (unit, meaning), from the comments of the table in messages.py."""
    found = {}
    name = ""
    with open(MESSAGES, encoding="utf-8") as file:
        for line in file:
            code, _, text = line.strip().partition("  # ")
            if " = _row(" in code:
                name = code.split(" ", 1)[0]
                found[name] = ("", text)
            elif name and code.startswith('("'):
                unit, _, meaning = text.rpartition("] ") if text.startswith("[") else ("", "", text)
                found[name + "." + code.split('"')[1]] = (unit[1:], meaning)
            elif code == ")":
                name = ""
    return found


def one_message(row: messages.Row, said: "dict[str, tuple[str, str]]") -> str:
    """Heading, meaning and fields of one message."""
    lines = ["#### 0x%02x %s" % (row.code, title(row.name)), "", said[row.name][1]]
    rows = []
    at = 0
    letters = row.format[1:]
    for name, (low, high, size) in zip(row.names, row.bounds):
        unit, meaning = said[row.name + "." + name]
        letter = "%ds" % size if size else letters[0]
        letters = letters[len(letter) :]
        reach = "" if size else "%s … %s" % (number(low), number(high))
        rows.append((at, "`%s`" % name, "%d bytes" % size if size else TYPES[letter], unit, reach, meaning))
        at += struct.calcsize("<" + letter)
    if row.tail:
        name = row.names[-1]
        rows.append((at, "`%s`" % name, "n × %d bytes" % row.tail, "", "", said[row.name + "." + name][1]))
    if rows:
        lines += ["", table("offset | field | type | unit | range | meaning", rows)]
    return "\n".join(lines)


def example() -> str:
    """A frame from message to wire, step by step."""
    message = messages.SetBath(3800, 0, 1)
    row = messages.BY_MAKE[type(message)]
    payload = messages.pack(message)
    wire = framing.encode(row.code, 5, payload)
    raw = bytearray(wire[:-1])
    at = 0
    codes = []
    while at < len(raw):
        codes.append((at, raw[at]))
        step = raw[at]
        raw[at] = 0
        at += step
    steps = ", ".join(["at %d: %d" % pair for pair in codes])
    return "\n".join(
        [
            "```",
            "message        SET_BATH  water_cdeg 3800, ramp_cdeg_min 0, pump 1, sequence number 5",
            "type, seq      " + hexed(bytes((row.code, 5))),
            "payload        " + hexed(payload),
            "CRC-32         " + hexed(bytes(raw[-4:])),
            "before COBS    " + hexed(bytes(raw[1:])),
            "after COBS     " + hexed(wire[:-1]),
            "on the wire    " + hexed(wire),
            "```",
            "",
            "The code bytes of this frame (position: value) are " + steps + ".",
        ]
    )


def times() -> str:
    """Every time and bound that both ends must agree on."""
    caps = {row[0]: row[3] for row in limits.CAPS}
    ms = "{:,} ms".format
    waits = ", ".join([str(wait) for wait in exchange.RETRY_MS])
    return table(
        "what | value",
        [
            ("waits before each repeat of a request, the last one before it is given up", waits + " ms"),
            ("STOP is repeated every", ms(exchange.URGENT_MS)),
            ("a pause in a frame after which another may begin", ms(exchange.PAUSE_MS)),
            ("answers that are kept for repeats, at least", exchange.REMEMBERED),
            ("a heartbeat at least every", ms(limits.HEARTBEAT_MS)),
            ("oldest telemetry that a heartbeat may echo", ms(limits.FRAME_AGE_MS)),
            ("roller released after the last valid heartbeat, at the latest", ms(caps["release_lease"])),
            ("setpoints forgotten, at the latest", ms(caps["setpoint_lease"])),
            ("heater off, at the latest", ms(caps["heat_lease"])),
            ("latched, at the latest", ms(caps["abort_lease"])),
            ("a controller that was heard within this keeps its place", ms(limits.CONTROLLER_ALIVE_MS)),
            ("telemetry", "every " + ms(limits.TELEMETRY_MS)),
            ("telemetry to a peer ends after its last frame", ms(limits.TELEMETRY_ENDS_MS)),
            ("a radio's connection without a frame from the host may be ended after", ms(limits.SILENT_LINK_MS)),
            ("a host takes the device's state as unknown without telemetry for", ms(limits.TELEMETRY_STALE_MS)),
            ("… and its session as over", ms(limits.TELEMETRY_LOST_MS)),
        ],
    )


def tables() -> "dict[str, str]":
    """Name -> text of every table."""
    said = prose()
    return {
        "version": "This is protocol version **%d.%d**." % (version.MAJOR, version.MINOR),
        "sizes": table(
            "what | bytes",
            [
                ("type, sequence number, payload and CRC-32 together, at most", framing.RAW_MAX),
                ("payload, at most", framing.PAYLOAD_MAX),
                ("frame on the wire with code byte and delimiter, at most", framing.WIRE_MAX),
                ("TELEMETRY on the wire", messages.BY_MAKE[messages.Telemetry].size + framing.OVERHEAD + 2),
            ],
        ),
        "example": example(),
        "times": times(),
        "summary": summary(),
        "messages": "\n\n".join([one_message(row, said) for row in messages.TABLE]),
        "states": listed(messages.STATES),
        "flags": bits(messages.FLAGS),
        "presence": bits(messages.PRESENCE),
        "lamps": listed(messages.LAMPS),
        "qualities": listed(messages.QUALITIES),
        "zones": bits(messages.ZONES),
        "techniques": listed(messages.TECHNIQUES, 1),
        "events": listed(messages.EVENTS),
        "features": bits(messages.FEATURES),
        "places": bits(messages.PLACES),
        "reasons": meanings(messages.REASONS),
        "permissives": meanings(messages.PERMISSIVES),
        "faults": table(
            "number | name | class | what happened | what to do",
            [(code, "`%s`" % name, CLASSES[kind], what, remedy) for code, name, kind, what, remedy in faults.FAULTS],
        ),
        "caps": table(
            "number | name | unit | sense | absolute cap | source",
            [(index, "`%s`" % row[0], row[1], SENSES[row[2]], number(row[3]), row[4]) for index, row in enumerate(limits.CAPS)],
        ),
    }


def render(page: str) -> str:
    """The page with every table made anew. Raises KeyError for a table that nobody makes."""
    fresh = tables()
    parts = page.split(BEGIN)
    out = [parts[0]]
    for part in parts[1:]:
        name = part.split(" -->", 1)[0]
        out.append(BEGIN + name + " -->\n\n" + fresh[name] + "\n\n" + END + part.split(END, 1)[1])
    return "".join(out)


def main(arguments: "list[str]", path: str = PAGE) -> int:
    """Write or check; the exit code."""
    with open(path, encoding="utf-8") as file:
        page = file.read()
    fresh = render(page)
    if fresh == page:
        return 0
    if "--check" in arguments:
        print("PROTOCOL.md is stale: run python -m firmware_protocol.reference")
        return 1
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
