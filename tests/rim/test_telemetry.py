"""Readings as bytes: nothing is lost that is shown, a torn batch keeps its whole rows, and a session is small."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footctl.run import telemetry
from footctl.run.telemetry import COLUMNS, NONE, ROW_BYTES, live, readings, row, seal, unpack
from tests.rim.views import BOTH, NOBODY, a_sample

WHOLE = a_sample(
    water_c=38.04, water2_c=None, setpoint_c=38.0, heater_duty=0.512, left_kpa=12.34, right_kpa=-0.5, position_mm=-17, zone="heel",
    on_roller=BOTH, in_bath=frozenset(("left",)), state="paused", fault=7, active=3, motor_enable=True,
)  # fmt: skip


def test_a_reading_comes_back() -> None:
    columns = unpack([live(row(12.345, WHOLE))])
    assert columns["t_ms"] == [12_345]
    assert readings(columns, "water", 100) == [38.04]
    assert readings(columns, "water2", 100) == [None]
    assert readings(columns, "left", 100) == [12.34]
    assert readings(columns, "right", 100) == [-0.5]
    assert (columns["duty"], columns["position"], columns["fault"], columns["active"]) == ([512], [-17], [7], [3])
    assert telemetry.zone(columns["zone"][0]) == "heel"
    assert telemetry.zone(0) == telemetry.zone(99) == ""
    bits = {name: columns["bits"][0] >> bit & 1 for bit, name in enumerate(telemetry.BITS)}
    assert [name for name, on in bits.items() if on] == [
        "heater", "motor", "pump", "level_ok", "armed", "left_in_bath", "left_on_roller", "right_on_roller",
    ]  # fmt: skip


def test_readings_beyond_what_fits_are_cut_not_wrapped() -> None:
    columns = unpack([live(row(-1.0, a_sample(water_c=900.0, left_kpa=-900.0, heater_duty=7.0, zone=None, in_bath=NOBODY)))])
    assert (columns["t_ms"], columns["water"], columns["left"], columns["duty"], columns["zone"]) == ([0], [0x7FFF], [-0x7FFF], [1000], [0])


values = st.integers(-0x8000, 0x7FFF)
a_row = st.tuples(
    st.integers(0, 0xFFFFFFFF), values, values, values, st.integers(0, 0xFFFF), values, values, values, st.integers(0, 0xFFFF),
    *(st.integers(0, 255) for _ in range(4)),
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(st.lists(a_row, max_size=6), max_size=4))
def test_sealing_changes_nothing(batches: list[list[tuple[int, ...]]]) -> None:
    packed = [live(b"".join(struct.pack("<IhhhHhhhHBBBB", *one) for one in rows)) for rows in batches]
    told = unpack(packed)
    assert unpack([seal(packed)]) == told
    flat = [one for rows in batches for one in rows]
    assert told == {name: [one[place] for one in flat] for place, name in enumerate(COLUMNS)}


def test_a_torn_batch_keeps_its_whole_rows() -> None:
    data = live(row(1.0, WHOLE) + row(1.2, WHOLE))
    assert unpack([data[:-3]])["t_ms"] == [1000]
    assert unpack([live(b"")])["t_ms"] == []


@pytest.mark.parametrize("strange", [b"\x09abc", b""])
def test_a_batch_of_a_later_version_is_not_guessed_at(strange: bytes) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        unpack([strange])


def test_a_session_of_forty_minutes_is_small() -> None:
    rows = [row(n / 5, WHOLE._replace(water_c=38 + (n % 7) / 100, left_kpa=10 + (n % 50) / 10)) for n in range(12_000)]
    sealed = seal(live(b"".join(rows[start : start + 5])) for start in range(0, len(rows), 5))
    assert len(sealed) < 12_000 * ROW_BYTES / 8
    assert unpack([sealed])["water"][-1] != NONE
