"""How was it? Asked on a terminal after a session, and shown with what follows: red flags, ceilings to lift."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from footctl.core.change import MEASURES, SCALE_MOST, Measure
from footctl.core.findings import SKIN
from footctl.core.learned import RULE
from footctl.core.redflags import Flag, only_partly_understood
from footctl.core.view import View
from footctl.errors import FootctlError, SessionEnded
from footctl.run import diary, flags, lessons, past
from footctl.run.journal import Journal
from footctl.run.past import Past
from footctl.screens import pasts
from footctl.screens.ink import Ink
from footctl.screens.keys import somebody_there
from footctl.screens.width import broken, columns

Read = Callable[[str], str]
ASKED = ("pain", "comfort")  # after every session; the others whoever likes: footctl journal rate
ASKED_BEFORE = ("pain", "tingling", "numbness", "stress", "sleep")
PARTLY = "words are only partly understood; the skin check is surer: footctl journal rate --skin ok, or like --skin blister:left"
RATED = ("completed", "stopped", "pain", "tripped")


def ask(before: bool = False, read: Read | None = None) -> tuple[dict[str, int], list[tuple[str, str]], str]:
    """Scores, skin and a note. Enter leaves a question out."""
    from footctl.cli import asking

    read = read or asking.read_line
    asking.say("How is it before the session? Enter leaves a question out." if before else "How was it? Enter leaves a question out.")
    scores = {}
    for name in ASKED_BEFORE if before else ASKED:
        number = _score(MEASURES[name], read)
        if number is not None:
            scores[name] = number
    if before:
        return scores, [], ""
    return scores, _skin(read), read("  A note, if you like: ")


def _score(measure: Measure, read: Read) -> int | None:
    from footctl.cli import asking

    prompt = f"  {measure.words[0].upper()}{measure.words[1:]}, 0 ({measure.none}) to {SCALE_MOST} ({measure.worst}): "
    while True:
        word = read(prompt)
        if not word:
            return None
        if word.isascii() and word.isdecimal() and int(word) <= SCALE_MOST:
            return int(word)
        asking.say(f"   A whole number from 0 to {SCALE_MOST}, please, or Enter")


def _skin(read: Read) -> list[tuple[str, str]]:
    from footctl.cli import asking
    from footctl.errors import UsageError

    said = asking.somebody_says(read("  Look at both soles and between the toes. Is anything new? y, n, Enter: not looked: "))
    if said == "no":
        return [("ok", "both")]
    if not said:
        return []
    for key, words in list(SKIN.items())[1:]:
        asking.say(f"     {key:<9} {words}")
    found: list[tuple[str, str]] = []
    while True:
        word = read("     Which, and on which foot? like blister:left; Enter when that is all: ")
        if not word:
            return found
        try:
            found.append(diary.skin(word))
        except UsageError as error:
            asking.say(f"   {error}; {error.hint}")


def offer(args: argparse.Namespace, session: str, view: View, read: Read | None = None) -> None:
    """After a session that somebody watched on a terminal: how was it, and may what was learned be lifted? Leaving keeps nothing."""
    if args.json or args.yes or not view.phases or view.outcome is None or view.outcome.kind not in RATED or not somebody_there():
        return
    from footctl.cli import asking

    read = read or asking.read_line
    try:
        scores, skins, note = ask(read=read)
        with Journal() as journal:
            one = past.find(journal, session)
            if scores or skins or note:
                diary.said(journal, one, "after", scores, skins, note)
                show_flags(journal, one, asking_stream())
            if view.outcome.kind == "completed":
                _offer_to_lift(journal, one, view, read)
    except SessionEnded:
        asking.say("  nothing was kept; later: footctl journal rate")
    except FootctlError as error:
        asking.say(f"  not kept: {error}" + (f"; {error.hint}" if error.hint else ""))


def asking_stream() -> TextIO:
    """Where questions go."""
    import sys

    return sys.stderr


def _offer_to_lift(journal: Journal, one: Past, view: View, read: Read) -> None:
    """A ceiling that made this session lower, and nothing hurt: a person may lift it now. Enter leaves it."""
    from footctl.cli import asking

    if one.person is None or view.plan is None or past.whole(journal, one).pains or not any(low.rule == RULE for low in view.plan.lowered):
        return
    told = " ".join(low.source for low in view.plan.lowered if low.rule == RULE)
    for held in lessons.held(journal, one.person, simulated=one.simulated):
        if held.why not in told:
            continue
        since = lessons.day_words(held.at, journal.clock())
        said = read(f"  {held.words} was held at {held.most_words} since {since} ({held.why}). Lift that? y, Enter leaves it: ")
        if asking.somebody_says(said) == "yes":
            lessons.raise_ceiling(journal, one.person, held.place, None, one.name or "")
            asking.say("   lifted; the limits of the tier hold as before")


def moment_of(one: Past) -> str:
    """When a session was."""
    return pasts.moment(one.started)


def show_flags(journal: Journal, one: Past, stream: TextIO, note: str = "") -> None:
    """The flags that stand for a session's person, with what to do. `note`: what was written just now."""
    print_flags(journal, flags.standing(journal, one.person, simulated=one.simulated), stream, note)


def print_flags(journal: Journal, found: Sequence[Flag], stream: TextIO, note: str = "") -> None:
    """Red flags as a person reads them; of a `note` about the body that raises none, that a look is surer than words."""
    since = {flag.rule.key: lessons.day_words(flag.at, journal.clock()) for flag in found}
    for line in pasts.flag_lines(found, since, Ink(stream)):
        print(broken(line, columns(stream)), file=stream)
    if only_partly_understood(note):
        print(broken(PARTLY, columns(stream)), file=stream)


def flag_record(flag: Flag) -> dict[str, Any]:
    """A flag as plain values."""
    return {
        "rule": flag.rule.key,
        "title": flag.rule.title,
        "because": flag.because,
        "do": flag.rule.do,
        "how_soon": flag.rule.soon,
        "blocks": flag.rule.blocks,
        "at": pasts.moment(flag.at),
        "source": flag.rule.source,
    }
