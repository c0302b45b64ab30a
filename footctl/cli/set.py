"""`footctl set`: direct control. A program of one or two phases made from flags, run like any other: every rule holds."""

from __future__ import annotations

import argparse
import json

from footctl.errors import UsageError

TECHNIQUES = ("kneading", "rolling", "circular", "press")
NAME = "set"
TIER = "standard"
FLAGS = {  # key of a phase to the flag that fills it
    "water": "--water", "pressure": "--pressure", "zones": "--zone", "technique": "--technique", "speed": "--stroke", "for": "--for",
}  # fmt: skip


def configure(parser: argparse.ArgumentParser) -> None:
    """What should be, and the flags of `footctl run`."""
    from footctl.cli import flags

    parser.add_argument("--water", metavar="T", help='soak in water of this warmth, like 37C or "98 F"')
    parser.add_argument("--pressure", metavar="P", help="massage at most this firmly, like 12kPa; after the soak when there is one")
    parser.add_argument("--zone", action="append", metavar="ZONE", help="toes, ball, arch, heel or ankle; more than once (default: arch)")
    parser.add_argument("--technique", default="kneading", choices=TECHNIQUES, help="default: kneading")
    parser.add_argument("--stroke", type=int, default=40, metavar="N", help="how fast the roller moves, 1 to 100 %% (default: 40)")
    parser.add_argument("--for", dest="time", required=True, metavar="TIME", help="how long each, like 5min")
    flags.session(parser)
    parser.set_defaults(program=NAME, phase=None)


def run(args: argparse.Namespace) -> int:
    """Make the program, run it."""
    from footctl.cli import running

    check(args)
    return running.run(args, program_text(args).encode())


def check(args: argparse.Namespace) -> None:
    """Raises UsageError that names every flag that is wrong, or beyond what the program's tier allows, and what is allowed."""
    from pydantic import ValidationError

    from footctl.core.profile import PHASES
    from footctl.core.profile_errors import flagged

    wrong: dict[str, str] = {}
    for phase in _phases(args):
        try:
            PHASES[str(phase["kind"])].model_validate(phase, context={"tier": TIER})
        except ValidationError as error:
            wrong |= flagged(error.errors(include_url=False), FLAGS)  # of two caps on --for the massage's is the tighter one, and last
    if wrong:
        lines = [wrong[flag] for flag in FLAGS.values() if flag in wrong]
        raise UsageError("\n".join(lines), "nothing was started; see `footctl set --help`")


def program_text(args: argparse.Namespace) -> str:
    """The program that the flags describe, as a file would have it. Raises UsageError when they ask for nothing."""
    lines = ['name = "Direct control"', 'summary = "As the flags say."', f'tier = "{TIER}"']
    for phase in _phases(args):
        lines += ["[[phase]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in phase.items())]
    return "\n".join(lines) + "\n"  # a TOML basic string has JSON's escapes


def _phases(args: argparse.Namespace) -> list[dict[str, object]]:
    """The phases, keys and values as in a file."""
    if args.water is None and args.pressure is None:
        raise UsageError("nothing to set", "say --water, or --pressure, or both, and --for how long")
    if args.zone and args.pressure is None:
        raise UsageError("--zone without --pressure", "say how firmly: --pressure 12kPa")
    phases: list[dict[str, object]] = []
    if args.water is not None:
        phases.append({"kind": "soak", "water": args.water, "for": args.time})
    if args.pressure is not None:
        zones = args.zone or ["arch"]
        massage = {"technique": args.technique, "zones": zones, "pressure": args.pressure, "speed": args.stroke, "for": args.time}
        phases.append({"kind": "massage", **massage})
    return phases
