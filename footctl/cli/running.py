"""What `footctl run` and `footctl set` do: a program from a file to the water and back. The composition root of a session."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from footctl.cli import links, rating, sitting
from footctl.cli.attend import Desk, attend
from footctl.cli.flags import FIRST, SPEED_MAX, check_phase
from footctl.cli.virtual import run_virtual
from footctl.core.events import Identified
from footctl.core.guide import Guide
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.core.view import View
from footctl.errors import DeviceRefused, FootctlError, SessionEnded, UsageError
from footctl.link.inprocess import InProcess
from footctl.link.nothing import NoLink
from footctl.link.transport import Link
from footctl.run import settings
from footctl.run.again import off_again
from footctl.run.ambience import Ambience
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.ledger import Books, Ledger
from footctl.run.presets import read_program
from footctl.run.record import Header, Recorder
from footctl.run.result import EXIT_CODES, failure, result
from footctl.run.session import ENDING, Session
from footctl.run.voice import REMEDY, Voice, command
from footctl.screens.keys import somebody_there
from footctl.screens.live.front import unfit
from footctl.screens.live.wire import Opening
from footctl.screens.paper import Paper
from footctl.screens.plain import HELP, Plain
from footctl.screens.spoken import Spoken
from footctl.screens.units import Units

if TYPE_CHECKING:
    from simulator.world import World

UNSEEN = ("link_lost", "tripped")  # ends after which nobody may have read back that it is off: a sleep takes the port away too
LEFT = "left before the device confirmed that it is off\n  look at it, and switch it off at the mains if in doubt"
LAST_WORDS_S = 20.0  # for what is said at the end


def run(args: argparse.Namespace, text: bytes | None = None) -> int:
    """Run the program, `text` when it is no file; the exit code says how it ended.

    With --json the last line on standard output is the result, whatever happened.
    """
    now = settings.load()
    _fill(args, now)
    session_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        with ended_by_signal():
            view = _run(args, now, session_id, text)
    except FootctlError as error:
        if args.json and error.exit_code >= 3:
            print(json.dumps(failure(error, session_id, args.program, args.sim)), flush=True)
        raise
    if view.outcome is None:
        print(f"footctl: {LEFT}", file=sys.stderr)
    if args.json:
        if args.yes and view.outcome and EXIT_CODES[view.outcome.kind]:  # no view was shown: say here what to do about it
            print(f"footctl: {view.outcome.reason}" + (f"\n  {view.outcome.hint}" if view.outcome.hint else ""), file=sys.stderr)
        print(json.dumps(result(view, session_id, args.program)), flush=True)
    elif not args.sim and view.outcome and view.outcome.kind == "refused" and view.outcome.fault and somebody_there():
        offer_to_clear(args)
    else:
        rating.offer(args, session_id, view)
    return EXIT_CODES[view.outcome.kind] if view.outcome else SessionEnded.exit_code


def _fill(args: argparse.Namespace, now: settings.Settings) -> None:
    """What the flags leave open, from the settings; a screened person's program is the last one that they ran."""
    args.person = now.whom(args.person, args.sim)
    args.program = args.program or now.program or sitting.last_program(args.person) or FIRST
    args.plain = args.plain or now.plain
    args.speak = args.speak or now.speak
    if not args.sim:
        args.serial = args.serial or now.serial


