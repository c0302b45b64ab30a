"""The golden vectors by somebody who has nothing but PROTOCOL.md and a standard library: frames after its section 2, fields after its
tables. Both ends and the conformance test share one codec, so an error in that is visible here alone. Imports nothing of ours."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "firmware_protocol"
PAGE = (FOLDER / "PROTOCOL.md").read_text("utf-8")
FRAMES, STREAMS = (json.loads((FOLDER / "vectors" / name).read_text("utf-8")) for name in ("frames.json", "streams.json"))
WIRE_MOST = 242

Frame = tuple[int, int, bytes]


def encoded(code: int, seq: int, payload: bytes) -> bytes:
    """2.1 to 2.3: a zero in front and behind, every zero but the last replaced by the distance to the next."""
    body = bytes((code, seq)) + payload
    out = bytearray(b"\x00" + body + zlib.crc32(body).to_bytes(4, "little") + b"\x00")
    for at in range(len(out) - 1):
        if not out[at]:
            out[at] = next(distance for distance in range(1, 256) if not out[at + distance])
    return bytes(out)


def decoded(stuffed: bytes) -> Frame | None:
    """2.3, 2.5: one frame without its delimiter; None for a broken one."""
    raw, at = bytearray(stuffed), 0
    while at < len(raw):
        raw[at], at = 0, at + raw[at]
    body, check = bytes(raw[1:-4]), bytes(raw[-4:])
    if at != len(raw) or len(body) < 2 or len(raw) >= WIRE_MOST or zlib.crc32(body).to_bytes(4, "little") != check:
        return None
    return body[0], body[1], body[2:]


def split(stream: bytes) -> list[Frame | None]:
    """2.6: what stands between delimiters, and not the rest that has none."""
    return [decoded(piece) for piece in stream.split(b"\x00")[:-1] if piece]


def layouts() -> dict[int, tuple[str, list[tuple[str, str]]]]:
    """Number of a message -> its name, and (field, type) in order; from the page."""
    found: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for section in re.split(r"(?m)^#### ", PAGE.partition("### 15.2")[0])[1:]:
        code, name = section.split("\n", 1)[0].split()
        found[int(code, 16)] = name, re.findall(r"(?m)^\| \d+ \| `(\w+)` \| ([^|]+) \|", section)
    return found


LAYOUTS = layouts()


def fields(code: int, payload: bytes) -> dict[str, Any] | None:
    """A payload as its table on the page has it; None when it is too short."""
    found: dict[str, Any] = {}
    for name, kind in LAYOUTS[code][1]:
        if kind.startswith("n × "):
            return {**found, name: payload.hex()}
        size = int(kind.split()[0]) if kind.endswith("bytes") else int(kind[1:]) // 8
        piece, payload = payload[:size], payload[size:]
        if len(piece) < size:
            return None
        found[name] = piece.hex() if kind.endswith("bytes") else int.from_bytes(piece, "little", signed=kind[0] == "i")
    return found


def named(name: str) -> str:
    """SET_BATH -> SetBath, as the vectors write messages."""
    return "".join(part.title() for part in name.split("_"))


def ids(entry: dict[str, Any]) -> str:
    return str(entry["name"])


def test_the_check_value_and_the_worked_example_are_right() -> None:
    assert zlib.crc32(b"123456789") == 0xCBF43926
    example = dict(re.findall(r"(?m)^(on the wire|payload) +((?:[0-9a-f]{2} ?)+)$", PAGE))
    assert encoded(0x10, 5, bytes.fromhex(example["payload"])) == bytes.fromhex(example["on the wire"])


@pytest.mark.parametrize("entry", FRAMES, ids=ids)
def test_a_frame_is_what_the_page_says(entry: dict[str, Any]) -> None:
    wire, payload = bytes.fromhex(entry["wire"]), bytes.fromhex(entry["payload"])
    assert encoded(entry["type"], entry["seq"], payload) == wire
    assert split(wire) == [(entry["type"], entry["seq"], payload)]
    assert named(LAYOUTS[entry["type"]][0]) == entry["message"]
    assert fields(entry["type"], payload) == entry["fields"]


def test_every_message_of_the_page_is_there() -> None:
    assert {entry["type"] for entry in FRAMES} == set(LAYOUTS)


@pytest.mark.parametrize("entry", STREAMS, ids=ids)
def test_a_stream_is_what_the_page_says(entry: dict[str, Any]) -> None:
    frames = split(bytes.fromhex(entry["in"]))
    assert frames.count(None) == entry["dropped"]
    whole = [frame for frame in frames if frame]
    left: Iterator[Frame] = iter(whole)
    for heard in entry["heard"]:
        code, seq, payload = next(frame for frame in left if named(LAYOUTS.get(frame[0], ("", []))[0]) == heard["message"])
        assert seq == heard["seq"]
        told = fields(code, payload)
        assert told == heard["fields"] or (told is None and heard["message"] == "Stop")  # 8.1: a mutilated STOP stops
    answers = split(bytes.fromhex(entry["out"]))
    assert None not in answers
    assert {answer[1] for answer in answers if answer} <= {frame[1] for frame in whole}
    assert b"".join(encoded(*answer) for answer in answers if answer).hex() == entry["out"]
