"""`footctl devices`: who answers our hello, at the serial ports of this machine and at the simulators that are served here."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from footctl.cli.listing import columns, document

if TYPE_CHECKING:
    from footctl.core.events import Identified
    from footctl.link.discover import Found


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl devices`."""
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """List every port, with who answers there or why nobody does."""
    found = asyncio.run(_find())
    if args.json:
        print(document([_record(one) for one in found]))
    elif found:
        print(columns([[one.port, _told(one)] for one in found]))
    else:
        print("no serial port is visible; `footctl doctor` says more, and `footctl run --sim` needs none")
    return 0


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
    return {"port": found.port, "description": found.description, "identity": identity, "error": found.error or None}


def _told(found: Found) -> str:
    identity = found.identity
    if identity is None:
        return f"– {found.error}"
    kind = f"simulator, speed {identity.simulator}" if identity.simulator else "device"
    latched = _latched(identity)
    state = f"latched: {latched}" if latched else identity.state
    size = f"{identity.volume_l:.1f} L, {identity.heater_w} W"
    return f"{identity.serial} · {identity.model} · {kind} · {size} · firmware {identity.firmware} · {state}"
