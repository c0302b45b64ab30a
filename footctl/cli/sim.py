"""`footctl sim`: the simulator as a product. What it can be, one served behind a port, and hands on a served one."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from footctl.cli.listing import document, show
from footctl.errors import LinkError, UsageError

if TYPE_CHECKING:
    from simulator.peripheral import Peripheral

LISTS = (
    ("scenarios", "how a simulated session can begin, and what can go wrong with it: run --sim --scenario NAME"),
    ("devices", "the machines that are described"),
    ("people", "who can be at the device: sim serve --person NAME"),
    ("faults", "what can go wrong: sim fault NAME"),
    ("presses", "what a hand can do: sim press WHAT"),
    ("served", "the simulators of yours that are served now"),
)

BOARDS = {"pico_w": "footbath-pico-w"}  # a board's program, and the machine around it


def configure(parser: argparse.ArgumentParser) -> None:
    """Verbs of `footctl sim`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    serve = _verb(verbs, "serve", "serve a simulator behind a pseudo-terminal, TCP or BLE until Ctrl-C, SIGTERM or `footctl sim quit`")
    where = serve.add_mutually_exclusive_group(required=True)
    where.add_argument("--pty", type=Path, metavar="PATH", help="a symbolic link to the port appears here, and is gone at the end")
    where.add_argument("--tcp", metavar="HOST:PORT", help="several hosts may connect; port 0 takes any that is free")
    where.add_argument("--ble", metavar="TRANSPORT", help="a BLE peripheral, on usb:0, a spare adapter, or vhci, for this machine's own")
    serve.add_argument("--mtu", type=int, metavar="N", help="of --ble: bytes in a packet, 23 to 247 (default: 247)")
    serve.add_argument("--speed", type=float, default=1, metavar="N", help="N times as fast as life, 1 to 20 (default: 1)")
    serve.add_argument("--device", metavar="NAME", help="which machine; see `footctl sim devices`")
    serve.add_argument("--scenario", metavar="NAME", help="how it begins; see `footctl sim scenarios`")
    serve.add_argument("--person", metavar="NAME", default="adult", help="who is at it, or none; see `footctl sim people` (default: adult)")
    serve.add_argument("--seed", type=int, default=0, metavar="N", help="the simulator's dice (default: 0)")
    serve.add_argument("--board", choices=tuple(BOARDS), help="that board's own program, run by MicroPython, behind --pty; in real time")
    serve.add_argument(
        "--arm", choices=("auto", "manual"), default="auto",
        help="who holds the device's button when it waits for that: a hand of the simulator's, or you with `footctl sim press arm`",
    )  # fmt: skip
    serve.add_argument("--json", action="store_true", help="tell the address as one JSON object")
    press = _verb(verbs, "press", "press a button of a served simulator, or move the feet by hand")
    press.add_argument("name", metavar="WHAT", help="see `footctl sim presses`")
    fault = _verb(verbs, "fault", "let something go wrong with a served simulator, or mend it")
    fault.add_argument("name", nargs="?", metavar="NAME", help="see --list")
    fault.add_argument("words", nargs="*", metavar="on|off|NUMBER=VALUE", help="on (default) or off, and what it takes, such as celsius=45")
    fault.add_argument("--list", action="store_true", help="list what can go wrong, as `footctl sim faults` does")
    quitting = _verb(verbs, "quit", "end a served simulator")
    for verb in (press, fault, quitting):
        verb.add_argument("--at", metavar="ADDRESS", help="which one, when several are served: its PATH or HOST:PORT")
        verb.add_argument("--json", action="store_true", help="tell its status as one JSON object")
    _verb(verbs, "label", "the test key of your served simulators, as a device's label has it: `footctl device pair --label` takes it")
    trial = _verb(verbs, "trial", "run many healthy sessions, none like the other, and see whether anything stops one")
    trial.add_argument("--healthy", type=int, default=32, metavar="N", help="how many (default: 32)")
    trial.add_argument("--seed", type=int, default=0, metavar="N", help="other sessions (default: 0)")
    trial.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")
    trial.add_argument("--json", action="store_true", help="every session as one JSON document")
    for name, summary in LISTS:
        _verb(verbs, name, summary).add_argument("--json", action="store_true", help="as one JSON document")


