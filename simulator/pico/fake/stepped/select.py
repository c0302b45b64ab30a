"""Waiting on a clock that the plant moves: who waits hands over the time, and gets what happened meanwhile. For MicroPython on a desk."""

import uselect
from pinwire import line

POLLIN = uselect.POLLIN
POLLOUT = uselect.POLLOUT
POLLERR = uselect.POLLERR
POLLHUP = uselect.POLLHUP
ARRIVES_MS = 2000  # what the far end has written is here within this, however busy the machine is


class poll:
    """As select.poll, but real time passes only while bytes that were sent are on their way."""

    def __init__(self):
        self._real = uselect.poll()

    def register(self, thing, events=POLLIN | POLLOUT):
        self._real.register(thing, events)

    def unregister(self, thing):
        self._real.unregister(thing)

    def modify(self, thing, events):
        self._real.modify(thing, events)

    def poll(self, wait_ms=-1):
        return self._real.poll(wait_ms)

    def ipoll(self, wait_ms=-1, flags=0):
        if wait_ms:
            line.want_ms = line.now_ms + wait_ms if wait_ms > 0 else 0xFFFFFFFF
            line.swap()
        return self._real.ipoll(ARRIVES_MS if line.news and wait_ms else 0)
