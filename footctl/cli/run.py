"""`footctl run`: a program from a file to the water and back, on the simulator or on a device. The composition root of a session."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from footctl.cli.virtual import run_virtual
from footctl.core.host import Host
from footctl.core.pump import Note
from footctl.core.view import View
from footctl.errors import FootctlError, SessionEnded, UsageError
from footctl.link.inprocess import InProcess
from footctl.link.transport import Link
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.presets import load_program
from footctl.run.record import Header, Recorder
from footctl.run.result import EXIT_CODES, failure, result
from footctl.run.session import Session, signals
from footctl.screens.keys import Keys, in_front, reading
from footctl.screens.paper import Paper
from footctl.screens.plain import HELP, Plain
from simulator.world import World

FIRST = "first-time"  # what somebody who was never screened begins with
SPEED_MAX = 1000.0  # beyond it `max` is meant


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl run`."""
    parser.add_argument("program", nargs="?", metavar="PROGRAM", default=FIRST, help=f"a preset or a program file (default: {FIRST})")
    parser.add_argument("--sim", action="store_true", help="run on a simulator inside this process")
    parser.add_argument("--speed", type=speed, default=1.0, metavar="N|max", help="N times real time; max: as fast as the machine can")
    parser.add_argument("--scenario", metavar="NAME", help="how the simulator starts; see `footctl sim scenarios`")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the simulator's dice (default: 0)")
    parser.add_argument("--from", dest="phase", type=phase, metavar="PHASE", help="begin with this phase of the program, counted from 1")
    parser.add_argument("--yes", action="store_true", help="confirm the start and prompts; presence only on a simulator that sees feet")
    parser.add_argument("--plain", action="store_true", help="one line a second")
    parser.add_argument("--json", action="store_true", help="nothing but one JSON object at the end")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write a record that replays exactly")


def speed(text: str) -> float:
    """A factor, or infinity for `max`."""
    if text == "max":
        return float("inf")
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= SPEED_MAX:
        raise argparse.ArgumentTypeError(f"{text!r}; a number from above 0 to {SPEED_MAX:.0f}, or max")
    return factor


def phase(text: str) -> int:
    """A phase's number as people count, to the position in the file."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}; phases are counted from 1")
    return int(text) - 1


def run(args: argparse.Namespace) -> int:
    """Run the program; the exit code says how it ended. With --json the last line on standard output is the result, whatever happened."""
    session_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        with ended_by_signal():
            view = _run(args, session_id)
    except FootctlError as error:
        if args.json and error.exit_code >= 3:
            print(json.dumps(failure(error, session_id, args.program, args.sim)), flush=True)
        raise
    if args.json:
        print(json.dumps(result(view, session_id, args.program)), flush=True)
    return EXIT_CODES[view.outcome.kind] if view.outcome else SessionEnded.exit_code


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Before and after the session, when nothing is on: a signal simply ends the command."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SessionEnded(f"ended by {signal.Signals(number).name} before anything was started")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(args: argparse.Namespace, session_id: str) -> View:
    profile = load_program(args.program)
    if not args.sim:
        raise UsageError("no device named", "add --sim to run on the simulator")
    if not (args.yes or in_front(sys.stdin.fileno())):
        raise UsageError("nobody is here to say yes: standard input is no terminal", "add --yes, which confirms the start and prompts")
    header = Header(secrets.randbits(32), program=profile.text, source=profile.source, start_phase=args.phase, session_id=session_id)
    host = Host(nonce=header.nonce, profile=profile, start_phase=args.phase)
    world = World(scenario=args.scenario, seed=args.seed, speed=max(1, round(args.speed)) if args.speed <= SPEED_MAX else 1)
    with ExitStack() as stack:
        recorder = None
        if args.record is not None:
            recorder = Recorder(args.record, header)
            stack.callback(_close_record, recorder, args.record)
        note = recorder.note if recorder else None
        paper = Paper(sys.stderr if args.json else sys.stdout)
        stack.callback(paper.close)
        virtual = args.speed > SPEED_MAX
        plain = None
        if not (args.json and args.yes):
            plain = Plain(paper.line, every_s=60.0 if virtual else args.speed, keys=not virtual and in_front(sys.stdin.fileno()))
        answers = Answers() if args.yes else None
        if virtual:
            return run_virtual(host, world, answers, plain, paper, note)
        return asyncio.run(live(host, InProcess(world), Clock(args.speed), answers, plain, paper, note))


def _close_record(recorder: Recorder, path: Path) -> None:
    recorder.close()
    if recorder.trouble is not None:
        print(f"footctl: the record {path} ends early: {recorder.trouble}", file=sys.stderr)


async def live(
    host: Host, link: Link, clock: Clock, answers: Answers | None, plain: Plain | None, paper: Paper, note: Note | None
) -> View:
    """A session on the wall clock: keys, signals, the view."""
    session = Session(host, link, clock, note=note)
    if plain is not None:
        session.subscribe(plain)
    if answers is not None:

        def answer(view: View) -> None:
            event = answers.to(view)
            if event is not None:
                session.post(event)

        session.subscribe(answer)

    def show_help() -> None:
        for text in HELP:
            paper.line(f"  {text}")

    try:
        with signals(session), reading(Keys(session, show_help)):
            return await session.run()
    finally:
        link.close()
