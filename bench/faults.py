"""What becomes of a session when something goes wrong: every fault in every phase of every tier, and every two at once in soak and massage.

    make faults               all of it; writes docs/reference/fault-matrix.csv
    python -m bench.faults --share 10 --seed 3     a seeded tenth of the pairs; writes nothing (tests/world has every fault alone)

Exit status 1 when a world ends badly: a limit missed, water or pressure beyond what physics brings after the cut, a latch that
let go by itself, heat or motion that came back without a person.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from random import Random

from simulator import ordeal
from simulator.hazards import PHASES, Case, cases
from simulator.ordeal import Verdict

MATRIX = Path(__file__).parent.parent / "docs" / "reference" / "fault-matrix.csv"
PAIR_PHASES = ("soak", "massage", "rolling")  # massage twice: with lifted strokes, and rolling
PAIR_WITHIN_S = 60.0
COLUMNS = (
    "tier", "phase", "first", "second", "latched", "outcome", "host", "heat off s", "released s", "latched s", "ended s", "hottest °C",
    "over trip s", "wrong",
)  # fmt: skip

Job = tuple[str, str, tuple[int, ...]]  # tier, phase, numbers of cases


def distinct() -> tuple[Case, ...]:
    """The cases without those that let the same thing happen for another row."""
    found: dict[tuple[str, tuple[tuple[str, float], ...]], Case] = {}
    for case in cases():
        found.setdefault((case.mishap, tuple(case.args.items())), case)
    return tuple(found.values())


def singles() -> list[Job]:
    """Every fault in every phase of every tier."""
    return [(tier, phase, (number,)) for tier in ordeal.TIERS for number in range(len(cases())) for phase in PHASES]


def pairs(share: int = 1, seed: int = 0) -> list[Job]:
    """Every two faults at once; one of `share` of them, drawn by `seed`."""
    places = {id(case): number for number, case in enumerate(cases())}
    all_pairs = [
        ("standard", phase, (places[id(one)], places[id(other)])) for phase in PAIR_PHASES for one, other in combinations(distinct(), 2)
    ]
    return all_pairs if share == 1 else Random(seed).sample(all_pairs, len(all_pairs) // share)


def judge(job: Job) -> Verdict:
    """One world."""
    tier, phase, numbers = job
    alone = len(numbers) == 1
    chosen = [cases()[number] for number in numbers]
    if not alone:
        chosen = [case.model_copy(update={"within_s": PAIR_WITHIN_S}) for case in chosen]
    return ordeal.run(phase, chosen, demand=alone, tier=tier)


def run(jobs: Sequence[Job], workers: int) -> Iterator[Verdict]:
    """All verdicts, in the order of the jobs."""
    for tier in {tier for tier, _, _ in jobs}:
        ordeal.saved(tier)
    if workers == 1:
        yield from map(judge, jobs)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap(judge, jobs, chunksize=8)


def line(verdict: Verdict) -> list[str]:
    """A row of the matrix."""
    names = (*verdict.cases, "")[:2]
    times = verdict.times[0] if len(verdict.cases) == 1 and verdict.times else {}
    told = [_s(times.get(name)) for name in ("heat", "release", "abort")]
    return [
        verdict.tier, verdict.phase, *names, verdict.cause_name, verdict.outcome, verdict.host_name, *told, _s(verdict.ended_s),
        f"{verdict.hottest_c:.1f}", _s(verdict.over_trip_s or None), "; ".join(verdict.wrong),
    ]  # fmt: skip


def _s(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"


def main(argv: list[str] | None = None) -> int:
    """Run, write, sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=int, default=1, metavar="N", help="only one pair of N; writes nothing")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args(argv)
    begun = time.perf_counter()
    jobs = singles() + pairs() if args.share == 1 else pairs(args.share, args.seed)
    verdicts = list(run(jobs, args.workers))
    bad = [verdict for verdict in verdicts if verdict.wrong]
    if args.share == 1:
        with MATRIX.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            table.writerows(line(verdict) for verdict in verdicts)
    for verdict in bad:
        print(f"{verdict.tier} {verdict.phase:8} {' + '.join(verdict.cases)}: {'; '.join(verdict.wrong)}")
    alone = sum(len(numbers) == 1 for *_, numbers in jobs)
    took = time.perf_counter() - begun
    print(f"{alone} worlds with one fault, {len(jobs) - alone} with two: {len(bad)} ended badly; {took:.0f} s on {args.workers} cores")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
