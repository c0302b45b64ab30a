"""How a run ended, as the one JSON object and the exit code that other programs rely on. Knows the names, not the screen."""

from __future__ import annotations

from typing import Any

from firmware_protocol import faults
from footctl.core.view import View
from footctl.errors import FootctlError

EXIT_CODES = {"completed": 0, "link_lost": 4, "refused": 5, "stopped": 6, "pain": 6, "tripped": 7}


def result(view: View, session_id: str, program: str | None = None) -> dict[str, Any]:
    """The object for a session that has an outcome, or was left before it had one."""
    outcome = view.outcome
    plan = view.plan
    return {
        "outcome": outcome.kind if outcome else "stopped",
        "reason": outcome.reason if outcome else "left before the device confirmed",
        "program": plan.program if plan else program,
        "tier": plan.tier if plan else None,
        "simulated": bool(view.identity and view.identity.simulator),
        "phases": [
            {
                "name": phase.name,
                "kind": phase.kind,
                "started_s": round(phase.started_s, 3),
                "ended_s": None if phase.ended_s is None else round(phase.ended_s, 3),
                "outcome": phase.outcome,
            }
            for phase in view.phases
        ],
        "duration_s": round(view.elapsed_s, 3),
        "water_max_c": None if view.water_max_c is None else round(view.water_max_c, 2),
        "pressure_max_kpa": round(view.pressure_max_kpa, 2),
        "dose_cem43": round(view.dose_cem43, 6),
        "trips": [faults.name(outcome.fault)] if outcome and outcome.fault and outcome.kind == "tripped" else [],
        "warnings": list(view.warnings),
        "session_id": session_id,
    }


def failure(error: FootctlError, session_id: str, program: str | None = None, simulated: bool = False) -> dict[str, Any]:
    """The object for a run that never began: a wrong program, no link, a refusal."""
    return {
        "outcome": "link_lost" if error.exit_code == 4 else "refused",  # links and protocols
        "reason": str(error),
        "program": program,
        "tier": None,
        "simulated": simulated,
        "phases": [],
        "duration_s": 0.0,
        "water_max_c": None,
        "pressure_max_kpa": 0.0,
        "dose_cem43": 0.0,
        "trips": [],
        "warnings": [],
        "session_id": session_id,
    }
