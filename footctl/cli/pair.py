"""`footctl device pair`, `unpair` and `arming`: which devices this computer may control without a cable, and what a start over one needs.

A key is read over a cable, or typed from the device's label and tried out at once. It is shown only to whoever asks with --show.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from footctl.cli import links
from footctl.errors import DeviceRefused, LinkTimeout, SessionEnded, UsageError

if TYPE_CHECKING:
    from footctl.core.events import Identified
    from footctl.link.transport import Link

TRIES = 3  # labels that may be typed wrong


def configure(verbs: Any) -> None:
    """The three verbs, with their flags."""

    def verb(name: str, about: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(
            name, help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False
        )
        return parser

    pair = verb("pair", "get to know a device's key: over a cable, or typed from its label")
    links.add_flags(pair)
    pair.add_argument("--label", action="store_true", help="type the key from the device's label instead of reading it over a cable")
    pair.add_argument("--show", action="store_true", help="show the key as it stands on the label")
    unpair = verb("unpair", "forget a device's key")
    unpair.add_argument("serial", nargs="?", metavar="SERIAL", help="its serial number; without one: which devices are paired")
    arming = verb("arming", "whether a start over a cable needs the device's button held first; over radio and network it always does")
    arming.add_argument("state", choices=("on", "off"), metavar="on|off", help="until the device is switched off")
    links.add_flags(arming)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    if args.verb == "unpair":
        return _unpair(args.serial)
    import asyncio

    return asyncio.run(_pair(args) if args.verb == "pair" else _arming(args))


def _unpair(serial: str | None) -> int:
    from footctl.run import keys

    if serial is None:
        print("\n".join(keys.paired()) or "no device is paired")
        return 0
    if not keys.forget(serial):
        raise UsageError(f"{serial} is not paired", "these are: " + (", ".join(keys.paired()) or "none"))
    print(f"{serial}: forgotten; it still has its key, and so has whoever else was paired with it")
    return 0


async def _pair(args: argparse.Namespace) -> int:
    from footctl.link.sealed import Sealed
    from footctl.run import keys

    link = await links.open_named(args)
    try:
        if isinstance(link, Sealed):
            link = link.link  # the key is not known yet
            if not args.label:
                raise UsageError(
                    f"{link.name}: a device tells its key over a cable only",
                    "connect one and say: footctl device pair --port PORT; or type what stands on the label: add --label",
                )
        identity, key = await (_from_label(link) if args.label else _over_the_cable(link))
    finally:
        link.close()
    where = keys.keep(identity.serial, key)
    print(f"{identity.serial} is paired; its key is kept in {where}")
    if args.show:
        print(f"  its label: {keys.label(key)}")
    return 0


async def _over_the_cable(link: Link) -> tuple[Identified, bytes]:
    """GET_KEY."""
    from firmware_protocol import messages
    from footctl.link.discover import converse

    identity, answer = await converse(link, messages.GetKey())
    if identity is None:
        raise LinkTimeout(f"{link.name}: nobody answers our hello", "is it switched on, and is this its port? `footctl devices` tells")
    if isinstance(answer, messages.Key):
        return identity, bytes(answer.key)
    if isinstance(answer, messages.Nak) and answer.reason == messages.BY_CABLE:
        raise DeviceRefused(f"{identity.serial} tells its key over a cable only", "connect one, or type it from the label: add --label")
    if isinstance(answer, messages.Nak):
        raise DeviceRefused(f"{identity.serial} has no key: only a cable can control it", "newer firmware may bring one")
    raise LinkTimeout(f"{identity.serial} does not answer what it was asked", "try again")


async def _from_label(link: Link) -> tuple[Identified, bytes]:
    """Ask for the label until one proves right."""
    from footctl.link.sealed import Sealed
    from footctl.run import keys
    from footctl.run.enquiry import enquire

    identity: Identified | None = None
    typed = b""

    def keys_of(serial: str, simulator: int, wants_proof: bool) -> Sequence[bytes]:
        return (typed,)

    for left in range(TRIES - 1, -1, -1):
        import asyncio

        typed = await asyncio.to_thread(_ask, keys.from_label)
        try:
            host = await enquire(Sealed(link, keys_of), lambda host, view: host.identity is not None, role="controller")
        except DeviceRefused as error:
            if not left or "another key" not in str(error):
                raise
            print("That is not this device's key; look at the label again.", file=sys.stderr)
            continue
        identity = host.identity
        break
    assert identity is not None  # the last try raised otherwise
    return identity, typed


def _ask(read: Callable[[str], bytes]) -> bytes:
    """A label that can be one."""
    while True:
        print("The key on the device's label, seven groups of four: ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            print()
            raise SessionEnded("not paired: nothing was typed", "run it on a terminal, with the label before you")
        try:
            return read(line.strip())
        except UsageError as error:
            print(f"{error}; {error.hint}", file=sys.stderr)


async def _arming(args: argparse.Namespace) -> int:
    from firmware_protocol import messages
    from footctl.link.discover import converse

    link = await links.open_named(args)
    try:
        identity, answer = await converse(link, messages.Arm(int(args.state == "on")), controller=True)
    finally:
        link.close()
    if identity is None:
        raise LinkTimeout(f"{link.name}: nobody answers our hello", "is it switched on, and is this its port? `footctl devices` tells")
    serial = identity.serial
    if isinstance(answer, messages.Ack):
        print(f"{serial}: a start over a cable {'needs its button held first' if args.state == 'on' else 'goes without its button'}")
        return 0
    reason = messages.REASONS[answer.reason][0] if isinstance(answer, messages.Nak) and answer.reason < len(messages.REASONS) else ""
    if reason in ("by_cable", "not_authenticated"):
        raise DeviceRefused(f"{serial}: that is said over a cable only", "over radio and network every start needs a hand at the device")
    if reason == "unsupported":
        raise DeviceRefused(f"{serial} asks for no hand at its button over a cable", "there is nothing to switch on or off")
    if reason == "busy":
        raise DeviceRefused(f"{serial} is controlled by another program", "end that session first: footctl stop")
    raise LinkTimeout(f"{serial} does not answer what it was asked", "try again")
