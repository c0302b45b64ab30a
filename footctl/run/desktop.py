"""One sentence on the desktop, where there is one: over D-Bus on Linux, with osascript on macOS. Says why when it could not."""

from __future__ import annotations

import asyncio
import subprocess
import sys

ANSWER_S = 5.0
_SCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")


def show(title: str, text: str) -> str:
    """Show it. What stood in the way, or nothing."""
    ways = {"linux": _over_dbus, "darwin": _with_osascript}
    way = ways.get(sys.platform)
    return way(title, text) if way else f"no notification on {sys.platform}"


def _over_dbus(title: str, text: str) -> str:
    from dbus_fast import BusType, DBusError, Message, MessageType
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import AuthError, InvalidAddressError

    name = "org.freedesktop.Notifications"

    async def call() -> str:
        bus = await MessageBus(bus_type=BusType.SESSION).connect()
        try:
            asked = Message(
                destination=name,
                path="/org/freedesktop/Notifications",
                interface=name,
                member="Notify",
                signature="susssasa{sv}i",
                body=["footctl", 0, "", title, text, [], {}, -1],
            )
            answer = await bus.call(asked)
            if answer is None or answer.message_type is MessageType.ERROR:
                return f"no notification service answers: {' '.join(str(word) for word in (answer.body if answer else ()))}"
            return ""
        finally:
            bus.disconnect()

    try:
        return asyncio.run(asyncio.wait_for(call(), ANSWER_S))
    except (OSError, EOFError, ValueError, TimeoutError, DBusError, AuthError, InvalidAddressError) as error:
        return f"no desktop is here: {error or type(error).__name__}"


def _with_osascript(title: str, text: str) -> str:
    words = ["osascript", *(word for line in _SCRIPT for word in ("-e", line)), title, text]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"osascript: {error}"
    return "" if done.returncode == 0 else f"osascript: {done.stderr.strip()}"
