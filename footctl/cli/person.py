"""`footctl person`: whose feet they are. What may be typed; the work is in footctl.cli.people."""

from __future__ import annotations

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """The verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, words: str, named: bool = True) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".", allow_abbrev=False)
        if named:
            sub.add_argument("name", metavar="NAME", help="how the person is called here")
        sub.add_argument("--json", action="store_true", help="as one JSON document")
        return sub

    asked = verb("screen", "answer the health questions, all of them or those that changed")
    asked.add_argument("--answer", action="append", default=[], metavar="KEY=ANSWER", help="one answer, like diabetes=no; more than once")
    asked.add_argument("--answers", type=Path, metavar="FILE", help="answers from a TOML file")
    asked.add_argument("--otherwise-no", action="store_true", help="no, or 0, to every question that is not named")
    verb("show", "what holds for somebody, why, and until when")
    verb("list", "who is known here", named=False)
    loosen = verb("loosen", "the second step, when new answers would allow more than those before")
    loosen.add_argument("--confirm", action="store_true", help="yes, from now on only the newer answers count")
    _comfort(verb("comfort", "what pain and softer taught, and lifting it"))
    forget = verb("forget", "delete a person and all that is theirs")
    forget.add_argument("--yes", action="store_true", help="do not ask for the name to be typed")
    verb("questions", "every question, its answers, what follows, on what ground", named=False)
    redate = verb("redate", "after a wrong clock: sessions dated in days to come count as of now", named=False)
    redate.add_argument("--confirm", action="store_true", help="yes, the clock is right now")


def _comfort(parser: argparse.ArgumentParser) -> None:
    """Flags of `comfort`."""
    parser.add_argument("--raise", dest="place", metavar="PLACE", help="lift what was learned there: left.heel, left.heel.kneading, water")
    parser.add_argument("--to", metavar="MOST", help="only up to this, like 20kPa or 37C; without it altogether")
    parser.add_argument("--confirm", action="store_true", help="yes, without being asked")
    parser.add_argument("--sim", action="store_true", help="what a simulator taught, too")


def run(args: argparse.Namespace) -> int:
    """Do one of them."""
    from footctl.cli import people

    return people.run(args)
