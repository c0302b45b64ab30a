"""`footctl person comfort`: what a person's pain and "softer" taught, and lifting it. Only a person lifts; nothing else here does."""

from __future__ import annotations

import argparse

from footctl.cli.listing import columns, document
from footctl.core.learned import ANY, WATER, key
from footctl.core.pain import place
from footctl.errors import SessionEnded, UsageError
from footctl.run import lessons
from footctl.run.journal import Journal
from footctl.run.persons import Standing
from footctl.screens.keys import somebody_there
from footctl.screens.units import chosen


def run(journal: Journal, now: Standing, args: argparse.Namespace) -> int:
    """Show, or lift."""
    if args.place is None:
        if args.to is not None:
            raise UsageError("--to without a place", "name it: --raise left.heel --to 20kPa")
        return _show(journal, now, args)
    name = _key(args.place)
    most = _most(name, args.to)
    held = [one for one in lessons.held(journal, now.row.id, simulated=True) if one.place == name]
    if not held:
        raise UsageError(f"nothing was learned of {now.row.name} at {lessons.place_words(name)}", "footctl person comfort shows what was")
    if not args.confirm:
        _ask(now.row.name, held[0], args.to)
    if not lessons.raise_ceiling(journal, now.row.id, name, most, now.row.name):
        raise UsageError(f"{args.to} is no more than {held[0].most_words}", "a ceiling falls by itself; this only lifts it")
    told = "lifted altogether" if most is None else f"now at most {args.to}"
    after = {"place": name, "was": held[0].most, "now": most}
    print(document(after) if args.json else f"{now.row.name}, {held[0].words}: {told}; limits of the tier hold as before")
    return 0


def _show(journal: Journal, now: Standing, args: argparse.Namespace) -> int:
    held = lessons.held(journal, now.row.id, simulated=args.sim)
    if args.json:
        rows = [{"place": one.place, "most": one.most, "why": one.why, "at": one.at, "simulated": one.simulated} for one in held]
        print(document(rows))
    elif not held:
        print(f"nothing was learned of {now.row.name} yet; pain and softer teach")
    else:
        today = journal.clock()
        rows_ = [["place", "at most", "since", "because"]]
        said = chosen().words
        rows_ += [
            [one.words + (" (sim)" if one.simulated else ""), said(one.most_words), lessons.day_words(one.at, today), said(one.why)]
            for one in held
        ]
        print(columns(rows_))
        print(f"lift one: footctl person comfort {now.row.name!r} --raise {held[0].place.rstrip('.')}")
    return 0


def _ask(name: str, held: lessons.Held, to: str | None) -> None:
    """Lifting is a person's own act."""
    if not somebody_there():
        raise UsageError("lifting a ceiling wants a yes", "a person reads it and adds --confirm")
    from footctl.cli import asking

    asking.say(f"{held.words}: at most {held.most_words}, because of {held.why}.")
    what = "altogether" if to is None else f"to {to}"
    if asking.choose(f"Lift it {what} for {name}? y/n: ", asking.read_line, unsure=False) != "yes":
        raise SessionEnded("not lifted", f"{held.most_words} hold on")


def _key(text: str) -> str:
    """A place as people type it, as a key of footctl.core.learned."""
    if text.lower() == WATER:
        return WATER
    words = text.lower().replace(".", " ").split()
    try:
        known = place(" ".join(words[:2])).split(".")
    except ValueError as error:
        raise UsageError(str(error), "like left.heel, left.heel.kneading, or water") from error
    if len(known) != 2 or known[0] == "both" or len(words) > 3:
        raise UsageError(f"{text!r} is not one place", "like left.heel, left.heel.kneading, or water")
    return key(known[0], known[1], words[2] if len(words) == 3 else ANY)


def _most(name: str, text: str | None) -> float | None:
    from footctl.core.quantities import PRESSURE, QuantityError, read
    from footctl.core.quantities import WATER as TEMPERATURE

    if text is None:
        return None
    try:
        return read(TEMPERATURE if name == WATER else PRESSURE, text)
    except QuantityError as error:
        raise UsageError(f"--to {text!r} {error}") from error
