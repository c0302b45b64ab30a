"""Sessions and readings as tables for other programs: CSV with a line a session or a reading, or JSON. Units stand in the names."""

from __future__ import annotations

import csv as csv_module
import io
import json as json_module
from collections.abc import Iterable, Sequence

from footctl.core.change import MEASURES
from footctl.run import telemetry as codec
from footctl.run.diary import MOMENTS
from footctl.run.past import Past, Whole
from footctl.screens.pasts import moment, record

COLUMNS = ("id", "at", "person", "simulated", "program", "tier", "device", "outcome", "reason", "duration_s")
MORE = ("water_max_c", "pressure_max_kpa", "dose_cem43", "lost_s")
STATES = ("idle", "active", "paused", "latched")


def csv(sessions: Iterable[Past]) -> str:
    """A line a session; scores as pain_before … sleep_after."""
    scores = [(when, measure) for when in MOMENTS for measure in MEASURES]
    out = io.StringIO()
    table = csv_module.writer(out, lineterminator="\n")
    table.writerow([*COLUMNS, *MORE, *(f"{measure}_{when}" for when, measure in scores)])
    for one in sessions:
        plain = record(one)
        table.writerow([*(_harmless(plain[name]) for name in (*COLUMNS, *MORE)), *(one.scores.get(key, "") for key in scores)])
    return out.getvalue()


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@"):
        return f"'{value}"
    return "" if value is None else int(value) if isinstance(value, bool) else value


def json(sessions: Iterable[Whole]) -> str:
    """Everything that is kept besides readings."""
    parts = [
        {
            **record(one.past),
            "phases": list(one.phases), "events": list(one.events), "pains": list(one.pains), "ratings": list(one.ratings),
            "skin": list(one.skin), "notes": [{**row, "at": moment(row["at"])} for row in one.notes], "learned": list(one.lessons),
        }
        for one in sessions
    ]  # fmt: skip
    return json_module.dumps(parts, ensure_ascii=False, indent=1) + "\n"


def telemetry(batches: Sequence[bytes], kind: str) -> str:
    """The readings of a session, a line each: CSV, or JSON lines."""
    columns = codec.unpack(batches)
    named = {
        "t_s": [value / 1000 for value in columns["t_ms"]],
        "water_c": codec.readings(columns, "water", 100),
        "water2_c": codec.readings(columns, "water2", 100),
        "setpoint_c": codec.readings(columns, "setpoint", 100),
        "heater_duty": [value / 1000 for value in columns["duty"]],
        "left_kpa": codec.readings(columns, "left", 100),
        "right_kpa": codec.readings(columns, "right", 100),
        "position_mm": list(columns["position"]),
        "zone": [codec.zone(value) for value in columns["zone"]],
        "state": [STATES[value] if value < len(STATES) else "" for value in columns["state"]],
        **{name: [value >> bit & 1 for value in columns["bits"]] for bit, name in enumerate(codec.BITS)},
        "fault": list(columns["fault"]),
        "active": list(columns["active"]),
    }
    rows = zip(*named.values(), strict=True)
    if kind == "json":
        return "".join(json_module.dumps(dict(zip(named, row, strict=True))) + "\n" for row in rows)
    out = io.StringIO()
    table = csv_module.writer(out, lineterminator="\n")
    table.writerow(named)
    table.writerows([("" if value is None else value) for value in row] for row in rows)
    return out.getvalue()
