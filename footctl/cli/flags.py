"""Flags that several commands share, and how their values are read. Light: `--help` must not wait for what a session needs.

A command whose work takes long to load keeps its flags in a module that does not import it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from footctl.cli import links
from footctl.errors import UsageError

FIRST = "first-time"  # what somebody who was never screened begins with
SPEED_MAX = 1000.0  # beyond it `max` is meant


def person(parser: argparse.ArgumentParser, daily: bool = True) -> None:
    """--person, and for sessions --daily-ok."""
    parser.add_argument("--person", metavar="NAME", help="whose limits hold, - for nobody's; see `footctl person`")
    if daily:
        parser.add_argument("--daily-ok", action="store_true", help="the answer to the check of the day: nothing is new")


def session(parser: argparse.ArgumentParser) -> None:
    """Flags of a session, whatever runs in it."""
    parser.add_argument("--sim", action="store_true", help="run on a simulator inside this process")
    links.add_flags(parser)
    parser.add_argument("--serial", metavar="SERIAL", help="the device must have this serial number; another one is refused")
    person(parser)
    parser.add_argument("--speed", type=speed, default=1.0, metavar="N|max", help="a simulator's: N times real time, or as fast as it goes")
    parser.add_argument("--scenario", metavar="NAME", help="how --sim starts; see `footctl sim scenarios`")
    parser.add_argument("--seed", type=int, metavar="N", help="the dice of --sim (default: 0)")
    parser.add_argument("--yes", action="store_true", help="confirm the start and prompts; presence only on a simulator that sees feet")
    parser.add_argument("--speak", action="store_true", help="say aloud what happens and what is asked")
    parser.add_argument("--plain", action="store_true", help="one line a second")
    parser.add_argument("--pain-now", type=score, metavar="N", help="how much the feet hurt before it begins, 0 to 10")
    parser.add_argument("--json", action="store_true", help="nothing on standard output but one JSON object at the end")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write a record that replays exactly")
    parser.set_defaults(no_device=False)


def speed(text: str) -> float:
    """A factor, or infinity for `max`."""
    if text == "max":
        return float("inf")
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"{text!r}; a number above 0, at most {SPEED_MAX:.0f}, or max")
    return factor


def score(text: str) -> int:
    """A pain score."""
    if not text.isascii() or not text.isdecimal() or int(text) > 10:
        raise argparse.ArgumentTypeError(f"{text!r}; a whole number from 0 to 10")
    return int(text)


def phase(text: str) -> int:
    """A phase's number as people count, to the position in the file."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; phases are counted from 1")
    return int(text) - 1


def check_phase(position: int | None, program: str, phases: int) -> None:
    """Raises UsageError when the program, which has so many phases, has none at the position that --from named."""
    if position is not None and position >= phases:
        has = "1 phase" if phases == 1 else f"{phases} phases"
        hint = f"nothing was started; `footctl programs show {program}` lists them"
        raise UsageError(f"--from {position + 1}: {program} has {has}", hint)
