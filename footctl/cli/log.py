"""`footctl device log`: a device's black box as CSV, on standard output or in a file."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from firmware_protocol import faults, messages
from footctl.cli import links
from footctl.errors import UsageError

if TYPE_CHECKING:
    from footctl.link.blackbox import Record

HEAD = ("uptime_s", "before_last_s", "what", "state", "water1_c", "water2_c", "heater_pct", "left_kpa", "right_kpa")


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl device log`."""
    links.add_flags(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there instead of on standard output")


def run(args: argparse.Namespace) -> int:
    """Read and write."""
    if args.out is not None and not args.out.parent.is_dir():
        raise UsageError(f"--out {args.out}: there is no folder {args.out.parent}", "make it first, or name another one")
    import asyncio

    text = table(asyncio.run(_read(args)))
    if args.out is None:
        print(text, end="")
        return 0
    try:
        args.out.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"--out {args.out}: {error.strerror}", "name a file in a folder that you may write to") from error
    print(f"{text.count(chr(10)) - 1} records in {args.out}")
    return 0


async def _read(args: argparse.Namespace) -> list[Record]:
    from footctl.link.blackbox import read_log

    link = await links.open_named(args)
    try:
        return await read_log(link)
    finally:
        link.close()


def table(records: list[Record]) -> str:
    """As CSV. Times count from the device's power-up, and back from its newest record: it has no calendar."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    last = records[-1].uptime_ms if records else 0
    for row in records:
        what = faults.name(row.fault) if row.fault else "sample"
        state = messages.STATES[row.state] if row.state < len(messages.STATES) else row.state
        age = ((last - row.uptime_ms) & 0xFFFFFFFF) / 1000
        numbers = (row.water1_c, row.water2_c, row.duty * 100, row.left_kpa, row.right_kpa)
        writer.writerow([f"{row.uptime_ms / 1000:.2f}", f"{age:.2f}", what, state, *(f"{number:.2f}" for number in numbers)])
    return out.getvalue()
