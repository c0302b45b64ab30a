"""Frames: any bytes there and back, any chunking, any damage, and never more memory than one frame."""

from __future__ import annotations

import binascii
import random
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import framing

Frame = tuple[int, int, bytes]
frames = st.tuples(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=framing.PAYLOAD_MAX))
zero_rich = st.tuples(
    st.integers(0, 1), st.integers(0, 1), st.lists(st.sampled_from([0, 0, 0, 1, 255]), max_size=framing.PAYLOAD_MAX).map(bytes)
)


def stuffed_by_the_book(raw: bytes) -> bytes:
    """COBS as its authors describe it: byte by byte (Cheshire and Baker 1999)."""
    out = bytearray(1)
    code_at = 0
    for byte in raw:
        if byte:
            out.append(byte)
        else:
            out[code_at] = len(out) - code_at
            code_at = len(out)
            out.append(0)
    out[code_at] = len(out) - code_at
    return bytes(out) + b"\0"


def fed(stream: bytes, cuts: list[int]) -> tuple[list[Frame], int]:
    decoder = framing.Decoder()
    heard = []
    at = 0
    for cut in [*cuts, len(stream)]:
        heard += decoder.feed(stream[at : at + cut])
        at += cut
    return heard, decoder.dropped


@given(frames | zero_rich)
def test_what_goes_in_comes_out(frame: Frame) -> None:
    wire = framing.encode(*frame)
    assert framing.decode(wire[:-1]) == frame
    assert framing.Decoder().feed(wire) == [frame]


@given(frames | zero_rich)
def test_the_bytes_are_cobs_and_crc_by_the_book(frame: Frame) -> None:
    raw = bytes(frame[:2]) + frame[2]
    wire = framing.encode(*frame)
    assert wire == stuffed_by_the_book(raw + struct.pack("<I", binascii.crc32(raw)))
    assert wire.find(b"\0") == len(wire) - 1 == len(raw) + 5
    assert len(wire) <= framing.WIRE_MAX


@given(st.lists(frames | zero_rich, max_size=6), st.lists(st.integers(1, 300), max_size=60), st.integers(0, 3))
def test_any_chunking_gives_the_same_frames(sent: list[Frame], cuts: list[int], idle: int) -> None:
    stream = b"".join(b"\0" * idle + framing.encode(*frame) for frame in sent)
    assert fed(stream, cuts) == (sent, 0)
    assert fed(stream, [1] * len(stream)) == (sent, 0)


