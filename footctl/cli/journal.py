"""`footctl journal`: what earlier sessions were like, what people said of them, how it goes over weeks. It all stays on this machine."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from footctl.cli import whose
from footctl.cli.listing import columns, document
from footctl.errors import SessionEnded, UsageError

if TYPE_CHECKING:
    from footctl.run.journal import Journal

KEPT = "nothing was kept"


def configure(parser: argparse.ArgumentParser) -> None:
    """The verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, words: str, json: bool = True) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".", allow_abbrev=False)
        if json:
            sub.add_argument("--json", action="store_true", help="as one JSON document")
        return sub

    listed = verb("list", "the sessions, a line each, the newest last")
    whose.add_flags(listed)
    listed.add_argument("--all", action="store_true", help="all of them; without it the newest 20")
    listed.add_argument("--real", action="store_true", help="leave simulated ones out")
    shown = verb("show", "one session whole")
    _session(shown)
    rated = verb("rate", "how it was: scores from 0 to 10, skin, a note")
    _session(rated, flag=True)
    rated.add_argument("scores", nargs="*", metavar="MEASURE=N", help="like pain=3 comfort=8; asked when nothing is said here")
    rated.add_argument("--before", action="store_true", help="how it was before the session; otherwise after")
    rated.add_argument("--skin", action="append", default=[], metavar="FINDING[:FOOT]", help="ok, or what is new, like blister:left")
    rated.add_argument("--note", default="", metavar="TEXT", help="a few words")
    hurt = verb("pain", "where the pain of a session was, and how strong; or that it was a mistake")
    _session(hurt, flag=True)
    hurt.add_argument("--where", metavar="PLACE", help="like left.heel, heel, both")
    hurt.add_argument("--score", type=int, metavar="N", help="how strong, 0 to 10")
    hurt.add_argument("--mistake", action="store_true", help="nothing hurt: nothing is learned from it")
    noted = verb("note", "a few words, of a session or of a person")
    noted.add_argument("text", metavar="TEXT")
    _session(noted, flag=True)
    whose.add_flags(noted, since=False)
    trend = verb("trend", "how scores went over weeks, as a picture")
    trend.add_argument("measures", nargs="*", metavar="MEASURE", help="pain, comfort, tingling, numbness, stress, sleep (default: pain)")
    whose.add_flags(trend)
    trend.add_argument("--sim", action="store_true", help="simulated sessions too")
    export = verb("export", "everything, for a spreadsheet or a program", json=False)
    whose.add_flags(export)
    export.add_argument("--format", choices=("csv", "json"), default="csv", help="default: csv, a line a session")
    export.add_argument("--telemetry", metavar="SESSION", help="the readings of one session instead, a line each")
    export.add_argument("--to", metavar="FILE", help="a new file, readable by nobody else; standard output without it")
    flagged = verb("flags", "what should be seen by a professional, what to do, how soon")
    whose.add_flags(flagged, since=False)
    flagged.add_argument("--acknowledge", metavar="RULE", help="it was read and looked at: quiet until something new is told")
    flagged.add_argument("--confirm", action="store_true", help="yes, without being asked")
    flagged.add_argument("--sim", action="store_true", help="what was told of simulated sessions too")


def _session(parser: argparse.ArgumentParser, flag: bool = False) -> None:
    words = "the start or the end of its id; last for the newest (the default)"
    if flag:
        parser.add_argument("--session", metavar="SESSION", help=words)
    else:
        parser.add_argument("session", nargs="?", metavar="SESSION", help=words)


def run(args: argparse.Namespace) -> int:
    """One verb."""
    from footctl.run.journal import Journal

    with Journal() as journal:
        return _VERBS[args.verb](journal, args)


# ------------------------------------------------------------------------------------------------------------ looking


