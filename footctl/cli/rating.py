"""How was it? Asked on a terminal after a session, and shown with what follows: red flags, ceilings to lift."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from footctl.core.change import MEASURES, SCALE_MOST, Measure
from footctl.core.events import FOOT_SIDES
from footctl.core.findings import SKIN
from footctl.core.learned import RULE
from footctl.core.redflags import Flag, only_partly_understood, skin_named
from footctl.core.view import View
from footctl.errors import FootctlError, SessionEnded, UsageError
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
AGAIN = "footctl journal rate"
RATED = ("completed", "stopped", "pain", "tripped")


@dataclass
class Said:
    """What somebody says of a session. Each answer is kept before the next question, so that leaving loses none.

    `again`: the command for what was left out.
    """

    journal: Journal
    session: Past
    moment: str = "after"
    again: str = AGAIN
    scores: dict[str, int] = field(default_factory=dict)
    skins: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""

    def keep(self, scores: Mapping[str, int] | None = None, skins: Sequence[tuple[str, str]] = (), note: str = "") -> None:
        """Keep an answer now."""
        diary.said(self.journal, self.session, self.moment, scores or {}, skins, note)
        self.scores.update(scores or {})
        self.skins += skins
        self.note = note or self.note

    @property
    def anything(self) -> bool:
        """Something was said."""
        return bool(self.scores or self.skins or self.note)

    @property
    def left(self) -> str:
        """What was kept until somebody left, and how to go on."""
        kept = [f"{name} {number}" for name, number in self.scores.items()] + [SKIN[finding] for finding, _ in self.skins]
        return f"kept: {', '.join(kept)}; the rest later: {self.again}" if kept else f"nothing was kept; later: {self.again}"


def ask(said: Said, read: Read | None = None) -> bool:
    """Scores, skin and a note; before a session, scores. Enter leaves a question out. False when somebody left before the last one."""
    from footctl.cli import asking

    try:
        _questions(said, read or asking.read_line)
    except (SessionEnded, KeyboardInterrupt):
        asking.say(f"\n  {said.left}")
        return False
    return True


def _questions(said: Said, read: Read) -> None:
    from footctl.cli import asking

    before = said.moment == "before"
    asking.say("How is it before the session? Enter leaves a question out." if before else "How was it? Enter leaves a question out.")
    for name in ASKED_BEFORE if before else ASKED:
        number = _score(MEASURES[name], read)
        if number is not None:
            said.keep({name: number})
    if before:
        return
    _skin(said, read)
    note = read("  A note, if you like: ")
    if note:
        said.keep(note=note)


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


def _skin(said: Said, read: Read) -> None:
    """Whether anything is new, asked again until it is understood; then what it is, as far as it is said."""
    from footctl.cli import asking

    while True:
        word = read("  Look at both soles and between the toes. Is anything new? y, n, or what it is; Enter: not looked: ")
        answer = asking.somebody_says(word)
        if not word:
            return
        if answer == "no":
            said.keep(skins=[("ok", "both")])
            return
        found = _findings(word)
        if answer == "yes" or found:
            break
        if answer:
            asking.say("   A mirror helps, or somebody else's eyes; Enter when nobody can look now")
        else:
            asking.say("   Please type y or n, or what it is, like blister:left; Enter when nobody looked")
    try:
        if found:
            said.keep(skins=found)
        _which(said, read)
    finally:
        if not said.skins:
            said.keep(skins=[("other", "both")])
            asking.say(f"     kept: {SKIN['other']}")


def _which(said: Said, read: Read) -> None:
    from footctl.cli import asking

    for key, words in list(SKIN.items())[1:]:
        asking.say(f"     {key:<9} {words}")
    while True:
        word = read(f"     {'What else' if said.skins else 'Which'}, and on which foot? like blister:left; Enter when that is all: ")
        if not word or asking.somebody_says(word) == "no":
            if word and not said.skins:
                said.keep(skins=[("ok", "both")])
            return
        found = _findings(word)
        if found:
            said.keep(skins=found)
        else:
            asking.say(f"   {word!r} is none of these; like blister:left")


def _findings(text: str) -> list[tuple[str, str]]:
    """What of the skin is meant, in the words of the list or in one's own; on both feet when none is named."""
    try:
        return [diary.skin(text)]
    except UsageError:
        feet = [foot for foot in FOOT_SIDES if foot in re.findall(r"\w+", text.lower())]
        return [(key, feet[0] if len(feet) == 1 else "both") for key in skin_named(text)]


def offer(args: argparse.Namespace, session: str, view: View, read: Read | None = None) -> None:
    """After a session that somebody watched on a terminal: how was it, and may what was learned be lifted?"""
    if args.json or args.yes or not view.phases or view.outcome is None or view.outcome.kind not in RATED or not somebody_there():
        return
    from footctl.cli import asking

    read = read or asking.read_line
    try:
        with Journal() as journal:
            said = Said(journal, past.find(journal, session))
            whole = ask(said, read)
            if said.anything:
                show_flags(journal, said.session, asking_stream(), said.note)
            if whole and view.outcome.kind == "completed":
                _offer_to_lift(journal, said.session, view, read)
    except (SessionEnded, KeyboardInterrupt):
        asking.say("\n  not lifted; later: footctl person comfort")
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
