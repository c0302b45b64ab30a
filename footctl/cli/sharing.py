"""`footctl programs import`, `export` and `remove`: programs from others and for others. What comes in is shown before it is kept."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from footctl.cli.listing import document
from footctl.core.profile import MAX_BYTES, MassagePhase, Phase, Profile, SoakPhase, StretchPhase, parse_program
from footctl.core.quantities import show_time
from footctl.core.tabled import written
from footctl.core.unusual import unusual
from footctl.errors import ProfileError, UsageError
from footctl.run import library
from footctl.run.presets import list_programs, read_program
from footctl.screens.ink import Ink
from footctl.screens.keys import somebody_there
from footctl.screens.planned import in_zone_order, minutes, number
from footctl.screens.units import chosen
from footctl.screens.width import broken, columns

if TYPE_CHECKING:
    from collections.abc import Iterable


def take_in(args: argparse.Namespace) -> int:
    """Read, judge, show everything unusual, ask, keep."""
    text = _text(args.file)
    profile = parse_program(text, "standard input" if args.file == "-" else args.file)
    presets = {row["name"]: row["title"] for row in list_programs()}
    name = library.checked(args.name, presets) if args.name else library.name_for(profile.name, presets)
    found = unusual(profile, presets.values())
    if not args.json:
        _tell(profile, found)
    if not (args.yes or (not args.json and _agreed(name))):
        if args.json:
            print(document({"name": name, "kept": None, "unusual": found}))
            return 0
        raise UsageError("it was not kept", "to keep it: answer y, or add --yes")
    path = library.keep(name, text, args.replace)
    if args.json:
        print(document({"name": name, "kept": path, "unusual": found}))
    else:
        print(f"kept as {name}\n  what it would do with you: footctl plan {name}")
    return 0


def give(args: argparse.Namespace) -> int:
    """The program as data, to a file or to standard output."""
    from footctl.cli.programs import write_new

    profile = parse_program(read_program(args.program), args.program)
    text = written(profile.text)
    if args.file is None:
        print(text, end="")
    else:
        write_new(args.file, text.encode())
        print(f"wrote {args.file}")
    return 0


def remove(args: argparse.Namespace) -> int:
    """Forget a program that was taken in."""
    library.remove(args.name)
    print(f"{args.name} is gone")
    return 0


def _text(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    if "://" in file:
        raise UsageError(f"{file}: footctl fetches nothing from a network", "download it first, then: footctl programs import FILE")
    if not file.endswith(".toml") and "/" not in file:
        file = f"./{file}"  # a file here, never a preset of that name
    try:
        return read_program(file)
    except ProfileError as error:
        raise ProfileError(str(error), "nothing was stored") from None


def _tell(profile: Profile, found: list[str]) -> None:
    """What it is, phase by phase with every word that it would show, then what is unusual."""
    ink, wide = Ink(sys.stdout), columns(sys.stdout)
    seconds = sum(phase.for_s or 0.0 for phase in profile.phases)
    print(ink.bold(f"{profile.name} · {minutes(seconds)} · tier {profile.tier} · by {profile.author or 'nobody named'}"))
    about = (profile.summary, profile.for_whom and f"for: {profile.for_whom}", profile.not_for and f"not for: {profile.not_for}")
    for line in (*about, *(chosen().words(told) for told in _phases(profile.phases))):
        if line:
            print(broken(f"  {line}", wide))
    print()
    if not found:
        print("nothing unusual in it")
    for words in found:
        print(ink.warn(broken(f"! {words}", wide)))


def _phases(phases: Iterable[Phase]) -> Iterable[str]:
    for index, phase in enumerate(phases, 1):
        words = [phase.kind if phase.name is None else f"{phase.kind} {phase.name!r}"]
        if isinstance(phase, SoakPhase):
            words.append(f"{number(phase.water)} °C")
        elif isinstance(phase, MassagePhase | StretchPhase):
            words.append(" + ".join(in_zone_order(phase.zones)))
            if phase.pressure:
                ends = dict.fromkeys((number(phase.pressure.start_kpa), number(phase.pressure.end_kpa)))
                words.append(f"{' → '.join(ends)} kPa")
        if phase.for_s is not None:
            words.append(show_time(phase.for_s))
        yield f"{index}. {' · '.join(words)}"
        if not isinstance(phase, SoakPhase | MassagePhase):
            yield f"   {phase.text}"


def _agreed(name: str) -> bool:
    if not somebody_there():
        raise UsageError("nobody is here to say yes: standard input is no terminal", "nothing was stored; add --yes to keep it")
    try:
        return input(f"keep it as {name}? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
