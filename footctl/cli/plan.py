"""`footctl plan PROGRAM`: what would happen, without starting anything.

The plan is made by the very host that would run it, after it asked the device who it is and what its limits are.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from footctl.cli.listing import document
from footctl.errors import DeviceRefused, FootctlError, LinkNotFound, LinkTimeout, UsageError

if TYPE_CHECKING:
    from footctl.core.host import Host
    from footctl.core.profile import Profile

REFUSED = DeviceRefused.exit_code
ANSWER_S = 10.0  # longest that identification may take; the exchange gives up on a single request long before


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl plan`."""
    parser.add_argument("program", metavar="PROGRAM", help="a preset's name, or the path of a program file")
    parser.add_argument("--sim", action="store_true", help="for the simulator")
    parser.add_argument("--scenario", metavar="NAME", help="how the simulated session would begin: footctl sim scenarios")
    parser.add_argument("--from", dest="start", metavar="PHASE", help="begin with this phase, by its number from 1")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Print the plan. 5 when it has a refusal, 3 when the program is wrong."""
    try:
        return _run(args)
    except FootctlError as error:
        if args.json:
            print(document({"error": {"code": error.code, "message": str(error), "hint": error.hint}}))
        raise


def _run(args: argparse.Namespace) -> int:
    from footctl.run.presets import load_program
    from footctl.screens.ink import Ink
    from footctl.screens.planned import plan_record, plan_text

    profile = load_program(args.program)
    if args.scenario and not args.sim:
        raise UsageError("--scenario is about the simulator", "add --sim")
    if not args.sim:
        raise LinkNotFound("no device was named, and none answers", f"footctl plan {args.program} --sim plans for the simulator")
    host = _ask_simulator(profile, args.scenario, _position(args.start, profile))
    assert host.plan is not None
    if args.json:
        print(document(plan_record(host.plan, host.identity)))
    else:
        ready = datetime.now().astimezone() + timedelta(seconds=host.plan.preheat_s)
        print(plan_text(host.plan, host.identity, Ink(sys.stdout), ready.strftime("%H:%M")))
    return REFUSED if host.plan.refused else 0


def _position(start: str | None, profile: Profile) -> int | None:
    """The position, from 0, of the phase that --from names."""
    if start is None:
        return None
    if start.isascii() and start.isdigit() and 1 <= int(start) <= len(profile.phases):
        return int(start) - 1
    raise UsageError(f"--from {start}: the program has phases 1 to {len(profile.phases)}")


def _ask_simulator(profile: Profile, scenario: str | None, start: int | None) -> Host:
    """A host that knows a simulated device and its plan, on a virtual clock; nothing was started."""
    from footctl.core.host import Host
    from footctl.core.pump import turn
    from simulator.world import World

    world = World(scenario=scenario, person=None)
    host = Host(nonce=1, profile=profile, start_phase=start)
    now = 0.0
    while host.plan is None and now < ANSWER_S:
        turn(host, world, now)
        if host.outcome is not None:
            break
        now = max(now + 0.001, min(now + 0.05, host.next_deadline or now + 0.05))
    if host.plan is None:
        reason = host.outcome.reason if host.outcome else "the simulated device did not say who it is"
        raise LinkTimeout(reason, host.outcome.hint if host.outcome else "")
    return host
