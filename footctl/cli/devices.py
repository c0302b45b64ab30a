"""`footctl devices`: who answers our hello, at the serial ports of this machine, over Bluetooth and at the simulators served here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from footctl.cli.listing import columns, document
from footctl.errors import LinkError

if TYPE_CHECKING:
    from footctl.core.events import Identified
    from footctl.link.discover import Around, Found


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl devices`."""
    parser.add_argument("--no-ble", action="store_true", help="leave Bluetooth out, where looking around takes three seconds")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """List every port and peripheral, with who answers there or why nobody does."""
    import asyncio

    found, around = asyncio.run(_look(not args.no_ble))
    if args.json:
        trouble = [{"link": "ble", "port": None, "identity": None, "error": f"{around}"}] if isinstance(around, LinkError) else []
        on_air = [] if isinstance(around, LinkError) else [_around_record(one) for one in around]
        print(document([*[_record(one) for one in found], *on_air, *trouble]))
        return 0
    rows = [[one.port, _told(one)] for one in found]
    if not isinstance(around, LinkError):
        rows += [[one.seen.label, _around_told(one)] for one in around]
    if rows:
        print(columns(rows))
    if not found:
        print("no serial port is visible; `footctl doctor` says more, and `footctl run --sim` needs none")
    if isinstance(around, LinkError):
        print(f"Bluetooth: {around}\n  {around.hint}")
    elif not around and not args.no_ble:
        print("Bluetooth: no massager advertises within reach; one that is connected elsewhere does not")
    return 0


async def _look(over_ble: bool) -> tuple[list[Found], list[Around] | LinkError]:
    """Serial ports and Bluetooth at the same time; what is wrong with Bluetooth is a value here."""
    from footctl.link.discover import look_around

    async def around() -> list[Around] | LinkError:
        try:
            return await look_around() if over_ble else []
        except LinkError as error:
            return error

    import asyncio

    return await asyncio.gather(_find(), around())


async def _find() -> list[Found]:
    from footctl.link.discover import find, serial_ports

    ports = serial_ports()
    known = {port for port, _ in ports}
    return await find(ports + [(port, "served simulator") for port in served_ports() if port not in known])


def served_ports() -> list[str]:
    """The pseudo-terminals of this user's served simulators."""
    from footctl.run.places import runtime_folder
    from simulator.channel import living

    return [str(status["address"]) for _, status in living(runtime_folder()) if status.get("link") == "pty"]


def identity_record(identity: Identified) -> dict[str, Any]:
    """An identity as JSON has it."""
    return {
        "serial": identity.serial,
        "model": identity.model,
        "firmware": identity.firmware,
        "protocol": f"{identity.major}.{identity.minor}",
        "boot_id": identity.boot_id,
        "uptime_s": identity.uptime_ms / 1000,
        "simulator": identity.simulator,
        "features": sorted(identity.features),
        "places": sorted(identity.places),
        "zones": sorted(identity.zones),
        "techniques": sorted(identity.techniques),
        "volume_l": identity.volume_l,
        "heater_w": identity.heater_w,
        "caps_hash": identity.caps_hash.hex(),
        "state": identity.state,
        "latched": _latched(identity),
    }


def _latched(identity: Identified) -> str | None:
    from firmware_protocol import faults

    return faults.name(identity.fault) if identity.fault else None


def _record(found: Found) -> dict[str, Any]:
    identity = None if found.identity is None else identity_record(found.identity)
    return {"link": "serial", "port": found.port, "description": found.description, "identity": identity, "error": found.error or None}


def _around_record(one: Around) -> dict[str, Any]:
    return {
        "link": "ble",
        "port": None,
        "address": one.seen.address,
        "name": one.seen.name,
        "signal_dbm": one.seen.rssi,
        "paired": None if one.identity is None else _is_paired(one.identity),
        "battery_percent": one.battery_percent,
        "identity": None if one.identity is None else identity_record(one.identity),
        "error": one.error or None,
    }


def _told(found: Found) -> str:
    return f"– {found.error}" if found.identity is None else _who(found.identity)


def _around_told(one: Around) -> str:
    words = [f"– {one.error}" if one.identity is None else _who(one.identity), f"signal {one.seen.rssi} dBm"]
    if one.battery_percent is not None:
        words.append(f"battery {one.battery_percent} %")
    if one.identity is not None and "wants_proof" in one.identity.features:
        words.append("paired" if _is_paired(one.identity) else "not paired: footctl device pair")
    return " · ".join(words)


def _is_paired(identity: Identified) -> bool:
    """Whether this user has its key; one in a keyring that is locked now counts."""
    from footctl.run import keys

    try:
        return keys.find(identity.serial, identity.simulator, "wants_proof" in identity.features) is not None
    except keys.KeyStoreError:
        return identity.serial in keys.paired()


def _who(identity: Identified) -> str:
    kind = f"simulator, speed {identity.simulator}" if identity.simulator else "device"
    latched = _latched(identity)
    state = f"latched: {latched}" if latched else identity.state
    size = f"{identity.volume_l:.1f} L, {identity.heater_w} W"
    return f"{identity.serial} · {identity.model} · {kind} · {size} · firmware {identity.firmware} · {state}"
