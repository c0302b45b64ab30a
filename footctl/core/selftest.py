"""A run that only proves the device: the plan of no program, and which outputs to prove. What is proved is the proof's business."""

from __future__ import annotations

from collections.abc import Mapping

from footctl.core.caps import Gate, Layer
from footctl.core.events import Identified
from footctl.core.person import TIERS
from footctl.core.plan import Plan, Step

TIER = "standard"


def plan(identity: Identified, caps: Mapping[str, int]) -> Plan:
    """Nothing but the end: what comes before it is the proof."""
    tier = TIERS[TIER]
    gate = Gate((Layer("device", caps), Layer(f"tier {tier.name}", tier.caps, tier.sources)))
    return Plan(
        program="selftest",
        title=f"the self-test of {identity.serial}",
        tier=tier.name,
        steps=(Step("finish", "finish"),),
        lowered=(),
        refused=(),
        limits=gate.limits(),
        water_max_c=None,
        pressure_max_kpa=0.0,
        preheat_s=0.0,
        duration_s=0.0,
        dose_cem43=0.0,
        dose_budget_cem43=gate.cap("thermal_dose").value,
        pressure_time_part=0.0,
    )


def has_heater(identity: Identified) -> bool:
    """Is there water to heat?"""
    return bool(identity.places & {"bath", "shared"}) and identity.heater_w > 0


def has_motor(identity: Identified) -> bool:
    """Is there a roller that reaches somebody?"""
    return bool(identity.places & {"roller", "shared"}) and bool(identity.zones) and bool(identity.techniques)
