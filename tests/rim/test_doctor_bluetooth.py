"""What the doctor says about Bluetooth, on systems that look like Linux, macOS and Windows. The system's own answers are in tests/ble."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import pytest
from bleak.backends.adapter import BaseBleakAdapter
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from footctl.cli import bluetooth
from footctl.link import radio


@pytest.fixture(autouse=True)
def _no_radio_is_left() -> Any:
    yield
    radio.end()


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux with an adapter."""
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "bluetooth" / "hci0").mkdir(parents=True)
    (tmp_path / "bluetooth" / "hci0:64").mkdir()
    (tmp_path / "rfkill" / "rfkill0").mkdir(parents=True)
    monkeypatch.setattr(bluetooth, "ADAPTERS", tmp_path / "bluetooth")
    monkeypatch.setattr(bluetooth, "SWITCHES", tmp_path / "rfkill")
    return tmp_path


def answering(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> None:
    """The system's Bluetooth answers well, or with `error`."""

    class Adapter(BaseBleakAdapter):
        @classmethod
        async def get(cls, **kwargs: Any) -> Any:
            if error is not None:
                raise error
            return cls()

    class Scanner(BaseBleakScanner):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(None, None)

        async def start(self) -> None:
            if error is not None:
                raise error

        async def stop(self) -> None:
            return None

    monkeypatch.setattr("bleak.get_platform_adapter_backend_type", lambda: (Adapter, "test"))
    monkeypatch.setattr("bleak.get_platform_scanner_backend_type", lambda: (Scanner, "test"))


OFF = BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.POWERED_OFF)


def test_no_adapter(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bluetooth, "ADAPTERS", linux / "none")
    [(right, told, remedy)] = bluetooth.look()
    assert not right
    assert "no adapter" in told
    assert remedy


@pytest.mark.parametrize(("kind", "words", "remedy"), [("soft", "blocked", "rfkill unblock"), ("hard", "switch", "aeroplane")])
def test_a_blocked_adapter(linux: Path, kind: str, words: str, remedy: str) -> None:
    switch = linux / "rfkill" / "rfkill0"
    (switch / "type").write_text("bluetooth\n")
    (switch / kind).write_text("1\n")
    [(right, told, what)] = bluetooth.look()
    assert not right
    assert words in told
    assert remedy in what


def test_another_radio_that_is_blocked_is_none_of_ours(linux: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    switch = linux / "rfkill" / "rfkill0"
    (switch / "type").write_text("wlan\n")
    (switch / "soft").write_text("1\n")
    answering(monkeypatch, None)
    assert list(bluetooth.look()) == [(True, "hci0, switched on", "")]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "x"), "D-Bus is not running"),
        (OFF, "switched off"),
        (PermissionError(), "may not"),
        (ImportError("x"), "cannot be used"),
    ],
)
def test_what_linux_answers(linux: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str) -> None:
    answering(monkeypatch, error)
    [(right, told, remedy)] = bluetooth.look()
    assert not right
    assert words in told
    assert remedy


@pytest.mark.parametrize(
    ("answer", "right", "words"), [(0, True, "not yet asked"), (1, False, "management"), (2, False, "you said no"), (3, True, "may use it")]
)
def test_what_macos_was_answered(monkeypatch: pytest.MonkeyPatch, answer: int, right: bool, words: str) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    library = types.ModuleType("CoreBluetooth")
    vars(library)["CBManager"] = types.SimpleNamespace(authorization=lambda: answer)
    monkeypatch.setitem(sys.modules, "CoreBluetooth", library)
    answering(monkeypatch, None)
    [row] = bluetooth.look()
    assert row[0] is right
    assert words in row[1]
    assert row[2] or row[0]


@pytest.mark.parametrize(("error", "right"), [(None, True), (OFF, False)])
def test_what_windows_answers(monkeypatch: pytest.MonkeyPatch, error: Exception | None, right: bool) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    answering(monkeypatch, error)
    [row] = bluetooth.look()
    assert row[0] is right
    assert right or "Settings" in row[2]
