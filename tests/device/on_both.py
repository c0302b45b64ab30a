"""One session that both interpreters must live through alike, byte for byte and output for output. In the MicroPython subset.

A basin and a foot in integers stand in for the world: warm enough to heat, firm enough to press.
"""

import binascii
import gc
import struct

from firmware.device.body import Body, Inputs
from firmware.device.device import Device
from firmware_protocol import auth, exchange, limits, messages


class Session:
    """Device, a host of a few lines, and a world in whole numbers."""

    def __init__(self, body):
        self.device = Device(body)
        self.answers = []
        self.inputs = Inputs()
        self.inputs.level_ok = 1
        self.host = exchange.Exchange(messages.TO_HOST)
        self.now = 0
        self.turns = 0
        self.beats = True
        self.water = 340000  # cdeg, hundredths
        self.depth = [0, 0]
        self.carriage = 0
        self.digest = 0

    def show(self, *things):
        line = " ".join([str(thing) for thing in things])
        self.digest = binascii.crc32(line.encode(), self.digest)
        return line

    def send(self):
        data = self.host.data_to_send(self.now)
        if data:
            self.hear(self.device.receive(self.now, data))

    def hear(self, data):
        if data:
            self.show("bytes", binascii.hexlify(data).decode())
        for kind, seq, message in self.host.receive(self.now, data):
            what = kind % exchange.SEALED
            if what == messages.DATAGRAM:
                if self.beats:
                    self.turns += 1
                    self.host.tell(messages.Heartbeat(self.turns, message.uptime_ms))
            elif what == messages.REQUEST:
                self.host.answer(seq, messages.Ack(messages.code_of(message)))
            else:
                self.answers.append(message)
                print(self.now, tuple(message) if type(message) in messages.BY_MAKE else message, tuple(seq), hex(self.digest))

    def tick(self):
        self.now += 50
        inputs = self.inputs
        inputs.sample = (inputs.sample + 1) & 0xFF
        # 820 counts at 60 C to 3150 at 0 C, near enough to straight between them
        counts = 3156 - self.water * 39 // 10000
        inputs.water1_adc = counts + self.now // 50 % 3
        inputs.water2_adc = counts + 1
        out = self.device.tick(self.now, inputs)
        inputs.heater_contact = out.heater_enable
        inputs.motor_contact = out.motor_enable
        inputs.heater_ma = 2 * out.heater_pm
        inputs.pump_rpm = 2400 * out.pump
        self.water += out.heater_pm // 8 - 14
        speeds = (out.left_um_s, out.right_um_s)
        for side in (0, 1):
            self.depth[side] = max(self.depth[side] + speeds[side] // 20, 0) if out.motor_enable else 0
            deep = max(self.depth[side] - 6000 - self.carriage // 100, 0)
            cells = deep * (20 + deep // 200) // 50 + self.now // 50 % 2
            if side:
                inputs.right_a = cells
                inputs.right_b = cells + 1
            else:
                inputs.left_a = cells - 1
                inputs.left_b = cells
        self.carriage = min(max(self.carriage + out.carriage_um_s // 20, 0), 250000)
        inputs.carriage_mm = self.carriage // 1000
        self.show(self.now, out.heater_pm, out.heater_enable, out.motor_enable, out.pump, out.carriage_um_s, speeds, out.lamp, out.buzzer)
        self.hear(self.device.outgoing(self.now))
        self.send()

    def live(self, seconds):
        for _ in range(seconds * 20):
            self.tick()

    def ask(self, *wanted):
        for message in wanted:
            self.host.ask(message)
            self.send()
            self.live(1)


def main():
    """Soak, massage with every technique, lost heartbeats, a fault, clear, log."""
    session = Session(Body())
    session.live(1)
    tight = b"".join([struct.pack("<Bi", limits.WATER_SETPOINT_MAX, 4000), struct.pack("<Bi", limits.SOFT_START, 10)])
    session.ask(messages.Hello(1, 0, 1, 7), messages.GetCaps(), messages.SetLimits(tight), messages.Start(1), messages.SetBath(3900, 0, 0))
    session.live(30)
    session.inputs.presence = 3
    session.live(60)
    session.ask(messages.SetBath(3700, 50, 1), messages.SetBath(4100, 0, 0))
    session.live(30)
    session.inputs.presence = 12
    session.ask(messages.SetBath(0, 0, 0), messages.Start(2))
    for technique in range(1, 6):
        session.ask(messages.SetMassage(3, 0x1F, technique, 20000 + technique, 8000, 600))
        session.live(30)
    session.inputs.presence = 4
    session.live(3)
    session.inputs.presence = 12
    session.ask(messages.Pause(), messages.Start(3), messages.SetBath(3800, 100, 0), messages.SetMassage(1, 4, 1, 10000, 5000, 900))
    session.live(10)
    session.beats = False
    session.live(6)
    session.beats = True
    session.ask(messages.GetCause(), messages.Clear(29), messages.Start(1), messages.SetBath(3800, 0, 0))
    session.host.urgent(session.now, messages.Stop(61))
    session.live(2)
    session.ask(messages.GetCause(), messages.LogRead(0), messages.LogRead(100))
    session.ask(messages.Hello(1, 0, 1, 8), messages.Clear(61), messages.Finish())
    session.inputs.tilt = 1
    session.ask(messages.Start(1))
    print(hex(session.digest), session.now, "done")


def in_the_air():
    """Proof, arming, a stranger, a replay, on a device that has a key and no cable."""
    body = Body()
    body.key = bytes(range(16))
    body.seed = bytes(range(40))
    body.cables = 0
    session = Session(body)
    session.live(1)
    session.ask(messages.Hello(1, 1, 1, 7), messages.Auth(b"n" * 16))
    agreed = auth.Agreed(body.key, body.serial + bytes(4), body.boot_id, b"n" * 16, session.answers[-1].nonce)
    print(agreed.proof == session.answers[-1].proof)
    session.ask(messages.SetLamp(1))
    session.host.lock = auth.Lock()
    session.host.lock.seal = agreed.for_host()
    session.ask(messages.Hello(1, 1, 1, 7), messages.Start(1))
    session.inputs.arm_button = 1
    session.live(4)
    session.inputs.arm_button = 0
    session.ask(messages.Start(1), messages.SetBath(3800, 0, 0))
    stranger = exchange.Exchange(messages.TO_HOST)
    hello = messages.Hello(1, 1, 1, 9)
    for message in (hello, messages.SetBath(4100, 0, 0), messages.Auth(b"s" * 16), messages.GetKey(), messages.Finish()):
        stranger.ask(message)
        session.show(session.device.receive(session.now, stranger.data_to_send(session.now), 1))
        stranger.receive(session.now, session.device.outgoing(session.now, 1))
        stranger.drop_requests()
    session.live(20)
    session.ask(messages.LogRead(0), messages.GetKey(), messages.Finish())
    print(hex(session.digest), session.now, "done")


main()
gc.collect()
in_the_air()
