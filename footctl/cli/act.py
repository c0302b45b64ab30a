"""`footctl stop | pain | pause | resume | yes | softer | firmer | skip | extend`: act on this user's running session from any terminal.

One module for all of them: they differ in one word on the session's control socket. Knows nothing of devices.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from footctl.cli.listing import document
from footctl.errors import LinkNotFound, LinkTimeout, UsageError

EVERYWHERE = ("stop", "pain")  # where several sessions run, all of them: nobody looks for a number while it hurts
DONE = {
    "stop": "stopped; the device reads back: everything is off",
    "pain": "stopped; the device reads back: everything is off",
    "pause": "paused; the roller reads back as off",
    "resume": "going on",
}
UNCONFIRMED = "the device has not confirmed it: look at it, and switch it off at the mains if in doubt"


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags; the command's own name says what to do."""
    what = parser.prog.split()[-1]
    parser.set_defaults(what=what)
    if what == "extend":
        parser.add_argument("time", metavar="TIME", help='how much longer, like "2 min"')
    parser.add_argument("--session", metavar="ID", help="which one, when several run: the start of its id, or its program")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Tell the session. 0 when the device's read-back confirms, 4 when there is no session or no confirmation."""
    request: dict[str, Any] = {"do": args.what}
    if args.what == "extend":
        request["seconds"] = _seconds(args.time)
    told = [(about, _tell(path, request)) for path, about in _sessions(args)]
    sure = all(answer.get("confirmed") for _, answer in told)
    if args.json:
        print(document([{"session_id": about.get("session_id"), **answer} for about, answer in told]))
    else:
        for about, answer in told:
            _print(args.what, str(about.get("program") or about.get("session_id") or "the session"), answer)
    return 0 if sure else LinkTimeout.exit_code


def _seconds(text: str) -> float:
    from footctl.core.quantities import DURATION, QuantityError, read

    try:
        return read(DURATION, text)
    except QuantityError as error:
        raise UsageError(f"extend: {text!r} {error}") from error


def _sessions(args: argparse.Namespace) -> list[tuple[Path, dict[str, Any]]]:
    from footctl.run.control import doors

    found = doors()
    if args.session is not None:
        found = [one for one in found if _is_called(one[1], args.session)]
    if not found:
        raise LinkNotFound("no session of yours is running" + (f" as {args.session}" if args.session else ""), "start one: footctl run")
    if len(found) > 1 and args.what not in EVERYWHERE:
        names = ", ".join(f"{about.get('session_id')} ({about.get('program')})" for _, about in found)
        raise UsageError("several sessions are running", f"name one with --session: {names}")
    return found


def _is_called(about: dict[str, Any], name: str) -> bool:
    return str(about.get("session_id", "")).startswith(name) or about.get("program") == name


def _tell(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    from footctl.run.control import ask

    try:
        return ask(path, request)
    except (OSError, ValueError):
        return {"ok": False, "error": "the session did not answer"}


def _print(what: str, name: str, answer: dict[str, Any]) -> None:
    if not answer.get("ok"):
        print(f"{name}: {answer.get('error', 'no answer')}")
    elif not answer.get("confirmed"):
        print(f"{name}: {UNCONFIRMED}")
    else:
        print(f"{name}: {DONE.get(what, 'done')}")
