"""A device with the readings of a healthy basin, a host of a few lines, and hands to move the clock. No plant: readings are set."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from firmware.device.body import Body, Inputs, Outputs
from firmware.device.device import Device
from firmware.device.sensors import COLDEST_COUNTS, HOTTEST_COUNTS, ntc_cdeg
from firmware_protocol import exchange, limits, messages, version

HEATER = messages.CLOSE_HEATER
MOTOR = messages.CLOSE_MOTOR
CALM_PA = 50  # a count of the reference cells


def counts(cdeg: int) -> int:
    """The fewest counts that read no warmer than cdeg."""
    return next(number for number in range(HOTTEST_COUNTS, COLDEST_COUNTS + 1) if ntc_cdeg(number) <= cdeg)


class Peer:
    """The host's end on one peer number."""

    def __init__(self, rig: Rig, number: int) -> None:
        self.rig = rig
        self.number = number
        self.exchange = exchange.Exchange(messages.TO_HOST)
        self.answers: list[Any] = []
        self.events: list[Any] = []
        self.telemetry: list[Any] = []

    def hear(self, data: bytes) -> None:
        """Bytes from the device."""
        for kind, seq, message in self.exchange.receive(self.rig.now, data):
            what = kind % exchange.SEALED
            if what == messages.ANSWER:
                self.answers.append(message)
            elif what == messages.DATAGRAM:
                self.telemetry.append(message)
            elif what == messages.REQUEST:
                self.events.append((message.kind, message.value))
                self.exchange.answer(seq, messages.Ack(messages.code_of(message)))

    def say(self) -> None:
        """Hand over what waits, hear what comes back."""
        data = self.exchange.data_to_send(self.rig.now)
        if data:
            self.hear(self.rig.device.receive(self.rig.now, data, self.number))

    def ask(self, message: Any) -> Any:
        """Send a request; its answer, at the latest after half a second."""
        self.answers.clear()
        if isinstance(message, messages.Stop):
            self.exchange.urgent(self.rig.now, message)
        else:
            self.exchange.ask(message)
        self.say()
        for _ in range(10):
            if self.answers:
                return self.answers[0]
            self.rig.pass_ms(50)
        raise AssertionError(f"no answer to {message}")

    def hello(self, role: int = messages.CONTROLLER, nonce: int = 7) -> Any:
        """Say HELLO."""
        return self.ask(messages.Hello(version.MAJOR, version.MINOR, role, nonce))


class Rig:
    """Device, inputs, clock. `beats`: the controller's heartbeat goes out on every telemetry.

    The carriage stands where a test puts it, and rollers that lift press as before: that is borne unless it `jams`.
    """

    def __init__(self, body: Body | None = None, **inputs: int) -> None:
        if body is None:
            body = Body()
            body.cables = 0x0F  # four plugs, and whoever holds one holds the device
        self.device = Device(body)
        self.inputs = Inputs()
        self.inputs.water1_adc = self.inputs.water2_adc = counts(3400)
        self.inputs.level_ok = 1
        self.put(**inputs)
        self.now = 0
        self.beats = True
        self.jams = False
        self.loaded = False
        self.turns = 0
        self.peers: dict[int, Peer] = {}
        self.host = self.peer(0)
        self.pass_ms(1000)

    @property
    def out(self) -> Outputs:
        return self.device.outputs

    @property
    def off(self) -> bool:
        """Nothing heats, nothing moves, nothing could."""
        out = self.out
        speeds = out.carriage_um_s or out.left_um_s or out.right_um_s
        return not (out.heater_pm or out.heater_enable or out.motor_enable or out.pump or out.bubbles or speeds)

    def peer(self, number: int) -> Peer:
        if number not in self.peers:
            self.peers[number] = Peer(self, number)
        return self.peers[number]

    def put(self, **inputs: int) -> None:
        """Set readings by name."""
        for name, value in inputs.items():
            assert hasattr(self.inputs, name)
            setattr(self.inputs, name, value)

    def water(self, cdeg: int, other: int | None = None) -> None:
        self.put(water1_adc=counts(cdeg), water2_adc=counts(cdeg if other is None else other))

    def press(self, pa: int) -> None:
        """The same pressure on all four cells; under load they are never quite still."""
        self.loaded = pa > 0
        self.put(left_a=pa // CALM_PA, left_b=pa // CALM_PA, right_a=pa // CALM_PA, right_b=pa // CALM_PA)

    def tick(self, advance: bool = True) -> Outputs:
        """50 ms."""
        self.now += 50
        inputs = self.inputs
        if advance:
            inputs.sample = (inputs.sample + 1) & 0xFF
        if self.loaded:
            inputs.left_b ^= 1
            inputs.right_b ^= 1
        out = self.device.tick(self.now, inputs)
        inputs.heater_contact = out.heater_enable
        inputs.motor_contact = out.motor_enable
        inputs.heater_ma = 2 * out.heater_pm if out.heater_enable else 0
        inputs.pump_rpm = 2400 * out.pump
        if not self.jams:
            self.device.massage._driven_um = self.device.massage.held_ms = 0
        for peer in self.peers.values():
            seen = len(peer.telemetry)
            peer.hear(self.device.outgoing(self.now, peer.number))
            if self.beats and peer.number == 0 and len(peer.telemetry) > seen:
                self.beat()
            peer.say()
        return out

    def beat(self) -> None:
        """One heartbeat that counts."""
        self.turns += 1
        self.host.exchange.tell(messages.Heartbeat(self.turns, self.host.telemetry[-1].uptime_ms if self.host.telemetry else 0))
        self.host.say()

    def pass_ms(self, span_ms: int) -> None:
        for _ in range(span_ms // 50):
            self.tick()

    def limit(self, caps: Mapping[int, int]) -> Any:
        """SET_LIMITS with these caps."""
        return self.host.ask(messages.SetLimits(b"".join(struct.pack("<Bi", number, value) for number, value in caps.items())))

    def do(self, message: Any) -> None:
        """A request that must be accepted."""
        answer = self.host.ask(message)
        assert answer == messages.Ack(messages.code_of(message)), answer

    def start(self, enables: int = HEATER | MOTOR) -> Rig:
        """HELLO and START."""
        self.host.hello()
        self.pass_ms(400)
        self.do(messages.Start(enables))
        self.pass_ms(100)
        return self

    def heat(self, cdeg: int = 3800) -> Rig:
        """START and SET_BATH."""
        self.start()
        self.do(messages.SetBath(cdeg, 0, 0))
        self.pass_ms(400)
        return self

    def knead(self, pa: int = 20000, zones: int = 0x04, technique: int = 1, feet: int = 3) -> Rig:
        """START and SET_MASSAGE with both feet on their places."""
        self.put(presence=messages.ROLLER_LEFT | messages.ROLLER_RIGHT)
        self.start()
        self.do(messages.SetMassage(feet, zones, technique, pa, 10000, 500))
        self.pass_ms(100)
        return self


def refused(answer: Any) -> tuple[int, int]:
    """Reason and limit of a NAK."""
    assert isinstance(answer, messages.Nak), answer
    return answer.reason, answer.limit


__all__ = ["HEATER", "MOTOR", "Peer", "Rig", "counts", "limits", "refused"]
