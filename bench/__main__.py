"""Every figure, one after the other, and the page that shows them: `python -m bench [--dry]`."""

from __future__ import annotations

import argparse
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import live, parsing, roundtrip, speed, startup, stop, whole
from bench.blocks import Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "benchmarks.md"
ROWS = (speed, whole, roundtrip, stop, live, startup, parsing)
HEAD = """# Figures

<!-- Written by `make bench`; run it again instead of changing numbers. -->

Each figure is a ratio between us and a peer or floor that was measured in the same run, in turns of a few trips: absolute times move by
two from run to run and from machine to machine, ratios do not move much. A gate must be met; a goal is what we would like. Peers run in an
environment of their own with the versions of [bench/peers.txt](../../bench/peers.txt).
"""


def page(rows: list[Row]) -> str:
    """The results for people."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    how = "mostly idle" if busy < 0.7 else "busy with other work, too" if busy < 1.5 else f"with {busy:.0f} times as much to do as they can"
    where = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, {how}; Python {platform.python_version()}"
    lines = [HEAD, f"Measured on {datetime.now(UTC):%d %B %Y}: {where}.", ""]
    lines += ["| what | against | ratio | gate | goal | | seen |", "|---|---|---:|---:|---:|---|---|"]
    for row in rows:
        bounds = f"{row.bound(row.gate)} | {row.bound(row.goal)}"
        lines.append(f"| {row.what} | {row.peer} | {row.figure} | {bounds} | {row.verdict} | {row.seen} |")
    return "\n".join(lines) + "\n"


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
