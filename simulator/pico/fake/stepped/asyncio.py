"""As much of asyncio as the board's program uses, on the clock that the plant moves: MicroPython's own keeps part of its time in C.

In the MicroPython subset; for a desk only. In real time the program runs on MicroPython's own.
"""

from select import POLLIN, poll

from pinwire import line

LONG_MS = 60000


class CancelledError(BaseException):
    pass


class Task:
    def __init__(self, coro):
        self.coro = coro
        self.due_ms = line.now_ms
        self.stream = None

    def cancel(self):
        _tasks.remove(self)


_tasks = []
_poll = poll()


def create_task(coro):
    task = Task(coro)
    _tasks.append(task)
    return task


def sleep_ms(wait_ms):
    yield wait_ms


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
            if task.stream is None and task.due_ms <= line.now_ms:
                try:
                    _turn(task)
                except StopIteration:
                    _tasks.remove(task)
                    if task is main:
                        return
            if task.stream is None:
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
    else:
        task.stream = wanted
