"""The whole pages of the live view: before the start, the proof, the end, help. Rows of text, like every part."""

from __future__ import annotations

from collections.abc import Sequence

from footctl.core.differences import lowered
from footctl.core.plan import Plan
from footctl.core.proof import Proved
from footctl.core.view import Outcome, View
from footctl.screens.live.drawing import BAD, FAINT, GOOD, PLAIN, STRONG, WARN, Row, cut, ends, wrapped
from footctl.screens.live.panels import SIT_S, Scene
from footctl.screens.plain import clock_words, ending
from footctl.screens.planned import minutes

SIT = "Sit for a minute before you stand up: warm feet take blood from the head."
STAND = "Now stand up slowly. Empty, clean and dry the basin."


def before(scene: Scene, wide: int, high: int) -> list[Row]:
    """What will happen and what to do first: read before the yes."""
    view, plan = scene.view, scene.view.plan
    assert plan is not None
    rows: list[Row] = [[("Before you start", STRONG)]]
    for note in plan.notes:
        rows += wrapped(f"☐ {note[:1].upper()}{scene.units.words(note[1:])}", wide)
    for change in lowered(plan.lowered):
        rows += wrapped(f"↓ {scene.units.words(change)}", wide, WARN)
    rows += [[("", PLAIN)], [("What will happen", STRONG)]]
    room = max(3, high - len(rows))
    steps = _steps(plan, scene, wide)
    if len(steps) > room:
        steps = [*steps[: room - 1], [(f"  … and {len(steps) - room + 1} more", FAINT)]]
    return rows + steps + _why(view, wide)


def _steps(plan: Plan, scene: Scene, wide: int) -> list[Row]:
    rows: list[Row] = []
    for step in plan.steps:
        when = f"~{minutes(60 * max(1, round(plan.preheat_s / 60)))}" if step.kind == "preheat" and plan.preheat_s else ""
        when = when or ("you" if step.duration_s is None else minutes(step.duration_s))
        what = scene.units.text(step.water_c) if step.water_c is not None else ""
        if step.pressure_to_kpa:
            start, end = step.pressure_from_kpa, step.pressure_to_kpa
            what = f"{end:.0f} kPa" if start == end else f"{start:.0f} → {end:.0f} kPa"
        name = f"{cut(step.name, 22):<22} {when:>8}   {what:<12}"
        words = step.text if step.text and step.kind not in ("feet_in", "finish") else ""
        rows.append([("  ", PLAIN), (name, PLAIN), (cut(scene.units.words(words), max(0, wide - len(name) - 3)), FAINT)])
    return rows


def _why(view: View, wide: int) -> list[Row]:
    """The newest warnings."""
    return [row for warning in view.warnings[-2:] for row in wrapped(f"! {warning}", wide, WARN)]


def proving(scene: Scene, wide: int) -> list[Row]:
    """What the device has shown so far."""
    view = scene.view
    rows: list[Row] = [[("Before anything moves or heats, the device shows that it can let go", STRONG)], [("", PLAIN)]]
    rows += [_proved(row, wide) for row in view.proof]
    if view.holding:
        rows += wrapped(f"waiting: {scene.units.words(view.holding)}", wide, FAINT)
    return rows


def _proved(row: Proved, wide: int) -> Row:
    return [(cut(f"{'✓' if row.passed else '✗'} {row.what}: {row.got}", wide), GOOD if row.passed else BAD)]


def ended(scene: Scene, wide: int) -> list[Row]:
    """How it ended, whether everything is off, and what to do now."""
    view, outcome = scene.view, scene.view.outcome
    assert outcome is not None
    mark = GOOD if outcome.kind == "completed" else BAD if outcome.kind in ("tripped", "link_lost") else WARN
    told = [scene.units.words(line) for line in ending(view, outcome)]
    rows = [*wrapped(told[0], wide, mark), [("", PLAIN)]]
    rows += [row for line in told[1:] for row in wrapped(line.strip(), wide, _mark(line, outcome))]
    rows += [[("", PLAIN)], *_outputs(view), [("", PLAIN)]]
    for record in view.phases:
        took = "" if record.ended_s is None else clock_words(record.ended_s - record.started_s)
        rows.append(ends([(f"  {record.name}", PLAIN)], [(f"{took}  {record.outcome}", FAINT)], min(wide, 48)))
    if any(record.kind == "soak" for record in view.phases):
        left = SIT_S if scene.ended_wall is None else max(0.0, SIT_S - (scene.wall - scene.ended_wall))
        rows.append([("", PLAIN)])
        rows += wrapped(f"{SIT} {clock_words(left)}" if left else STAND, wide, STRONG)
    return rows


def _mark(line: str, outcome: Outcome) -> str:
    return BAD if "NOT CONFIRMED" in line else GOOD if "reads back" in line else PLAIN


def _outputs(view: View) -> list[Row]:
    """The device's own read-back, output by output."""
    sample = view.sample
    if sample is None:
        return []
    pressures = [("–" if kpa is None else f"{max(0.0, kpa):.1f}") for kpa in (sample.left_kpa, sample.right_kpa)]
    told = (
        ("heater", "ON" if sample.heater_enable or sample.heater_duty else "off", sample.heater_enable or bool(sample.heater_duty)),
        ("roller", "ON" if sample.motor_enable else "off", sample.motor_enable),
        ("pressure", f"left {pressures[0]} kPa, right {pressures[1]} kPa", not sample.is_off and not sample.heater_enable),
    )
    return [[(f"  {name:<9}", PLAIN), (value, BAD if bad else GOOD)] for name, value, bad in told]


def helped(lines: Sequence[str], wide: int) -> list[Row]:
    """What each key does."""
    rows: list[Row] = [[("Keys", STRONG)], [("", PLAIN)]]
    rows += [row for line in lines for row in wrapped(line, wide, under=" " * 12)]
    return [*rows, [("", PLAIN)], [("? goes back. Every key works here, too.", FAINT)]]
