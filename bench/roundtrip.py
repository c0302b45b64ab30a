"""Request to answer over a pseudo-terminal: our link and exchange against one add_reader and one future on the same bytes.

    python -m bench.roundtrip [--blocks N] [--trips N]

The far end is the same process for both: it decodes each frame and acknowledges it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
import tty

from bench.blocks import interleaved, verdict
from firmware_protocol import framing, messages
from firmware_protocol.exchange import Exchange
from footctl.link.descriptor import DescriptorLink
from footctl.run import garbage

GATE, GOAL = 1.35, 1.15
REQUEST = messages.Release()


def far_end(fd: int) -> None:
    """Acknowledge every frame until the terminal goes away."""
    decoder = framing.Decoder()
    while True:
        try:
            data = os.read(fd, 4096)
        except OSError:
            return
        if not data:
            return
        for code, seq, _ in decoder.feed(data):
            ack = messages.Ack(code)
            os.write(fd, framing.encode(messages.code_of(ack), seq, messages.pack(ack)))


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


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--trips", type=int, default=300)
    args = parser.parse_args(argv)
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    child = os.fork()
    if not child:
        os.close(slave)
        far_end(master)
        os._exit(0)
    os.close(master)
    os.set_blocking(slave, False)
    with asyncio.Runner() as runner, garbage.rare():
        cpu = [0.0, 0.0]

        def timed(number: int, story: object, trips: int) -> list[float]:
            begun = time.process_time()
            took = runner.run(story(slave, trips))  # type: ignore[operator]  # floor or ours
            cpu[number] += time.process_time() - begun
            return took

        figures = interleaved(lambda n: timed(0, floor, n), lambda n: timed(1, ours, n), args.blocks, args.trips, 0.5)
    os.close(slave)
    os.waitpid(child, 0)
    print(verdict("round trip over a PTY, p50", *figures, GATE, GOAL))
    print(f"client CPU per trip: {cpu[1] / cpu[0]:.2f} x the floor's")


if __name__ == "__main__":
    main()
