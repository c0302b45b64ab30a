"""The tiers as data: complete, in order of strictness, never looser than the absolute caps, and sound among themselves."""

import pytest

from firmware_protocol.limits import CAPS, LEAST, loosens
from footctl.core.caps import natural
from footctl.core.dose import SENSOR_MARGIN_C, cem43
from footctl.core.person import STRICTEST_FIRST, TIERS, Person, default_person, stricter


@pytest.mark.parametrize("name", STRICTEST_FIRST)
def test_a_tier_has_every_cap_with_a_source_and_loosens_none(name: str) -> None:
    tier = TIERS[name]
    assert set(tier.caps) == {row[0] for row in CAPS}
    for index, row in enumerate(CAPS):
        assert tier.sources[row[0]]
        assert not loosens(index, tier.caps[row[0]], row[3])


@pytest.mark.parametrize(("strict", "loose"), [("no_soak", "sensitive"), ("sensitive", "standard")])
def test_a_stricter_tier_is_stricter_in_every_cap(strict: str, loose: str) -> None:
    for index, row in enumerate(CAPS):
        if row[2] != LEAST:
            assert not loosens(index, TIERS[strict].caps[row[0]], TIERS[loose].caps[row[0]])
    for cap in ("soak_day_s", "massage_day_s", "dose_day", "pain_rise", "bladder_kpa", "pressure_default_kpa"):
        assert getattr(TIERS[strict], cap) <= getattr(TIERS[loose], cap)


@pytest.mark.parametrize(("name", "dose"), [("standard", 0.625), ("sensitive", 0.00122)])
def test_the_warmest_and_longest_soak_of_a_tier_stays_within_its_dose(name: str, dose: float) -> None:
    caps = TIERS[name].caps
    warmest = natural("water_setpoint_max", caps["water_setpoint_max"]) + SENSOR_MARGIN_C
    worst = cem43([(caps["soak_time"], warmest)])
    assert worst == pytest.approx(dose, rel=0.01)
    assert worst < natural("thermal_dose", caps["thermal_dose"])


@pytest.mark.parametrize("name", STRICTEST_FIRST)
def test_trips_stand_above_setpoints_and_leases_in_order(name: str) -> None:
    caps = TIERS[name].caps
    assert caps["water_setpoint_max"] + caps["heat_cut_above"] < caps["water_trip"] < caps["water_trip_now"]
    assert caps["water_setpoint_max"] <= caps["feet_in_max"] < caps["water_trip"]
    assert caps["pressure_max"] < caps["pressure_trip"]
    assert caps["release_lease"] < caps["heat_lease"] < caps["abort_lease"]
    for cap, value in TIERS[name].after_soak.items():
        assert value < caps[cap]


def test_the_tables_of_the_safety_page() -> None:
    standard, sensitive, no_soak = (TIERS[name].caps for name in ("standard", "sensitive", "no_soak"))
    assert [standard[cap] for cap in ("water_setpoint_max", "water_trip", "soak_time", "thermal_dose", "pressure_max")] == [
        4000,
        4150,
        1200,
        1000,
        50_000,
    ]
    assert [sensitive[cap] for cap in ("water_setpoint_max", "water_trip", "soak_time", "thermal_dose", "pressure_max")] == [
        3600,
        3700,
        600,
        50,
        20_000,
    ]
    assert [no_soak[cap] for cap in ("water_setpoint_max", "soak_time", "pressure_max", "massage_foot", "dwell")] == [0, 0, 8000, 300, 3000]
    assert TIERS["sensitive"].after_soak == {"pressure_max": 15_000, "pressure_trip": 18_000}
    assert not TIERS["no_soak"].water


def test_stricter_of_two_tiers_and_of_nonsense() -> None:
    assert stricter("standard", "sensitive") == "sensitive"
    assert stricter("no_soak", "standard") == "no_soak"
    assert stricter("standard", "gold") == "gold"


def test_who_sits_there_when_nobody_says() -> None:
    assert default_person(simulated=True).tier == "standard"
    assert default_person(simulated=False).tier == "sensitive"
    assert not default_person(simulated=False).screened
    assert hash(Person("a", limits={"soak_time": 300})) == hash(Person("a"))