def _list(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.run import past
    from footctl.screens import pasts

    who = whose.whose(journal, args.person)
    found = past.sessions(journal, who.row, whose.moment(journal, args.since), simulated=not args.real)
    cut = 0 if args.all or args.since is not None or args.json else max(0, len(found) - 20)
    if args.json:
        print(document([pasts.record(one) for one in found]))
    elif not found:
        print("no session yet: footctl run quick-break --sim makes one")
    else:
        print(columns([pasts.HEADINGS, *(pasts.line(one) for one in found[cut:])]))
        if cut:
            print(f"… and {cut} earlier: footctl journal list --all")
    return 0


def _show(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.run import past, settings
    from footctl.screens import pasts
    from footctl.screens.ink import Ink
    from footctl.screens.units import Units

    whole = past.whole(journal, past.find(journal, args.session))
    if args.json:
        parts = ("plan", "phases", "events", "pains", "ratings", "skin", "notes", "lessons")
        print(document({**pasts.record(whole.past), **{name: getattr(whole, name) for name in parts}}))
    else:
        print(Units(settings.load().units).words(pasts.whole_text(whole, Ink(sys.stdout))))
    return 0


def _trend(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.core.change import MEASURES
    from footctl.run import past
    from footctl.screens import trend
    from footctl.screens.width import columns as wide

    strangers = set(args.measures) - set(MEASURES)
    if strangers:
        raise UsageError(f"{min(strangers)!r} is no measure", f"there are {', '.join(MEASURES)}")
    who = whose.one(journal, args.person)
    found = past.sessions(journal, who.row, whose.moment(journal, args.since), simulated=args.sim)
    measures = args.measures or ["pain"]
    changes = trend.changes(found, measures)
    if args.json:
        print(document({"person": who.name, "changes": [_change(one) for one in changes], "points": _points(found, measures)}))
        return 0
    told = False
    for measure in measures:
        drawn = trend.picture(found, measure, wide(sys.stdout) or trend.WIDTH)
        if drawn:
            told = True
            print(drawn)
    if not told:
        more = "" if args.sim else "; --sim counts simulated sessions too"
        print(f"no ratings of {who.title} yet: footctl journal rate pain=3 comfort=8{more}")
    for sentence in trend.sentences(changes):
        print(sentence)
    return 0


def _change(one: Any) -> dict[str, Any]:
    told = {"measure": one.measure, "moment": one.moment, "ratings": one.count, "verdict": one.verdict}
    return {**told, "first": one.first, "last": one.last}


def _points(found: Any, measures: list[str]) -> list[dict[str, Any]]:
    return [
        {"session": one.id, "at": one.started, "moment": when, "measure": measure, "score": score}
        for one in found
        for (when, measure), score in one.scores.items()
        if measure in measures
    ]


def _export(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.run import past
    from footctl.screens import sheets

    if args.telemetry is not None:
        one = past.find(journal, args.telemetry)
        text = sheets.telemetry(past.batches(journal, one.id), args.format)
    else:
        who = whose.whose(journal, args.person)
        found = past.sessions(journal, who.row, whose.moment(journal, args.since))
        text = sheets.csv(found) if args.format == "csv" else sheets.json([past.whole(journal, one) for one in found])
    if args.to is None:
        sys.stdout.write(text)
    else:
        from footctl.run.places import write_private

        write_private(args.to, text)
        print(f"wrote {args.to}: health data, readable by you alone")
    return 0


# ------------------------------------------------------------------------------------------------------------ saying


def _rate(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.run import diary, past
    from footctl.screens.keys import somebody_there

    one = past.find(journal, args.session)
    moment = "before" if args.before else "after"
    scores = dict(diary.score(text) for text in args.scores)
    skins = [diary.skin(text) for text in args.skin]
    if scores or skins or args.note:
        diary.said(journal, one, moment, scores, skins, args.note)
        return _told(journal, one, args, {"session": one.id, "scores": scores, "skin": skins, "note": args.note}, args.note)
    if not somebody_there():
        raise UsageError("nothing to rate", "like footctl journal rate pain=3 comfort=8 --skin ok")
    from footctl.cli import rating

    again = rating.AGAIN + (" --before" if args.before else "") + (f" --session {args.session}" if args.session else "")
    said = rating.Said(journal, one, moment, again)
    whole = rating.ask(said)
    if said.anything or args.json:
        _told(journal, one, args, {"session": one.id, "scores": said.scores, "skin": said.skins, "note": said.note}, said.note)
    elif whole:
        print("nothing was said, so nothing was kept")
    return 0 if whole else SessionEnded.exit_code


def _told(journal: Journal, one: Any, args: argparse.Namespace, record: dict[str, Any], note: str = "") -> int:
    """What was kept, and which red flags stand because of it."""
    from footctl.cli import rating

    if args.json:
        print(document(record))
    else:
        print(f"kept, for {one.program} of {rating.moment_of(one)}")
    rating.show_flags(journal, one, sys.stderr if args.json else sys.stdout, note)
    return 0


def _pain(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.run import diary, past

    if args.where is None and args.score is None and not args.mistake:
        raise UsageError("nothing said about the pain", "--where left.heel, --score 6, or --mistake")
    one = past.find(journal, args.session)
    felt = diary.hurt(journal, one, args.where, args.score, args.mistake)
    return _told(journal, one, args, {"session": one.id, "mistake": args.mistake, **felt._asdict()})


def _note(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.cli import rating
    from footctl.run import diary, flags, past

    if args.session is None and args.person is not None:
        who = whose.one(journal, args.person)
        diary.note(journal, who.row, args.text)
        print(document({"person": who.name}) if args.json else f"kept, for {who.title}")
        rating.print_flags(journal, flags.standing(journal, who.row), sys.stderr if args.json else sys.stdout, args.text)
        return 0
    one = past.find(journal, args.session)
    diary.said(journal, one, "after", {}, (), args.text)
    return _told(journal, one, args, {"session": one.id, "note": args.text}, args.text)


def _flags(journal: Journal, args: argparse.Namespace) -> int:
    from footctl.cli import rating
    from footctl.run import flags
    from footctl.screens.keys import somebody_there

    who = whose.one(journal, args.person)
    if args.acknowledge is None:
        found = flags.standing(journal, who.row, simulated=args.sim)
        if args.json:
            print(document([rating.flag_record(flag) for flag in found]))
        elif not found:
            print(f"nothing stands for {who.title}")
        else:
            rating.print_flags(journal, found, sys.stdout)
        return 0
    if not args.confirm:
        if not somebody_there():
            raise UsageError("acknowledging wants a yes", "read it, have it looked at, then add --confirm")
        from footctl.cli import asking

        found = [flag for flag in flags.standing(journal, who.row, simulated=True) if flag.rule.key == args.acknowledge]
        rating.print_flags(journal, found, sys.stderr)
        if found and asking.choose("Was it looked at, and may sessions go on? y/n: ", asking.read_line, unsure=False) != "yes":
            raise SessionEnded("not acknowledged", "it stands, and sessions wait")
    done = flags.acknowledge(journal, who.row, args.acknowledge)
    if args.json:
        print(document(rating.flag_record(done)))
    else:
        print(f"acknowledged for {who.title}: {done.rule.title}; what is told anew raises it again")
    return 0


_VERBS = {
    "list": _list, "show": _show, "rate": _rate, "pain": _pain, "note": _note, "trend": _trend, "export": _export, "flags": _flags,
}  # fmt: skip
