"""A person's limits, given once: they hold against a host that falls silent and against one that asks for everything."""

from __future__ import annotations

import pytest

from firmware_protocol import faults, limits, messages
from footctl.core.person import TIERS
from tests.device.rig import Rig, refused

M = messages
NUMBERS = {row[0]: number for number, row in enumerate(limits.CAPS)}


def limited(tier: str) -> tuple[Rig, dict[str, int]]:
    """A session of somebody of this tier, everything closed, feet in the water, and what they may have."""
    caps = dict(TIERS[tier].caps)
    rig = Rig().start()
    given = rig.limit({NUMBERS[name]: value for name, value in caps.items() if name in NUMBERS})
    assert given == M.Ack(M.code_of(M.SetLimits(b"")))
    return rig, caps


def warmed(tier: str) -> tuple[Rig, dict[str, int]]:
    rig, caps = limited(tier)
    rig.do(M.SetBath(caps["water_setpoint_max"], caps["water_ramp"], 0))
    rig.put(presence=M.BATH_LEFT | M.BATH_RIGHT)
    rig.water(caps["water_setpoint_max"] - 20)
    rig.pass_ms(1000)
    return rig, caps


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_a_host_that_falls_silent(tier: str) -> None:
    rig, caps = warmed(tier)
    rig.beats = False
    last = rig.device._valid_ms
    for lease, on in (("release_lease", "motor_enable"), ("heat_lease", "heater_enable")):
        while rig.now < last + caps[lease] - 50:
            rig.tick()
        assert getattr(rig.out, on)
        rig.pass_ms(100)
        assert not getattr(rig.out, on)
    while rig.now < last + caps["abort_lease"]:
        rig.tick()
    assert rig.device.cause == faults.LINK_LOST
    assert rig.off


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_a_host_that_asks_for_everything(tier: str) -> None:
    rig, caps = limited(tier)
    rig.put(presence=M.ROLLER_LEFT | M.ROLLER_RIGHT)
    rig.pass_ms(100)
    for row in limits.CAPS:
        loose = row[3]
        if row[0] in caps and limits.loosens(NUMBERS[row[0]], loose, caps[row[0]]):
            assert refused(rig.limit({NUMBERS[row[0]]: loose})) == (M.LOOSENS, NUMBERS[row[0]])
    most_c, most_pa = caps["water_setpoint_max"], caps["pressure_max"]
    assert refused(rig.host.ask(M.SetBath(most_c + 1, 1, 0))) == (M.OUT_OF_RANGE, most_c)
    assert refused(rig.host.ask(M.SetBath(most_c, caps["water_ramp"] + 1, 0))) == (M.OUT_OF_RANGE, caps["water_ramp"])
    assert refused(rig.host.ask(M.SetMassage(3, 4, 1, most_pa + 1, 1000, 500))) == (M.OUT_OF_RANGE, most_pa)
    assert refused(rig.host.ask(M.SetMassage(3, 4, 1, most_pa, caps["pressure_ramp"] + 1, 500))) == (M.OUT_OF_RANGE, caps["pressure_ramp"])


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_water_over_the_trip_of_the_tier(tier: str) -> None:
    rig, caps = warmed(tier)
    rig.water(caps["water_trip"] + 20)
    rig.pass_ms(2100)
    assert rig.device.cause == faults.OVER_TEMPERATURE


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_nobody_asks_the_person(tier: str) -> None:
    rig, caps = warmed(tier)
    rig.water(caps["water_setpoint_max"] - 5)  # little duty: the static water of a rig is no dead heater
    rig.pass_ms(caps["check_in"] * 1000 - 3000)
    assert rig.device.cause == 0
    rig.pass_ms(4000 + caps["check_answer"] * 1000)
    assert rig.device.cause == faults.CHECK_MISSED
    assert rig.off


@pytest.mark.parametrize("tier", ["standard", "sensitive"])
def test_a_host_that_answers_for_the_person_gets_no_longer_soak(tier: str) -> None:
    rig, caps = warmed(tier)
    rig.water(min(caps["water_setpoint_max"], 3700) + 10)  # little duty: the static water of a rig is a frozen sensor
    rig.do(M.SetBath(min(caps["water_setpoint_max"], 3700), caps["water_ramp"], 0))
    soaked = 0
    for _ in range(caps["soak_time"] // 10 + 6):
        rig.do(M.Checked())
        rig.pass_ms(10_000)
        soaked += 10 if rig.device.thermostat.target_cdeg else 0
    assert soaked <= caps["soak_time"]
    assert refused(rig.host.ask(M.SetBath(3500, 1, 0))) == (M.NOT_PERMITTED, M.TIME_SPENT)