@given(frames, st.data())
def test_damage_never_delivers_another_frame(frame: Frame, data: st.DataObject) -> None:
    wire = bytearray(framing.encode(*frame))
    for _ in range(data.draw(st.integers(1, 4))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    heard = framing.Decoder().feed(bytes(wire))
    assert heard in ([], [frame])


@given(st.binary(max_size=600), frames)
def test_the_frame_after_garbage_and_a_zero_is_heard(garbage: bytes, frame: Frame) -> None:
    assert framing.Decoder().feed(garbage + b"\0" + framing.encode(*frame))[-1:] == [frame]


def test_a_hundred_kilobytes_of_noise_deliver_nothing_and_hold_one_frame() -> None:
    noise = random.Random(5).randbytes(100_000)
    decoder = framing.Decoder()
    held = 0
    for at in range(0, len(noise), 37):
        assert decoder.feed(noise[at : at + 37]) == []
        held = max(held, len(decoder._held))
    assert decoder.dropped > 300  # about one zero in 256 bytes
    assert held < framing.WIRE_MAX
    decoder.feed(b"\0")
    assert decoder.feed(framing.encode(1, 2, b"3")) == [(1, 2, b"3")]


def test_noise_without_a_zero_is_dropped_once_and_not_held() -> None:
    decoder = framing.Decoder()
    for _ in range(100):
        assert decoder.feed(b"\xa5" * 1000) == []
    assert decoder.dropped == 1
    assert sys.getsizeof(decoder._held) < 100
    assert decoder.feed(b"\0" + framing.encode(1, 2, b"3")) == [(1, 2, b"3")]
    assert decoder.dropped == 1


def test_half_a_frame_before_a_pause_costs_no_other() -> None:
    wire = framing.encode(1, 2, b"3")
    decoder = framing.Decoder()
    decoder.pause()
    assert decoder.feed(wire) == [(1, 2, b"3")]
    decoder.feed(wire[:-1])  # its delimiter never comes
    decoder.pause()
    assert decoder.feed(wire) == [(1, 2, b"3")]
    assert decoder.dropped == 1
    decoder.feed(wire[:-2])
    decoder.pause()
    assert decoder.feed(b"\0" + wire) == [(1, 2, b"3")]
    assert decoder.dropped == 2
    decoder.feed(b"\xff" * 300)
    decoder.pause()  # counted when its length gave it away
    assert decoder.feed(wire) == [(1, 2, b"3")]
    assert decoder.dropped == 3


def test_a_pause_is_no_end() -> None:
    long = framing.encode(1, 2, bytes(range(framing.PAYLOAD_MAX)))
    decoder = framing.Decoder()
    for at in range(0, len(long) - 20, 20):
        assert decoder.feed(long[at : at + 20]) == []
        decoder.pause()
    assert decoder.feed(long[at + 20 :]) == [(1, 2, bytes(range(framing.PAYLOAD_MAX)))]
    assert decoder.dropped == 0


@given(frames, frames, st.integers(1, 400), st.lists(st.integers(1, 60), max_size=9))
def test_after_half_a_frame_and_a_pause_a_long_one_in_slow_pieces_is_heard(lost: Frame, frame: Frame, keep: int, cuts: list[int]) -> None:
    decoder = framing.Decoder()
    half = framing.encode(*lost)[:-1][:keep]
    assert decoder.feed(half) == []
    wire = framing.encode(*frame)
    for cut in cuts:
        decoder.pause()
        heard = decoder.feed(wire[:cut])
        wire = wire[cut:]
        assert len(decoder._held) < framing.WIRE_MAX
        if not wire:
            break
    else:
        decoder.pause()
        heard = decoder.feed(wire)
    assert heard == [frame]
    assert decoder.dropped == 1


def test_half_a_long_frame_before_a_pause_leaves_room_for_a_long_one() -> None:
    long = framing.encode(1, 2, bytes(range(1, framing.PAYLOAD_MAX + 1)))
    decoder = framing.Decoder()
    decoder.feed(long[:200])  # the rest of it never comes
    decoder.pause()
    assert decoder.feed(long[:100]) == []
    assert len(decoder._held) == 100
    assert decoder.dropped == 1
    assert decoder.feed(long[100:]) == [(1, 2, bytes(range(1, framing.PAYLOAD_MAX + 1)))]
    assert decoder.dropped == 1


def test_a_distance_that_ends_one_byte_too_far_is_broken_although_the_rest_is_right() -> None:
    wire = framing.encode(1, 2, b"no zeros in here, so the one distance spans it all")[:-1]
    assert wire[0] == len(wire)
    assert framing.decode(bytes((wire[0] + 1,)) + wire[1:]) is None


def test_one_byte_too_many_is_dropped_in_any_chunking() -> None:
    raw = bytes((1, 2)) + b"\x55" * (framing.PAYLOAD_MAX + 1)
    wire = stuffed_by_the_book(raw + struct.pack("<I", binascii.crc32(raw)))
    assert len(wire) == framing.WIRE_MAX + 1
    assert fed(wire, []) == fed(wire, [1] * len(wire)) == ([], 1)


@pytest.mark.parametrize("wrong", [b"", b"\x01", b"\x07" + b"\x01" * 5, b"\x02\x01\x00\x01\x01\x01\x01\x01", b"\x01" * 242, b"\xff" * 8])
def test_what_is_no_frame_is_none(wrong: bytes) -> None:
    assert framing.decode(wrong) is None


def test_the_largest_payload_fits_and_one_more_is_refused() -> None:
    assert len(framing.encode(0, 0, bytes(framing.PAYLOAD_MAX))) == framing.WIRE_MAX == 242
    with pytest.raises(ValueError, match="235 bytes; a frame holds 234"):
        framing.encode(0, 0, bytes(framing.PAYLOAD_MAX + 1))
