"""`footctl remind`: on which days a person wants to be reminded of which program. Shows sentences and files; switches nothing on."""

import sys

from footctl.cli.listing import columns, document
from footctl.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from footctl.run.reminders import Reminder

VERBS = (
    ("add", "remind of a program on these days at this time"),
    ("list", "every reminder and when it comes next"),
    ("due", "what is due now; --notify shows it on the desktop, once"),
    ("remove", "forget a reminder"),
    ("ics", "all of them as a calendar file"),
    ("timer", "the files for systemd or launchd that call you, for copying"),
)


def configure(parser: "argparse.ArgumentParser") -> None:
    """Verbs of `footctl remind`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    made = {
        verb: verbs.add_parser(verb, help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False)
        for verb, about in VERBS
    }
    made["add"].add_argument("when", metavar="WHEN", help='days and time in quotes: "Sun,Wed 20:00", "Mon-Fri 12:30", "daily 21:15"')
    made["add"].add_argument("program", metavar="PROGRAM", help="a program's name, or the path of its file")
    made["add"].add_argument("--person", metavar="NAME", help="for whom")
    made["due"].add_argument("--notify", action="store_true", help="on the desktop, too, and not again for the same time")
    made["remove"].add_argument("number", metavar="NUMBER", type=int, help="as `footctl remind list` shows it")
    made["ics"].add_argument("file", metavar="FILE", nargs="?", help="where to; standard output when not given; never overwritten")
    which = made["timer"].add_mutually_exclusive_group()
    which.add_argument("--systemd", action="store_true", help="for Linux (default there)")
    which.add_argument("--launchd", action="store_true", help="for macOS (default there)")
    for verb in ("list", "due"):
        made[verb].add_argument("--json", action="store_true", help="as one JSON document")


def run(args: "argparse.Namespace") -> int:
    """One verb."""
    verbs = {"add": _add, "list": _list, "due": _due, "remove": _remove, "ics": _ics, "timer": _timer}
    return verbs[args.verb](args)


def _add(args: "argparse.Namespace") -> int:
    import os

    from footctl.run.presets import load_program
    from footctl.run.reminders import Reminders, local_now

    profile = load_program(args.program)
    program = os.path.abspath(args.program) if os.path.exists(args.program) and args.program.endswith(".toml") else args.program
    if args.person is not None:
        from footctl.run import persons
        from footctl.run.journal import Journal

        with Journal() as journal:
            persons.standing(journal, args.person)
    made = Reminders().add(args.when, program, args.person)
    print(f"reminder {made.number}: {profile.name}, {made.when}; next {_moment(made, local_now())}")
    print("  to be called: footctl remind timer, or footctl remind ics; it never switches anything on")
    return 0


def _list(args: "argparse.Namespace") -> int:
    from footctl.run.reminders import Reminders, local_now

    now = local_now()
    _show(Reminders().all, now, args.json, "no reminders; one more: footctl remind add \"Sun,Wed 20:00\" evening-unwind")
    return 0


def _due(args: "argparse.Namespace") -> int:
    from footctl.run.reminders import Reminders, local_now

    reminders, now = Reminders(), local_now()
    _show(reminders.due(now), now, args.json, "nothing is due")
    if args.notify:
        from footctl.run import desktop

        for one in reminders.untold(now):
            trouble = desktop.show(f"Feet: {one.program}", f"{one.command}\nNothing is switched on; you start it.")
            if trouble:
                print(f"footctl: {trouble}", file=sys.stderr)
            else:
                reminders.told([one], now)
    return 0


def _remove(args: "argparse.Namespace") -> int:
    from footctl.run.reminders import Reminders

    gone = Reminders().remove(args.number)
    print(f"reminder {gone.number} is gone: {gone.program}, {gone.when}")
    return 0


def _ics(args: "argparse.Namespace") -> int:
    from footctl.cli.programs import write_new
    from footctl.errors import ProfileError
    from footctl.run import calling
    from footctl.run.presets import load_program
    from footctl.run.reminders import Reminders, local_now

    some = _some(Reminders().all)
    minutes = {}
    for program in {one.program for one in some}:
        try:
            minutes[program] = sum(phase.for_s or 0.0 for phase in load_program(program).phases) / 60
        except ProfileError as error:
            print(f"footctl: {error}\n  its entry is half an hour long", file=sys.stderr)
    data = calling.calendar(some, minutes, local_now())
    if args.file is None:
        sys.stdout.buffer.write(data)
    else:
        write_new(args.file, data)
        print(f"wrote {args.file}: open it with your calendar")
    return 0


def _timer(args: "argparse.Namespace") -> int:
    from footctl.run import calling
    from footctl.run.reminders import Reminders

    some = _some(Reminders().all)
    mac = args.launchd or (sys.platform == "darwin" and not args.systemd)
    files = calling.launchd(some) if mac else calling.systemd(some)
    place = "~/Library/LaunchAgents" if mac else "~/.config/systemd/user"
    for name, text in files.items():
        print(f"# {place}/{name}\n{text}" if not mac else text)
    if mac:
        start = f"launchctl bootstrap gui/$(id -u) {place}/{next(iter(files))}"
    else:
        start = f"systemctl --user daemon-reload && systemctl --user enable --now {calling.UNIT}.timer"
    print(f"copy into {place}/{', '.join(files)}, then: {start}", file=sys.stderr)
    print("after a change of your reminders: once more", file=sys.stderr)
    return 0


def _some(reminders: "list[Reminder]") -> "list[Reminder]":
    if not reminders:
        raise UsageError("there are no reminders", 'one more: footctl remind add "Sun,Wed 20:00" evening-unwind')
    return reminders


def _show(reminders: "Sequence[Reminder]", now: "Any", as_json: bool, otherwise: str) -> None:
    rows = [
        {
            "number": one.number,
            "when": one.when,
            "program": one.program,
            "person": one.person,
            "next": one.coming(now).isoformat(),
            "due_since": one.latest(now).isoformat() if one.due(now) else None,
            "command": one.command,
        }
        for one in reminders
    ]
    if as_json:
        print(document(rows))
    elif not rows:
        print(otherwise)
    else:
        shown = [
            (str(one.number), one.when, f"since {one.latest(now):%H:%M}" if one.due(now) else f"next {_moment(one, now)}", one.command)
            for one in reminders
        ]
        print(columns(shown))


def _moment(one: "Reminder", now: "Any") -> str:
    from footctl.run.reminders import DAYS

    moment = one.coming(now)
    return f"{DAYS[moment.weekday()]} {moment:%Y-%m-%d %H:%M}"
