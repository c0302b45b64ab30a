"""A plan without a machine: what it would heat and press becomes what a person pours, times and does with the hands.

The same gate as for a machine: tier, person and absolute caps lower or refuse it. Words and times; nothing here can switch anything on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from firmware_protocol import limits, messages, version
from footctl.core import texts
from footctl.core.events import Earlier, Identified
from footctl.core.person import Person
from footctl.core.plan import Plan, Step
from footctl.core.planner import make_plan
from footctl.core.profile import Profile
from footctl.core.told import listed

BOWL_L = 5.0  # what a washing-up bowl holds with two feet in it [ENG]
KETTLE_W = 2000  # nobody heats this bowl: hot water is poured in, from a kettle [ENG]
TOUCH_KPA, LIGHT_KPA = 8.0, 20.0  # the most of the tiers no_soak and sensitive

# What a person plans for who has a bowl, two hands and a ball.
HANDS = Identified(
    version.MAJOR, version.MINOR, "by hand", "no device", "", 0, 0, 0, frozenset(), frozenset(("bath", "roller")),
    frozenset(messages.ZONES), frozenset(("kneading", "rolling", "circular", "press")), BOWL_L, KETTLE_W, b"", "idle", 0, True,
)  # fmt: skip

FILL = "Fill a bowl with {litres:g} litres of water of {water:g} °C: cold first, then warm. Measure it with a thermometer, not with a foot."
SOAK = "Soak both feet. Take them out at once when it is too warm, prickles or burns."
SIT = "Sit so that you can reach {feet} with your hands. A ball under the foot will do, too."
NUMB = "Let somebody feel it who feels well, when your hands are numb, too."
DEEDS: Mapping[str, str] = {
    "kneading": "Knead the {zones} of {feet} with your thumbs, slowly, {how}.",
    "rolling": "Roll a ball or a bottle under the {zones} of {feet}, slowly to and fro, {how}.",
    "circular": "Draw small circles on the {zones} of {feet} with your thumbs, {how}.",
    "press": "Press the {zones} of {feet} with a finger for three seconds, let go for ten, {how}.",
}


def by_hand(profile: Profile, person: Person, earlier: Earlier | None = None, start_phase: int | None = None) -> Plan:
    """The plan of `profile` for `person`, who does everything."""
    caps = {row[0]: row[3] for row in limits.CAPS}
    plan = make_plan(profile, person, HANDS, caps, earlier, start_phase)
    return replace(
        plan,
        steps=tuple(_told(step, plan.tier) for step in _salt_into_water(plan.steps)),
        lowered=tuple(one for one in plan.lowered if one.rule != "device" and not one.what.startswith("ramp")),
        notes=tuple(note for note in plan.notes if not note.startswith(_FILLED)),
        preheat_s=0.0,
        pressure_max_kpa=0.0,
        pressure_time_part=0.0,
    )


_FILLED = texts.FILL.partition("{")[0]


def _salt_into_water(steps: tuple[Step, ...]) -> list[Step]:
    """The bowl is filled first: a basin that heats is full when the program begins."""
    told = list(steps)
    for index, step in enumerate(told[1:], 1):
        if step.kind == "preheat" and told[index - 1].name == "salt":
            told[index - 1], told[index] = step, told[index - 1]
    return told


def _told(step: Step, tier: str) -> Step:
    """The step as words and time. Its kind stays; nothing in it heats or presses any more."""
    plain = replace(step, water_c=None, technique=None, pressure_from_kpa=0.0, pressure_to_kpa=0.0, most_kpa=0.0, soft_s=0.0, soft_kpa=0.0)
    if step.kind == "preheat":
        words = [FILL.format(litres=BOWL_L, water=step.water_c)] + ([] if tier == "standard" else [NUMB])
        return replace(plain, name="fill the bowl", text=" ".join(words), confirm=True)
    if step.kind == "soak":
        return replace(plain, text=SOAK)
    if step.kind == "feet_in" and step.water_c is None:
        return replace(plain, name="sit down", text=SIT.format(feet=texts.feet(step.feet)))
    if step.technique is not None:
        return replace(plain, text=_deed(step))
    if step.kind == "finish":
        return replace(plain, confirm=True)
    return plain


def _deed(step: Step) -> str:
    most = max(step.pressure_from_kpa, step.pressure_to_kpa)
    how = "hardly more than a touch" if most <= TOUCH_KPA else "lightly" if most <= LIGHT_KPA else "as firmly as it feels good"
    if step.pressure_to_kpa > step.pressure_from_kpa and most > TOUCH_KPA:
        how = f"very lightly at first, then {how}"
    whose = "both feet, one after the other" if len(step.feet) == 2 else texts.feet(step.feet)
    return DEEDS[step.technique or ""].format(zones=listed(step.zones, " and "), feet=whose, how=how)
