"""Every figure, one after the other, and the page that shows them: `python -m bench [--dry]`."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import board, journal, live, parsing, roundtrip, speed, startup, stop, stop_ble, whole
from bench.blocks import Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "benchmarks.md"
ROWS = (speed, whole, roundtrip, stop, stop_ble, live, startup, parsing, journal, board)
HEAD = """# Figures

<!-- Written by `make bench`; run it again instead of changing numbers. -->

Each figure is a ratio between us and a peer or floor that was measured in the same run, in turns of a few trips: absolute times move by
two from run to run and from machine to machine, ratios do not move much. A gate must be met; a goal is what we would like. Peers run in an
environment of their own with the versions of [bench/peers.txt](../../bench/peers.txt).
"""


# Why a gate may be missed, as far as it was measured. Keys are the beginning of a row's `what` and its peer.
REASONS = {
    ("whole stack in virtual time", "lewis"): """
        Four times lewis is 6 µs for each 50 ms. Physics, sensors, the device's mind with every check, and frames of telemetry and
        heartbeat take 14 µs of our 25, the host's mind with every check the rest. lewis moves one number along a line.""",
    ("simulate a 40-minute program", "opentrons"): """
        About 1.2 s for 2,409 simulated seconds of physics and both minds, 0.3 s to start; opentrons_simulate needs its 1.6 s to start
        and then only lists what a protocol says.""",
    ("request → answer", "pymodbus"): """
        asyncio with nothing but a reader and a future is the floor given beside the figure. Above it we pack, stuff and check a frame
        of COBS and CRC-32 each way in Python (12 µs) and arm a time-out for every wait (5 µs).""",
    ("client CPU", "pymodbus"): """
        The floor is given beside the figure; the rest is the frame each way and a time-out for every wait, as above.""",
    ("socket → STOP", "blocking"): """
        A thread waits in recv and writes STOP itself; what is left is the interpreter's lock, handed over between that thread and the
        event loop: 10 to 15 µs.""",
    ("pain key → STOP", "blocking"): """
        The same, for the thread that reads the keyboard.""",
    ("urgent write", "bleak"): """
        Ours comes from another thread and goes past what waits: a hand-over to the radio's loop and one turn of it, 0.2 ms. A real
        radio adds 7.5 to 50 ms to both.""",
    ("evening-unwind", "real time"): """
        Measured beside other work; see how busy the machine was.""",
    ("request → answer", "asyncio"): """
        Between two busy processes the waiting is gone and only the work is left; on an idle machine it is 1.2.""",
}


def page(rows: list[Row]) -> str:
    """The results for people."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    how = "mostly idle" if busy < 0.7 else "busy with other work, too" if busy < 1.5 else f"at a load of {busy:.0f} times what they can do"
    where = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, {how}; Python {platform.python_version()}"
    lines = [HEAD, f"Measured on {datetime.now(UTC):%d %B %Y}: {where}.", ""]
    lines += ["| what | against | ratio | gate | goal | | seen |", "|---|---|---:|---:|---:|---|---|"]
    for row in rows:
        bounds = f"{row.bound(row.gate)} | {row.bound(row.goal)}"
        lines.append(f"| {row.what} | {row.peer} | {row.figure} | {bounds} | {row.verdict} | {row.seen} |")
    reasons = [f"- **{row.what}** against {row.peer}: {why}" for row in rows if row.verdict == "MISSED" and (why := reason(row))]
    if reasons:
        lines += ["", "## Missed, and why", "", *reasons]
    return "\n".join(lines) + "\n"


def reason(row: Row) -> str:
    """What is known about a missed gate, or ""."""
    found = (why for (what, peer), why in REASONS.items() if row.what.startswith(what) and row.peer.startswith(peer))
    return " ".join(next(found, "").split())


def main() -> None:
    """Measure all, print as it comes, write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--dry", action="store_true", help="do not write the page")
    dry = parser.parse_args().dry
    told = []
    for module in ROWS:
        print(f"── {(module.__doc__ or module.__name__).splitlines()[0]}", flush=True)
        rows = module.rows()
        told += rows
        print("\n".join(str(row) for row in rows), end="\n\n", flush=True)
    if not dry:
        PAGE.write_text(page(told), "utf-8")
        print(f"wrote {PAGE.relative_to(PAGE.parent.parent.parent)}")


if __name__ == "__main__":
    main()
