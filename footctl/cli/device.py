"""`footctl device`: one device. `info` tells who it is and its caps; `selftest` tries its guards; `pair` gets to know its key."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from footctl.cli import links
from footctl.cli.listing import columns, document
from footctl.errors import LinkTimeout

if TYPE_CHECKING:
    from footctl.core.events import CapsRead, Identified

WORDS = ("model", "firmware", "protocol", "state", "latched", "features", "places", "zones", "techniques", "volume_l", "heater_w")


def configure(parser: argparse.ArgumentParser) -> None:
    """Verbs of `footctl device`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    about = "who the device is, what it can do, and the caps that it enforces"
    info = verbs.add_parser("info", help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False)
    links.add_flags(info)
    info.add_argument("--json", action="store_true", help="as one JSON document")
    from footctl.cli import pair, selftest

    pair.configure(verbs)
    about = "prove that the device's own guards work; at the end it latches and is cleared"
    selftest.configure(verbs.add_parser("selftest", help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False))
    from footctl.cli import calibrate, conformance, flash, log

    about = "a device's black box as CSV: ten minutes of samples, and the faults between them"
    log.configure(verbs.add_parser("log", help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False))
    about = "put the reference firmware onto a board that runs MicroPython"
    flash.configure(verbs.add_parser("flash", help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False))
    about = "calibrate a board's water sensors and load cells, over the cable"
    calibrate.configure(verbs.add_parser("calibrate", help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False))
    about = "does a device keep to PROTOCOL.md? a test from outside, for anybody's device"
    conformance.configure(verbs.add_parser("conformance", help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False))


def run(args: argparse.Namespace) -> int:
    """Ask as an observer and print; or test."""
    if args.verb == "selftest":
        from footctl.cli import selftest

        return selftest.run(args)
    if args.verb in ("conformance", "log", "flash", "calibrate"):
        from footctl.cli import calibrate, conformance, flash, log

        verbs = {"conformance": conformance.run, "log": log.run, "flash": flash.run, "calibrate": calibrate.run}
        return verbs[args.verb](args)
    if args.verb in ("pair", "unpair", "arming"):
        from footctl.cli import pair

        return pair.run(args)
    import asyncio

    from footctl.cli.devices import identity_record

    identity, caps = asyncio.run(_ask(args))
    record = {**identity_record(identity), "caps": [_cap(number, row[0], caps) for number, row in enumerate(_table())]}
    if args.json:
        print(document(record))
        return 0
    kind = f"simulator, speed {identity.simulator}" if identity.simulator else "device"
    print(f"{identity.serial} · {kind}")
    print(columns([[f"  {word}", _words(record[word])] for word in WORDS]))
    print("  caps in force; * tighter than the absolute cap")
    print(columns([[f"    {cap['name']}", f"{cap['value']} {cap['unit']}{' *' if cap['tighter'] else ''}"] for cap in record["caps"]]))
    return 0


def _words(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _table() -> Any:
    from firmware_protocol import limits

    return limits.CAPS


def _cap(number: int, name: str, caps: CapsRead) -> dict[str, Any]:
    from firmware_protocol import limits

    _, unit, sense, absolute, source = limits.CAPS[number]
    value = caps.values.get(name)
    tighter = value is not None and value != absolute and not limits.loosens(number, value, absolute)
    sense_word = "most" if sense == limits.MOST else "least"
    return {"name": name, "value": value, "unit": unit, "sense": sense_word, "absolute": absolute, "tighter": tighter, "source": source}


async def _ask(args: argparse.Namespace) -> tuple[Identified, CapsRead]:
    from footctl.link.discover import read_caps

    link = await links.open_named(args)
    try:
        identity, caps = await read_caps(link)
    finally:
        link.close()
    if identity is None or caps is None:
        raise LinkTimeout(f"{link.name}: nobody answers our hello", "is it switched on, and is this its port? `footctl devices` tells")
    return identity, caps
