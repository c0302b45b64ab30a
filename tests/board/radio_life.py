"""The board's radio with a host in the air: run under real MicroPython by test_radio. In the MicroPython subset."""

import asyncio

import aioble
import radio as page
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
    page.AGAIN_MS = 50
    gone = []
    now = [0]
    heard = []

    def hear(data):
        heard.append(len(data))
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

    for luck in (OSError(5), aioble.DeviceDisconnectedError(), asyncio.CancelledError(), None):
        aioble.coming.append(luck)  # the radio refuses, and whatever else a host's bad luck brings

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
        host.leave()
        await asyncio.sleep_ms(20)
        radio.write(bytes(40))
        print("left", host.is_connected(), radio._host is host)
        await until(lambda: radio._host is None)
        print("gone", len(gone), radio._host is None, len(radio._held))
    host = await connect(247)
    writes.put(host, bytes(244))
    await asyncio.sleep_ms(20)
    print("long", heard[-1])
    count = sum(heard)
    for _ in range(13):  # the longest frame in the smallest packets, while a tick takes its time
        writes.put(host, bytes(20))
    await asyncio.sleep_ms(20)
    print("burst", sum(heard) - count)
    count = len(heard)
    writes.put(aioble.Host(247), b"\x00")
    await asyncio.sleep_ms(20)
    print("strangers", len(heard) - count)
    limits.SILENT_LINK_MS = 300
    for _ in range(8):
        writes.put(host, b"\x00")
        await asyncio.sleep_ms(100)
    print("talks", host.is_connected())
    await until(lambda: radio._host is None)
    print("silent", len(gone), host.is_connected())
    count = len(heard)
    writes.put(host, b"\x00")  # on its way when the connection ended
    await asyncio.sleep_ms(20)
    print("late", len(heard) - count)
    print(aioble.advertised[0], len(aioble.advertised))
    def broken(data):
        raise ValueError("broken")

    radio._hear = broken
    host = await connect(185)
    writes.put(host, b"\x00")
    try:
        await task
    except ValueError as error:
        print("fails", error)
    print("done")


asyncio.run(main())
