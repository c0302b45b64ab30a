"""How long a command takes that only answers: whole processes, ours against an empty Python and against what others take.

    python -m bench.startup [--blocks N]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import peers
from bench.blocks import Row, Timed, measure, ratio, typical
from footctl.cli.main import COMMANDS

ARGPARSE = "import argparse; argparse.ArgumentParser().parse_args([])"
PEERS = (  # what to type, gate, goal
    (("mpremote", "--version"), 2, 3),
    (("esptool", "version"), 3, 4),
    (("esphome", "version"), 4, 5),
    (("kasa", "--version"), 10, 15),
    (("opentrons_simulate", "--version"), 50, 90),
)


def process(*command: str) -> Timed:
    """So many runs of a command, one after another."""
    words = list(command)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "HOME": str(peers.FOLDER) if peers.FOLDER.exists() else os.environ["HOME"]}

    def runs(number: int) -> list[float]:
        took = []
        for _ in range(number):
            begun = time.perf_counter()
            subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, check=False)
            took.append(time.perf_counter() - begun)
        return took

    return runs


def rows(blocks: int = 12, runs: int = 3) -> list[Row]:
    """Measure."""
    footctl = str(Path(sys.executable).with_name("footctl"))
    candidates = [
        process(sys.executable, "-c", "pass"),
        process(footctl, "--version"),
        process(footctl, "programs", "list"),
        process(sys.executable, "-c", ARGPARSE),
    ]
    candidates += [process(footctl, name, "--help") for name, *_ in COMMANDS]
    floor, version, listed, parser, *helps = measure(candidates, blocks, runs)
    slowest = max(range(len(helps)), key=lambda number: ratio(helps[number], floor))
    told = []
    for what, times, gate, goal in (
        ("footctl --version", version, 1.5, 1.1),
        ("footctl programs list", listed, 5.0, 2.0),
        (f"footctl {COMMANDS[slowest][0]} --help, the slowest of {len(helps)}", helps[slowest], 8.0, 4.0),
    ):
        seen = f"{typical(times) * 1e3:.0f} ms to {typical(floor) * 1e3:.0f} ms; an argparse start takes {ratio(parser, floor):.1f} ×"
        told.append(Row(f"{what}, whole process", "python -c pass", ratio(times, floor), gate, goal, seen))
    why = peers.missing()
    for words, gate, goal in PEERS:
        label = f"{' '.join(words)}, whole process"
        if why:
            told.append(Row(label, "footctl --version", None, gate, goal, why, faster=True))
            continue
        theirs_too = [process(str(peers.program(words[0])), *words[1:]), candidates[1], candidates[3]]
        theirs, ours, plain = measure(theirs_too, max(2, blocks // 4), 1)
        seen = f"{typical(theirs) * 1e3:.0f} ms to {typical(ours) * 1e3:.0f} ms; {ratio(theirs, plain):.1f} × an argparse start"
        told.append(Row(label, "footctl --version", ratio(theirs, ours), gate, goal, seen, faster=True))
    return told


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=12)
    print("\n".join(str(row) for row in rows(parser.parse_args(argv).blocks)))


if __name__ == "__main__":
    main()
