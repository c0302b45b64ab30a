"""`footctl sim trial`: healthy sessions by the hundred, on every core. Ends with 7 when anything stopped one of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from footctl.cli.listing import columns, document
from footctl.errors import DeviceFaulted, UsageError
from footctl.run.answers import Answers
from footctl.run.presets import list_programs, load_program
from simulator import trial

HEADINGS = ("program", "tier", "sessions", "completed", "minutes", "water_max_c", "kpa_max", "stopped_by")
MOST = 100_000


def says_yes() -> trial.Yes:
    """Somebody at the host, as `--yes` is."""
    return Answers().to


def sessions(number: int, seed: int, workers: int | None) -> Iterator[trial.Verdict]:
    """The verdicts on so many healthy sessions of all presets."""
    programs = sorted(row["name"] for row in list_programs())
    yield from trial.trials(trial.cases(programs, number, seed), load_program, says_yes, workers)


def run(args: argparse.Namespace) -> int:
    """Run them, print the table."""
    if not 1 <= args.healthy <= MOST:
        raise UsageError(f"--healthy {args.healthy}", f"1 to {MOST}")
    if args.workers is not None and args.workers < 1:
        raise UsageError(f"--workers {args.workers}", "at least 1")
    verdicts = []
    for one in sessions(args.healthy, args.seed, args.workers):
        verdicts.append(one)
        if one.stopped:
            print(f"footctl: stopped: {one.reason}: {one.case}", file=sys.stderr, flush=True)
    if args.json:
        print(document([one.record() for one in verdicts]))
    else:
        print(columns([list(HEADINGS), *([str(row[name]) for name in HEADINGS] for row in trial.table(verdicts))]))
        print(verdict(verdicts))
    return DeviceFaulted.exit_code if any(one.stopped for one in verdicts) else 0


def verdict(verdicts: Sequence[trial.Verdict]) -> str:
    """One line."""
    stopped = sum(one.stopped for one in verdicts)
    return f"{len(verdicts)} healthy sessions, {stopped or 'none'} stopped"
