"""What `footctl doctor` says about Bluetooth: adapter, block, service, switch, permission; by platform. Changes nothing.

On Linux files and the system bus tell; on macOS what was answered to the privacy prompt is read first, because asking Bluetooth anything
would bring that prompt up; elsewhere a scan that ends at once tells.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

from footctl.errors import LinkError
from footctl.link.bluetooth import DENIED, NO_RADIO, SERVICE_OFF, explain, hint

ADAPTERS = Path("/sys/class/bluetooth")
SWITCHES = Path("/sys/class/rfkill")
ASK_S = 5.0
NOT_ASKED, RESTRICTED, REFUSED, ALLOWED = range(4)  # CBManagerAuthorization [S: Apple, Core Bluetooth]

Told = tuple[bool, str, str]  # all right, what was found, what to do


def look() -> Iterable[Told]:
    """One row for everything that was looked at."""
    if sys.platform == "linux":
        yield from _on_linux()
    elif sys.platform == "darwin":
        yield from _on_macos()
    else:
        yield _asked("Bluetooth answers", scan=True)


def _on_linux() -> Iterable[Told]:
    adapters = sorted(path.name for path in ADAPTERS.glob("hci*") if ":" not in path.name)
    if not adapters:
        yield False, "no adapter is visible", hint(NO_RADIO)
        return
    names = ", ".join(adapters)
    for switch in SWITCHES.glob("rfkill*"):
        if _read(switch / "type") == "bluetooth" and _read(switch / "hard") == "1":
            yield False, f"{names}: blocked by a switch of this computer", "look for a switch, or a key with an aeroplane on it"
            return
        if _read(switch / "type") == "bluetooth" and _read(switch / "soft") == "1":
            yield False, f"{names}: blocked", "rfkill unblock bluetooth"
            return
    yield _asked(f"{names}, switched on", scan=False)


def _on_macos() -> Iterable[Told]:
    from CoreBluetooth import CBManager  # type: ignore[import-not-found, unused-ignore]  # bleak brings it there

    answer = CBManager.authorization()
    if answer == NOT_ASKED:
        yield True, "macOS has not yet asked whether this terminal may use it", "it will at the first `footctl devices`: say yes"
    elif answer in (REFUSED, RESTRICTED):
        who = "you" if answer == REFUSED else "this Mac's management"
        yield False, f"this terminal may not use it: {who} said no", hint(DENIED)
    else:
        yield _asked("this terminal may use it", scan=True)


def _asked(good: str, scan: bool) -> Told:
    """What the system's Bluetooth says to a question that wants nothing."""
    try:
        asyncio.run(_ask(scan))
    except LinkError as error:
        return False, str(error), error.hint
    except ImportError as error:
        return False, f"bleak cannot be used here: {error}", SERVICE_OFF["linux"] if sys.platform == "linux" else "pip install bleak"
    return True, good, ""


async def _ask(scan: bool) -> None:
    from footctl.link.radio import radio

    try:
        await radio().ask(_begin_and_end() if scan else _adapter(), ASK_S, "Bluetooth")
    except (LinkError, ImportError):
        raise
    except Exception as error:
        raise explain(error, "Bluetooth") from error


async def _adapter() -> None:
    from bleak import BleakAdapter

    await BleakAdapter.get()


async def _begin_and_end() -> None:
    from bleak import BleakScanner

    async with BleakScanner():
        pass


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
