"""`footctl device selftest`: the proof before heat alone, with its last stage: the device latches, keeps it, and is cleared."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from footctl.cli import links
from footctl.cli.consent import agreed
from footctl.cli.listing import columns, document
from footctl.errors import SessionEnded, UsageError

if TYPE_CHECKING:
    from footctl.core.host import Host
    from footctl.core.view import View

WARNING = (
    "Take the feet out. With nothing asked of them the outputs are closed and the heartbeat is withheld:\n"
    "the device must open them by itself, and latch. The latch is cleared at the end. Nothing warms or moves."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl device selftest`."""
    links.add_flags(parser)
    parser.add_argument("--sim", action="store_true", help="a simulator inside this process, on the virtual clock")
    parser.add_argument("--yes", action="store_true", help="begin without asking, and clear the latch that the test makes")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Ask, test, print. 0 when everything was as it must be, 5 when something was not."""
    if args.sim and links.named(args):
        raise UsageError("--sim and a device", "name one of them")
    if not args.yes and not agreed(f"{WARNING}\nBegin?", "run it on a terminal, or add --yes when the feet are out"):
        raise SessionEnded("not tested", "nothing was started")
    import asyncio
    import secrets

    from footctl.core.host import Host
    from footctl.run.result import EXIT_CODES

    host = Host(nonce=secrets.randbits(32), selftest=True)
    view = _simulated(host) if args.sim else asyncio.run(_on_a_link(args, host))
    outcome = view.outcome
    if outcome is None:
        raise SessionEnded("left before the device confirmed that it is off", "look at it, and switch it off at the mains if in doubt")
    serial = view.identity.serial if view.identity else "?"
    if args.json:
        rows = [{"what": row.what, "must": row.want, "did": row.got, "passed": row.passed} for row in view.proof]
        print(document({"serial": serial, "outcome": outcome.kind, "reason": outcome.reason, "proof": rows}))
        return EXIT_CODES[outcome.kind]
    print(columns([[f"  {'ok' if row.passed else 'NO'}", row.what, f"must: {row.want}", row.got] for row in view.proof]))
    if outcome.kind == "completed":
        print(f"{serial} passed: every guard of this test works, and everything is off")
    else:
        print(f"{serial}: {outcome.reason}\n  {outcome.hint}", file=sys.stderr)
    return EXIT_CODES[outcome.kind]


def _simulated(host: Host) -> View:
    from footctl.core.events import Begin
    from simulator.world import World, play

    world = World()
    play(host, world, operator=lambda now, host: (Begin(),) if host.question is not None else ())
    return host.view(world.now)


def _waits() -> Callable[[View], None]:
    """Says once on standard error what the test waits for: feet to leave, a hand at the button."""
    said = ""

    def say(view: View) -> None:
        nonlocal said
        if view.holding and view.holding != said:
            print(f"waiting: {view.holding}", file=sys.stderr, flush=True)
        said = view.holding

    return say


async def _on_a_link(args: argparse.Namespace, host: Host) -> View:
    from footctl.core.events import Begin
    from footctl.link.discover import read_caps
    from footctl.run.clock import Clock
    from footctl.run.session import Session, signals

    link = await links.open_named(args)
    try:
        identity, _ = await read_caps(link)
        speed = identity.simulator if identity is not None else 0
        session = Session(host, link, Clock(max(1, speed)))
        session.subscribe(lambda view: session.post(Begin()) if view.question is not None and view.sample is not None else None)
        session.subscribe(_waits())
        with signals(session):
            return await session.run()
    finally:
        link.close()
