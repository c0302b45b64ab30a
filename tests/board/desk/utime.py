"""MicroPython's clock for CPython, where the twin needs its name and not its time."""


def ticks_ms():
    return 0


def ticks_add(ticks, delta):
    return ticks + delta


def ticks_diff(one, other):
    return one - other
