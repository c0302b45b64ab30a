"""Views built by hand, for what only looks at them."""

from __future__ import annotations

from typing import Any

from footctl.core.events import Identified, Sample
from footctl.core.plan import Plan, Step
from footctl.core.view import View

NOBODY: frozenset[str] = frozenset()
BOTH = frozenset(("left", "right"))


def a_sample(**other: Any) -> Sample:
    fields: dict[str, Any] = {
        "uptime_ms": 61_000, "water_c": 37.5, "water2_c": 37.9, "setpoint_c": 38.0, "heater_duty": 0.5, "heater_enable": True,
        "motor_enable": False, "pump": True, "level_ok": True, "armed": True, "check_due": False, "state": "active", "lamp": "feet_in",
        "in_bath": BOTH, "on_roller": NOBODY, "zone": None, "left_kpa": 0.1, "right_kpa": 0.2, "position_mm": 0, "fault": 0, "active": 0,
        "sample": 1, "dropped": 0,
    }  # fmt: skip
    return Sample(**{**fields, **other})


def an_identity(**other: Any) -> Identified:
    fields: dict[str, Any] = {
        "major": 1, "minor": 0, "serial": "SIM-0001", "model": "footbath-5l", "firmware": "0.1.0", "boot_id": 7, "uptime_ms": 100,
        "simulator": 1, "features": NOBODY, "places": frozenset(("bath", "roller")), "zones": frozenset(("arch", "heel")),
        "techniques": NOBODY, "volume_l": 5.0, "heater_w": 500, "caps_hash": b"", "state": "idle", "fault": 0, "controller": True,
    }  # fmt: skip
    return Identified(**{**fields, **other})


def a_plan(**other: Any) -> Plan:
    fields: dict[str, Any] = {
        "program": "evening", "title": "Evening", "tier": "standard", "lowered": (), "refused": (), "limits": {}, "water_max_c": 38.0,
        "steps": (
            Step("soak", "soak", 720.0, water_c=38.0),
            Step("massage", "arch", 240.0, technique="kneading", pressure_from_kpa=15.0, pressure_to_kpa=30.0),
            Step("prompt", "oil", text="Warm the oil.", confirm=True),
        ),
        "pressure_max_kpa": 30.0, "preheat_s": 240.0, "duration_s": 960.0, "dose_cem43": 0.02, "dose_budget_cem43": 1.0,
        "pressure_time_part": 0.3,
    }  # fmt: skip
    return Plan(**{**fields, **other})


def a_view(**other: Any) -> View:
    fields: dict[str, Any] = {
        "now": 100.0, "state": "soak", "identity": an_identity(), "plan": a_plan(), "step": 0, "phase_left_s": 95.0, "holding": "",
        "question": None, "sample": a_sample(), "sample_age_s": 0.1, "phases": (), "elapsed_s": 60.0, "water_max_c": 38.04,
        "pressure_max_kpa": 0.2, "dose_cem43": 0.0123, "warnings": (), "outcome": None,
    }  # fmt: skip
    return View(**{**fields, **other})
