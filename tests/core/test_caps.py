"""The gate: nothing above the strictest layer ever passes, and it says whose layer that was."""

import math
from collections.abc import Mapping
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.limits import CAPS, LEAST, loosens
from footctl.core.caps import ABSOLUTE, SCALE, Gate, Layer, natural, wire
from footctl.core.person import TIERS

NAMES = [row[0] for row in CAPS]
UPPER = [row[0] for row in CAPS if row[2] != LEAST]
LOWER = [row[0] for row in CAPS if row[2] == LEAST]
ANYTHING = st.floats() | st.integers() | st.booleans() | st.none() | st.text(max_size=3) | st.just(10**400)
TABLES = st.dictionaries(st.sampled_from(NAMES), st.integers(-5, 10_000) | st.booleans() | st.none() | st.floats(), max_size=len(NAMES))


def test_the_strictest_layer_wins_and_is_named() -> None:
    gate = Gate((Layer("tier standard", TIERS["standard"].caps, {"water_setpoint_max": "trials"}),))
    answer = gate.most("water_setpoint_max", 45.0)
    assert (answer.asked, answer.given, answer.rule, answer.source) == (45.0, 40.0, "tier standard", "trials")
    assert answer.lowered
    assert gate.most("water_setpoint_max", 38.0).given == 38.0
    assert not gate.most("water_setpoint_max", 38.0).lowered
    assert gate.least("water_setpoint_min", 20.0).given == 30.0
    assert gate.least("water_setpoint_min", 31.0).given == 31.0


def test_what_is_asked_exactly_at_the_cap_is_given_in_full() -> None:
    gate = Gate(())
    for name, asked in (("pressure_max", 60.0), ("pressure_max", 0), ("dwell", 0.5), ("water_setpoint_min", 20.0)):
        answer = (gate.least if name in LOWER else gate.most)(name, asked)
        assert answer.given == answer.asked
        assert (answer.rule, answer.source, answer.lowered) == ("", "", False)


def test_of_equally_strict_layers_the_first_is_named() -> None:
    same = {name: ABSOLUTE.caps[name] for name in NAMES}
    gate = Gate((Layer("device", same), Layer("person", same)))
    for name in NAMES:
        assert (gate.cap(name).rule, gate.cap(name).source) == ("absolute", ABSOLUTE.sources[name])
    assert ABSOLUTE.sources["pressure_max"] == next(row[4] for row in CAPS if row[0] == "pressure_max")


def test_absolute_caps_are_always_there() -> None:
    loose = Layer("device", dict.fromkeys(NAMES, 1_000_000) | dict.fromkeys(LOWER, 0))
    answer = Gate((loose,)).most("water_setpoint_max", 60.0)
    assert (answer.given, answer.rule) == (41.0, "absolute")
    assert Gate(()).layers == (ABSOLUTE,)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_cap_is_zero(name: str) -> None:
    caps = {key: value for key, value in ABSOLUTE.caps.items() if key != name}
    gate = Gate((Layer("device", caps),))
    if name in UPPER:
        assert gate.most(name, 1.0).given == 0.0
        assert gate.limits()[name] == 0
    else:
        answer = gate.least(name, 1e9)
        assert (answer.given, answer.rule) == (None, "device")
        assert name not in gate.limits()


def test_a_partial_layer_is_silent_where_it_says_nothing_but_not_where_it_says_nonsense() -> None:
    assert Gate((Layer("person", {}, complete=False),)).most("pressure_max", 99).given == 60.0
    nonsense: Mapping[str, int] = {"pressure_max": -1}
    assert Gate((Layer("person", nonsense, complete=False),)).most("pressure_max", 99).given == 0.0


@pytest.mark.parametrize("row", [Gate(()).cap("dwell"), Gate(()).most("dwell", 1), ABSOLUTE], ids=["cap", "answer", "layer"])
def test_what_the_gate_has_said_cannot_be_changed(row: object) -> None:
    assert not hasattr(row, "__dict__")
    with pytest.raises(FrozenInstanceError):
        row.rule = "mine"  # type: ignore[attr-defined]  # that is the point


