"""`footctl plan PROGRAM`: what would happen, without starting anything.

The device is asked who it is and what its limits are, and the plan is the one that `run` would follow.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from footctl.cli import flags, links
from footctl.cli.listing import document
from footctl.errors import DeviceRefused, FootctlError, LinkTimeout, UsageError

if TYPE_CHECKING:
    from footctl.core.events import Identified
    from footctl.core.plan import Plan
    from footctl.core.profile import Profile

REFUSED = DeviceRefused.exit_code
ANSWER_S = 10.0  # longest that a simulated device may take to say who it is; the exchange gives up on one request long before
STEP_S = 0.05  # a tick of the device


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl plan`."""
    parser.add_argument("program", metavar="PROGRAM", help="a preset's name, or the path of a program file")
    parser.add_argument("--sim", action="store_true", help="for the simulator")
    links.add_flags(parser)
    flags.person(parser, daily=False)
    parser.add_argument("--scenario", metavar="NAME", help="how the simulated session would begin: footctl sim scenarios")
    parser.add_argument("--from", dest="phase", type=flags.phase, metavar="PHASE", help="begin with this phase, counted from 1")
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
    from footctl.run import settings
    from footctl.run.presets import load_program
    from footctl.screens.ink import Ink
    from footctl.screens.planned import plan_record, plan_text
    from footctl.screens.units import chosen
    from footctl.screens.width import columns

    args.person = settings.load().whom(args.person, args.sim)
    profile = load_program(args.program)
    flags.check_phase(args.phase, args.program, len(profile.phases))
    if args.sim and links.named(args):
        raise UsageError("--sim and a device exclude each other", "leave one out")
    if args.scenario and not args.sim:
        raise UsageError("--scenario is about the simulator", "add --sim")
    plan, identity = _simulated(profile, args) if args.sim else _real(profile, args)
    if args.json:
        print(document(plan_record(plan, identity)))
    else:
        ready = datetime.now().astimezone() + timedelta(seconds=plan.preheat_s)
        print(plan_text(plan, identity, Ink(sys.stdout), ready.strftime("%H:%M"), columns(sys.stdout), chosen()))
    return REFUSED if plan.refused else 0


def _real(profile: Profile, args: argparse.Namespace) -> tuple[Plan, Identified]:
    """The plan for the device that the flags name, or the only one that answers. It is asked as an observer."""
    import asyncio

    from footctl.cli import sitting
    from footctl.core.person import default_person
    from footctl.core.planner import make_plan
    from footctl.link.discover import read_caps

    async def ask() -> tuple[Plan, Identified]:
        link = await links.open_named(args)
        try:
            identity, caps = await read_caps(link)
        finally:
            link.close()
        if identity is None or caps is None:
            raise LinkTimeout(f"{link.name}: nobody answers our hello", "is it switched on, and is this its port?")
        simulated = identity.simulator > 0
        person, earlier = sitting.planned(args, simulated)
        return make_plan(profile, person or default_person(simulated), identity, caps.values, earlier, args.phase), identity

    return asyncio.run(ask())


def _simulated(profile: Profile, args: argparse.Namespace) -> tuple[Plan, Identified]:
    """The plan for a simulated device, on a virtual clock: the host that would run it has made it, and starts nothing."""
    from footctl.cli import sitting
    from footctl.core.host import Host
    from footctl.core.pump import turn
    from simulator.world import World

    world = World(scenario=args.scenario, person=None)
    person, earlier = sitting.planned(args, simulated=True)
    host = Host(nonce=1, profile=profile, person=person, start_phase=args.phase)
    now = 0.0
    while host.plan is None and host.outcome is None and now < ANSWER_S:
        turn(host, world, now, () if earlier is None or now else (earlier,))
        now += STEP_S
    if host.plan is None or host.identity is None:
        reason = host.outcome.reason if host.outcome else "the simulated device did not say who it is"
        raise LinkTimeout(reason, host.outcome.hint if host.outcome else "")
    return host.plan, host.identity
