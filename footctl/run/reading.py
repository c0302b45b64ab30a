"""One sample as the JSON object that `footctl watch --json` prints and the control socket sends. What is not good is null, never 0."""

from __future__ import annotations

from typing import Any

from firmware_protocol import faults
from footctl.core.view import View

STALE_S = 1.0  # telemetry comes five times a second; after this the readings say nothing about now


def reading(view: View) -> dict[str, Any] | None:
    """The object for the newest sample of `view`; None before the first."""
    sample = view.sample
    if sample is None:
        return None
    fresh = view.sample_age_s is not None and view.sample_age_s <= STALE_S
    zone = sample.zone or "none"
    pressures = {f"left.{zone}": sample.left_kpa, f"right.{zone}": sample.right_kpa}
    return {
        "t_s": round(sample.uptime_ms / 1000, 3),
        "state": sample.state,
        "water_c": sample.water_c if fresh else None,
        "water2_c": sample.water2_c if fresh else None,
        "water_setpoint_c": sample.setpoint_c,
        "heater_duty": sample.heater_duty if fresh else None,
        "heater_enable": sample.heater_enable if fresh else None,
        "motor_enable": sample.motor_enable if fresh else None,
        "pressure_kpa": {where: value if fresh else None for where, value in pressures.items()} if sample.zone else {},
        "pressure_max_kpa": sample.pressure_kpa if fresh else None,
        "pressure_setpoint_kpa": None,  # not in telemetry
        "level": sample.level_ok if fresh else None,
        "presence": {"bath": sorted(sample.in_bath), "roller": sorted(sample.on_roller)} if fresh else None,
        "faults": [faults.name(code) for code in (sample.fault, sample.active) if code],
        "first_cause": faults.name(sample.fault) if sample.fault else None,
    }
