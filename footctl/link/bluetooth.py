"""What goes wrong with Bluetooth, in words that help: errors of the library and the system as LinkError, by platform. Opens nothing."""

from __future__ import annotations

import sys

from footctl.errors import LinkBusy, LinkError, LinkLost, LinkNotFound, LinkTimeout

CABLE = "a cable works without Bluetooth: --port"
SERVICE_OFF = {
    "linux": "start it: sudo systemctl start bluetooth (Debian, Ubuntu: sudo apt install bluez); " + CABLE,
}
RADIO_OFF = {
    "linux": "switch it on: bluetoothctl power on; when it is blocked: rfkill unblock bluetooth",
    "darwin": "switch Bluetooth on in System Settings",
    "win32": "switch Bluetooth on in Settings, Bluetooth & devices",
}
NO_RADIO = {
    "linux": "plug a Bluetooth 4.0 adapter in; into a container or VM it must be passed through; " + CABLE,
    "darwin": CABLE,
    "win32": "plug a Bluetooth 4.0 adapter in and look for it in the Device Manager; " + CABLE,
}
DENIED = {
    "linux": "your user may not speak to BlueZ: sudo usermod -aG bluetooth $USER, then log in again",
    "darwin": "allow your terminal in System Settings, Privacy & Security, Bluetooth, then start the terminal again",
    "win32": "allow desktop apps in Settings, Privacy & security, Radios",
}
FAR = "is it switched on, within some metres, and not connected to a phone or another computer?"
NO_SERVICE = ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected")  # D-Bus: nobody is called org.bluez now


def hint(table: dict[str, str]) -> str:
    """The row of this platform."""
    return table.get(sys.platform, table.get("linux", ""))


def explain(error: BaseException, where: str) -> LinkError:
    """`error` of something done with `where`, as one sentence and what to do."""
    from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError, BleakDeviceNotFoundError

    if isinstance(error, LinkError):
        return error
    if isinstance(error, BleakBluetoothNotAvailableError):
        reason = error.reason
        if reason in (BleakBluetoothNotAvailableReason.NO_BLUETOOTH, BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE):
            return LinkNotFound("this computer has no Bluetooth adapter that can reach a massager", hint(NO_RADIO))
        if reason is BleakBluetoothNotAvailableReason.POWERED_OFF:
            return LinkNotFound("Bluetooth is switched off", hint(RADIO_OFF))
        return LinkError("this program may not use Bluetooth", hint(DENIED))
    if isinstance(error, BleakDeviceNotFoundError):
        return LinkNotFound(f"{where} is not there any more", FAR)
    if isinstance(error, BleakDBusError):
        return _from_dbus(error.dbus_error, str(error.dbus_error_details or ""), where)
    if isinstance(error, TimeoutError):
        return LinkTimeout(f"{where} does not answer", FAR)
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return LinkNotFound("the system's D-Bus is not running, and Bluetooth is reached through it", hint(SERVICE_OFF))
    if isinstance(error, PermissionError):
        return LinkError("this program may not use Bluetooth", hint(DENIED))
    if isinstance(error, EOFError | ConnectionError):
        return LinkLost("the Bluetooth service went away", hint(SERVICE_OFF))
    return LinkError(f"{where}: {_words(error)}", "try again; `footctl doctor` looks at Bluetooth, too")


def _from_dbus(name: str, details: str, where: str) -> LinkError:
    if name.endswith(NO_SERVICE):
        return LinkNotFound("the Bluetooth service (bluetoothd) is not running", hint(SERVICE_OFF))
    if name.endswith("AccessDenied"):
        return LinkError("this program may not use Bluetooth", hint(DENIED))
    if name.endswith("NotReady"):
        return LinkNotFound("Bluetooth is switched off", hint(RADIO_OFF))
    if name.endswith(("InProgress", "AlreadyConnected")):
        return LinkBusy(f"{where}: Bluetooth is busy ({details or name})", "wait a moment and try again")
    if name.endswith(("UnknownObject", "DoesNotExist")):
        return LinkNotFound(f"{where} is not there any more", FAR)
    return LinkError(f"{where}: {details or name}", FAR)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
