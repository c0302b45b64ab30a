"""The device flags that several commands share, and the link behind them."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from footctl.errors import LinkError, LinkNotFound, UsageError
from footctl.run import settings

if TYPE_CHECKING:
    from footctl.core.view import View
    from footctl.link.sealed import KeysOf
    from footctl.link.transport import Link

BACK_HINT = "look at the cable and the power first; `footctl clear` lets go of the device's latch, then start again"
LINK_SPEED_MAX = 20.0  # faster, and a hiccup of the machine is longer than a lease


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--port, --tcp and --ble."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", metavar="PORT", help="a serial port, like /dev/ttyACM0 or COM3")
    where.add_argument("--tcp", metavar="HOST:PORT", help="a device or a served simulator in the network")
    where.add_argument("--ble", metavar="NAME", help="over Bluetooth: its serial number, its name, its address, or `any`")


def named(args: argparse.Namespace) -> str | None:
    """The device that the flags name, as one word; None when they name none."""
    device: str | None = args.port or args.tcp or args.ble
    return device


def same(link: str, device: str) -> bool:
    """Whether a session on the link of this name is at the device that a flag names."""
    from footctl.link.nearby import link_is_meant

    return link == device or (bool(link) and os.path.realpath(link) == os.path.realpath(device)) or link_is_meant(device, link)


async def open_named(args: argparse.Namespace) -> Link:
    """The link to the device that the flags name, or the settings, or to the only one that answers. Raises LinkError or UsageError."""
    if named(args) is None:
        now = settings.load()
        if now.device is not None:
            key, value = now.device
            try:
                return await _open(argparse.Namespace(**{**vars(args), key: value}))
            except LinkError as error:
                error.hint += f"; this is your usual device, from {now.origin[key]}"
                raise
    return await _open(args)


async def _open(args: argparse.Namespace) -> Link:
    if args.tcp is not None:
        from footctl.link.tcp import open_tcp

        return sealed(await open_tcp(args.tcp))
    if args.ble is not None:
        from footctl.link.ble import keys_for, open_ble
        from footctl.run import keys

        return sealed(await open_ble(args.ble), keys_for(args.ble, keys.candidates, keys.paired))
    from footctl.link.serial_port import open_serial

    return open_serial(args.port or await only_port("sim" in args))


def sealed(link: Link, keys_of: KeysOf | None = None) -> Link:
    """The link with this user's keys, or some of them: anybody can reach what is no cable, so the device there may want proof."""
    from footctl.link.sealed import Sealed
    from footctl.run import keys

    return Sealed(link, keys_of or keys.candidates)


def unproven(view: View, link: Link) -> str:
    """What is to be told before the start when nothing proves who answers on `link`; "" for a cable, a proof or a simulator."""
    from footctl.core.envelope import PLAIN
    from footctl.link.sealed import Sealed

    identity = view.identity
    if identity is None or identity.simulator or not isinstance(link, Sealed) or link.envelope.stage != PLAIN:
        return ""
    return f"nothing proves that this is {identity.serial}: it is not paired here, and asked for no proof. Is it the one before you?"


def with_strangers(view: View, link: Link) -> View:
    """The view, with a warning when frames came on `link` that were not the device's."""
    from footctl.link.sealed import Sealed

    forged = link.envelope.forged if isinstance(link, Sealed) else 0
    if not forged:
        return view
    words = f"{forged} frames on this link were not the device's, and were dropped: somebody stands between, or speaks in its name"
    return replace(view, warnings=(*view.warnings, words))


async def only_port(may_simulate: bool) -> str:
    """The one serial port that answers our hello. Raises LinkNotFound when none does, UsageError when several do."""
    from footctl.link.discover import find, serial_ports

    found = await find(serial_ports())
    answering = [one for one in found if one.identity is not None]
    if not answering:
        seen = "; ".join(f"{one.port}: {one.error}" for one in found)
        hint = "plug one in, or name it with --port, --tcp or --ble" + (", or add --sim" if may_simulate else "")
        raise LinkNotFound("no device answers" + (f" ({seen})" if seen else ""), hint)
    if len(answering) > 1:
        names = ", ".join(f"{one.port} ({one.identity.serial})" for one in answering if one.identity)
        raise UsageError("several devices answer", f"name one with --port: {names}")
    return answering[0].port
