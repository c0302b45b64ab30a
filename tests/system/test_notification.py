"""A reminder on a desktop: a real bus, and a notification service that keeps what it is asked to show."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from tests.system.processes import Footctl

pytestmark = pytest.mark.system

NAME = "org.freedesktop.Notifications"


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, must_have: Callable[[object, str], None]) -> Iterator[str]:
    """A session bus of this test's own."""
    must_have(shutil.which("dbus-daemon"), "dbus-daemon (package dbus-daemon)")
    daemon = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    daemon.kill()
    daemon.communicate()


def shown_while(bus: str, *words: str) -> tuple[list[list[Any]], list[subprocess.CompletedProcess[str]]]:
    """What the service was asked to show while `footctl <words>` ran twice."""

    async def serve() -> tuple[list[list[Any]], list[subprocess.CompletedProcess[str]]]:
        shown: list[list[Any]] = []
        service = await MessageBus(bus_address=bus).connect()

        def answer(message: Message) -> Message | None:
            if message.message_type is MessageType.METHOD_CALL and message.member == "Notify":
                shown.append(message.body)
                return Message.new_method_return(message, "u", [len(shown)])
            return None

        service.add_message_handler(answer)
        await service.request_name(NAME)
        ran = []
        for _ in range(2):
            command = [sys.executable, "-m", "footctl", *words]
            ran.append(await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False))
        service.disconnect()
        return shown, ran

    return asyncio.run(serve())


def test_what_is_due_is_shown_once(bus: str, footctl: Footctl) -> None:
    now = footctl("remind", "add", "daily 00:00", "wind-down")
    assert now.returncode == 0, now.stderr
    listed = footctl("remind", "list", "--json").stdout
    if '"due_since": null' in listed:  # the whole day is not within a few hours of midnight
        hour = int(subprocess.run(["date", "+%H"], capture_output=True, text=True, check=True).stdout)
        assert footctl("remind", "add", f"daily {hour:02d}:00", "wind-down").returncode == 0
    shown, ran = shown_while(bus, "remind", "due", "--notify")
    assert [one.returncode for one in ran] == [0, 0]
    assert len(shown) == 1, ran[0].stderr
    sender, _, _, title, text, actions, _, _ = shown[0]
    assert (sender, title, actions) == ("footctl", "Feet: wind-down", [])
    assert "footctl run wind-down" in text
    assert "Nothing is switched on" in text


def test_a_bus_without_a_service_is_told(bus: str, footctl: Footctl) -> None:
    hour = int(subprocess.run(["date", "+%H"], capture_output=True, text=True, check=True).stdout)
    assert footctl("remind", "add", f"daily {hour:02d}:00", "wind-down").returncode == 0
    told = footctl("remind", "due", "--notify", env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": bus})
    assert told.returncode == 0
    assert "no notification service answers" in told.stderr
