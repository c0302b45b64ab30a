"""The board's radio with a host in the air: run under real MicroPython by test_radio. In the MicroPython subset."""

import asyncio

import aioble
from radio import Radio

from firmware.device.body import Body, Inputs
from firmware.device.device import Device
from firmware_protocol import exchange, limits, messages


async def main():
    body = Body()
    body.serial = b"PW-512A07"
    body.cables = 1
    body.key = bytes(range(16))
    body.seed = bytes(32)
    device = Device(body)
    gone = []
    now = [0]

    def hear(data):
        radio.write(device.receive(now[0], data, 1))

    def away():
        gone.append(now[0])
        device.disconnect(1)

    radio = Radio(body.serial, hear, away)
    writes = aioble.services[0].characteristics[0]
    task = asyncio.create_task(radio.live())
    inputs = Inputs()
    inputs.level_ok = 1
    inputs.water1_adc = inputs.water2_adc = 1700

    async def live(host, end, count, message=None):
        """Some ticks with a host that answers."""
        for _ in range(count):
            now[0] += 50
            inputs.sample = (inputs.sample + 1) & 0xFF
            device.tick(now[0], inputs)
            radio.write(device.outgoing(now[0], 1))
            data = b"".join(host.heard)
            host.heard.clear()
            for kind, one, other in end.receive(now[0], data):
                if kind == messages.ANSWER:
                    print("answer", tuple(other)[:4], len(tuple(other)))
                elif kind == messages.REQUEST:
                    end.answer(one, messages.Ack(messages.code_of(other)))
                elif message and kind == messages.DATAGRAM:
                    message[0] += 1
            out = end.data_to_send(now[0])
            size = host.mtu_or_least - 3
            for at in range(0, len(out), size):
                writes.put(host, out[at : at + size])
            await asyncio.sleep_ms(0)
            await asyncio.sleep_ms(0)

    aioble.coming.append(None)  # the radio refuses once

    async def connect(mtu):
        host = aioble.Host(mtu)
        aioble.coming.append(host)
        await until(lambda: radio._host is host)
        return host

    async def until(true):
        for _ in range(600):
            if true():
                break
            await asyncio.sleep_ms(5)

    for mtu in (None, 185):
        host = await connect(mtu)
        print("connected", mtu, radio._host is host)
        end = exchange.Exchange(messages.TO_HOST)
        end.ask(messages.Hello(1, 0, 2, 77))
        end.ask(messages.GetCaps())
        told = [0]
        await live(host, end, 40, told)
        print("telemetry", told[0])
        host.room = 0  # its buffers are full
        await live(host, end, 400)
        print("held", len(radio._held) <= 2048, radio.lost > 0)
        host.room = 10000
        told = [0]
        await live(host, end, 40, told)
        print("again", told[0] > 5, end.dropped)
        host.gone.set()
        await until(lambda: radio._host is None)
        print("gone", len(gone), radio._host is None, len(radio._held))
    host = await connect(185)
    limits.SILENT_LINK_MS = 300
    for _ in range(8):
        writes.put(host, b"\x00")
        await asyncio.sleep_ms(100)
    print("talks", host.is_connected())
    await until(lambda: radio._host is None)
    print("silent", len(gone), host.is_connected())
    print(aioble.advertised[0], len(aioble.advertised))
    task.cancel()
    print("done")


asyncio.run(main())
