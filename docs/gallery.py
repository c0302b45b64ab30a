"""The gallery: each preset's water and pressure, drawn from a simulated session. Writes docs/gallery.md and docs/gallery/*.svg.

    python -m docs.gallery [--check]

A session of each takes a second or two, so --check does not run them: each picture's digest of what it was drawn from (the program's
text, the steps of its plan, the code that draws, the device's mind and its body) stands in the page and is compared.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from footctl.core.events import Event
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.planner import make_plan
from footctl.core.profile import Profile
from footctl.core.pump import turn
from footctl.run.answers import Answers
from footctl.run.presets import list_programs, load_program
from footctl.screens.planned import ZONE_ORDER, minutes, plan_record
from footctl.screens.report import charts
from simulator.world import World, play

PAGE = Path(__file__).parent / "gallery.md"
PICTURES = Path(__file__).parent / "gallery"
EVERY_S = 2.0
LOOK_S = 0.2  # how often the person looks for a question
SHOWN = ("soak", "massage", "stretch", "rest", "guided", "dry", "preheat")


class Watcher:
    """The person at the host, who says yes when asked and keeps what the device says."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.at: list[float] = []
        self.water: list[float | None] = []
        self.setpoint: list[float | None] = []
        self.zone: list[str | None] = []
        self.kpa: list[tuple[float | None, float | None]] = []
        self._next = 0.0
        self._look = 0.0

    def __call__(self, now: float, host: Host) -> Sequence[Event]:
        if now < self._look:
            return ()
        self._look = now + LOOK_S
        view = host.view(now)
        sample = view.sample
        if sample is not None and view.step is not None and now >= self._next:
            self._next = now + EVERY_S
            self.at.append(view.elapsed_s / 60)
            self.water.append(sample.hottest_c)
            self.setpoint.append(sample.setpoint_c if sample.heater_enable else None)
            self.zone.append(sample.zone if sample.motor_enable else None)
            self.kpa.append((sample.left_kpa, sample.right_kpa))
        answer = self.answers.to(view)
        return () if answer is None else (answer,)


def session(profile: Profile) -> tuple[dict[str, str], str]:
    """The pictures of one session, and how it ended."""
    world, host, watcher = World(seed=1), Host(nonce=1, profile=profile), Watcher()
    outcome = play(host, world, operator=watcher)
    assert outcome is not None
    assert outcome.kind == "completed", f"{profile.program}: {outcome}"
    view = host.view(world.now)
    assert view.plan is not None
    phases = [(row.started_s / 60, (row.ended_s or view.elapsed_s) / 60, row.name) for row in view.phases if row.kind in SHOWN]
    soaks = {step.name: step for step in view.plan.steps if step.kind == "soak"}
    bands = [
        (row.started_s / 60, (row.ended_s or view.elapsed_s) / 60, soaks[row.name].water_c or 0.0, soaks[row.name].band_c)
        for row in view.phases
        if row.kind == "soak"
    ]
    curve = charts.Curve(watcher.at, phases, (), bands)
    pictures = {}
    if view.plan.water_max_c is not None:
        pictures["water"] = charts.water(curve, watcher.water, watcher.setpoint, None)
    zones = {name: (_lane(watcher, name, 0), _lane(watcher, name, 1)) for name in ZONE_ORDER}
    if drawn := charts.pressure(curve, zones, view.plan.pressure_max_kpa):
        pictures["pressure"] = drawn
    peak = "" if view.water_max_c is None or "water" not in pictures else f"water at most {view.water_max_c:.1f} °C, "
    return pictures, f"{minutes(view.elapsed_s)} in all, {peak}pressure at most {view.pressure_max_kpa:.0f} kPa"


def _lane(watcher: Watcher, zone: str, side: int) -> list[float | None]:
    return [pair[side] if here == zone else 0.0 for here, pair in zip(watcher.zone, watcher.kpa, strict=True)]


def digests() -> dict[str, str]:
    """What each preset's pictures are drawn from, as a short word."""
    world, host = World(person=None), Host(nonce=1, profile=load_program("quick-break"))
    for tick in range(100):
        turn(host, world, tick * 0.05)
    assert host.identity is not None
    assert host.caps is not None
    root = Path(__file__).parent.parent
    moved_by = sorted(path for folder in ("firmware/device", "simulator/plant") for path in (root / folder).glob("*.py"))
    code = b"".join(path.read_bytes() for path in (Path(__file__), Path(charts.__file__), *moved_by))
    made = {}
    for row in list_programs():
        profile = load_program(row["name"])
        plan = make_plan(profile, Person("somebody", "standard", screened=True), host.identity, host.caps.values)
        steps = [{key: value for key, value in step.items() if key != "text"} for step in plan_record(plan, None)["steps"]]
        made[row["name"]] = hashlib.sha256(code + profile.text.encode() + json.dumps(steps).encode()).hexdigest()[:16]
    return made


def page(endings: dict[str, tuple[list[str], str]]) -> str:
    """The page around the pictures; `endings`: names of the pictures and how the session ended."""
    lines = ["# The presets, as they run", "", "<!-- Written by `make docs` from simulated sessions. -->", ""]
    lines += [
        "Each picture is one session of a healthy adult on the simulator, with 5 L, a 500 W heater and wrist-warm water: the real device",
        "logic, the real limits. Whom a preset is for, and what it becomes in each tier: [Presets](reference/presets.md).",
        "",
    ]
    words = digests()
    for row in list_programs():
        pictures, ending = endings[row["name"]]
        lines += [f"## {row['title']}", "", f"<!-- drawn from {words[row['name']]}; {ending} -->", ""]
        lines += [f"`footctl run {row['name']} --sim`: {row['summary']}", "", f"{ending[:1].upper()}{ending[1:]}.", ""]
        lines += [f"![{picture} over the session](gallery/{row['name']}-{picture}.svg)" for picture in pictures]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def stale() -> list[str]:
    """Presets whose pictures were drawn from something else, or are missing."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = []
    for name, word in digests().items():
        pictures = re.findall(rf"\(gallery/({re.escape(name)}-\w+\.svg)\)", text)
        there = [one for one in pictures if (PICTURES / one).exists()]
        if f"drawn from {word};" not in text or not pictures or there != pictures:
            found.append(name)
    return found


def main(words: list[str]) -> int:
    """Draw what is stale, all of it when anything is; with --check only say so, 1 when something is."""
    old = stale()
    if not old:
        return 0
    if "--check" in words:
        print(f"stale: the pictures of {', '.join(old)}; python -m docs.gallery draws them again", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    endings = {}
    for path in PICTURES.glob("*.svg"):
        path.unlink()
    for row in list_programs():
        pictures, ending = session(load_program(row["name"]))
        endings[row["name"]] = (list(pictures), ending)
        for picture, text in pictures.items():
            (PICTURES / f"{row['name']}-{picture}.svg").write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(page(endings), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
