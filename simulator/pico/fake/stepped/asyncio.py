"""As much of asyncio as the board's program uses, on the clock that the plant moves: MicroPython's own keeps part of its time in C.

In the MicroPython subset; for a desk only. In real time the program runs on MicroPython's own.
"""

import sys
from select import POLLIN, poll

from pinwire import line

LONG_MS = 60000


class CancelledError(BaseException):
    pass


class TimeoutError(Exception):
    pass


class Task:
    def __init__(self, coro):
        self.coro = coro
        self.due_ms = line.now_ms
        self.stream = None
        self.gathers = ()  # the tasks it waits for
        self.gathered = False  # somebody waits for it, and gets its error
        self.error = None

    def cancel(self):
        if self in _tasks:
            _tasks.remove(self)


_tasks = []
_poll = poll()


def create_task(coro):
    task = Task(coro)
    _tasks.append(task)
    return task


def sleep_ms(wait_ms):
    yield wait_ms


def gather(*coros):
    """Ends with the first error among them, the others go on; or when all of them have ended."""
    tasks = [create_task(coro) for coro in coros]
    for task in tasks:
        task.gathered = True
    while True:
        for task in tasks:
            if task.error is not None:
                raise task.error
        if not [task for task in tasks if task in _tasks]:
            return
        yield tasks


class StreamReader:
    def __init__(self, stream):
        self._stream = stream
        _poll.register(stream, POLLIN)

    def read(self, count):
        yield self._stream
        return self._stream.read(count)


def run(coro):
    main = create_task(coro)
    while True:
        wait_ms = LONG_MS
        for task in list(_tasks):
            if task.stream is None and not task.gathers and task.due_ms <= line.now_ms:
                try:
                    _turn(task)
                except (CancelledError, Exception) as error:
                    _tasks.remove(task)
                    if type(error) is not StopIteration:
                        if task is main:
                            raise
                        task.error = error
                        if not task.gathered:  # as the real one: it is told, and the others go on
                            sys.print_exception(error, sys.stderr)
                    elif task is main:
                        return
                    for other in _tasks:
                        if task in other.gathers:
                            other.gathers = ()
                            other.due_ms = line.now_ms
                            wait_ms = 0
        for task in _tasks:
            if task.stream is None and not task.gathers:
                wait_ms = min(wait_ms, task.due_ms - line.now_ms)
        for stream, _ in _poll.ipoll(max(wait_ms, 0)):
            for task in _tasks:
                if task.stream is stream:
                    task.stream = None
                    task.due_ms = line.now_ms


def _turn(task):
    wanted = task.coro.send(None)
    if type(wanted) is int:
        task.due_ms = line.now_ms + wanted
    elif type(wanted) is list:
        task.gathers = wanted
    else:
        task.stream = wanted
