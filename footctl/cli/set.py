"""`footctl set`: direct control. A program of one or two phases made from flags, run like any other: every rule holds."""

from __future__ import annotations

import argparse
import json

from footctl.errors import UsageError

TECHNIQUES = ("kneading", "rolling", "circular", "press")
NAME = "set"


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

    return running.run(args, program_text(args).encode())


def program_text(args: argparse.Namespace) -> str:
    """The program that the flags describe, as a file would have it. Raises UsageError when they ask for nothing."""
    if args.water is None and args.pressure is None:
        raise UsageError("nothing to set", "say --water, or --pressure, or both, and --for how long")
    if args.zone and args.pressure is None:
        raise UsageError("--zone without --pressure", "say how firmly: --pressure 12kPa")
    lines = ['name = "Direct control"', 'summary = "As the flags say."', 'tier = "standard"']
    if args.water is not None:
        lines += ["[[phase]]", 'kind = "soak"', f"water = {_string(args.water)}", f"for = {_string(args.time)}"]
    if args.pressure is not None:
        zones = ", ".join(_string(zone) for zone in args.zone or ["arch"])
        lines += ["[[phase]]", 'kind = "massage"', f"technique = {_string(args.technique)}", f"zones = [{zones}]"]
        lines += [f"pressure = {_string(args.pressure)}", f"speed = {args.stroke}", f"for = {_string(args.time)}"]
    return "\n".join(lines) + "\n"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a TOML basic string has the same escapes
