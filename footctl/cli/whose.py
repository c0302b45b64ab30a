"""Whose sessions, and since when: the flags that the journal and the report share."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from footctl.errors import UsageError

if TYPE_CHECKING:
    from footctl.run.journal import Journal

SPANS_S = {"h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_SPAN = re.compile(r"(\d{1,4})\s*([hdwy])")
NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Whose:
    """`row` None: of nobody; past.ANYBODY: of everybody. `name` None unless one person is meant."""

    row: int | None
    name: str | None

    @property
    def title(self) -> str:
        """Who it is, for a heading."""
        return self.name or ("nobody named" if self.row is None else "everybody")


def add_flags(parser: argparse.ArgumentParser, since: bool = True) -> None:
    """--person, --since."""
    parser.add_argument("--person", metavar="NAME", help=f"whose; {NOBODY} for sessions that nobody was named for")
    if since:
        parser.add_argument("--since", type=span, metavar="TIME", help="the last 8w, 30d, 12h, or from a day on, like 2026-10-01")


def span(text: str) -> int:
    """The moment that a person means, in seconds since 1970: a span back from now as a negative number of seconds, or a day."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found:
        return -int(found[1]) * SPANS_S[found[2]]
    try:
        return int(datetime.strptime(text.strip(), "%Y-%m-%d").astimezone().timestamp())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}; like 8w, 30d, 12h, or 2026-10-01") from None


def moment(journal: Journal, since: int | None) -> int:
    """What --since means now; 0 when it was not said."""
    if since is None:
        return 0
    return since if since >= 0 else int(journal.clock()) + since


def whose(journal: Journal, name: str | None) -> Whose:
    """Whom --person names; everybody when it is not said."""
    from footctl.run import past, persons

    if name is None:
        return Whose(past.ANYBODY, None)
    if name == NOBODY:
        return Whose(None, None)
    row = persons.standing(journal, name).row
    return Whose(row.id, row.name)


def one(journal: Journal, name: str | None) -> Whose:
    """One person, for what makes no sense for several: the one named, or the only one there is. Raises UsageError."""
    from footctl.run import past

    if name is not None:
        return whose(journal, name)
    known = {session.person: session.name for session in past.sessions(journal)}
    known |= {row.id: row.name for row in journal.persons()}
    if len(known) > 1 and None in known:
        del known[None]
    if len(known) > 1:
        raise UsageError("several persons are known here", f"name one: --person {' | '.join(sorted(str(word) for word in known.values()))}")
    if not known:
        return Whose(None, None)
    return Whose(*next(iter(known.items())))


def day(seconds: int) -> str:
    """A moment's day, like 2026-11-22."""
    return f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d}"
