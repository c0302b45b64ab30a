"""Whose peripheral it is on this computer. On Linux all programs share one link, and who lets go first ends it for all: so one holds it.

A name in the kernel that goes with its process, whatever happens to that. Knows nothing about Bluetooth.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
from pathlib import Path

from footctl.errors import LinkBusy

ALONE = sys.platform == "linux"
PREFIX = "footctl-ble-"
BUSY_HINT = "`footctl watch` shows its session, `footctl stop` ends one of yours"


def one_link_for_all() -> bool:
    """Whether programs of this computer share their links to peripherals."""
    return ALONE


def _name(address: str) -> str:
    return f"\0{PREFIX}{address.upper()}"


def claim(address: str, label: str) -> socket.socket | None:
    """Hold the peripheral until the result is closed. Raises LinkBusy; None where nobody needs to."""
    if not one_link_for_all():
        return None
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        held.bind(_name(address))
        held.listen(8)
    except OSError as error:
        held.close()
        if error.errno == errno.EADDRINUSE:
            who = holder(address)
            raise LinkBusy(f"{label} is in use" + (f" by {who}" if who else ""), BUSY_HINT) from error
        raise
    return held


def held() -> dict[str, str]:
    """The peripherals that programs of this computer hold: address, and by whom."""
    if not one_link_for_all():
        return {}
    try:
        rows = Path("/proc/net/unix").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    addresses = {row.rpartition(f"@{PREFIX}")[2] for row in rows if f"@{PREFIX}" in row}
    return {address: who for address in sorted(addresses) if (who := holder(address)) is not None}


def holder(address: str) -> str | None:
    """Which process holds the peripheral, as "name (number)"; None when nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(0.5)
        try:
            asking.connect(_name(address))
            pid, _, _ = struct.unpack("3i", asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        except (OSError, ValueError):
            return None
    try:
        return f"{Path(f'/proc/{pid}/comm').read_text(encoding='utf-8', errors='replace').strip()} ({pid})"
    except OSError:
        return f"process {pid}"
