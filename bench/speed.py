"""How fast the whole stack runs on the virtual clock: host, wire, device at 20 Hz, full physics, every check on, one core.

    python -m bench.speed [PROGRAM] [--runs N] [--profile]

Prints simulated seconds per second of CPU, per run and the median, beside the gate and the goal. A figure, not a test: a busy
machine makes wall time worthless, so CPU time decides.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import time

from footctl.core.host import Host
from footctl.core.view import Outcome
from footctl.run import garbage
from footctl.run.answers import Answers
from footctl.run.presets import load_program
from simulator.world import World, play

GATE = 2000
GOAL = 3000
LOOK_S = 1.0  # how often the person at the host looks


class Person:
    """Says yes as `footctl run --yes` does."""

    def __init__(self) -> None:
        self._answers = Answers()
        self._next = 0.0

    def __call__(self, now: float, host: Host) -> tuple[object, ...]:
        if now < self._next or host.question is None:
            return ()
        self._next = now + LOOK_S
        event = self._answers.to(host.view(now))
        return () if event is None else (event,)


def one_run(program: str, scenario: str | None = None) -> tuple[float, Outcome | None]:
    """World seconds of one session and its outcome."""
    host = Host(nonce=1, profile=load_program(program))
    world = World(scenario=scenario)
    outcome = play(host, world, operator=Person())
    return world.now, outcome


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="evening-unwind")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scenario")
    parser.add_argument("--profile", action="store_true", help="show where the time goes instead")
    args = parser.parse_args(argv)
    if args.profile:
        profile = cProfile.Profile()
        profile.runcall(one_run, args.program, args.scenario)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return
    ratios = []
    for number in range(1, args.runs + 1):
        wall = time.perf_counter()
        cpu = time.process_time()
        with garbage.rare():
            simulated, outcome = one_run(args.program, args.scenario)
        cpu = time.process_time() - cpu
        wall = time.perf_counter() - wall
        ratios.append(simulated / cpu)
        how = outcome.kind if outcome else "unfinished"
        took = f"{cpu:.3f} s CPU ({wall:.3f} s wall)"
        print(f"run {number}: {simulated:7.1f} s simulated, {how}, in {took}: {simulated / cpu:6.0f} x", flush=True)
    middle = statistics.median(ratios)
    verdict = "met" if middle >= GATE else "MISSED"
    print(f"{args.program}: {middle:.0f} x real time in CPU time, median of {args.runs}; gate {GATE} {verdict}, goal {GOAL}")


if __name__ == "__main__":
    main()
