"""Runs in the peers' environment: pymodbus' async client on the port that is named, so many trips for each number on standard input."""

import asyncio
import json
import sys
import time

from pymodbus.client import AsyncModbusSerialClient


async def main(port: str) -> None:
    client = AsyncModbusSerialClient(port, baudrate=115200)
    await client.connect()
    for line in sys.stdin:
        took = []
        cpu = time.process_time()
        for _ in range(int(line)):
            begun = time.perf_counter()
            answer = await client.read_holding_registers(0, count=1)
            took.append(time.perf_counter() - begun)
            assert answer.registers == [38]
        print(json.dumps({"took": took, "cpu": time.process_time() - cpu}), flush=True)


asyncio.run(main(sys.argv[1]))
