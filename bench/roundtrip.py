"""Request to answer over a pseudo-terminal: our link and exchange against one add_reader and one future on the same bytes, and pymodbus.

    python -m bench.roundtrip [--blocks N] [--trips N]

The far end is a process of its own, a blocking loop: one that takes frames apart as a device does for us and the floor, one whose answers
are ready for us and pymodbus.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import time
import tty
from collections.abc import Callable, Coroutine
from typing import Any

from bench import peers
from bench.blocks import Row, measure, ratio, typical, us
from firmware_protocol import framing, messages
from firmware_protocol.exchange import Exchange
from footctl.link.descriptor import DescriptorLink
from footctl.run import garbage

SLICE = 50  # trips at a time: a loop that has just begun is slow for all
REQUEST = messages.Release()
MODBUS_ASKS = 8  # bytes of "read holding registers"
MODBUS_ANSWER = bytes.fromhex("0103020026399e")  # unit 1: register 0 is 38

Answer = Callable[[bytes], bytes]


class FarEnd:
    """A process that answers what `answer` says at the far end of a terminal; ours is `slave`."""

    def __init__(self, make: Callable[[], Answer]) -> None:
        master, self.slave = os.openpty()
        tty.setraw(master)
        tty.setraw(self.slave)
        self.name = os.ttyname(self.slave)
        self.child = os.fork()
        if not self.child:
            os.closerange(3, master)  # other far ends' terminals are not ours to keep open
            os.closerange(master + 1, 256)
            _serve(master, make())
        os.close(master)

    def close(self) -> None:
        """The terminal goes away, and with it the process."""
        os.close(self.slave)
        os.waitpid(self.child, 0)


def _serve(fd: int, answer: Answer) -> None:
    while True:
        try:
            data = os.read(fd, 4096)
        except OSError:
            os._exit(0)
        out = answer(data)
        if out:
            os.write(fd, out)


def device() -> Answer:
    """Take each frame apart and acknowledge it, as a device does."""
    decoder = framing.Decoder()

    def answer(data: bytes) -> bytes:
        out = b""
        for code, seq, _ in decoder.feed(data):
            ack = messages.Ack(code)
            out += framing.encode(messages.code_of(ack), seq, messages.pack(ack))
        return out

    return answer


def ready() -> Answer:
    """Acknowledge every request with one of 256 answers that are ready, so that the far end costs what it costs with Modbus: nothing."""
    code = messages.code_of(REQUEST)
    ack = messages.Ack(code)
    asked = [framing.encode(code, seq, messages.pack(REQUEST)) for seq in range(256)]
    answers = {wire: framing.encode(messages.code_of(ack), seq, messages.pack(ack)) for seq, wire in enumerate(asked)}
    return answers.__getitem__


def modbus() -> Answer:
    """Answer every eight bytes."""
    held = 0

    def answer(data: bytes) -> bytes:
        nonlocal held
        held += len(data)
        if held < MODBUS_ASKS:
            return b""
        held = 0
        return MODBUS_ANSWER

    return answer


async def floor(fd: int, trips: int) -> list[float]:
    """The least that asyncio can do: one reader callback, one future a trip."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[None] | None = None

    def ring() -> None:
        if b"\0" in os.read(fd, 4096) and waiting is not None:
            waiting.set_result(None)

    request = framing.encode(messages.code_of(REQUEST), 1, messages.pack(REQUEST))
    took = []
    loop.add_reader(fd, ring)
    for _ in range(trips):
        begun = time.perf_counter()
        waiting = loop.create_future()
        os.write(fd, request)
        await waiting
        took.append(time.perf_counter() - begun)
    loop.remove_reader(fd)
    return took


async def ours(fd: int, trips: int) -> list[float]:
    """DescriptorLink and Exchange, as a session uses them."""
    link = DescriptorLink(fd, "bench", lambda: None)
    exchange = Exchange(messages.TO_HOST)
    took = []
    for trip in range(trips):
        now_ms = trip * 10
        begun = time.perf_counter()
        exchange.ask(REQUEST)
        link.write(0.0, exchange.data_to_send(now_ms))
        answered = False
        while not answered:
            await link.readable(1.0)
            answered = any(item[0] == messages.ANSWER for item in exchange.receive(now_ms, link.read(0.0)))
        took.append(time.perf_counter() - begun)
    link.close()
    return took


class Modbus:
    """pymodbus in its own environment, on its own terminal."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self._far = FarEnd(modbus)
        script = str(peers.ROOT / "bench" / "peer_modbus.py")
        command = [str(peers.python()), script, self._far.name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def trips(self, number: int) -> list[float]:
        """Seconds of each."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        self.cpu += told["cpu"]
        return [float(seconds) for seconds in told["took"]]

    def close(self) -> None:
        """End it."""
        self._process.communicate()
        self._far.close()


def rows(blocks: int = 20, trips: int = 300) -> list[Row]:
    """Measure."""
    why = peers.missing()
    ends = FarEnd(device), FarEnd(ready)
    peer = None if why else Modbus()
    spent = {"ours": 0.0, "floor": 0.0}
    with asyncio.Runner() as runner, garbage.rare():
        for end in ends:
            os.set_blocking(end.slave, False)

        def counted(who: str, how: Callable[[int, int], Coroutine[Any, Any, list[float]]]) -> Callable[[int], list[float]]:
            def trip(trips: int) -> list[float]:
                begun = time.process_time()
                took = runner.run(how(ends[1].slave, trips))
                spent[who] += time.process_time() - begun
                return took

            return trip

        pair = [lambda trips: runner.run(floor(ends[0].slave, trips)), lambda trips: runner.run(ours(ends[0].slave, trips))]
        candidates = pair if peer is None else [*pair, counted("ours", ours), peer.trips, counted("floor", floor)]
        times = measure(candidates, blocks, trips, SLICE)
    for end in ends:
        end.close()
    seen = f"{us(typical(times[1]))} to {us(typical(times[0]))}"
    told = [Row("request → answer over a PTY, p50", "asyncio floor", ratio(times[1], times[0]), 1.35, 1.15, seen)]
    faster = "request → answer over a PTY, p50, times as fast"
    if peer is None:
        told.append(Row(faster, "pymodbus async", None, 2.0, 2.5, why, faster=True))
        told.append(Row("client CPU a trip", "pymodbus async", None, 0.40, 0.25, why))
    else:
        peer.close()
        seen = f"{us(typical(times[2]))} to {us(typical(times[3]))}; asyncio that only waits for a zero: {ratio(times[3], times[4]):.2f}"
        told.append(Row(faster, "pymodbus async", ratio(times[3], times[2]), 2.0, 2.5, seen, faster=True))
        each = {who: cpu / ((blocks + 1) * trips) for who, cpu in {**spent, "peer": peer.cpu}.items()}
        seen = f"{us(each['ours'])} to {us(each['peer'])}; asyncio that only waits for a zero: {spent['floor'] / peer.cpu:.2f}"
        told.append(Row("client CPU a trip", "pymodbus async", spent["ours"] / peer.cpu, 0.40, 0.25, seen))
    return told


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--trips", type=int, default=300)
    args = parser.parse_args(argv)
    print("\n".join(str(row) for row in rows(args.blocks, args.trips)))


if __name__ == "__main__":
    main()
