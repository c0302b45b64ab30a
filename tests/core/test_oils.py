"""Oil and salt: whole drops, never stronger than the most; grams for the basin; nothing of it where skin feels little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footctl.core import texts
from footctl.core.oils import CARRIER_ML, DROPS_PER_ML, OILS, mixture
from footctl.core.person import Person
from footctl.core.plan import Plan
from footctl.core.planner import make_plan
from footctl.core.profile import parse_program
from footctl.core.quantities import VOLUME, QuantityError, read
from tests.core.desk import CAPS, SOAK, identity


@pytest.mark.parametrize(
    ("carrier", "least", "most"),
    [("30 ml", 6, 10), ("1 tbsp", 3, 5), ("1 tsp", 1, 1), ("0.5 L", 100, 166), ("2 tbsp", 6, 10), ("5ml", 1, 1)],
)
def test_drops(carrier: str, least: int, most: int) -> None:
    mixed = mixture("lavender", read(VOLUME, carrier))
    assert (mixed.least, mixed.most) == (least, most)


@given(st.floats(*CARRIER_ML), st.sampled_from(sorted(OILS)), st.booleans(), st.booleans())
def test_never_stronger_than_the_most(carrier_ml: float, oil: str, sensitive: bool, nuts: bool) -> None:
    mixed = mixture(oil, carrier_ml, sensitive, nuts)
    assert 1 <= mixed.least <= mixed.most <= carrier_ml * DROPS_PER_ML[1] + 1e-6
    assert mixed.warnings[0].startswith("Never undiluted on skin")
    assert any("hide heat and pain" in text for text in mixed.warnings) == (oil != "lavender")
    assert any("nut" in text for text in mixed.warnings) == nuts
    assert any("sensitive" in text for text in mixed.warnings) == sensitive


def test_in_words() -> None:
    assert mixture("lavender", 30.0).sentence == "lavender: 6-10 drops in 30 ml of carrier oil, like jojoba or sunflower (relaxes)"
    assert mixture("lavender", 5.0).sentence.startswith("lavender: 1 drop in 5 ml")
    assert "lavender, 6-10 drops in 30 ml" in texts.oil("lavender")


@pytest.mark.parametrize("text", ["30", "ml", "-3 ml", "0 ml", "3 cups"])
def test_an_amount_has_a_unit(text: str) -> None:
    with pytest.raises(QuantityError):
        read(VOLUME, text)


def salted(tier: str, litres: float = 6.0) -> Plan:
    program = parse_program('name = "Salt"\ntier = "standard"\nsalt = true\n' + SOAK + SOAK, "test.toml")
    return make_plan(program, Person("p", tier, screened=True), identity(volume_l=litres), CAPS)


def test_salt_is_asked_for_once_with_the_grams_for_this_basin() -> None:
    steps = salted("standard").steps
    assert [step.kind for step in steps][:3] == ["prompt", "preheat", "feet_in"]
    assert "about 180 g into the 6 L" in (steps[0].text or "")
    assert steps[0].confirm
    assert len([step for step in steps if step.name == "salt"]) == 1


def test_no_salt_where_skin_feels_little() -> None:
    plan = salted("sensitive")
    assert not [step for step in plan.steps if step.name == "salt"]
    assert ("salt", "on", "off") in [(one.what, one.asked, one.given) for one in plan.lowered]
