"""What tests ask the system's Bluetooth about itself, and do to it, where there is one. Only on the bench of the same name."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

started: list[subprocess.Popen[bytes]] = []  # for as long as the machine runs
DAEMON = "/usr/libexec/bluetooth/bluetoothd"


def powered() -> bool:
    """Whether BlueZ has an adapter that is switched on."""
    return asyncio.run(_powered())


async def _powered() -> bool:
    from dbus_fast import BusType, Message, MessageType
    from dbus_fast.aio import MessageBus

    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        question = Message("org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        answer = await bus.call(question)
        if answer is None or answer.message_type == MessageType.ERROR:
            return False
        adapters = [rows["org.bluez.Adapter1"] for rows in answer.body[0].values() if "org.bluez.Adapter1" in rows]
        return any(adapter["Powered"].value for adapter in adapters)
    finally:
        bus.disconnect()


def daemon() -> int | None:
    """bluetoothd's process number."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if (entry / "comm").read_text().strip() == "bluetoothd":
                    return int(entry.name)
            except OSError:
                continue
    return None


def kill() -> None:
    """bluetoothd is gone without a word."""
    pid = daemon()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def start() -> None:
    """And comes back."""
    started.append(subprocess.Popen([DAEMON, "-n"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True))
