"""Hazard to fault to limit to scenario to test, as one table, and what is missing in it. Data: simulator/hazards.toml."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from itertools import product
from pathlib import Path

from firmware_protocol import faults
from simulator import mishaps
from simulator.describe import list_scenarios, list_troubles, scenario
from simulator.hazards import PHASES, Row, rows
from simulator.ordeal import ONSETS, TIERS

CHECKOUT = Path(__file__).parent.parent
MATRIX = "fault-matrix.csv"
MEASURED = (("heat_s", "heat off s"), ("release_s", "released s"), ("abort_s", "latched s"), ("end_s", "ended s"))  # limit, its column
EVERY_CASE = "tests/world/test_faults.py::test_every_fault_is_answered_in_time_whatever_the_phase"
KINDS = {
    "injected": "injected: provoked at any moment; the tests assert detection, reaction and time in every phase, the latch and the "
    "device's first cause where it latches; where no part fails, by the tests named",
    "start": "start: seen at boot, at the connection or before the start, and tested there",
    "elsewhere": "elsewhere: not in this device, or hardware's alone",
    "authentication": "authentication: a stranger's doing on a link that anyone in range can reach, tested there",
}
# Numbers from 60 on are no failure of a part. What provokes them, and where.
OTHERS = {
    faults.STOPPED: ("the host's STOP", "tests/world/test_sessions.py::test_stop_ends_in_order_with_the_outputs_read_back"),
    faults.PAIN: ("`stop-pressed`, a key", "tests/world/test_sessions.py::test_pain_under_the_roller_releases_within_a_second"),
    faults.SESSION_OVER: ("time", "tests/device/test_device.py"),
}


def tests_of(row: Row) -> tuple[str, ...]:
    """Where the row is tested."""
    return (EVERY_CASE, *row.tests) if row.kind == "injected" and row.case else row.tests


def gaps() -> list[str]:
    """What the safety case lacks: a sentence for each fault without a row, a scenario, a test or a reason."""
    found = []
    numbered = {row.number: row for row in rows()}
    scenarios = {**list_scenarios(), **list_troubles()}
    for code, name, *_ in faults.FAULTS:
        if code not in numbered and code not in OTHERS:
            found.append(f"{name} ({code}) is in the catalogue and has no row")
        elif code in numbered and numbered[code].kind == "elsewhere":
            found.append(f"{name} ({code}) is in the catalogue, and its row says that this device cannot tell it")
    for code, (_, test) in OTHERS.items():
        found += [f"fault {code}: no {test}" for _ in [0] if not _exists(test)]
    for row in numbered.values():
        found += _gaps_of(row, scenarios)
    return found + _unmeasured()


def _unmeasured() -> list[str]:
    """Limits that no world has met: nobody knows whether they hold."""
    alone = [world for world in _worlds() if not world["second"]]
    found = []
    for case in (case for row in rows() for case in row.case):
        those = [world for world in alone if world["first"] == case.name and world["phase"] in case.demanded]
        for limit, column in MEASURED:
            if getattr(case, limit) is not None and not any(world[column] for world in those):
                found.append(f"{case.name}: no phase of {MATRIX} has a time for its {limit} of {getattr(case, limit):g}")
    return found


def _worlds() -> list[dict[str, str]]:
    with (CHECKOUT / "docs" / "reference" / MATRIX).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _gaps_of(row: Row, scenarios: dict[str, str]) -> list[str]:
    name = f"F{row.number:02}"
    found = []
    if row.kind == "elsewhere":
        return [] if row.reason else [f"{name} has no reason"]
    if not (row.device or row.host):
        found.append(f"{name} is detected by nobody")
    if row.kind == "injected" and not row.case and not row.reason:
        found.append(f"{name} has no mishap")
    if row.scenario == "-":
        if not row.reason:
            found.append(f"{name} has no scenario")
    elif row.scenario not in scenarios:
        found.append(f"{name}: there is no scenario {row.scenario}")
    else:
        names = {happening.name for happening in scenario(row.scenario).mishap}
        if row.case and not names & {case.mishap for case in row.case}:
            found.append(f"{name}: scenario {row.scenario} has none of its mishaps")
    tests = tests_of(row)
    if not tests:
        found.append(f"{name} has no test")
    found += [f"{name}: there is no test {test}" for test in tests if not _exists(test)]
    for case in row.case:
        if case.mishap not in mishaps.TABLE:
            found.append(f"{case.name}: there is no mishap of that name")
        if case.onset not in ONSETS:
            found.append(f"{case.name}: there is no onset {case.onset}")
        if strange := case.demanded - set(PHASES):
            found.append(f"{case.name}: there is no phase {', '.join(sorted(strange))}")
        if row.kind == "injected" and case.longest_s and not case.demanded:
            found.append(f"{case.name} has limits and no phase in which they hold")
    return found


def _exists(test: str) -> bool:
    file, _, name = test.partition("::")
    path = CHECKOUT / file
    if not path.is_file():
        return False
    return not name or name in {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def table() -> str:
    """The page docs/reference/hazards.md, without its head."""
    lines = ["One row for each of the 52 faults of the analysis. Times count from the fault to the safe output.", ""]
    lines += [f"- {text}" for text in KINDS.values()]
    lines += [
        "",
        "| | hazard | fault | device sees | host sees | what follows | limit | kind | provoked by | scenario | test |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows():
        provoked = ", ".join(dict.fromkeys(f"`{case.mishap}`" for case in row.case)) or row.reason or "–"
        where = f"`{row.scenario}`" if row.scenario != "-" else "–"
        tests = "<br>".join(_short(test) for test in tests_of(row)) or "–"
        cells = (
            f"F{row.number:02}", row.hazard, row.fault, row.device or "–", row.host or "–", row.reaction, row.limit, row.kind, provoked,
            where, tests,
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "Numbers from 60 on are no failure of a part:", "", "| | provoked by | test |", "|---|---|---|"]
    lines += [f"| {faults.name(code)} ({code}) | {how} | {_short(test)} |" for code, (how, test) in OTHERS.items()]
    return "\n".join(lines) + "\n"


def _short(test: str) -> str:
    file, _, name = test.partition("::")
    return f"[{name or Path(file).stem}](../../{file})"


def matrix() -> str:
    """The page docs/reference/fault-matrix.md, without its head: what the file of outcomes says, summed up."""
    worlds = _worlds()
    bad = [world for world in worlds if world["wrong"]]
    alone = [world for world in worlds if not world["second"]]
    lines = [
        f"`make faults` let {len(alone)} worlds meet one fault and {len(worlds) - len(alone)} worlds two at once, each saved in the middle",
        "of a phase of a standard or a sensitive session and run to the longest limit and a minute more. "
        f"**{len(bad)} of them ended badly**: passed the water's hard cap by more than",
        "physics brings after the cut, passed the pressure trip for longer than its limit, let go of a latch, or heated or moved again",
        f"without a person. Every world is a row of [{MATRIX}]({MATRIX}).",
        "",
        "| tier, phase | worlds | latched | ended by the host | neither | hottest water °C | longest over the pressure trip s |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for tier, phase in product(TIERS, PHASES):
        those = [world for world in worlds if (world["tier"], world["phase"]) == (tier, phase)]
        count = Counter("latched" if world["latched"] else "ended" if world["outcome"] else "neither" for world in those)
        hottest = max((float(world["hottest °C"]) for world in those), default=0.0)
        over = max((float(world["over trip s"] or 0) for world in those), default=0.0)
        told = (f"{tier}, {phase}", len(those), count["latched"], count["ended"], count["neither"], f"{hottest:.1f}", f"{over:.2f}")
        lines.append("| " + " | ".join(map(str, told)) + " |")
    lines += [
        "",
        "Neither: the fault does not matter in that phase, or an interlock held until its cause was gone. The hottest water is what",
        "somebody poured in, not what the heater made of it.",
    ]
    if bad:
        lines += ["", "| tier, phase | faults | what is wrong |", "|---|---|---|"]
        lines += [f"| {world['tier']}, {world['phase']} | {world['first']} {world['second']} | {world['wrong']} |" for world in bad]
    return "\n".join(lines) + "\n"
