"""Writes the pages of docs/reference that come from tables in the code: `python -m docs.generate [--check]`, from the checkout."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from docs import programs, redflags, screening, traceability
from firmware_protocol import faults, limits
from footctl.core import machine
from footctl.core.host import Host
from footctl.core.person import TIERS, Person
from footctl.core.plan import Limited
from footctl.core.planner import make_plan
from footctl.core.pump import turn
from footctl.core.schema import program_schema
from footctl.run.presets import list_programs, load_program
from footctl.screens.planned import minutes, number
from simulator.world import World

REFERENCE = Path(__file__).parent / "reference"
MARK = "<!-- Written by `make docs` from the code; change the code instead. -->\n\n"
CLASSES = {
    faults.TRIP: "trip: forces the safe state and stays until a person clears it",
    faults.INTERLOCK: "interlock: forces a safe output while its cause lasts",
    faults.WARNING: "warning: told, not acted upon",
}


def state_machine() -> str:
    """The session's states, as a diagram."""
    return (
        "# The session's states\n\n" + MARK + "Every step of a program can follow every other; the plan, not the table, knows their order. "
        "Pain, stop and every trip lead through `stopping`, which ends when the device has read back that everything is off.\n\n"
        f"```mermaid\n{machine.mermaid()}```\n"
    )


def fault_catalogue() -> str:
    """Every fault: its number, class, meaning and remedy."""
    lines = ["# Faults", "", MARK.rstrip(), "", "What a device or the host can report. The first cause is kept until it is cleared.", ""]
    lines += [f"- {text}" for text in CLASSES.values()]
    lines += ["", "| number | name | class | what happened | what to do |", "|---:|---|---|---|---|"]
    lines += [
        f"| {code} | `{name}` | {CLASSES[kind].split(':')[0]} | {what} | {remedy} |" for code, name, kind, what, remedy in faults.FAULTS
    ]
    return "\n".join(lines) + "\n"


def cap_table() -> str:
    """Every cap with what each tier makes of it."""
    lines = ["# Limits", "", MARK.rstrip(), ""]
    lines += [
        "The tightest of absolute, device, person (tier), program, session and what pain taught wins; nothing loosens one.",
        "**None of these numbers has been reviewed by a podiatrist and a safety engineer yet.** [S] read in the source named,",
        "[GK] general knowledge, [CALC] computed, [ENG] an engineering choice.",
        "",
        f"| cap | unit | | absolute | {' | '.join(TIERS)} | source of the absolute value |",
        "|---|---|---|---:|" + "---:|" * len(TIERS) + "---|",
    ]
    for name, unit, sense, value, source in limits.CAPS:
        tiers = " | ".join(str(tier.caps[name]) if name in tier.caps else "" for tier in TIERS.values())
        lines.append(f"| `{name}` | {unit} | {'at least' if sense == limits.LEAST else 'at most'} | {value} | {tiers} | {source} |")
    return "\n".join(lines) + "\n"


def preset_table() -> str:
    """What every preset becomes in every tier, on the reference device."""
    world, host = World(person=None), Host(nonce=1, profile=load_program("quick-break"))
    for tick in range(100):
        turn(host, world, tick * 0.05)
    assert host.identity is not None
    assert host.caps is not None
    lines = ["# Presets", "", MARK.rstrip(), ""]
    lines += ["Times are the program's own, without warming the water and without your answers; pressure is what is asked for.", ""]
    lines += ["[The gallery](../gallery.md) shows what was measured.", ""]
    for row in list_programs():
        lines += [f"## {row['title']}", "", f"`{row['name']}`: {row['summary']}", ""]
        lines += [f"- For: {row['for_whom']}", f"- Not for: {row['not_for']}", f"- Based on: {row['based_on']}", ""]
        lines += ["| person's tier | | time | water | pressure | what changes |", "|---|---|---:|---:|---:|---|"]
        profile = load_program(row["name"])
        for tier, statement in [*((tier, None) for tier in TIERS), ("no_soak", "2026-01-01")]:
            somebody = Person("somebody", tier, screened=True, statement=statement)
            plan = make_plan(profile, somebody, host.identity, host.caps.values)
            verdict = "refused" if plan.refused else "lowered" if plan.lowered else "fits"
            time = "–" if plan.refused else minutes(plan.duration_s)
            water = f"{number(plan.water_max_c)} °C" if plan.water_max_c and not plan.refused else "–"
            pressure = f"{number(plan.pressure_max_kpa)} kPa" if plan.pressure_max_kpa and not plan.refused else "–"
            who = f"{tier}, with a clinician's statement" if statement else tier
            lines.append(f"| {who} | {verdict} | {time} | {water} | {pressure} | {_changes(plan.refused or plan.lowered)} |")
        lines.append("")
    return "\n".join(lines)


def _changes(limited: tuple[Limited, ...]) -> str:
    told = []
    for one in limited:
        if one.what == "phase kind":
            told.append(f"{one.phase}: no {one.asked}")
        else:
            change = "" if one.given is None else f" → {_shown(one.given)}"
            told.append(f"{one.phase}: {one.what} {_shown(one.asked)}{change}")
    return "; ".join(told)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def hazard_table() -> str:
    """Every fault of the analysis, from hazard to test."""
    return "# Hazards and faults\n\n" + MARK + traceability.table()


def fault_matrix() -> str:
    """What became of every world of `make faults`."""
    return "# Every fault in every phase\n\n" + MARK + traceability.matrix()


def screening_questions() -> str:
    """The health questions and what follows from each answer."""
    return "# Health questions\n\n" + MARK + screening.page()


def red_flags() -> str:
    """When to seek help, and how soon."""
    return "# When to seek help\n\n" + MARK + redflags.page()


def program_file() -> str:
    """Every key of a program file."""
    return "# A program file\n\n" + MARK + programs.page()


def schema() -> str:
    """The JSON Schema of a program file."""
    return json.dumps(program_schema(), indent=1, ensure_ascii=False) + "\n"


PAGES = {
    "program.schema.json": schema,
    "program-file.md": program_file,
    "state-machine.md": state_machine,
    "faults.md": fault_catalogue,
    "limits.md": cap_table,
    "presets.md": preset_table,
    "screening.md": screening_questions,
    "red-flags.md": red_flags,
    "hazards.md": hazard_table,
    "fault-matrix.md": fault_matrix,
}


def main(words: list[str]) -> int:
    """Write every page; with --check compare only, 1 when one is stale."""
    stale = []
    gaps = traceability.gaps()
    for gap in gaps:
        print(f"the safety case: {gap}", file=sys.stderr)
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in words:
                REFERENCE.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if "--check" in words and stale:
        print(f"stale: {', '.join(stale)}; make docs writes them again", file=sys.stderr)
        return 1
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
