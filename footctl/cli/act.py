"""`footctl stop | pain | pause | resume | yes | softer | firmer | skip | extend`: act on this user's running session from any terminal.

One module for all of them: they differ in one word on the session's control socket. Of devices it knows only how to stop one that is
named, when no session of this user is on it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from footctl.cli.listing import document
from footctl.errors import DeviceRefused, LinkNotFound, LinkTimeout, UsageError

EVERYWHERE = ("stop", "pain")  # where several sessions run, all of them: nobody looks for a number while it hurts
DONE = {
    "stop": "stopped; the device reads back: everything is off",
    "pain": "stopped; the device reads back: everything is off",
    "pause": "paused; the roller reads back as off",
    "resume": "going on",
}
START = "start one: footctl run"
SILENT = "the device lets go by itself within seconds; `kill {0}`, then `footctl stop` with --port, --tcp or --ble asks the device"
SCALE = "pain goes from 0, none, to 10, the worst you can think of"
UNCONFIRMED = "the device has not confirmed it: look at it, and switch it off at the mains if in doubt"


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags; the command's own name says what to do."""
    what = parser.prog.split()[-1]
    parser.set_defaults(what=what)
    if what == "extend":
        parser.add_argument("time", metavar="TIME", help='how much longer, like "2 min"')
    if what == "pain":
        parser.add_argument("--zone", metavar="Z", help="where, like left.heel: left, right or both, and toes, ball, arch, heel or ankle")
        parser.add_argument("--score", metavar="N", help="how much it hurts, 0 to 10")
    if what == "yes":
        parser.add_argument("--pain", dest="score", metavar="N", help="and how much it hurts, 0 to 10; too much more than before stops")
    if what in EVERYWHERE:
        from footctl.cli import links

        links.add_flags(parser)
    parser.add_argument("--session", metavar="ID", help="which one, when several run: the start of its id, or its program")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Tell the session. 0 when it was done and read back, 4 when there is no session or no confirmation, 5 when the session said no."""
    requests = _requests(args)
    device = _named(args)
    if args.what in EVERYWHERE and device is None and args.session is None:
        told = _tell_everybody(requests[0])
    else:
        found, silent = _around(device)
        if device is not None and not found:
            return _stop_itself(args, device)
        told = [(about, _tell_all(path, requests)) for path, about in _meant(args, found, silent)]
    undone = [answer for _, answer in told if not answer.get("confirmed")]
    if args.json:
        print(document([{"session_id": about.get("session_id"), **answer} for about, answer in told]))
    else:
        for about, answer in told:
            _print(args.what, _name(about), answer)
    if not undone:
        return 0
    return DeviceRefused.exit_code if all(answer.get("refused") for answer in undone) else LinkTimeout.exit_code


def _named(args: argparse.Namespace) -> str | None:
    """The device that flags name, where there are such flags."""
    from footctl.cli import links

    return links.named(args) if args.what in EVERYWHERE else None


def _stop_itself(args: argparse.Namespace, device: str) -> int:
    """Say STOP to the device: anybody may, whoever controls it."""
    import asyncio

    sure = asyncio.run(_stop(args))
    if args.json:
        print(document([{"session_id": None, "device": device, "ok": sure, "confirmed": sure}]))
    else:
        print(f"{device}: {DONE[args.what] if sure else UNCONFIRMED}")
    return 0 if sure else LinkTimeout.exit_code


async def _stop(args: argparse.Namespace) -> bool:
    from footctl.cli import links
    from footctl.link.stopping import stop_device

    link = await links.open_named(args)
    try:
        return await stop_device(link, pain=args.what == "pain")
    finally:
        link.close()


def _requests(args: argparse.Namespace) -> list[dict[str, Any]]:
    """What goes to the session, in order."""
    request: dict[str, Any] = {"do": args.what}
    if args.what == "extend":
        request["seconds"] = _seconds(args.time)
    elif args.what == "pain":
        request.update(_hurting(args.score, args.zone))
    elif args.what == "yes" and args.score is not None:
        score = _score(args.score)
        if score is None:
            raise UsageError(f"--pain {args.score}", SCALE)
        return [{"do": "score", "score": score}, request]
    return [request]


def _hurting(score: str | None, zone: str | None) -> dict[str, Any]:
    """What is said about a pain. What makes no sense is told and left out: a slip of the finger must not keep anything on."""
    said: dict[str, Any] = {}
    if score is not None:
        said["score"] = _score(score)
        if said["score"] is None:
            print(f"footctl: --score {score} is left out; {SCALE}", file=sys.stderr)
            del said["score"]
    if zone is not None:
        from footctl.core.pain import place

        try:
            said["zone"] = place(zone)
        except ValueError as error:
            print(f"footctl: --zone is left out: {error}", file=sys.stderr)
    return said


def _score(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= 10 else None


def _seconds(text: str) -> float:
    from footctl.core.quantities import DURATION, QuantityError, read

    try:
        return read(DURATION, text)
    except QuantityError as error:
        raise UsageError(f"extend: {text!r} {error}") from error


def _around(device: str | None) -> tuple[list[tuple[Path, dict[str, Any]]], list[int]]:
    """This user's sessions that answer, on that device where one is named; and the process numbers of those that do not."""
    from footctl.cli import links
    from footctl.run.control import doors

    every = doors()
    found = [one for one in every if "silent" not in one[1]]
    if device is not None:
        found = [one for one in found if links.same(str(one[1].get("link", "")), device)]
    return found, [about["silent"] for _, about in every if "silent" in about]


