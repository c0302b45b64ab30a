"""`footctl clear`: let go of a device's latch, after its first cause was shown and somebody said yes. Restarts nothing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from firmware_protocol import faults
from footctl.cli import links
from footctl.cli.consent import agreed
from footctl.errors import DeviceRefused, LinkNotFound, SessionEnded
from footctl.screens.units import chosen

if TYPE_CHECKING:
    from footctl.core.events import FirstCause, Identified
    from footctl.core.host import Host
    from footctl.core.view import View
    from footctl.link.transport import Link
    from footctl.run.session import Session


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl clear`."""
    links.add_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Show, ask, clear. 0 when nothing is latched any more, 5 when the device refuses or nobody can be asked, 6 when the answer is no."""
    import asyncio

    asyncio.run(_run(args))
    return 0


async def _run(args: argparse.Namespace) -> None:
    import asyncio

    try:
        link = await links.open_named(args)
    except LinkNotFound as error:
        if links.named(args) is None:
            error.hint += "; what `footctl run --sim` simulated is gone, and its latch with it"
        raise
    try:
        identity, cause = await _first_cause(link)
        if cause is None:
            print(f"{identity.serial}: nothing is latched")
            return
        print(chosen().words("\n".join(cause_lines(identity, cause))), flush=True)
        # The question is asked with nobody at the controls: a hello as controller keeps nothing alive while the person reads.
        if not await asyncio.to_thread(agreed, "Clear it?", "run `footctl clear` on a terminal, where the cause can be read"):
            raise SessionEnded("not cleared", "the device stays off until somebody clears it")
        await _clear(link, identity, cause.fault)
        print(f"{identity.serial}: cleared; nothing was started")
    finally:
        link.close()


def cause_lines(identity: Identified, cause: FirstCause) -> list[str]:
    """What latched the device, when, what it read then, what to do."""
    row = faults.BY_CODE.get(cause.fault)
    what, remedy = (row[3], row[4]) if row else ("a fault that this version does not know", "look into the device's manual")
    ago = max(0.0, (identity.uptime_ms - cause.uptime_ms) / 1000)
    return [
        f"{identity.serial} is latched: {what} ({faults.name(cause.fault)})",
        f"  {_ago(ago)} ago, while {cause.state}: water {cause.water_c:.1f} and {cause.water2_c:.1f} °C, "
        f"heater {cause.heater_duty * 100:.0f} %, pressure left {cause.left_kpa:.1f} kPa, right {cause.right_kpa:.1f} kPa",
        f"  {remedy}",
    ]


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


async def _first_cause(link: Link) -> tuple[Identified, FirstCause | None]:
    """Who the device is and what latched it. As an observer: looking takes nothing over."""
    from footctl.run.enquiry import enquire

    def known(host: Host, view: View) -> bool:
        return host.identity is not None and view.sample is not None and (not view.sample.fault or host.first_cause is not None)

    host = await enquire(link, known)
    assert host.identity is not None
    if host.sample is None or not host.sample.fault:
        return host.identity, None
    return host.identity, host.first_cause


async def _clear(link: Link, identity: Identified, fault: int) -> None:
    """Clear `fault`, as the controller. Raises DeviceRefused when the device says no."""
    from footctl.core.events import ClearAsked
    from footctl.run.enquiry import enquire

    asked = False

    def cleared(host: Host, view: View) -> bool:
        return view.sample is not None and view.sample.fault != fault

    def ask(session: Session, view: View) -> None:
        nonlocal asked
        if not asked and view.sample is not None and view.identity is not None:
            if view.identity.boot_id != identity.boot_id:
                raise DeviceRefused("the device restarted meanwhile", "run `footctl clear` again")
            asked = True
            session.post(ClearAsked(fault))
        elif asked and view.warnings:
            raise DeviceRefused(view.warnings[-1], "put the cause right first, then run `footctl clear` again")

    host = await enquire(link, cleared, role="controller", ask=ask)
    if host.sample is not None and host.sample.fault:
        raise DeviceRefused(f"another fault latched at once: {faults.name(host.sample.fault)}", "run `footctl clear` again to see it")