def offer_to_clear(args: argparse.Namespace) -> None:
    """The device was found latched: show the first cause and ask. A step of its own: whoever clears starts the program anew."""
    from footctl.cli import clear

    try:
        clear.run(args)
        print("now start again")
    except FootctlError as error:
        print(error, file=sys.stderr)


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """Before and after the session, when nothing is on: a signal simply ends the command."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SessionEnded(f"ended by {signal.Signals(number).name} before anything was started")

    before = {number: signal.signal(number, end) for number in ENDING.values() if signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(args: argparse.Namespace, now: settings.Settings, session_id: str, text: bytes | None) -> View:
    text = read_program(args.program) if text is None else text
    profile = parse_program(text, args.program)
    check_phase(args.phase, args.program, len(profile.phases))
    _check(args)
    speaker = _speaker(args)
    nonce = secrets.randbits(32)
    who = sitting.sitter(args)
    host = Host(nonce=nonce, profile=profile, person=who.person, start_phase=args.phase, serial=args.serial or "")
    virtual = args.speed > SPEED_MAX
    keys = somebody_there()
    with ExitStack() as stack:
        recorder = None
        if args.record is not None:
            header = Header(nonce, host.role, text.decode(), args.program, who.person, args.phase, session_id)
            recorder = Recorder(args.record, header)
            stack.callback(_close_record, recorder, args.record)
        paper = Paper(sys.stderr if args.json else sys.stdout)
        stack.callback(paper.close)
        plain, units = None, Units(now.units)
        if not (args.json and args.yes):
            plain = Plain(paper.line, every_s=60.0 if virtual else args.speed, keys=keys and not virtual, units=units)
        opening = None
        if plain is not None and keys and not (args.plain or args.json or virtual) and not unfit(sys.stdout):
            opening = Opening(now.units, args.speed, HELP)
        ledger = sitting.ledger(args, who, session_id, args.program, lambda text: paper.line(f"  ! {text}"))
        if isinstance(ledger, Ledger):
            ledger.pain_before = args.pain_now
        note = sitting.noting(recorder, ledger)
        spoken = None
        if speaker is not None:
            voice = Voice(speaker, lambda text: paper.line(f"  ! {text}"))
            stack.callback(voice.close, LAST_WORDS_S)
            spoken = Spoken(voice, units, keys)
        desk = Desk(Answers() if args.yes else None, plain, paper, note, ledger, session_id, args.program, opening, spoken)
        view = None
        try:
            if virtual:
                view = run_virtual(host, simulated(args), desk.answers, plain, paper, desk.note, ledger)
            else:
                with closing(Ambience(profile, now.scenes, now.scene_seconds, lambda text: paper.line(f"  ! {text}"))) as ambience:
                    if args.no_device:
                        view = asyncio.run(_by_hand(Guide(profile, who.person, args.phase), desk, ambience))
                    else:
                        view = asyncio.run(_at_wall_speed(args, host, desk, ambience))
            return view
        finally:
            if isinstance(ledger, Ledger):
                _close_ledger(ledger, view)


def _check(args: argparse.Namespace) -> None:
    """Flags that contradict each other, and a question that nobody could answer."""
    if args.no_device and (args.sim or links.named(args)):
        raise UsageError("--no-device and a device", "name one of them")
    if args.no_device and (args.speed != 1 or args.record is not None):
        raise UsageError("--speed and --record are for devices", "your own hands know one speed, and there are no bytes to record")
    if args.speak and args.speed > SPEED_MAX:
        raise UsageError("--speak and --speed max", "nobody can listen so fast; leave one of them out")
    if args.sim and links.named(args):
        raise UsageError("--sim and a device", "name one of them")
    if not args.sim:
        if args.scenario is not None or args.seed is not None:
            raise UsageError("--scenario and --seed are for --sim", "a served simulator gets them from `footctl sim serve`")
        if args.speed > links.LINK_SPEED_MAX:
            raise UsageError(f"over a link the speed is at most {links.LINK_SPEED_MAX:.0f}", "for more: --sim")
    if not (args.yes or somebody_there()):
        raise UsageError("nobody is here to say yes: standard input is no terminal", "add --yes, which confirms the start and prompts")


def simulated(args: argparse.Namespace) -> World:
    """The world that --sim asks for."""
    from simulator.world import World

    factor = 1 if args.speed > SPEED_MAX else max(1, round(args.speed))
    return World(scenario=args.scenario, seed=args.seed or 0, speed=factor)


def _close_record(recorder: Recorder, path: Path) -> None:
    recorder.close()
    if recorder.trouble is not None:
        print(f"footctl: the record {path} ends early: {recorder.trouble}", file=sys.stderr)


def _close_ledger(ledger: Ledger, view: View | None) -> None:
    ledger.close(view)
    if ledger.trouble:
        print(f"footctl: what this session used up may not be written down whole: {ledger.trouble}", file=sys.stderr)


async def _at_wall_speed(args: argparse.Namespace, host: Host, desk: Desk, ambience: Ambience) -> View:
    link: Link = InProcess(simulated(args)) if args.sim else await links.open_named(args)
    try:
        session = Session(host, link, Clock(args.speed), note=desk.note)
        if not args.sim:
            session.subscribe(lambda view: _same_speed(session, view.identity, args.speed))
            _tell_unproven(session, link, desk)
        if desk.ledger is not None:
            session.subscribe(Books(session, desk.ledger))
        session.subscribe(ambience)
        before = await attend(session, desk)
        view = links.with_strangers(before, link)
        for words in view.warnings[len(before.warnings) :]:
            desk.paper.line(f"  ! {words}")
    finally:
        link.close()
    outcome = view.outcome
    if args.sim or outcome is None or outcome.kind not in UNSEEN or outcome.off_confirmed or not view.phases or view.identity is None:
        return view
    desk.paper.line("  looking for the device, to see that it is off …")
    if not await off_again(lambda: links.open_named(args), view.identity, args.speed):
        return view
    desk.paper.line("  it is back, and reads back: everything is off")
    reason = f"{outcome.reason}; it came back and reads as off"
    return replace(view, outcome=replace(outcome, reason=reason, hint=links.BACK_HINT, off_confirmed=True))


async def _by_hand(guide: Guide, desk: Desk, ambience: Ambience) -> View:
    """Nothing is connected: it times and tells."""
    session = Session(guide, NoLink(), Clock(), note=desk.note)
    if desk.ledger is not None:
        session.subscribe(Books(session, desk.ledger))
    session.subscribe(ambience)
    return await attend(session, desk)


def _speaker(args: argparse.Namespace) -> tuple[str, ...] | None:
    """What speaks here. Raises UsageError before anything starts: who needs to hear it must not begin without."""
    if not args.speak:
        return None
    words = command()
    if words is None:
        raise UsageError("--speak: nothing on this computer can speak", REMEDY.get(sys.platform, REMEDY["linux"]))
    return words


def _tell_unproven(session: Session, link: Link, desk: Desk) -> None:
    """Before anybody says yes: that nothing proves who answers."""

    def look(view: View) -> None:
        if view.identity is not None:
            unsubscribe()
            words = links.unproven(view, link)
            if words:
                desk.paper.line(f"  ! {words}")

    unsubscribe = session.subscribe(look)


def _same_speed(session: Session, identity: Identified | None, asked: float) -> None:
    """Every limit is in device time: both ends must agree how fast it goes."""
    if identity is None or asked == (identity.simulator or 1):
        return
    if identity.simulator:
        error = DeviceRefused(f"the simulator {identity.serial} runs at speed {identity.simulator}", f"add --speed {identity.simulator}")
    else:
        error = DeviceRefused(f"{identity.serial} is a real device: it knows one speed", "leave --speed out")
    session.abandon(error)
