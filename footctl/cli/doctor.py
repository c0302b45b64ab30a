"""`footctl doctor`: what is installed, visible and permitted here, and what to do about each problem. Changes nothing."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from footctl.cli.listing import document
from footctl.errors import FootctlError
from footctl.screens.units import Units, chosen

GOOD, NOTE, BAD = "ok", "note", "wrong"
LEAST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `state`: ok; note (a device at a cable or radio may not work); wrong (footctl itself does not)."""

    what: str
    state: str
    told: str
    remedy: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl doctor`."""
    parser.add_argument("--port", metavar="PORT", help="look at this port, too")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    """Look at everything, tell, and return 1 when footctl itself cannot work here."""
    from footctl.screens.ink import Ink

    ink = Ink(sys.stdout)
    words = _units().words
    paint = {GOOD: ink.dim, NOTE: ink.warn, BAD: ink.bad}
    found = []
    named = () if args.port is None else (lambda: [_named(args.port)],)
    for check in (*CHECKS, *named):
        for finding in _safely(check):
            found.append(finding)
            if not args.json:
                print(f"{paint[finding.state](f'{finding.state:<6}')} {finding.what:<12} {words(finding.told)}")
                if finding.remedy:
                    print(f"{'':<20}{finding.remedy}")
    if args.json:
        print(document([{"what": one.what, "state": one.state, "told": one.told, "remedy": one.remedy} for one in found]))
    return 1 if any(one.state == BAD for one in found) else 0


def _units() -> Units:
    """The unit in force; wrong settings are a finding of their own, not the end of looking."""
    try:
        return chosen()
    except FootctlError:
        return Units()


def _safely(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """A check that breaks is a finding too; the others still run."""
    try:
        return list(check())
    except Exception as error:
        return [
            Finding(
                check.__name__.strip("_"),
                BAD,
                f"{type(error).__name__}: {error}",
                "install footctl again: pip install --force-reinstall footctl",
            )
        ]


def _python() -> Iterable[Finding]:
    from footctl import __version__

    yield Finding("footctl", GOOD, f"{__version__}, in {Path(__file__).parents[1]}")
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info >= LEAST_PYTHON:
        yield Finding("python", GOOD, version)
    else:
        yield Finding("python", BAD, version, "footctl needs Python 3.11 or newer")


def _libraries() -> Iterable[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    for name in ("pydantic", "transitions", "pyserial", "bleak", "platformdirs", "textual", "icalendar", "matplotlib"):
        try:
            yield Finding(name, GOOD, version(name))
        except PackageNotFoundError:
            yield Finding(name, BAD, "not installed", f"pip install {name}")


def _settings() -> Iterable[Finding]:
    from footctl.cli.config import words
    from footctl.errors import SettingsError
    from footctl.run import settings

    file = settings.path()
    try:
        now = settings.load()
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Finding("settings", BAD, line, "footctl config edit; no session starts before it is right, stop and pain work")
        return
    yield Finding("settings", GOOD, str(file) if file.exists() else f"{file} is not there: everything at its default")
    for key in settings.KEYS:
        if now.origin[key.name] != "default" and key.name != "scenes":
            yield Finding("settings", GOOD, f"{key.name} = {words(now.value(key.name))} (from {now.origin[key.name]})")
    for name, command in now.scenes.items():
        if shutil.which(command[0]):
            yield Finding("scene", GOOD, f"{name}: {' '.join(command)}")
        else:
            yield Finding("scene", NOTE, f"{name}: there is no command {command[0]}", "install it, or name another: footctl config edit")
    for stranger in settings.strangers(os.environ):
        yield Finding("settings", NOTE, stranger, "every variable: footctl config show --json")


def _programs() -> Iterable[Finding]:
    from footctl.run.presets import list_programs, load_program

    names = [row["name"] for row in list_programs()]
    for name in names:
        load_program(name)
    if names:
        yield Finding("programs", GOOD, f"{len(names)} presets, all right")
    else:
        yield Finding("programs", BAD, "no presets found", "install footctl again: pip install --force-reinstall footctl")


def _simulator() -> Iterable[Finding]:
    from footctl.core.host import Host
    from footctl.core.pump import turn
    from simulator.world import World

    world, host = World(person=None), Host(nonce=1)
    for tick in range(100):
        turn(host, world, tick * 0.05)
        if host.identity and host.sample:
            yield Finding("simulator", GOOD, f"answers as {host.identity.serial}, water {host.sample.water_c:.1f} °C")
            return
    yield Finding("simulator", BAD, "the simulated device does not answer", "FOOTCTL_DEBUG=1 footctl run quick-break --sim shows more")


def _serial_ports() -> Iterable[Finding]:
    from footctl.link.discover import serial_ports

    ports = [(port, description) for port, description in serial_ports() if not port.startswith("/dev/tty.")]  # macOS: waits for a modem
    if not ports:
        yield Finding("serial", NOTE, "no serial port is visible", UNSEEN.get(sys.platform, UNSEEN["linux"]))
    for port, description in ports:
        yield _port(port, description)


UNSEEN = {
    "linux": "plug the device in; ports are /dev/ttyACM* and /dev/ttyUSB*; into a container or VM they must be passed through",
    "darwin": "plug the device in; ports are /dev/cu.usbmodem* and /dev/cu.usbserial*; an adapter may need its maker's driver",
    "win32": "plug the device in; ports are COM3 and up, under Ports in the Device Manager; an adapter may need its maker's driver",
}


def _port(port: str, description: str) -> Finding:
    """One port: may we open it, and does somebody else have it?"""
    from footctl.link.serial_port import holders, permission

    if os.name == "posix":
        if not os.access(port, os.R_OK | os.W_OK):
            return Finding("serial", NOTE, f"{port}: you may not open it", permission(port))
        who = ", ".join(f"{name} ({pid})" for pid, name in holders(port))
        if who:
            return Finding("serial", NOTE, f"{port}: in use by {who}", "`footctl stop` ends a session of yours")
    return Finding("serial", GOOD, f"{port} ({description})")


def _named(port: str) -> Finding:
    """A port that somebody asks about, whether it is listed or not."""
    if os.name == "posix":
        if not os.path.exists(port):
            return Finding("serial", NOTE, f"{port}: no such port", UNSEEN.get(sys.platform, UNSEEN["linux"]))
        if not Path(port).is_char_device():
            return Finding("serial", NOTE, f"{port} is no serial port", "`footctl devices` lists the ports that answer")
    return _port(port, "as asked")


def _served() -> Iterable[Finding]:
    from footctl.run.control import doors
    from footctl.run.places import runtime_folder
    from simulator.channel import living

    folder = runtime_folder()
    for _, about in doors():
        if "silent" in about:
            remedy = f"its device lets go by itself; `kill {about['silent']}` ends it"
            yield Finding("session", NOTE, f"process {about['silent']} does not answer", remedy)
        else:
            yield Finding("session", GOOD, f"{about.get('program')} runs on {about.get('link')}")
    for _, status in living(folder):
        yield Finding("simulator", GOOD, f"served at {status.get('address')}, speed {status.get('speed')}")
    asked = os.environ.get("XDG_RUNTIME_DIR")
    if asked and Path(asked) not in folder.parents:
        remedy = "it must be a folder of yours with mode 0700, below folders that nobody else can change"
        yield Finding("sockets", NOTE, f"in {folder}: XDG_RUNTIME_DIR={asked} was not taken", remedy)
    else:
        yield Finding("sockets", GOOD, f"in {folder}")


def _radio() -> Iterable[Finding]:
    from footctl.cli.bluetooth import look

    for right, told, remedy in look():
        yield Finding("bluetooth", GOOD if right else NOTE, told, remedy)


def _terminal() -> Iterable[Finding]:
    encoding = (sys.stdout.encoding or "ascii").lower()
    if "utf" in encoding:
        yield Finding("terminal", GOOD, f"{os.environ.get('TERM') or 'none'}, {encoding}")
    else:
        yield Finding("terminal", NOTE, f"writes {encoding}: ° and → may look wrong", "set a UTF-8 locale, or PYTHONUTF8=1")


def _keys() -> Iterable[Finding]:
    from footctl.run import keys

    open_to_others = keys.exposed()
    paired = keys.paired()
    if open_to_others is not None:
        yield Finding("keys", NOTE, f"{open_to_others}: others may read the keys of your devices", f"chmod 600 {open_to_others}")
    elif paired:
        yield Finding("keys", GOOD, f"paired: {', '.join(paired)}")
    else:
        yield Finding("keys", GOOD, "no device is paired; a cable needs none, over Bluetooth and network: footctl device pair")


CHECKS = (_python, _libraries, _settings, _programs, _simulator, _serial_ports, _served, _keys, _radio, _terminal)
