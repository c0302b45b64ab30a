"""`footctl run`: a program on a simulator or a device. What may be typed; the work is in footctl.cli.running."""

from __future__ import annotations

import argparse

from footctl.cli import flags


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl run`."""
    what = f"a preset or a program file (default: your settings, else {flags.FIRST})"
    parser.add_argument("program", nargs="?", metavar="PROGRAM", help=what)
    parser.add_argument("--from", dest="phase", type=flags.phase, metavar="PHASE", help="begin with this phase, counted from 1")
    flags.session(parser)
    parser.add_argument("--no-device", action="store_true", help="without a machine: it times and tells, your hands and a bowl do the rest")


def run(args: argparse.Namespace) -> int:
    """Run the program; the exit code says how it ended."""
    from footctl.cli import running

    return running.run(args)
