"""`footctl programs`: those that ship, those taken in, and the tools to write and to share one. Runs nothing."""

import sys

from footctl.cli.listing import columns, document
from footctl.errors import FootctlError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

VERBS = (
    ("list", "the programs that ship, and those that you took in"),
    ("show", "a program's own text, once it was found right"),
    ("check", "every mistake in program files at once; they are left alone"),
    ("new", "copy a program to a file of your own"),
    ("import", "take in a program from somebody else, after showing everything unusual in it"),
    ("export", "a program as data for somebody else: its values, no comments"),
    ("remove", "forget a program that was taken in"),
    ("schema", "the JSON schema of a program file, for editors"),
)


def configure(parser: "argparse.ArgumentParser") -> None:
    """Verbs of `footctl programs`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = {
        verb: verbs.add_parser(verb, help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False)
        for verb, about in VERBS
    }
    made["list"].add_argument("--json", action="store_true", help="as one JSON document")
    made["show"].add_argument("program", metavar="PROGRAM", help="a preset's name, or the path of a program file")
    made["show"].add_argument("--json", action="store_true", help="as one JSON document, in °C, kPa and seconds")
    made["check"].add_argument("programs", metavar="PROGRAM", nargs="+", help="paths, or names of presets")
    made["check"].add_argument("--json", action="store_true", help="as one JSON document")
    made["new"].add_argument("preset", metavar="PRESET", help="what to start from")
    made["new"].add_argument("file", metavar="FILE", nargs="?", help="where to; PRESET.toml here when not given; never overwritten")
    made["import"].add_argument("file", metavar="FILE", help="a program file; - reads standard input")
    made["import"].add_argument("--as", dest="name", metavar="NAME", help="what to call it here; made from its title when not given")
    made["import"].add_argument("--replace", action="store_true", help="in place of the one of that name")
    made["import"].add_argument("--yes", action="store_true", help="keep it without asking; everything unusual is shown all the same")
    made["import"].add_argument("--json", action="store_true", help="what was found as one JSON document; keeps it only with --yes")
    made["export"].add_argument("program", metavar="PROGRAM", help="a name, or the path of a program file")
    made["export"].add_argument("file", metavar="FILE", nargs="?", help="where to; standard output when not given; never overwritten")
    made["remove"].add_argument("name", metavar="NAME", help="its name here")
    made["schema"].add_argument("--json", action="store_true", help="which it is anyway")


def run(args: "argparse.Namespace") -> int:
    """One verb."""
    if args.verb in ("import", "export", "remove"):
        from footctl.cli import sharing

        return {"import": sharing.take_in, "export": sharing.give, "remove": sharing.remove}[args.verb](args)
    return {"list": _list, "show": _show, "check": _check, "new": _new, "schema": _schema}[args.verb](args)


def _list(args: "argparse.Namespace") -> int:
    from footctl.run.presets import list_programs, list_taken_in

    presets, taken_in = list_programs(), list_taken_in()
    if args.json:
        print(document([*({**row, "origin": "preset"} for row in presets), *({**row, "origin": "taken in"} for row in taken_in)]))
        return 0
    rows = [(row["name"], row["tier"], row["summary"]) for row in (*presets, *taken_in)]
    lines = columns(rows).splitlines()
    print("\n".join(lines[: len(presets)]))
    if taken_in:
        print("\ntaken in:\n" + "\n".join(lines[len(presets) :]))
    return 0


def _show(args: "argparse.Namespace") -> int:
    from footctl.core.profile import parse_program
    from footctl.run.presets import read_program

    text = read_program(args.program)
    profile = parse_program(text, args.program)
    if args.json:
        print(document(_plain(profile.model_dump(by_alias=True, exclude_none=True))))
    else:
        print(text.decode("utf-8-sig"), end="")
    return 0


def _plain(value: "Any") -> "Any":
    """Sets have no order and JSON has no sets: zones from the toes to the ankle, other names by the alphabet."""
    from footctl.screens.planned import in_zone_order

    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (set, frozenset)):
        return in_zone_order(value)
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _check(args: "argparse.Namespace") -> int:
    from footctl.run.presets import load_program

    worst = 0
    rows = []
    for program in args.programs:
        try:
            profile = load_program(program)
        except FootctlError as error:
            worst = max(worst, error.exit_code)
            rows.append({"program": program, "ok": False, "error": str(error), "hint": error.hint})
            told, stream = f"footctl: {error}" + (f"\n  {error.hint}" if error.hint else ""), sys.stderr
        else:
            rows.append({"program": program, "ok": True, "name": profile.name, "tier": profile.tier})
            told, stream = f"{program}: right ({profile.name}; tier {profile.tier}, {len(profile.phases)} phases)", sys.stdout
        if not args.json:
            print(told, file=stream)
    if args.json:
        print(document(rows))
    return worst


def _new(args: "argparse.Namespace") -> int:
    import os

    from footctl.core.profile import parse_program
    from footctl.run.presets import read_program

    text = read_program(args.preset)
    parse_program(text, args.preset)
    target = args.file or f"{os.path.splitext(os.path.basename(args.preset))[0]}.toml"
    write_new(target, text)
    print(f"wrote {target}\n  change it, then: footctl programs check {target}")
    return 0


def write_new(target: str, text: bytes) -> None:
    """Write a file that is not there yet. Raises UsageError when it is."""
    try:
        with open(target, "xb") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target} is there already", "it was left alone; name another file") from None
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}", "nothing was written") from error


def _schema(args: "argparse.Namespace") -> int:
    from footctl.core.schema import program_schema

    print(document(program_schema()))
    return 0
