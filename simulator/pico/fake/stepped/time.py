"""A clock that the plant moves. Ticks start near their wrap, so that every long run goes through it. In the MicroPython subset."""

from pinwire import line

PERIOD = 1 << 30
START = PERIOD - 60000  # wraps after a minute


def ticks_ms():
    return (line.now_ms + START) % PERIOD


def ticks_add(ticks, delta):
    return (ticks + delta) % PERIOD


def ticks_diff(one, other):
    return (one - other + PERIOD // 2) % PERIOD - PERIOD // 2
