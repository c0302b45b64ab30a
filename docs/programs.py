"""The reference page of program files, made from the models that judge them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firmware_protocol.messages import ZONES
from footctl.core import quantities
from footctl.core.profile import MAX_BYTES, MAX_PHASES, PHASES
from footctl.core.schema import program_schema

ABOUT = {  # what no type can say
    "name": "what it is called",
    "summary": "one sentence for lists",
    "tier": "the loosest tier that it may be run in; people in a stricter one get their own caps, or a refusal",
    "oil": "offered after the last soak, with the drops for the carrier",
    "salt": "Epsom salt in the soak, with the amount for the basin; left out where skin feels little",
    "scene": "light or music by name; your settings say what it means. At the top from the start, in a phase from that phase on",
    "author": "who made it",
    "license": "under what licence it may be shared",
    "version": "of this program; yours to count",
    "for_whom": "whom it is for",
    "not_for": "whom it is not for",
    "based_on": "on what ground",
    "phase": f"one to {MAX_PHASES} tables `[[phase]]`, done in this order",
    "kind": "what is done",
    "water": "the setpoint; the clock runs only while the water is within half a degree of it and the feet are in",
    "for": "how long",
    "ramp": "how fast it may rise while feet are in or under the roller",
    "bubbles": "where the device has them",
    "text": "what the person reads, and hears with `--speak`",
    "confirm": "wait for a yes; otherwise `for` says how long it stays",
    "technique": "how the roller moves",
    "zones": f"where: {', '.join(ZONES)}",
    "pressure": "contact pressure under the roller: one value, or from one to another over the phase",
    "speed": "of the roller, in percent of the fastest stroke",
    "feet": "which feet",
}


def page() -> str:
    """The whole page behind its heading."""
    schema = program_schema()
    lines = [
        f"A program is one TOML file of at most {MAX_BYTES // 1024} KB, UTF-8. It is data: nothing in one is ever executed.",
        "`footctl programs check FILE` tells every mistake with its line; the [JSON Schema](program.schema.json) lets editors complete it.",
        "Values pass through the [limits](limits.md) of the program's own tier when it is read, and through the person's and the device's",
        "when it is planned: `footctl plan` shows each difference.",
        "",
        "## At the top",
        "",
        *_table(schema, schema["$defs"]),
    ]
    for kind, model in PHASES.items():
        about = (model.__doc__ or "").split("\n\n")[0].replace("\n    ", " ")
        lines += ["", f"## {kind}", "", about, "", *_table(schema["$defs"][model.__name__], schema["$defs"])]
    lines += ["", "## Quantities", ""]
    lines += ["Text in quotes: digits, perhaps a point, perhaps one space, a unit. No exponent; a bare number is refused.", ""]
    lines += ["| | units | example |", "|---|---|---|"]
    kinds = (quantities.WATER, quantities.PRESSURE, quantities.DURATION, quantities.WATER_RAMP, quantities.PRESSURE_RAMP)
    lines += [f"| {kind.name.removeprefix('a ')} | {', '.join(kind.units)} | `\"{kind.example}\"` |" for kind in kinds]
    return "\n".join(lines) + "\n"


def _table(model: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    rows = ["| key | value | | |", "|---|---|---|---|"]
    for key, field in model["properties"].items():
        needed = "required" if key in model.get("required", ()) else _default(field)
        rows.append(f"| `{key}` | {_value(field, others)} | {needed} | {ABOUT[key]} |")
    return rows


def _default(field: Mapping[str, Any]) -> str:
    if "default" not in field or field["default"] is None:
        return ""
    value = field["default"]
    if isinstance(value, list):
        return f"default: {', '.join(sorted(value))}"
    return f"default: {str(value).lower() if isinstance(value, bool) else value}"


def _value(field: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    """What may stand there, in words."""
    if "anyOf" in field:
        some = [_value(one, others) for one in field["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(some))
    if "const" in field:
        return f'`"{field["const"]}"`'
    if "enum" in field:
        return ", ".join(f'`"{one}"`' for one in field["enum"])
    if "examples" in field:
        return f'a quantity, `"{field["examples"][0]}"`'
    if field.get("type") == "array" and "enum" not in field["items"]:
        return "tables"
    if field.get("type") == "array":
        return "a list of " + ", ".join(f'`"{one}"`' for one in field["items"]["enum"])
    if field.get("type") == "object":
        return '`{ from = "…", to = "…" }`'
    if field.get("type") == "integer":
        return f"a whole number, {field['minimum']} to {field['maximum']}"
    if field.get("type") == "boolean":
        return "`true` or `false`"
    if "pattern" in field:
        return "small letters, digits, hyphens; at most 40"
    return f"text, at most {field['maxLength']} letters"