def test_neither_silence_nor_a_looser_word_after_it_hides_a_strict_one() -> None:
    silent = Layer("silent", {}, complete=False)
    strict = Layer("strict", {"dwell": 1000, "water_setpoint_min": 3200}, complete=False)
    loose = Layer("loose", {"dwell": 9000, "water_setpoint_min": 3000}, complete=False)
    for layers in ((silent, strict, loose), (silent, loose, strict), (strict, silent, loose), (loose, strict, silent)):
        gate = Gate(layers)
        assert (gate.cap("dwell").value, gate.cap("dwell").rule) == (1.0, "strict")
        assert (gate.cap("water_setpoint_min").value, gate.cap("water_setpoint_min").rule) == (32.0, "strict")


def test_a_tighter_gate_is_a_new_one() -> None:
    gate = Gate(())
    assert gate.tightened(Layer("after", {"pressure_max": 15_000}, complete=False)).most("pressure_max", 50).given == 15.0
    assert gate.most("pressure_max", 50).given == 50
    one, other = Layer("one", {}, complete=False), Layer("other", {}, complete=False)
    assert Gate((one,)).tightened(other).layers == (ABSOLUTE, one, other)


def test_the_wrong_question_is_refused() -> None:
    gate = Gate(())
    assert gate.most("water_setpoint_min", 30).given is None
    assert gate.least("water_setpoint_max", 30).given is None
    assert gate.most("no_such_cap", 1).given == 0.0
    assert gate.least("no_such_cap", 1).given is None


@pytest.mark.parametrize("asked", [math.nan, math.inf, -math.inf, -0.001, -1, True, None, "38", b"38", [38], 10**400])
def test_what_is_no_number_never_passes(asked: object) -> None:
    for answer in (Gate(()).most("pressure_max", asked), Gate(()).least("water_setpoint_min", asked)):
        assert answer.given is None
        assert answer.rule == "not a number"


@given(st.lists(TABLES, max_size=4), st.sampled_from(UPPER), ANYTHING, st.booleans())
def test_nothing_above_any_layer_ever_passes(tables: list[dict[str, int]], name: str, asked: object, complete: bool) -> None:
    answer = Gate([Layer(f"layer {n}", table, complete=complete) for n, table in enumerate(tables)]).most(name, asked)
    if answer.given is None:
        return
    assert math.isfinite(answer.given)
    assert 0 <= answer.given <= natural(name, ABSOLUTE.caps[name])
    assert isinstance(asked, int | float)
    assert answer.given <= asked
    for table in tables:
        value = table.get(name)
        if type(value) is int and value >= 0:
            assert answer.given <= natural(name, value)
        elif complete or name in table:
            assert answer.given == 0


@given(st.lists(TABLES, max_size=4), st.sampled_from(LOWER), ANYTHING)
def test_nothing_below_any_layer_ever_passes(tables: list[dict[str, int]], name: str, asked: object) -> None:
    answer = Gate([Layer("layer", table) for table in tables]).least(name, asked)
    if answer.given is None:
        return
    assert isinstance(asked, int | float)
    assert answer.given >= asked
    for table in tables:
        assert answer.given >= natural(name, table[name])


@given(st.lists(TABLES, max_size=4))
def test_limits_loosen_nothing(tables: list[dict[str, int]]) -> None:
    limits = Gate([Layer("layer", table, complete=False) for table in tables]).limits()
    for index, row in enumerate(CAPS):
        if row[0] in limits:
            assert not loosens(index, limits[row[0]], row[3])


def test_the_wire_rounds_to_the_safe_side() -> None:
    assert wire("water_setpoint_max", 36.6) == 3660
    assert wire("water_setpoint_max", 36.609) == 3660
    assert wire("water_setpoint_min", 32.001) == 3201
    assert wire("water_setpoint_min", 32.00000004) == 3201
    assert wire("water_setpoint_min", 32.000000004) == 3200  # beyond what a float's sums can be trusted
    assert natural("pressure_max", 12_345) == 12.345
    assert set(SCALE) == set(NAMES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("water_setpoint_max", 41.0),
        ("water_ramp", 2.0),
        ("pressure_max", 60.0),
        ("pressure_ramp", 20.0),
        ("thermal_dose", 2.0),
        ("dwell", 15.0),
        ("force_differ_part", 0.2),
        ("soak_time", 1800.0),
        ("volume_min", 2.0),
    ],
)
def test_the_absolute_caps_in_the_units_of_the_house(name: str, value: float) -> None:
    assert Gate(()).cap(name).value == value
