"""One gate: whatever comes in, by program, person, key, flag or wire, no value beyond the strictest limit goes out on the wire.

The bytes are read with the device's end of the exchange. What the device would refuse does not count: it must not even be said.
"""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_protocol import limits, messages
from footctl.cli.set import program_text
from footctl.core import events as e
from footctl.core.host import Host
from footctl.core.person import STRICTEST_FIRST, TIERS, Person
from footctl.core.profile import parse_program
from footctl.errors import FootctlError
from tests.core.test_host import Far

NUMBERS = {row[0]: number for number, row in enumerate(limits.CAPS)}
ANY = st.floats() | st.integers(-10, 5000).map(float)
SANE_WATER, ODD_WATER = ["34 C", "36 C", "38 C", "40 C", "104 F"], ["20 C", "40.001 C", "41 C", "104 C", "1e9 C", "NaN", "-1 C", "36"]
WATER = st.sampled_from(SANE_WATER * 6 + ODD_WATER)
SANE_PRESSURE = ["5 kPa", "8 kPa", "20 kPa", "49.9999 kPa", "60 mmHg"]
ODD_PRESSURE = ["0 kPa", "60 kPa", "400 mmHg", "1e6 kPa", "inf", "-3 kPa"]
PRESSURE = st.sampled_from(SANE_PRESSURE * 6 + ODD_PRESSURE)
TIME = st.sampled_from(["2 min", "5 min", "10 min"] * 6 + ["10 s", "20 min", "9 h", "-5 min", "1e300 s"])


class Wild(Far):
    """A far end whose telemetry says whatever it is told to, and otherwise what a healthy device with a willing person would."""

    def __init__(self, host: Host, caps: dict[str, int]) -> None:
        super().__init__(host)
        self.caps = [caps[row[0]] for row in limits.CAPS]
        self.forced: dict[str, int] = {}
        self.water = 3400
        self.asked = 0
        self.lamp = 0
        self.pressed = 0
        self.refuses = False

    def telemetry(self, uptime_ms: int) -> Any:
        told = super().telemetry(uptime_ms)
        if self.asked:
            self.water = self.asked
        feet = 3 if self.enables & messages.HEATER_ENABLE else 12
        healthy = {
            "water1_cdeg": self.water, "water2_cdeg": self.water, "setpoint_cdeg": self.asked,
            "left_dapa": self.pressed // 10, "right_dapa": self.pressed // 10,
            "presence_lamp": feet * (self.asked > 0 or self.lamp not in (0, 1, 3)) | self.lamp << 4,
            "position_mm": uptime_ms // 200 % 20 * 11,
        }  # fmt: skip
        return told._replace(**{**healthy, **self.forced})

    def answer(self, kind: int, seq: int, message: Any) -> None:
        code = messages.code_of(message)
        over = isinstance(message, messages.SetBath) and message.water_cdeg > self.caps[limits.WATER_SETPOINT_MAX]
        if kind == messages.REQUEST and over:
            self.exchange.answer(seq, messages.Nak(code, messages.OUT_OF_RANGE, self.caps[limits.WATER_SETPOINT_MAX]))
            return
        if kind == messages.REQUEST and self.refuses and code != messages.code_of(messages.Stop(60)):
            self.exchange.answer(seq, messages.Nak(code, messages.NOT_PERMITTED, 2))
            return
        if isinstance(message, messages.SetBath):
            self.asked = message.water_cdeg
        elif isinstance(message, messages.SetMassage) and message.pressure_pa <= self.caps[limits.PRESSURE_MAX]:
            self.pressed = message.pressure_pa
        elif isinstance(message, messages.Start | messages.Pause | messages.Finish | messages.Stop | messages.Release):
            self.pressed = 0
            self.asked = self.asked if isinstance(message, messages.Release | messages.Pause) else 0
        elif isinstance(message, messages.SetLamp):
            self.lamp = message.lamp
        super().answer(kind, seq, message)


OPERATOR = st.one_of(
    st.sampled_from([e.Begin(), e.Yes(), e.Firmer(), e.Firmer(), e.Softer(), e.SkipAsked(), e.PauseAsked(), e.ResumeAsked()]),
    st.builds(e.ExtendAsked, ANY),
    st.builds(e.Earlier, ANY, ANY, ANY),
    st.builds(e.PainScored, st.integers(-1, 3)),
)
TELEMETRY = st.fixed_dictionaries(
    {},
    optional={
        "water1_cdeg": st.integers(-32768, 32767), "setpoint_cdeg": st.integers(-100, 32767), "quality": st.integers(0, 255),
        "presence_lamp": st.integers(0, 255), "left_dapa": st.integers(0, 65535), "active": st.integers(0, 255),
        "flags": st.integers(0, 255),
    },
)  # fmt: skip
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("acts"), OPERATOR),
        st.tuples(st.just("firmer"), st.integers(1, 12)),
        st.tuples(st.just("tells"), TELEMETRY),
        st.tuples(st.just("waits"), st.integers(1, 400)),
        st.tuples(st.just("refuses"), st.booleans()),
        st.tuples(st.just("sends"), st.binary(max_size=30)),
    ),
    max_size=12,
)


