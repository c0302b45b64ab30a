"""The golden frames: every entry holds in both directions, released ones are never edited, none is missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from firmware_protocol import faults, framing, golden, messages
from firmware_protocol.exchange import Exchange
from firmware_protocol.messages import TO_DEVICE, TO_HOST

FRAMES = golden.read("frames.json")
STREAMS = golden.read("streams.json")

# What is released stays: so many first entries of a file, and the digest of their lines. A release adds a line here.
RELEASED: tuple[tuple[str, int, str], ...] = (
    ("frames.json", 77, "9242c43047dbe7cf"),
    ("streams.json", 41, "70ad6a26114b3e03"),
)


def message_of(entry: dict[str, Any]) -> Any:
    row = messages.BY_CODE[entry["type"]]
    return row.make(*[bytes.fromhex(value) if isinstance(value, str) else value for value in entry["fields"].values()])


@pytest.mark.parametrize("entry", FRAMES, ids=lambda entry: entry["name"])
def test_a_golden_frame_holds_in_both_directions(entry: dict[str, Any]) -> None:
    message = message_of(entry)
    assert messages.pack(message).hex() == entry["payload"]
    assert framing.encode(entry["type"], entry["seq"], bytes.fromhex(entry["payload"])).hex() == entry["wire"]
    ((code, seq, payload),) = framing.Decoder().feed(bytes.fromhex(entry["wire"]))
    assert (code, seq, payload.hex()) == (entry["type"], entry["seq"], entry["payload"])
    assert messages.unpack(code, payload) == message
    assert (messages.BY_CODE[code].name, list(entry["fields"])) == (entry["message"], list(message._fields))


@pytest.mark.parametrize("entry", STREAMS, ids=lambda entry: entry["name"])
def test_a_golden_stream_is_heard_and_answered_as_written(entry: dict[str, Any]) -> None:
    end = Exchange(TO_DEVICE)
    heard = []
    out = b""
    for byte in bytes.fromhex(entry["in"]):
        for _, seq, message in end.receive(0, bytes((byte,))):
            heard.append({"message": type(message).__name__, "seq": seq, "fields": golden.plain(message)})
            stop = type(message) is messages.Stop
            end.answer(seq, messages.Stopped(0, 0, 0, 0, 3, faults.STOPPED) if stop else messages.Ack(messages.code_of(message)))
        out += end.data_to_send(0)
    assert (heard, out.hex(), end.dropped, end.strange) == (entry["heard"], entry["out"], entry["dropped"], entry["strange"])


def test_frames_of_the_host_mean_nothing_to_a_host_and_the_other_way_round() -> None:
    for entry in FRAMES:
        wrong = {"to_device": TO_HOST, "to_host": TO_DEVICE}.get(entry["way"])
        if wrong:
            assert Exchange(wrong).receive(0, bytes.fromhex(entry["wire"])) == []


@pytest.mark.parametrize(("name", "count", "digest"), RELEASED)
def test_released_entries_are_never_edited(name: str, count: int, digest: str) -> None:
    entries = golden.read(name)[:count]
    assert hashlib.sha256("\n".join(json.dumps(entry) for entry in entries).encode()).hexdigest()[:16] == digest


def test_every_message_of_the_table_has_its_golden_frames() -> None:
    assert golden.main(["--check"]) == 0
    assert {entry["message"] for entry in FRAMES} == {row.name for row in messages.TABLE}


def test_the_generator_adds_what_is_missing_and_touches_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = f"{tmp_path}/"
    kept = {"name": "good", "note": "an entry that is there stays as it is"}
    (tmp_path / "streams.json").write_text(json.dumps([kept]))
    assert golden.main(["--check"], folder) == 1
    assert "frames.json: 0 entries" in capsys.readouterr().out
    assert not (tmp_path / "frames.json").exists()
    assert golden.main([], folder) == 0
    made = {entry["name"]: entry for entry in golden.read("frames.json", folder)}
    assert made == {entry["name"]: entry for entry in FRAMES}
    streams = golden.read("streams.json", folder)
    assert streams[0] == kept
    assert [entry["name"] for entry in streams] == [entry["name"] for entry in STREAMS]
    before = (tmp_path / "frames.json").stat().st_mtime_ns
    assert golden.main([], folder) == 0
    assert (tmp_path / "frames.json").stat().st_mtime_ns == before
