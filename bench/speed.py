"""How fast the whole stack runs on the virtual clock: host, wire, device at 20 Hz, full physics, every check on, one core.

    python -m bench.speed [PROGRAM] [--runs N] [--profile]

Prints simulated seconds per second of CPU, per run and the median, beside the gate and the goal; then lewis' cycle of its Julabo bath,
a temperature that goes up in a straight line, without host, wire, device or checks. A figure, not a test: a busy machine makes wall time
worthless, so CPU time decides.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import statistics
import subprocess
import time

from bench import peers
from bench.blocks import Row
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
    print("\n".join(str(row) for row in rows(args.program, args.runs, args.scenario, loud=True)))


def rows(program: str = "evening-unwind", runs: int = 5, scenario: str | None = None, loud: bool = False) -> list[Row]:
    """Measure: our runs and lewis' cycles in turn."""
    why = peers.missing()
    peer = None if why else Lewis()
    ours, theirs = [], []
    for number in range(1, runs + 1):
        cpu = time.process_time()
        with garbage.rare():
            simulated, outcome = one_run(program, scenario)
        cpu = time.process_time() - cpu
        ours.append(simulated / cpu)
        if peer is not None:
            theirs.append(peer.speed())
        if loud:
            how = outcome.kind if outcome else "unfinished"
            print(f"run {number}: {simulated:7.1f} s simulated, {how}, in {cpu:.3f} s CPU: {simulated / cpu:6.0f} x", flush=True)
    middle = statistics.median(ours)
    best = f"best of {runs}: {max(ours):,.0f}"
    told = [Row(f"{program}, whole stack in virtual time, 20 Hz", "real time", middle, GATE, GOAL, best, faster=True)]
    if peer is None:
        return [*told, Row("whole stack in virtual time", "lewis' Julabo cycle", None, 4, 10, why, faster=True)]
    peer.close()
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    seen = f"lewis runs {statistics.median(theirs):,.0f} times real time with steps as long as ours, and simulates one number"
    return [*told, Row("whole stack in virtual time", "lewis' Julabo cycle", ratio, 4, 10, seen, faster=True)]


class Lewis:
    """lewis in its own environment."""

    CYCLES = 20_000
    STEP_S = 0.05

    def __init__(self) -> None:
        command = [str(peers.python()), str(peers.ROOT / "bench" / "peer_lewis.py")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def speed(self) -> float:
        """Simulated seconds in a second of CPU."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self.CYCLES}\n")
        self._process.stdin.flush()
        return self.CYCLES * self.STEP_S / float(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        self._process.communicate()


if __name__ == "__main__":
    main()
