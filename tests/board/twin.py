"""The board's drivers and mind, one record at a time: run on CPython from the source and on MicroPython from what is flashed.

A record is what the pins see, a flag for a tick, and bytes from the cable; the answer is what the pins drive and the bytes that go back.
Ticks of the clock wrap a minute after the start. In the MicroPython subset.
"""

import gc
import struct
import sys

if hasattr(gc, "threshold"):
    gc.threshold(2048)  # as the board's main.py

from board import Board, describe
from clock import Clock
from pinwire import DOWN_BYTES, line

from firmware.device.device import Device

HEAD = "<BH"
UP = "<I3HBH"
PERIOD = 1 << 30
START = PERIOD - 60000

took = sys.stdin.buffer
gave = sys.stdout.buffer


def read(count):
    """So many bytes; fewer at the end."""
    data = b""
    while len(data) < count:
        piece = took.read(count - len(data))
        if not piece:
            return data
        data += piece
    return data


def main():
    """Until the records end."""
    clock = Clock(lambda: (line.now_ms + START) % PERIOD, lambda one, other: (one - other + PERIOD // 2) % PERIOD - PERIOD // 2)
    body = describe()
    body.boot_id = 7
    body.seed = bytes(32)
    board = Board()
    device = Device(body)
    while True:
        head = read(DOWN_BYTES + 3)
        if len(head) < DOWN_BYTES + 3:
            return
        line.take(head[:DOWN_BYTES])
        tick, size = struct.unpack(HEAD, head[DOWN_BYTES:])
        now = clock.now()
        board.often(now)
        out = b""
        if size:
            out += device.receive(now, read(size), 0)
            board.apply(now, device.outputs)
        if tick:
            board.apply(now, device.tick(now, board.scan()))
            out += device.outgoing(now, 0)
        duties = line.duties
        gave.write(struct.pack(UP, line.out_levels, duties[18], duties[20], duties[22], line.port_b, len(out)) + out)
        if sys.implementation.name == "cpython":
            gave.flush()


main()
