"""The front door: which command was meant, its module loaded, its error told. Knows no command from within.

A command is one row of COMMANDS. Its module offers `configure(parser)` and `run(args) -> int` and is imported only when the
command was named: the answer to `--version` takes hardly longer than Python itself.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from types import ModuleType

    from footctl.errors import FootctlError

# name, module, summary, whether it stands on the first screen
COMMANDS = (
    ("run", "footctl.cli.run", "run a program on the simulator or a device", True),
    ("plan", "footctl.cli.plan", "what a program would do: times, peaks and dose against the limits", True),
    ("stop", "footctl.cli.act", "stop this user's running session, from any terminal", True),
    ("watch", "footctl.cli.watch", "live telemetry", True),
    ("programs", "footctl.cli.programs", "list, show, check, copy and share programs", True),
    ("doctor", "footctl.cli.doctor", "what is installed, visible and permitted here, and what to do about it", True),
    ("person", "footctl.cli.person", "health questions, who is known here, and what follows for whom", False),
    ("journal", "footctl.cli.journal", "earlier sessions: list, show, rate, trend, export, and when to seek help", False),
    ("report", "footctl.cli.report", "one page for a clinician: a session, or some weeks", False),
    ("set", "footctl.cli.set", "direct control: warm the water or massage a zone for a while", False),
    ("pain", "footctl.cli.act", "it hurts: everything off at once, the session is over", False),
    ("pause", "footctl.cli.act", "pause the running session", False),
    ("resume", "footctl.cli.act", "go on after a pause", False),
    ("yes", "footctl.cli.act", "answer the running session's question", False),
    ("softer", "footctl.cli.act", "one step softer", False),
    ("firmer", "footctl.cli.act", "one step firmer, never above your limit", False),
    ("skip", "footctl.cli.act", "end this phase and go on with the next", False),
    ("extend", "footctl.cli.act", "add time to this phase", False),
    ("oil", "footctl.cli.oil", "how many drops of an essential oil in how much carrier", False),
    ("clear", "footctl.cli.clear", "let go of a device's latch, after showing what caused it", False),
    ("devices", "footctl.cli.devices", "which ports have a device that answers", False),
    ("device", "footctl.cli.device", "look into one device", False),
    ("remind", "footctl.cli.remind", "when to be reminded of which program; never switches anything on", False),
    ("config", "footctl.cli.config", "your settings: units, usual device, program and person, scenes", False),
    ("sim", "footctl.cli.sim", "the simulator: serve one, break it, scenarios to start from", False),
)

INTERNAL = 1
USAGE = 2
ENDED = 6  # ended by the person
CLOSED = 0  # whoever read our output has seen enough


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run one command and return its exit code. Never raises but SystemExit for argparse's own answers."""
    try:
        return _answer(sys.argv[1:] if argv is None else list(argv))
    except BrokenPipeError:
        _drop_output()
        return CLOSED
    except KeyboardInterrupt:
        return ENDED
    finally:
        known = sys.modules.get("signal")
        if argv is None and known is not None:
            known.signal(known.SIGINT, known.SIG_IGN)  # a Ctrl-C that is held down must not change the exit code


def _answer(words: "list[str]") -> int:
    if words in (["--version"], ["-V"]):
        from footctl import __version__

        print("footctl", __version__)
        return 0
    if not words and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        return _guarded("", "footctl.cli.start", "a friendly start", [])
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview(), flush=True)
        return 0 if words else USAGE
    row = next((row for row in COMMANDS if row[0] == words[0]), None)
    if row is None:
        return _unknown(words[0])
    return _guarded(row[0], row[1], row[2], words[1:])


def overview() -> str:
    """The text of `footctl --help`, from the table alone."""
    lines = [
        "Usage: footctl COMMAND [OPTIONS]",
        "",
        "Soak-then-massage programs for foot massagers with a warm-water basin.",
        "",
        "Commands:",
    ]
    lines += [f"  {name:<10} {summary}" for name, _, summary, is_main in COMMANDS if is_main]
    lines += ["", "More:"]
    lines += [f"  {name:<10} {summary}" for name, _, summary, is_main in COMMANDS if not is_main]
    lines += ["", "  footctl COMMAND --help    all about one command", "  footctl --version         the version"]
    lines += ["", "Start with: footctl run evening-unwind --sim"]
    return "\n".join(lines)


def _guarded(name: str, path: str, summary: str, words: "list[str]") -> int:
    """Load the command, run it, and turn whatever it raises into words and an exit code."""
    from footctl.errors import FootctlError

    try:
        module = _load(path)
        parser = _parser(name, summary, module)
        code: int = module.run(parser.parse_args(words))
        sys.stdout.flush()
        return code
    except FootctlError as error:
        _tell(error)
        return error.exit_code
    except KeyboardInterrupt:
        print("footctl: stopped", file=sys.stderr)
        return ENDED
    except BrokenPipeError:
        raise
    except Exception as error:
        return _confess(error)


def _load(path: str) -> "ModuleType":
    from importlib import import_module

    return import_module(path)


def _parser(name: str, summary: str, module: "ModuleType") -> "argparse.ArgumentParser":
    import argparse

    parser = argparse.ArgumentParser(prog=f"footctl {name}", description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False)
    module.configure(parser)
    return parser


def _tell(error: "FootctlError") -> None:
    """The message, and what to do about it, on standard error."""
    print(f"footctl: {error}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)


def _unknown(word: str) -> int:
    from difflib import get_close_matches

    what = "option" if word.startswith("-") else "command"
    near = get_close_matches(word, [row[0] for row in COMMANDS], n=1)
    meant = f"did you mean: footctl {near[0]}?" if near else "all commands: footctl --help"
    print(f"footctl: no {what} {word!r}\n  {meant}", file=sys.stderr)
    return USAGE


def _confess(error: Exception) -> int:
    """A fault of footctl itself: short for everybody, whole for whoever asks."""
    import os
    import traceback

    if os.environ.get("FOOTCTL_DEBUG"):
        traceback.print_exception(error)
    else:
        print(f"footctl: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("  This is a fault in footctl, not in what you did. FOOTCTL_DEBUG=1 shows where it happened.", file=sys.stderr)
    return INTERNAL


def _drop_output() -> None:
    """Keep Python from complaining once more about a closed pipe when it flushes at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
