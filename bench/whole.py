"""One program, simulated by a whole process: ours with physics and every check, against opentrons_simulate, which has none.

    python -m bench.whole [--blocks N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import peers
from bench.blocks import Row, measure, ratio, typical
from bench.startup import process

PROTOCOL = """
metadata = {"apiLevel": "2.15"}


def run(protocol):
    bath = protocol.load_module("temperature module gen2", 1)
    bath.set_temperature(38)
    for _ in range(45):
        protocol.delay(minutes=1)
    bath.deactivate()
"""


def rows(blocks: int = 3) -> list[Row]:
    """Measure."""
    why = peers.missing()
    what = "simulate a 40-minute program, whole process"
    if why:
        return [Row(what, "opentrons_simulate", None, 1 / 3, 1 / 10, why)]
    with tempfile.TemporaryDirectory() as folder:
        protocol = Path(folder) / "protocol.py"
        protocol.write_text(PROTOCOL, "utf-8")
        footctl = str(Path(sys.executable).with_name("footctl"))
        mine = process(footctl, "run", "evening-unwind", "--sim", "--speed", "max", "--yes", "--json")
        theirs = process(str(peers.program("opentrons_simulate")), str(protocol))
        ours, opentrons = measure([mine, theirs], blocks, 1)
    seen = f"{typical(ours):.2f} s to {typical(opentrons):.2f} s"
    return [Row(what, "opentrons_simulate", ratio(ours, opentrons), 1 / 3, 1 / 10, seen)]


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=3)
    print("\n".join(str(row) for row in rows(parser.parse_args(argv).blocks)))


if __name__ == "__main__":
    main()
