"""What both interpreters must do alike, byte for byte: run by test_micropython on CPython and on MicroPython, and the outputs compared.

In the MicroPython subset, like what it tests.
"""

import gc
import sys

if hasattr(gc, "threshold") and sys.implementation.name == "micropython":
    gc.threshold(8192)  # as a board does: what loading leaves behind is collected before it has cut the heap to pieces

from firmware_protocol import auth, exchange, faults, framing, limits, messages, version


class Dice:
    """A small generator that is the same everywhere (a multiplicative congruence, Lehmer 1951)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, most):
        """A number from 0 to most - 1."""
        self.state = self.state * 48271 % 2147483647
        return self.state % most

    def bytes(self, count):
        """Some bytes, rich in zeros."""
        return bytes([self.below(256) * (self.below(3) > 0) for _ in range(count)])


def show(*things):
    """One line; a message as the tuple it is."""
    print(*[str(tuple(thing)) if type(thing) in messages.BY_MAKE else str(thing) for thing in things])


def table():
    """Every message with its smallest and largest values, and what is refused."""
    for row in messages.TABLE:
        for pick in (0, 1):
            values = [b"\xa5" * bound[2] if bound[2] else bound[pick] for bound in row.bounds]
            if row.tail:
                values.append(bytes(range(row.tail * 3)))
            payload = messages.pack(row.make(*values))
            show(row.code, payload, framing.encode(row.code, pick, payload), messages.unpack(row.code, payload))
        for index in range(len(row.bounds)):
            values = [b"" if bound[2] else bound[0] for bound in row.bounds] + [b""] * (row.tail > 0)
            low, high, size = row.bounds[index]
            for wrong in (b"x" * 99, "text") if size else (low - 1, high + 1, True, None):
                values[index] = wrong
                try:
                    messages.pack(row.make(*values))
                    show("packed", row.name, index, wrong)
                except messages.BadMessage as bad:
                    show(bad.reason, bad.limit, str(bad) if type(wrong) is int else "")
        for size in range(row.size + 3):
            try:
                show(messages.unpack(row.code, b"\x07" * size))
            except messages.BadMessage as bad:
                show(bad.reason, bad.limit, str(bad))


def noise(dice):
    """Garbage, damaged frames and good ones in odd pieces."""
    decoder = framing.Decoder()
    for _ in range(300):
        good = framing.encode(dice.below(256), dice.below(256), dice.bytes(dice.below(235)))
        stream = bytearray(dice.bytes(dice.below(60)) + b"\0" + good)
        for _ in range(dice.below(3)):
            stream[dice.below(len(stream))] = dice.below(256)
        while stream:
            cut = 1 + dice.below(80)
            for frame in decoder.feed(bytes(stream[:cut])):
                show(frame)
            stream = stream[cut:]
    show(decoder.dropped)


def talk(dice):
    """Two ends over a line that loses, repeats and delays."""
    host = exchange.Exchange(messages.TO_HOST)
    device = exchange.Exchange(messages.TO_DEVICE)
    down = []
    up = []
    host.ask(messages.Hello(version.MAJOR, version.MINOR, 1, 4242))
    for now in range(0, 60000, 10):
        if not dice.below(20):
            host.ask(messages.SetBath(dice.below(4000), dice.below(200), dice.below(4)))
            host.ask(messages.SetLamp(dice.below(7)))
            host.ask(messages.Start(dice.below(4)))
        if not dice.below(40):
            device.ask(messages.Event(1 + dice.below(5), dice.below(256), now))
        if not dice.below(300):
            host.urgent(now, messages.Stop(faults.PAIN))
        if not now % 200:
            device.tell(messages.Telemetry(now, *([dice.below(101)] * 5 + [dice.below(4)] + [dice.below(256)] * 10)))
        for line, end in ((down, host), (up, device)):
            data = end.data_to_send(now)
            for _ in range((dice.below(10) > 1) + (dice.below(10) > 8)):
                line.append((now + 10 * dice.below(30), data))
        for line, end in ((down, device), (up, host)):
            data = b""
            for index in range(len(line) - 1, -1, -1):
                if line[index][0] <= now:
                    data = line.pop(index)[1] + data
            for kind, one, other in end.receive(now, data):
                show(now, kind, one, other)
                if kind == messages.REQUEST and type(other) is messages.Hello:
                    numbers = (1, 31, 3, 31, 31, 50, 500, limits.digest(limits.ABSOLUTE), 0, 0, 1)
                    end.answer(one, messages.Identity(1, 0, other.nonce, 7, now, b"SIM-0001", b"footbath-5l", b"0.1.0", *numbers))
                elif kind == messages.REQUEST and type(other) is messages.Stop:
                    end.answer(one, messages.Stopped(0, 0, 0, 0, messages.LATCHED, other.cause))
                elif kind == messages.REQUEST:
                    end.answer(one, messages.Ack(messages.code_of(other)))
    show(host.dropped, host.strange, host.unsent, host.idle, device.dropped, device.strange, device.unsent, device.idle)


def secret(dice):
    """A proven session over a line that loses, repeats, delays, changes and plays back."""
    for size in (0, 16, 63, 64, 65, 131):
        key = dice.bytes(size)
        show(auth.mac(auth.pads(key), dice.bytes(3 * size)), auth.same(key, dice.bytes(size)))
    agreed = auth.Agreed(dice.bytes(16), b"SIM-0001", 0xB007ED01, dice.bytes(16), dice.bytes(16))
    show(agreed.to_device, agreed.to_host, agreed.proof)
    host = exchange.Exchange(messages.TO_HOST)
    device = exchange.Exchange(messages.TO_DEVICE)
    host.lock, device.lock = auth.Lock(), auth.Lock()
    host.lock.seal = agreed.for_host()
    device.lock.offered = agreed.for_device()
    host.ask(messages.Hello(version.MAJOR, version.MINOR, 1, 4242))
    old = []
    for now in range(0, 20000, 10):
        if not dice.below(20):
            host.ask(messages.SetLamp(dice.below(7)))
        if not dice.below(25):
            host.tell(messages.Heartbeat(now, now))
        if not dice.below(40):
            device.ask(messages.Event(messages.YES, 0, now))
        for end, far in ((host, device), (device, host)):
            data = bytearray(end.data_to_send(now))
            if data and len(old) < 8 and not dice.below(9):
                old.append(bytes(data))
            if data and not dice.below(9):
                data[dice.below(len(data))] ^= 1 << dice.below(8)
            if old and not dice.below(9):
                data = data + old[dice.below(len(old))]
            if not dice.below(9):
                data = b""
            for kind, one, other in far.receive(now, bytes(data)):
                show(now, kind, one, other)
                if kind % exchange.SEALED == messages.REQUEST:
                    far.answer(one, messages.Ack(messages.code_of(other)), kind > exchange.SEALED)
    show(host.lock.forged, host.lock.replayed, device.lock.forged, device.lock.replayed)


def flood():
    """A hundred kilobytes of unknown messages on the heap of a board."""
    end = exchange.Exchange(messages.TO_DEVICE)
    frame = framing.encode(0x44, 1, b"")
    said = 0
    for now in range(1000):
        end.receive(now, frame * 10)
        if not now % 50:
            said += len(end.data_to_send(now))
    show(said, end.unsent, end.unknown)


table()
noise(Dice(1))
talk(Dice(2))
secret(Dice(3))
flood()
show([faults.name(code) for code in range(70)], limits.tighter(limits.DWELL_OFF, 1, 2), limits.loosens(0, 4101, 4100))
sys.stdout.write("done\n")