TIER = st.sampled_from(["standard", "standard", "standard", *STRICTEST_FIRST])
HELPS = st.sampled_from([True, True, False])


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Programs as a file or the flags of `footctl set` would have them, sane or not."""

    what = draw(st.sampled_from(["water", "pressure", "both"]))

    class Flags:
        water = draw(WATER) if what != "pressure" else None
        pressure = draw(PRESSURE) if what != "water" else None
        zone = ["heel", "arch"] if pressure is not None and draw(st.booleans()) else None
        technique = draw(st.sampled_from(["kneading", "rolling", "press"]))
        stroke = draw(st.sampled_from([1, 40, 100] * 6 + [900]))
        time = draw(TIME)

    text = program_text(Flags())  # type: ignore[arg-type]  # whatever has the flags' names
    tier = draw(TIER)
    return text.replace('tier = "standard"', f'tier = "{tier}"')


@st.composite
def caps(draw: st.DrawFn) -> dict[str, int]:
    """A device's own table: the absolute one, here and there tighter."""
    table = {row[0]: row[3] for row in limits.CAPS}
    for name in draw(st.lists(st.sampled_from(["water_setpoint_max", "pressure_max", "pressure_ramp", "water_ramp", "dwell"]), max_size=2)):
        table[name] = draw(st.integers(0, table[name]))
    return table


def check(far: Wild, person: Person, program_tier: str, device: dict[str, int], begun: bool) -> None:
    """Every message that was said, against the strictest of all layers."""
    tiers = [TIERS[person.tier].caps, TIERS[program_tier].caps]
    most = {
        name: min(device[name], limits.ABSOLUTE[number], *(tier[name] for tier in tiers))
        for name, number in NUMBERS.items()
        if limits.CAPS[number][2] == limits.MOST
    }
    for message in far.heard:
        match message:
            case messages.SetBath(water_cdeg=water, ramp_cdeg_min=ramp):
                probe = ramp == 1 and water == most["water_setpoint_max"] + 1  # what the proof before heat wants refused
                assert probe or water <= most["water_setpoint_max"]
                assert probe or ramp <= most["water_ramp"]
            case messages.SetMassage(pressure_pa=pressure, ramp_pa_s=ramp):
                probe = ramp == 1 and pressure == most["pressure_max"] + 1
                assert probe or pressure <= most["pressure_max"]
                assert probe or ramp <= max(1, most["pressure_ramp"])
            case messages.SetLimits(limits=raw):
                for number, value in struct.iter_unpack("<Bi", raw):
                    row = limits.CAPS[number]
                    assert not limits.loosens(number, value, device[row[0]])
                    assert row[2] != limits.MOST or value <= most[row[0]]
            case messages.Start():
                assert begun, "nobody said begin"


@given(text=programs(), device=caps(), tier=TIER, deeds=DEEDS, helps=HELPS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_beyond_the_gate_goes_out_whatever_comes_in(
    text: str, device: dict[str, int], tier: str, deeds: list[tuple[str, Any]], helps: bool
) -> None:
    try:
        profile = parse_program(text, "any.toml")
    except FootctlError:
        return
    person = Person("somebody", tier, statement="2026-01-01")
    far = Wild(Host(nonce=5, profile=profile, person=person), device)
    begun = False

    def turn(*operator: e.Event, data: bytes = b"") -> None:
        nonlocal begun
        question = far.host.question
        if helps and not operator and question is not None and question.ready:
            operator = (e.Begin(),) if question.kind == "start" else (e.Yes(),)
        begun = begun or any(isinstance(event, e.Begin) for event in operator)
        far.turn(0.2, *operator, data=data)

    for _ in range(200 if helps else 5):
        turn()
    for what, how in deeds:
        if what == "tells":
            far.forced = how
        elif what == "refuses":
            far.refuses = how
        elif what == "waits":
            for _ in range(how):
                turn()
        elif what == "acts":
            turn(how)
        elif what == "firmer":
            for _ in range(how):
                turn(e.Firmer())
        else:
            turn(data=how)
        if far.host.done:
            break
    check(far, person, profile.tier, device, begun)


def test_the_way_of_the_property_reaches_heat_and_pressure() -> None:
    """A property over sessions that never start would be worth nothing."""
    text = (
        'name = "Both"\nsummary = "x"\ntier = "standard"\n[[phase]]\nkind = "soak"\nwater = "38 C"\nfor = "1 min"\n'
        '[[phase]]\nkind = "massage"\ntechnique = "kneading"\nzones = ["arch"]\npressure = "20 kPa"\nspeed = 40\nfor = "1 min"\n'
    )
    device = {row[0]: row[3] for row in limits.CAPS}
    far = Wild(Host(nonce=5, profile=parse_program(text, "any.toml"), person=Person("somebody", "standard")), device)
    for _ in range(1500):
        question = far.host.question
        answers = () if question is None or not question.ready else (e.Begin() if question.kind == "start" else e.Yes(), e.Firmer())
        far.turn(0.2, *answers)
        if far.host.done:
            break
    assert any(message.water_cdeg == 3800 for message in far.said(messages.SetBath)), far.host.outcome
    assert any(message.pressure_pa >= 20_000 and message.ramp_pa_s > 1 for message in far.said(messages.SetMassage)), far.host.outcome
    check(far, Person("somebody", "standard"), "standard", device, begun=True)
