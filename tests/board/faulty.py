"""The board's own program while everything heats and moves, with that broken in it which FOOT_FAULT names. In the MicroPython subset."""

import os
import sys

import flash
import life
from pinwire import line

FAULT = os.getenv("FOOT_FAULT")
RUNS = 1 << 11 | 1 << 12 | 1 << 14 | 1 << 16  # heater and its relay, the motors' supply, the pump
AFTER = 20  # turns

turns = []
sound = life.Life.turn
keep_first = flash.keep_first


def turn(self, *rest):
    """A turn, after which everything runs; the fault comes with a later one."""
    turns.append(1)
    if len(turns) > AFTER:
        if FAULT == "tick":
            self.board.scan = fail
        elif FAULT == "no more ticks":
            self._due_ms = 1 << 29
    wait_ms = sound(self, *rest)
    line.out_levels |= RUNS
    line.duties[18] = 30000
    return wait_ms


def fail(*words):
    raise ValueError("broken " + FAULT)


class Broken:
    """In place of the radio."""

    def __init__(self, serial, hear, gone):
        pass

    def write(self, data):
        pass

    def push(self):
        pass

    async def live(self):
        while len(turns) < AFTER:
            await life.asyncio.sleep_ms(10)
        fail()


def kept(name, error):
    """Says what still ran when the flash began to take its time."""
    print("kept while", line.out_levels & RUNS, line.duties[18], "ran", file=sys.stderr)
    keep_first(name, error)


life.Life.turn = turn
flash.keep_first = kept
if FAULT == "radio":
    life.Radio = Broken
elif FAULT == "cable":
    life.Life.hear = fail
with open("main.py") as file:
    exec(file.read())  # noqa: S102  # as MicroPython does
