"""How long from a fault until the outputs are safe: the worst of all phases in which it is demanded, beside its limit.

    python -m bench.safety

Times are seconds of exposure: the fault is there, and so is the condition under which it can be seen (onset in simulator/hazards.toml).
A dash: it never lasted that long.
"""

from __future__ import annotations

import sys

from bench.faults import run, singles
from simulator.hazards import cases

REACTIONS = (("heat", "heat_s"), ("release", "release_s"), ("abort", "abort_s"))


def main() -> int:
    """Measure and print; 1 when a limit was missed."""
    jobs = singles()
    worst: dict[tuple[str, str], float] = {}
    missed = set()
    for (_, (number,)), verdict in zip(jobs, run(jobs, 2), strict=True):
        case = cases()[number]
        if verdict.phase in case.demanded:
            for name, seconds in verdict.times[0].items():
                key = case.name, name
                worst[key] = max(worst.get(key, 0.0), seconds)
            if verdict.wrong:
                missed.add(case.name)
    print(f"{'fault':44} {'reaction':9} {'worst s':>8} {'limit s':>8}")
    for case in cases():
        for name, field in REACTIONS:
            limit = getattr(case, field)
            if limit is not None:
                seconds = worst.get((case.name, name))
                print(f"{case.name:44} {name:9} {'-' if seconds is None else f'{seconds:.2f}':>8} {limit:8.2f}", end="")
                print("  MISSED" if case.name in missed and (seconds or 0) > limit else "")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
