"""The table of messages: every one there and back, every bound kept, nothing wrapped silently; limits and faults beside it."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol import faults, framing, limits, messages, version


@st.composite
def any_message(draw: st.DrawFn) -> Any:
    row = draw(st.sampled_from(messages.TABLE))
    values: list[Any] = []
    for low, high, size in row.bounds:
        values.append(draw(st.binary(min_size=size, max_size=size)) if size else draw(st.integers(low, high)))
    if row.tail:
        room = (framing.PAYLOAD_MAX - row.size) // row.tail
        count = draw(st.integers(0, room))
        values.append(draw(st.binary(min_size=count * row.tail, max_size=count * row.tail)))
    return row.make(*values)


@given(any_message())
def test_every_message_survives_the_wire(message: Any) -> None:
    code = messages.code_of(message)
    payload = messages.pack(message)
    assert messages.unpack(code, payload) == message
    assert framing.decode(framing.encode(code, 0, payload)[:-1]) == (code, 0, payload)


@given(any_message(), st.binary(max_size=8))
def test_fields_that_a_later_version_adds_are_ignored(message: Any, more: bytes) -> None:
    row = messages.BY_MAKE[type(message)]
    if not row.tail:
        assert messages.unpack(row.code, messages.pack(message) + more) == message


@given(st.integers(0, 255), st.binary(max_size=80))
def test_any_payload_is_a_message_or_a_reason(code: int, payload: bytes) -> None:
    try:
        message = messages.unpack(code, payload)
    except messages.BadMessage as bad:
        message = messages.Nak(code, bad.reason, bad.limit)  # a refusal can always be said
        code = messages.code_of(message)
    assert messages.unpack(code, messages.pack(message)) == message


@pytest.mark.parametrize("row", messages.TABLE, ids=lambda row: row.name)
def test_a_short_payload_is_malformed_and_says_how_long_it_must_be(row: messages.Row) -> None:
    if row.size:
        with pytest.raises(messages.BadMessage, match=f"{row.name}: {row.size - 1} bytes; it needs {row.size}") as told:
            messages.unpack(row.code, bytes(row.size - 1))
        assert (told.value.reason, told.value.limit) == (messages.MALFORMED, row.size)


BEYOND = [
    (messages.SetBath(-1, 0, 0), "SetBath.water_cdeg: -1; allowed is 0 to 32767", 0),
    (messages.SetBath(32768, 0, 0), "SetBath.water_cdeg: 32768", 32767),
    (messages.SetMassage(0, 0, 0, 1 << 32, 1, 0), "SetMassage.pressure_pa: 4294967296", 0xFFFFFFFF),
    (messages.SetMassage(0, 0, 0, 0, 0, 0), "SetMassage.ramp_pa_s: 0; allowed is 1 to 65535", 1),
    (messages.SetBath(38.0, 0, 0), "SetBath.water_cdeg: 38.0", 32767),
    (messages.SetBath(True, 0, 0), "SetBath.water_cdeg: True", 32767),
    (messages.SetBath(None, 0, 0), "SetBath.water_cdeg: None", 32767),
]


@pytest.mark.parametrize(("message", "text", "limit"), BEYOND, ids=[text.split(";")[0] for _, text, _ in BEYOND])
def test_what_does_not_fit_is_refused_and_never_wrapped(message: Any, text: str, limit: int) -> None:
    with pytest.raises(messages.BadMessage, match=re.escape(text)) as told:
        messages.pack(message)
    assert (told.value.reason, told.value.limit) == (messages.OUT_OF_RANGE, limit)


def test_a_value_out_of_range_is_refused_at_arrival() -> None:
    with pytest.raises(messages.BadMessage, match=r"SetLamp.lamp: 7; allowed is 0 to 6") as told:
        messages.unpack(0x12, b"\x07")
    assert (told.value.reason, told.value.limit) == (messages.OUT_OF_RANGE, 6)
    with pytest.raises(messages.BadMessage, match=r"SetBath.water_cdeg: -2"):
        messages.unpack(0x10, struct.pack("<hHB", -2, 0, 0))


def test_bytes_too_long_text_and_broken_items_are_refused() -> None:
    identity = messages.unpack(0x02, bytes(messages.BY_CODE[0x02].size))
    long = identity._replace(serial=b"13 characters")
    with pytest.raises(messages.BadMessage, match=r"Identity.serial: b'13 characters'; allowed are 12 bytes"):
        messages.pack(long)
    with pytest.raises(messages.BadMessage, match=r"Identity.serial: 'SIM'"):
        messages.pack(identity._replace(serial="SIM"))
    with pytest.raises(messages.BadMessage, match=r"SetLimits.limits: 4 bytes; items have 5"):
        messages.pack(messages.SetLimits(b"1234"))
    with pytest.raises(messages.BadMessage, match=r"no message has the number 0x40"):
        messages.unpack(0x40, b"")


def test_telemetry_keeps_its_promise_of_33_bytes() -> None:
    row = messages.BY_MAKE[messages.Telemetry]
    assert row.size + framing.OVERHEAD + 2 == 33


def test_the_table_is_sound() -> None:
    codes = [row.code for row in messages.TABLE]
    assert len(set(codes)) == len(codes)
    assert max(codes) < messages.AUTHENTICATED
    for row in messages.TABLE:
        assert row.size <= framing.PAYLOAD_MAX - 12  # room for the counter and tag of an authenticated frame
        for index in row.narrow:
            assert -(2**31) <= row.bounds[index][0] <= row.bounds[index][1] < 2**31  # a NAK can carry the bound
    assert len(messages.Telemetry._fields) == 17
    assert 4 * len(limits.CAPS) <= framing.PAYLOAD_MAX
    assert 5 * len(limits.CAPS) <= framing.PAYLOAD_MAX - 12


def test_requests_have_their_answers() -> None:
    ack = messages.Ack(0x12)
    assert messages.answers(messages.SetLamp(1), ack)
    assert not messages.answers(messages.SetBath(0, 0, 0), ack)
    assert messages.answers(messages.SetLamp(1), messages.Nak(0x12, 1, 0))
    assert not messages.answers(messages.SetLamp(1), messages.Nak(0x13, 1, 0))
    assert messages.answers(messages.Stop(60), messages.Stopped(0, 0, 0, 0, 3, 60))
    assert not messages.answers(messages.Stop(60), messages.Ack(0x14))
    assert not messages.answers(messages.SetLamp(1), messages.Stopped(0, 0, 0, 0, 3, 60))
    identity = messages.unpack(0x02, bytes(messages.BY_CODE[0x02].size))
    assert messages.answers(messages.Hello(1, 0, 1, 0), identity)
    assert not messages.answers(messages.Hello(1, 0, 1, 9), identity)
    assert not messages.answers(messages.GetCaps(), identity)


def test_caps_only_tighten() -> None:
    assert limits.loosens(limits.WATER_TRIP, 4201, 4200)
    assert not limits.loosens(limits.WATER_TRIP, 4200, 4200)
    assert limits.loosens(limits.DWELL_OFF, 9999, 10000)
    assert not limits.loosens(limits.DWELL_OFF, 10001, 10000)
    assert limits.tighter(limits.WATER_TRIP, 4200, 3700) == 3700
    assert limits.tighter(limits.DWELL_OFF, 10000, 12000) == 12000


@given(st.integers(0, len(limits.CAPS) - 1), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1))
def test_the_tighter_of_two_loosens_neither(index: int, one: int, other: int) -> None:
    tight = limits.tighter(index, one, other)
    assert tight in (one, other)
    assert not limits.loosens(index, tight, one)
    assert not limits.loosens(index, tight, other)


def test_every_cap_has_a_source_and_its_place_on_the_wire() -> None:
    names = [row[0] for row in limits.CAPS]
    assert len(set(names)) == len(names)
    for index, (name, _, _, value, source) in enumerate(limits.CAPS):
        assert getattr(limits, name.upper()) == index
        assert limits.ABSOLUTE[index] == value
        assert source.endswith(("[S]", "[GK]", "[CALC]", "[ENG]"))


def test_the_digest_names_a_cap_table() -> None:
    other = (*limits.ABSOLUTE[:-1], limits.ABSOLUTE[-1] - 1)
    assert len(limits.digest(limits.ABSOLUTE)) == 8
    assert limits.digest(limits.ABSOLUTE) != limits.digest(other)


def test_every_fault_has_number_class_words_and_remedy() -> None:
    assert len(faults.BY_CODE) == len(faults.FAULTS)
    for code, name, kind, what, remedy in faults.FAULTS:
        assert 0 < code < 256
        assert getattr(faults, name.upper()) == code
        assert kind in (faults.TRIP, faults.INTERLOCK, faults.WARNING)
        assert what
        assert remedy
    assert faults.name(faults.PAIN) == "pain"
    assert faults.name(200) == "fault_200"


def test_only_the_same_major_version_is_compatible() -> None:
    assert version.compatible(version.MAJOR)
    assert not version.compatible(version.MAJOR + 1)
