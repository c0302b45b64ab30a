"""`footctl watch`: live telemetry, of a session that runs on this machine or, where none does, as an observer at the device itself.

An observer reads and nothing else: it neither takes over nor stops anything, whatever happens to it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from footctl.cli import links
from footctl.cli.listing import document
from footctl.errors import LinkLost, LinkTimeout, UsageError
from footctl.screens.units import Units, chosen

ANSWER_S = 3.0  # until a device must have said who it is


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl watch`."""
    links.add_flags(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a sample")


def run(args: argparse.Namespace) -> int:
    """Print samples until the session or the device goes away, the reader of our output has seen enough, or Ctrl-C."""
    show = _Printer(args.json)
    door = _session_on(links.named(args))
    try:
        if door is not None:
            _subscribe(door, show)
        else:
            import asyncio

            asyncio.run(_observe(args, show))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more when it flushes at exit
    return 0


class _Printer:
    """A line a sample. For a person no more than one a second."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._units = Units() if as_json else chosen()
        self._next = 0.0

    def __call__(self, sample: dict[str, Any]) -> None:
        if self._as_json:
            print(document(sample), flush=True)
            return
        at = sample["t_s"]
        if self._next - 1.0 <= at < self._next:
            return
        self._next = at + 1.0
        print(self._units.words(_line(sample)), flush=True)


def _line(sample: dict[str, Any]) -> str:
    """One sample for a person. What is not known is a dash."""
    water = _number(sample["water_c"], ".1f")
    target = f" → {sample['water_setpoint_c']:.1f}" if sample["water_setpoint_c"] else ""
    outputs = [name for name, key in (("heater", "heater_enable"), ("motor", "motor_enable")) if sample[key]]
    duty = f" {sample['heater_duty'] * 100:.0f} %" if sample["heater_duty"] else ""
    presence = sample["presence"] or {}
    feet = [f"{' and '.join(sides)} in {place}" for place, sides in presence.items() if sides]
    words = [
        f"{sample['t_s']:9.1f} s",
        f"{sample['state']:<7}",
        f"water {water}{target} °C",
        f"pressure {_number(sample['pressure_max_kpa'], '.1f')} kPa",
        f"on: {', '.join(outputs) or 'nothing'}{duty}",
        *feet,
    ]
    if sample["level"] is False:
        words.append("too little water")
    if sample["faults"]:
        words.append("! " + ", ".join(sample["faults"]))
    return " · ".join(words)


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _session_on(device: str | None) -> Path | None:
    """The socket of the session that runs on `device`; without a name, of the only session there is."""
    from footctl.run.control import doors

    found = [one for one in doors() if "silent" not in one[1]]
    if device is not None:
        found = [one for one in found if links.same(str(one[1].get("link", "")), device)]
    if len(found) > 1:
        names = ", ".join(str(about.get("link")) for _, about in found)
        raise UsageError("several sessions are running", f"name the device of one with --port, --tcp or --ble: {names}")
    return found[0][0] if found else None


def _subscribe(door: Path, show: _Printer) -> None:
    """Samples as the session gets them, until it ends."""
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(ANSWER_S)
        try:
            sock.connect(str(door))
            sock.sendall(b'{"do": "watch"}\n')
            with sock.makefile("r", encoding="utf-8") as lines:
                if not json.loads(lines.readline() or "{}").get("ok"):
                    raise LinkTimeout("the session does not let us watch", "it may be of another version, or just ending")
                sock.settimeout(None)
                for line in lines:
                    show(json.loads(line))
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            raise LinkLost(f"the session went away: {error}") from error


async def _observe(args: argparse.Namespace, show: _Printer) -> None:
    """Samples from the device, until it goes away."""
    import secrets

    from footctl.core.host import Host
    from footctl.core.view import View
    from footctl.link.discover import identify
    from footctl.run.clock import Clock
    from footctl.run.reading import reading
    from footctl.run.session import Session

    link = await links.open_named(args)
    try:
        identity = await identify(link, ANSWER_S)
        if identity is None:
            raise LinkTimeout(f"{link.name}: nobody answers our hello", "is it switched on, and is this its port? `footctl devices` tells")
        session = Session(Host(nonce=secrets.randbits(32), role="observer"), link, Clock(identity.simulator or 1))
        last = -1
        closed: list[BrokenPipeError] = []

        def told(view: View) -> None:
            nonlocal last
            sample = reading(view)
            if sample is None or view.sample is None or view.sample.uptime_ms == last:
                return
            last = view.sample.uptime_ms
            try:
                show(sample)
            except BrokenPipeError as error:
                closed.append(error)
                session.left = True

        session.subscribe(told)
        view = await session.run()
        if closed:
            raise closed[0]
        if view.outcome is not None:
            raise LinkLost(view.outcome.reason, view.outcome.hint)
    finally:
        link.close()