def _verb(verbs: Any, name: str, summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    if args.verb == "serve":
        return _serve(args)
    if args.verb == "label":
        from footctl.run import keys

        print(keys.label(keys.simulator_key()))
        return 0
    if args.verb == "trial":
        from footctl.cli import trial

        return trial.run(args)
    if args.verb == "fault" and (args.list or args.name is None):
        if args.name is not None or not args.list:
            raise UsageError("sim fault takes a NAME or --list", "see: footctl sim fault --list")
        args.verb = "faults"
    if args.verb in ("press", "fault", "quit"):
        return _act(args)
    rows = _served() if args.verb == "served" else _rows(args.verb)
    if rows or args.json:
        show(rows, tuple(rows[0])[:2] if args.verb != "served" else ("address", "told"), args.json) if rows else print("[]")
    return 0


def _rows(what: str) -> list[dict[str, Any]]:
    from simulator import describe, mishaps, people, serve

    if what == "people":
        found = {**{name: traits.summary for name, traits in people.PEOPLE.items()}, "none": "nobody; `footctl sim press` moves the feet"}
    elif what == "faults":
        found = {name: row.summary + _takes(row.takes) for name, row in mishaps.TABLE.items()}
    elif what == "presses":
        found = dict(serve.PRESSES)
    else:
        found = {**describe.list_scenarios(), **describe.list_troubles()} if what == "scenarios" else describe.list_devices()
    return [{"name": name, "summary": summary} for name, summary in found.items()]


def _takes(numbers: tuple[str, ...]) -> str:
    return f" ({', '.join(numbers)})" if numbers else ""


def _served() -> list[dict[str, Any]]:
    from footctl.run.places import runtime_folder
    from simulator.channel import living

    return [{**status, "told": _told(status)} for _, status in living(runtime_folder())]


def _told(status: dict[str, Any]) -> str:
    cause = f" ({status['cause']})" if status["cause"] else ""
    bent = f", faults: {', '.join(status['faults'])}" if status["faults"] else ""
    return f"{status['device']}, speed {status['speed']}, {status['state']}{cause}, water {status['water_c']:.1f} °C{bent}"


def _serve(args: argparse.Namespace) -> int:
    import secrets

    from footctl.run.keys import simulator_key
    from footctl.run.places import runtime_folder
    from simulator.board import Access
    from simulator.serve import check_speed, serve
    from simulator.world import World

    speed = check_speed(args.speed)
    tcp = None if args.tcp is None else _address(args.tcp)
    if args.mtu is not None and args.ble is None:
        raise UsageError("--mtu is for --ble", "serial lines and TCP have none that we see")
    person = None if args.person == "none" else args.person
    # Peer 0 is a pseudo-terminal's, the others are in the air; over TCP nobody holds a cable.
    cables = 0 if tcp else 1
    access = Access(cables, simulator_key(), secrets.token_bytes(32), by_hand=args.arm == "manual")
    world = World(
        device=args.device or BOARDS.get(args.board), scenario=args.scenario, person=person, seed=args.seed, speed=speed,
        access=access, arms=args.arm == "auto",
    )  # fmt: skip
    model = world.board.spec.model
    about = {"device": model, "serial": world.board.spec.serial, "scenario": args.scenario, "person": args.person, "seed": args.seed}

    def ready(address: str) -> None:
        flag = f"--tcp {address}" if tcp else f"--ble {world.board.spec.serial}" if ble else f"--port {address}"
        told = f"serving {model} at {address}, speed {speed}; run a program on it: footctl run quick-break {flag}"
        print(document({**about, "address": address, "speed": speed}) if args.json else told + (f" --speed {speed}" if speed > 1 else ""))
        sys.stdout.flush()

    ble = None if args.ble is None else _peripheral(args, world.board.spec.serial)
    if args.board is not None:
        if args.pty is None or speed != 1:
            raise UsageError("--board has a cable and one speed", "serve it with --pty PATH, without --speed")
        from simulator.pico.serve import serve_board

        serve_board(world, runtime_folder(), args.pty, about={**about, "board": args.board}, ready=ready)
        return 0
    serve(world, speed, runtime_folder(), pty=args.pty, tcp=tcp, ble=ble, about=about, ready=ready)
    return 0


def _peripheral(args: argparse.Namespace, serial: str) -> Peripheral:
    from simulator.peripheral import MTU, Peripheral

    return Peripheral(serial, args.ble, MTU[1] if args.mtu is None else args.mtu)


def _address(text: str) -> tuple[str, int]:
    """HOST:PORT; port 0 stands for any that is free."""
    from footctl.link.tcp import parse_address

    if text.endswith(":0"):
        return parse_address(text[:-1] + "1")[0], 0
    return parse_address(text)


def _act(args: argparse.Namespace) -> int:
    from footctl.run.places import runtime_folder
    from simulator import channel, mishaps, serve

    known = {"press": serve.PRESSES, "fault": mishaps.TABLE}.get(args.verb)
    if known is not None and args.name not in known:
        raise UsageError(f"no {args.verb} is called {args.name!r}", f"there are: {', '.join(known)}")
    words = getattr(args, "words", [])
    on = "off" not in words
    numbers = _numbers([word for word in words if word not in ("on", "off")])
    if args.verb == "fault" and (strange := sorted(set(numbers) - set(mishaps.TABLE[args.name].takes))):
        takes = ", ".join(mishaps.TABLE[args.name].takes) or "nothing"
        raise UsageError(f"{args.name} does not take {', '.join(strange)}", f"it takes: {takes}")
    path = channel.pick(runtime_folder(), args.at)
    question: dict[str, Any] = {"do": args.verb, "numbers": numbers}
    if args.verb != "quit":
        question["name"] = args.name
    answer = channel.ask(path, {**question, "on": on})
    if not answer.pop("ok", False):
        raise LinkError(f"the simulator refuses: {answer.get('error', 'no answer')}", "it may be of another version; start it again")
    if args.json:
        print(document(answer))
    elif args.verb != "quit":
        print(f"{answer['address']}: {_told(answer)}")
    return 0


def _numbers(words: list[str]) -> dict[str, float]:
    """NUMBER=VALUE words."""
    found = {}
    for word in words:
        name, _, value = word.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not math.isfinite(number):
            raise UsageError(f"{word}: write NUMBER=VALUE, such as celsius=45")
        found[name] = number
    return found
