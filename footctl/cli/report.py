"""`footctl report`: one page for a clinician, of a session or of some weeks, written to a file that opens anywhere without a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from footctl.cli import whose
from footctl.cli.listing import document
from footctl.errors import UsageError

if TYPE_CHECKING:
    from footctl.run.journal import Journal


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags."""
    parser.add_argument("session", nargs="?", metavar="SESSION", help="the start or the end of its id; the newest without --since")
    whose.add_flags(parser)
    parser.add_argument("--sim", action="store_true", help="with --since: simulated sessions too")
    parser.add_argument("--out", metavar="FILE", help="where to (default: footctl-report-….html here)")
    parser.add_argument("--json", action="store_true", help="say where it is as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Write it."""
    if args.session is not None and args.since is not None:
        raise UsageError("a session and --since", "name one of them")
    from footctl.run import garbage
    from footctl.run.journal import Journal
    from footctl.run.places import write_private

    with garbage.rare(), Journal() as journal:
        name, text = _session(journal, args) if args.since is None else _weeks(journal, args)
    target = args.out or _fresh(name)
    write_private(target, text)
    if args.json:
        print(document({"file": target, "bytes": len(text.encode())}))
    else:
        print(f"wrote {target} ({len(text.encode()) / 1024:.0f} KB): health data, readable by you alone")
        print("  open it in a browser; it prints on two pages")
    return 0


def _fresh(name: str) -> str:
    """A name that is not taken: nothing is overwritten."""
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    number = 1
    while Path(target := f"footctl-report-{safe}{'' if number == 1 else f'-{number}'}.html").exists():
        number += 1
    return target


def _session(journal: Journal, args: argparse.Namespace) -> tuple[str, str]:
    from footctl.run import flags, lessons, past, settings
    from footctl.screens.report import session
    from footctl.screens.units import Units

    who = whose.whose(journal, args.person)
    one = past.find(journal, args.session, who.row)
    whole = past.whole(journal, one)
    known = [other for other in past.sessions(journal, one.person) if other.started <= one.started and other.simulated == one.simulated]
    found = flags.standing(journal, one.person, simulated=one.simulated)
    days = {flag.rule.key: lessons.day_words(flag.at, journal.clock()) for flag in found}
    held = lessons.held(journal, one.person, simulated=one.simulated)
    units = Units(settings.load().units)
    text = session.html(whole, past.batches(journal, one.id), known, found, days, held, units)
    return f"{one.name or 'session'}-{one.id}", text


def _weeks(journal: Journal, args: argparse.Namespace) -> tuple[str, str]:
    from footctl.run import diary, flags, lessons, past, settings
    from footctl.screens.report import weeks
    from footctl.screens.units import Units

    who = whose.one(journal, args.person)
    since, until = whose.moment(journal, args.since), int(journal.clock())
    sessions = past.sessions(journal, who.row, since, simulated=args.sim)
    if not sessions:
        more = "" if args.sim else "; --sim counts simulated sessions too"
        raise UsageError(f"no session of {who.title} in that time", f"footctl journal list shows what there is{more}")
    found = flags.standing(journal, who.row, simulated=args.sim)
    days = {flag.rule.key: lessons.day_words(flag.at, journal.clock()) for flag in found}
    told = [one for one in diary.findings(journal, who.row, args.sim) if one.at >= since]
    held = lessons.held(journal, who.row, simulated=args.sim)
    text = weeks.html(who.title[0].upper() + who.title[1:], since, until, sessions, told, found, days, held, Units(settings.load().units))
    return f"{who.name or 'sessions'}-{whose.day(until)}", text
