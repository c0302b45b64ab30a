"""The board's program under a real MicroPython with a board's heap: how long a tick takes, and a request over its cable.

    python -m bench.board [--trips N]

On this machine's processor: an RP2040 takes some 60 times as long for the same bytecode (MicroPython's own `pystone` on both) [GK].
"""

from __future__ import annotations

import argparse
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.blocks import Row
from firmware.device.body import Body
from firmware_protocol import framing, messages
from simulator.pico import process

TICK_MS = 50.0
FRAME_MS = 1.0  # of USB: nothing over a cable is faster
TRIPS = 300
TICKS = """
import gc
gc.threshold(2048)
from time import ticks_us, ticks_diff
from board import Board
from firmware.device.body import Body
from firmware.device.device import Device
from firmware_protocol import framing, messages
from pinwire import line

line.port_a = 0xF8
line.adc = [1700 << 4, 1702 << 4]
line.monitored = (0, 0, 0, 2048 << 4)
line.in_levels = 1 << 13 | 1 << 15
board, device = Board(), Device(Body())
now = 0
def say(seq, message):
    device.receive(now, framing.encode(messages.code_of(message), seq, messages.pack(message)))
def tick():
    global now
    now += 50
    line.conversions = now * 80 // 1000 & 0xFF
    begun = ticks_us()
    board.apply(now, device.tick(now, board.scan()))
    device.outgoing(now)
    return ticks_diff(ticks_us(), begun)
gc.threshold(-1)
for _ in range(40): tick()
say(1, messages.Hello(1, 0, 1, 5))
for _ in range(10): tick()
say(0, messages.Heartbeat(1, now))
say(2, messages.Start(3))
took = []
for turn in range(2, 500):
    if not turn % 4: say(0, messages.Heartbeat(turn, now))
    took.append(tick())
took.sort()
print(device.state, took[len(took) // 2], took[len(took) * 99 // 100])
"""
SERVE = """
import sys
from pathlib import Path
from simulator.pico.serve import serve_board
from simulator.world import World

port = Path(sys.argv[1])
serve_board(World(device="footbath-pico-w", person=None), port.parent, port, about={}, ready=lambda at: print(at, flush=True))
"""


def rows(trips: int = TRIPS) -> list[Row]:
    """What was measured, or that it could not be."""
    if process.micropython() is None:
        return [Row("a tick of the board's program on MicroPython", "1 % of its 50 ms", None, 1.0, 0.5, "micropython is not installed")]
    with tempfile.TemporaryDirectory() as folder:
        return [_tick(Path(folder)), _trip(Path(folder), trips)]


def _tick(folder: Path) -> Row:
    process.furnish(folder, Body())
    (folder / "ticks.py").write_text(TICKS)
    env = {**os.environ, "FOOT_STEPPED": "1", "FOOT_PINS": "", "MICROPYPATH": f"{process.FAKE}:{folder / 'lib'}:.frozen"}
    command = [str(process.micropython()), "-X", f"heapsize={process.HEAP}", "ticks.py"]
    answer = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    state, half, most = (int(word) for word in answer.stdout.split())
    assert state == messages.ACTIVE, answer.stdout
    seen = f"p50 {half} µs, p99 {most} µs with both enables closed, drivers and telemetry included"
    return Row("a tick of the board's program on MicroPython", "1 % of its 50 ms", half / (10 * TICK_MS), 1.0, 0.5, seen)


def _trip(folder: Path, trips: int) -> Row:
    port = folder / "port"
    child = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        fd = os.open(port, os.O_RDWR | os.O_NOCTTY)
        try:
            took = [_ask(fd, number & 0xFF) for number in range(trips)][20:]
        finally:
            os.close(fd)
    finally:
        child.terminate()
        child.wait()
    half, most = statistics.median(took) * 1000, sorted(took)[len(took) * 99 // 100] * 1000
    what = "request → answer over a PTY, the board's program on MicroPython"
    seen = f"p50 {half:.2f} ms, p99 {most:.2f} ms; GET_CAPS before a HELLO, refused"
    return Row(what, "a USB frame of 1 ms", half / FRAME_MS, 2.0, 1.0, seen)


def _ask(fd: int, seq: int) -> float:
    """One request; everything else that comes is read over."""
    begun = time.perf_counter()
    os.write(fd, framing.encode(0x05, seq, b""))
    decoder = framing.Decoder()
    while True:
        ready, _, _ = select.select([fd], [], [], 5.0)
        assert ready, "no answer"
        for code, number, _ in decoder.feed(os.read(fd, 4096)):
            if number == seq and code != 0x20:
                return time.perf_counter() - begun


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trips", type=int, default=TRIPS)
    for row in rows(parser.parse_args().trips):
        print(row)


if __name__ == "__main__":
    main()
