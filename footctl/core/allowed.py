"""What of a phase this person and this device allow at all: kinds, feet, zones, techniques. How much is the gate's business."""

from __future__ import annotations

from collections.abc import Mapping

from firmware_protocol.limits import ABSOLUTE, CAPS, loosens
from footctl.core.caps import Gate
from footctl.core.events import Identified
from footctl.core.person import TIERS, Person, Tier
from footctl.core.told import Told

INSTEAD = ("rolling", "kneading", "circular")  # for a technique that the device lacks; never press, which stands still [ENG]


class Allowed:
    """Answers yes or no, or what is left, and tells the differences."""

    def __init__(self, told: Told, person: Person, tier: Tier, identity: Identified, gate: Gate) -> None:
        self._told = told
        self._person = person
        self._tier = tier
        self._identity = identity
        self._gate = gate

    def device(self, caps: Mapping[str, int]) -> None:
        """Refuse a device whose own cap table is looser than the absolute one: it is broken or not ours."""
        for index, row in enumerate(CAPS):
            value = caps.get(row[0])
            if type(value) is int and loosens(index, value, ABSOLUTE[index]):
                self._told.refuse("device", f"cap {row[0]}", value, "absolute", "the device's own cap is looser than the absolute one")

    def anything(self) -> None:
        """Refuse whatever it is when the person's answers forbid it."""
        if self._person.refused:
            self._told.refuse("screening", "person", self._person.name, "person", self._person.refused)

    def soak(self, phase: str) -> bool:
        """May feet go into warm water?"""
        identity, least = self._identity, self._gate.cap("volume_min")
        if not self._tier.water:
            why = "no water in this tier: burns that are not felt, skin that does not heal"
            self._told.refuse(phase, "phase kind", "soak", f"tier {self._tier.name}", why)
        elif self._person.no_water:
            self._told.refuse(phase, "phase kind", "soak", "person", self._person.no_water)
        elif not identity.places & {"bath", "shared"} or identity.heater_w <= 0:
            self._told.refuse(phase, "phase kind", "soak", "device", "the device has no heated bath")
        elif identity.volume_l < least.value:
            self._told.refuse(phase, "volume L", identity.volume_l, least.rule, least.source)
        else:
            return True
        return False

    def press(self, phase: str) -> bool:
        """May the roller touch?"""
        own = TIERS.get(self._person.tier, TIERS["no_soak"])  # a gentle program asks a healthy person for no statement
        if own.needs_statement and not self._person.statement:
            why = "massage needs a clinician's dated statement in this tier"
            self._told.refuse(phase, "phase kind", "massage", f"tier {own.name}", why)
        elif self._person.no_massage:
            self._told.refuse(phase, "phase kind", "massage", "person", self._person.no_massage)
        elif not self.has_roller:
            self._told.refuse(phase, "phase kind", "massage", "device", "the device has no roller")
        else:
            return True
        return False

    @property
    def has_roller(self) -> bool:
        """Is there a place where a roller reaches feet?"""
        return bool(self._identity.places & {"roller", "shared"})

    def feet(self, phase: str, asked: frozenset[str]) -> frozenset[str]:
        """The feet that are left."""
        have = asked - self._person.excluded_feet
        self._told.names(phase, "feet", asked, have, "person", "feet to leave alone")
        return have

    def zones(self, phase: str, asked: frozenset[str]) -> frozenset[str]:
        """The zones that are left."""
        free = asked - self._person.excluded_zones
        self._told.names(phase, "zones", asked, free, "person", "zones to leave alone")
        reached = free & self._identity.zones
        self._told.names(phase, "zones", free, reached, "device", "the device does not reach the others")
        return reached

    def technique(self, phase: str, asked: str) -> str | None:
        """The technique, or another that the device knows, or None."""
        person = self._person
        known = self._identity.techniques - person.without
        if asked in known:
            return asked
        rule, why = "device", "the device does not know it"
        if asked in person.without:
            rule, why = "person", person.reasons.get(asked, "left out")
        instead = next((name for name in INSTEAD if name in known), None)
        if instead is None:
            self._told.refuse(phase, "technique", asked, rule, f"{why}, and no other could stand in")
        else:
            self._told.lower(phase, "technique", asked, instead, rule, why)
        return instead
