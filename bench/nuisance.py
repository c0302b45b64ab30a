"""Nuisance: 300 healthy sessions on every core; not one may be stopped.  `make trial`, or

    python -m bench.nuisance [--sessions N] [--seed N] [--workers N]

Writes docs/reference/nuisance.md and nuisance.csv.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from footctl.cli.trial import HEADINGS, sessions, verdict
from simulator import trial

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"


def page(verdicts: list[trial.Verdict], seed: int) -> str:
    """The result for people."""
    low, high = trial.WATER_C
    lines = ["# Healthy sessions", "", "<!-- Written by `make trial`. -->", ""]
    lines += [
        f"**{verdict(verdicts)}.** Seed {seed}; every preset in two tiers for {', '.join(trial.PEOPLE)}; {trial.LITRES[0]:g} to",
        f"{trial.LITRES[1]:g} L, {trial.WATTS[0]} to {trial.WATTS[1]} W, filled at {low:g} to {high:g} °C in rooms of",
        f"{trial.ROOM_C[0]:g} to {trial.ROOM_C[1]:g} °C; water sensors within ±{trial.PROBE_C:g} °C, load cells within",
        f"±{trial.CELL_GAIN:.0%} and ±{trial.CELL_ZERO_PA:g} Pa. Water and pressure are the true ones: with a foot in it, and under",
        "the rollers. Each session:",
        "[nuisance.csv](nuisance.csv).",
        "",
        f"| {' | '.join(name.replace('_', ' ') for name in HEADINGS)} |",
        "|" + "---|" * len(HEADINGS),
    ]
    lines += [f"| {' | '.join(str(row[name]) for name in HEADINGS)} |" for row in trial.table(verdicts)]
    return "\n".join(lines) + "\n"


def main(words: list[str] | None = None) -> int:
    """Run, write, 1 when one was stopped."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int)
    args = parser.parse_args(words)
    verdicts = []
    for number, one in enumerate(sessions(args.sessions, args.seed, args.workers), 1):
        verdicts.append(one)
        if one.stopped or number % 50 == 0:
            print(f"{number}: {one.outcome} {one.reason if one.stopped else ''} {one.case if one.stopped else ''}", flush=True)
    with (REFERENCE / "nuisance.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [{**(record := one.record()).pop("case"), **record} for one in verdicts]
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (REFERENCE / "nuisance.md").write_text(page(verdicts, args.seed), "utf-8")
    print(verdict(verdicts))
    return int(any(one.stopped for one in verdicts))


if __name__ == "__main__":
    sys.exit(main())