def _meant(args: argparse.Namespace, found: list[tuple[Path, dict[str, Any]]], silent: list[int]) -> list[tuple[Path, dict[str, Any]]]:
    """Those of `found` that the flags mean. Raises what there is to say when it is none, or not clear which."""
    if args.session is not None:
        found = [one for one in found if _is_called(one[1], args.session)]
    if not found and silent:
        raise LinkTimeout(f"your session does not answer: process {silent[0]}", SILENT.format(silent[0]))
    if not found:
        raise LinkNotFound("no session of yours is running" + (f" as {args.session}" if args.session else ""), START)
    if len(found) > 1 and args.what not in EVERYWHERE:
        names = ", ".join(f"{about.get('session_id')} ({about.get('program')})" for _, about in found)
        raise UsageError("several sessions are running", f"name one with --session: {names}")
    return found


def _tell_everybody(request: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    from footctl.run.control import tell_everybody

    told = tell_everybody(request)
    if not told:
        raise LinkNotFound("no session of yours is running", START)
    for about, answer in told:
        if "silent" in about:
            answer["error"] = f"it does not answer, process {about['silent']}; " + SILENT.format(about["silent"])
    return told


def _name(about: dict[str, Any]) -> str:
    return str(about.get("program") or about.get("session_id") or "the session")


def _is_called(about: dict[str, Any], name: str) -> bool:
    return str(about.get("session_id", "")).startswith(name) or about.get("program") == name


def _tell_all(path: Path, requests: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to the last, or the first that is a no."""
    answer: dict[str, Any] = {}
    for request in requests:
        answer = _tell(path, request)
        if not answer.get("ok"):
            break
    return answer


def _tell(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    from footctl.run.control import ask

    try:
        return ask(path, request)
    except (OSError, ValueError):
        return {"ok": False, "error": "the session did not answer"}


def _print(what: str, name: str, answer: dict[str, Any]) -> None:
    if not answer.get("ok"):
        print(f"{name}: {answer.get('error', UNCONFIRMED)}")
    elif not answer.get("confirmed"):
        print(f"{name}: {UNCONFIRMED}")
    else:
        print(f"{name}: {_in_units(str(answer.get('told') or DONE.get(what, 'done')))}")


def _in_units(told: str) -> str:
    """Degrees as this user reads them. Settings that are wrong must not hide what became of a stop, which tells none."""
    if "°C" not in told:
        return told
    from footctl.screens import units

    return units.chosen().words(told)
