"""Draws the pictures of docs/pictures from simulated sessions: `python -m docs.screens`. The live view itself draws them, headless.

Beside each picture its text, for readers who see none; a test sees that both say the same.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from footctl.core.events import Begin, Event, Pain, Yes
from footctl.core.guide import Guide
from footctl.core.host import Host
from footctl.core.person import Person
from footctl.core.profile import parse_program
from footctl.core.view import View
from footctl.run.answers import Answers
from footctl.run.presets import read_program
from footctl.screens import hurt
from footctl.screens.hurt import Hurt
from footctl.screens.live.app import Live
from footctl.screens.live.wire import Opening, Snapshot
from footctl.screens.plain import HELP
from simulator.world import World, play

PICTURES = Path(__file__).parent / "pictures"
SIZE = 80, 24
WALL = 1_790_000_000.0  # a Monday evening
PROGRAM = "evening-unwind"
LOOK_S = 1.0

Story = tuple[str, str, Callable[[View], bool]]  # name of the picture, title, the moment

STORIES: tuple[Story, ...] = (
    ("live-start", "before the yes", lambda view: view.state == "ready" and view.sample is not None),
    ("live-soak", "in the soak", lambda view: view.state == "soak" and (view.phase_left_s or 0) < 240),
    ("live-massage", "in the massage", lambda view: view.state == "massage" and view.elapsed_s > 1290 and pressing(view)),
)


def pressing(view: View) -> bool:
    """The roller presses now."""
    sample = view.sample
    return sample is not None and (sample.pressure_kpa or 0.0) > 15


def session() -> list[View]:
    """A simulated session from its start to a pain press."""
    host = Host(nonce=1, profile=parse_program(read_program(PROGRAM), PROGRAM))
    answers, told, due, hurts = Answers(), list[View](), 0.0, False

    def person(now: float, host: Host) -> Iterable[Event]:
        nonlocal due, hurts
        if now < due and not (hurts and host.outcome is None):
            return ()
        due = now + LOOK_S
        view = host.view(now)
        told.append(view)
        if not hurts and STORIES[-1][2](view):
            hurts = True
            return (Pain(),)
        event = answers.to(view)
        return () if event is None else (event,)

    world = World()
    play(host, world, operator=person)
    told.append(host.view(world.now))
    return told


def by_hand() -> list[Snapshot]:
    """The same program without a machine, in the massage."""
    guide = Guide(parse_program(read_program(PROGRAM), PROGRAM), Person("Ana", "standard", screened=True))
    now, told = 0.0, list[Snapshot]()
    while guide.view(now).state != "massage":
        question = guide.view(now).question
        if question is not None:
            guide.act(now, Begin() if question.kind == "start" else Yes())
        else:
            guide.act(now)
        now = max(now + 2.0, guide.next_deadline or 0.0)
        told.append(Snapshot(guide.view(now)))
    guide.act(now + 100.0)
    return [*told, Snapshot(guide.view(now + 100.0))]


def moments() -> dict[str, tuple[str, list[Snapshot]]]:
    """Every picture: its title and the snapshots up to it."""
    views = session()
    told = {}
    for name, title, there in STORIES:
        last = next(index for index, view in enumerate(views) if there(view))
        told[name] = title, [Snapshot(view) for view in views[: last + 1]]
    before = next(view for view in reversed(views) if view.outcome is None and view.state == "massage")
    asking = Hurt(hurt.guess(before)).question
    told["live-pain"] = "after a pain press", [*(Snapshot(view) for view in views), Snapshot(views[-1], asking=asking)]
    told["live-by-hand"] = "without a machine", by_hand()
    return told


async def drawn(title: str, told: list[Snapshot]) -> tuple[str, str]:
    """A picture and its text."""
    app = Live(Opening("C", 1.0, HELP), wall=lambda: WALL)
    async with app.run_test(size=SIZE) as pilot:
        for one in told[:-1]:
            if one.view is not None:
                app._history.see(one.view)
        app.take(told[-1])
        for _ in range(6):
            await pilot.pause()
        rows = ["".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips()]
        return app.export_screenshot(title=f"footctl run {PROGRAM} · {title}"), "\n".join(rows) + "\n"


def main() -> None:
    """Draw all."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    PICTURES.mkdir(exist_ok=True)
    for name, (title, told) in moments().items():
        picture, text = asyncio.run(drawn(title, told))
        (PICTURES / f"{name}.svg").write_text(picture, "utf-8")
        (PICTURES / f"{name}.txt").write_text(text, "utf-8")
        print(f"wrote {name}.svg and .txt")


if __name__ == "__main__":
    main()
