"""The bad byte carrier of the simulator: each mischief alone, its determinism, its copies."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire import Wire


def test_a_plain_wire_gives_at_once_what_was_pushed() -> None:
    wire = Wire(1)
    assert wire.next_arrival is None
    wire.push(2.0, b"")
    assert wire.next_arrival is None
    wire.push(2.0, b"ab")
    wire.push(2.0, b"c")
    assert wire.next_arrival == pytest.approx(2.0)
    assert wire.pull(1.9) == b""
    assert wire.pull(2.0) == b"abc"
    assert wire.pull(9.0) == b""


def test_delay_holds_bytes_until_their_time() -> None:
    wire = Wire(1, delay_s=0.3)
    wire.push(1.0, b"a")
    wire.push(1.1, b"b")
    first = wire.next_arrival
    assert first == pytest.approx(1.3)
    assert wire.pull(1.29) == b""
    assert wire.pull(first) == b"a"
    assert wire.pull(1.5) == b"b"


@given(st.integers(0, 999), st.lists(st.binary(max_size=9)), st.integers(1, 5))
def test_jitter_and_splitting_keep_every_byte_in_order(seed: int, pushes: list[bytes], chunk: int) -> None:
    wire = Wire(seed, delay_s=0.1, jitter_s=0.5, chunk=chunk)
    out = b""
    for turn, data in enumerate(pushes):
        wire.push(turn / 10, data)
        out += wire.pull(turn / 10)
    while (at := wire.next_arrival) is not None:
        out += wire.pull(at)
    assert out == b"".join(pushes)


def test_chunk_one_arrives_byte_by_byte() -> None:
    wire = Wire(1, chunk=1)
    wire.push(0.0, b"abc")
    wire.push(0.0, b"d")
    seen = []
    while (at := wire.next_arrival) is not None:
        seen.append(wire.pull(at))
    assert seen == [b"a", b"b", b"c", b"d"]


def test_drop_loses_about_its_share() -> None:
    wire = Wire(7, drop=0.2)
    for _ in range(1000):
        wire.push(0.0, b"x")
    assert len(wire.pull(0.0)) == pytest.approx(800, abs=50)


def test_flip_changes_exactly_one_bit() -> None:
    wire = Wire(7, flip=1.0)
    wire.push(0.0, bytes(16))
    assert int.from_bytes(wire.pull(0.0), "big").bit_count() == 1


def test_repeat_delivers_twice() -> None:
    wire = Wire(7, repeat=1.0)
    wire.push(0.0, b"ab")
    assert wire.pull(0.0) == b"abab"


def test_overtake_swaps_neighbours_and_loses_nothing_that_is_followed() -> None:
    wire = Wire(7, overtake=1.0)
    for piece in (b"1", b"2", b"3", b"4"):
        wire.push(0.0, piece)
    assert wire.pull(0.0) == b"2143"


def test_same_seed_same_future_and_copies_are_independent() -> None:
    one = Wire(3, delay_s=0.01, jitter_s=0.1, chunk=3, drop=0.2, flip=0.2, repeat=0.2, overtake=0.2)
    other = copy.deepcopy(one)
    for wire in (one, other):
        for turn in range(50):
            wire.push(turn / 20, b"some bytes to send")
    third = copy.deepcopy(one)
    assert one.pull(99.0) == other.pull(99.0) == third.pull(99.0) != b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"drop": 1.1},
        {"flip": -0.1},
        {"repeat": float("nan")},
        {"overtake": 2},
        {"delay_s": -1},
        {"delay_s": float("nan")},
        {"jitter_s": float("inf")},
        {"chunk": 0},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Wire(0, **wrong)  # type: ignore[arg-type]  # on purpose: chunk and chances share one table
