"""What the live view costs: its own processor time at five pictures a second, and what the control loop feels of it.

    python -m bench.live [--seconds N]
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import statistics
import struct
import termios
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.blocks import Row, percentile
from footctl.core.host import Host
from footctl.core.profile import parse_program
from footctl.core.view import View
from footctl.link.inprocess import InProcess
from footctl.run.answers import Answers
from footctl.run.clock import Clock
from footctl.run.session import Session
from footctl.screens.live import front as fronts
from footctl.screens.live.front import Front
from footctl.screens.live.wire import Opening
from simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """
name = "Bench"
tier = "standard"
[[phase]]
kind = "massage"
technique = "kneading"
zones = ["arch", "heel"]
pressure = { from = "15 kPa", to = "30 kPa" }
for = "14 min"
"""
BEFORE_S = 8.0  # until the roller moves and every library is loaded
TICK_S = 0.02
MOST_MS = 5.0  # what a control turn may be delayed
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def terminal() -> Iterator[list[int]]:
    """A window of 80 by 24 in the place of standard output, and how many bytes it got."""
    far, near = pty.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    taken = [0]

    def drain() -> None:
        while True:
            try:
                data = os.read(far, 65536)
            except OSError:
                return
            taken[0] += len(data)

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    kept = os.dup(1)
    os.dup2(near, 1)
    os.close(near)
    try:
        yield taken
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        thread.join(2.0)
        os.close(far)


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def session(seconds: float, look: Callable[[View], None] | None, measure: Callable[[], None]) -> list[float]:
    """Run so long at the speed of life; how late the loop was at each tick after the beginning, in seconds."""
    host = Host(nonce=1, profile=parse_program(PROGRAM, "bench"))
    running = Session(host, InProcess(World()), Clock())
    answers = Answers()

    def answer(view: View) -> None:
        event = answers.to(view)
        if event is not None:
            running.post(event)

    running.subscribe(answer)
    if look is not None:
        running.subscribe(look)
    task = asyncio.create_task(running.run())
    await asyncio.sleep(BEFORE_S)
    measure()
    late = []
    due = time.perf_counter()
    end = due + seconds
    while due < end:
        due += TICK_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        late.append(max(0.0, time.perf_counter() - due))
    measure()
    running.stop("measured")
    await task
    return late


def watched(seconds: float) -> tuple[list[float], list[tuple[float, float]], float, float]:
    """How late the loop is with the view on, what each turn gives to it (by the clock, of the processor), its share of a core, bytes/s."""
    took: list[tuple[float, float]] = []
    marks: list[tuple[float, float, int]] = []
    with terminal() as taken:
        front = Front(Opening(), lambda view: None, lambda text: None)

        def look(view: View) -> None:
            begun, worked = time.perf_counter(), time.thread_time()
            front(view)
            took.append((time.perf_counter() - begun, time.thread_time() - worked))

        def measure() -> None:
            marks.append((time.perf_counter(), cpu_s(front._process.pid), taken[0]))
            if len(marks) == 1:
                took.clear()

        late = asyncio.run(session(seconds, look, measure))
        alive = front.alive
        front.close()
    assert alive, "the view did not last"
    (begun, before, first), (ended, after, last) = marks
    return late, took, (after - before) / (ended - begun), (last - first) / (ended - begun)


def rows(seconds: float = 15.0, blocks: int = 2) -> list[Row]:
    """Measure, with the view and without it in turns."""
    alone, beside, took, shares, bytes_s = [], [], [], [], []
    for _ in range(blocks):
        alone.append(asyncio.run(session(seconds, None, lambda: None)))
        late, each, share, rate = watched(seconds)
        beside.append(late)
        took += each
        shares.append(share)
        bytes_s.append(rate)
    share = statistics.median(shares)
    seen = f"{statistics.median(bytes_s):.0f} bytes a second to the terminal; every {fronts.EVERY_S:g} s a picture of 80 by 24"
    # By the clock a turn may wait for other processes in the middle of this; the pipe never blocks, so the work itself is the delay.
    by_clock = 1e3 * percentile([clock for clock, _ in took], 0.99)
    worst = max(1e3 * max(work for _, work in took), by_clock)
    usual = 1e3 * statistics.median(percentile(late, 0.99) for late in alone)
    watching = 1e3 * statistics.median(percentile(late, 0.99) for late in beside)
    lateness = f"p99 of the loop's lateness {watching:.2f} ms with the view, {usual:.2f} ms without"
    delay = f"{worst:.2f} ms; by the clock p99 {by_clock:.2f} ms; {lateness}"
    return [
        Row("the live view's processor time at 5 Hz", "one core", share, 0.05, 0.02, seen),
        Row("a control turn's longest delay by the live view", f"{MOST_MS:g} ms", worst / MOST_MS, 1.0, 0.2, delay),
    ]


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0)
    print("\n".join(str(row) for row in rows(parser.parse_args(argv).seconds)))


if __name__ == "__main__":
    main()
