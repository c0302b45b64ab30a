"""STOP, the latch, CLEAR, and what outputs are asked to do: paragraphs 8 and 9. Nobody's feet are in it, and it warms for seconds only."""

from __future__ import annotations

from firmware_protocol import framing, limits, messages
from footctl.run.conformance.peer import ANSWER_S, Talk, Untested, refused, shown, told, want
from footctl.run.conformance.suite import Bench, check

READ_BACK_S = 0.15
WAY_S = 0.35  # telemetry's period and the way here


@check("8.1", "STOP works in idle")
def stop_in_idle(bench: Bench) -> Talk[None]:
    yield from _stops(bench, 60)


@check("8.1", "STOP works while it is active, and opens both enables")
def stop_in_active(bench: Bench) -> Talk[None]:
    yield from bench.peer.running(3)
    yield from _stops(bench, 60)


@check("8.1", "STOP works while it is paused")
def stop_in_paused(bench: Bench) -> Talk[None]:
    yield from bench.peer.running(1)
    yield from bench.peer.do(messages.Pause())
    yield from _stops(bench, 61)


@check("8.1", "STOP is answered while it is latched")
def stop_in_latched(bench: Bench) -> Talk[None]:
    yield from _stops(bench, 61)
    yield from _stops(bench, 60, first=61)


@check("8.1", "a STOP whose payload is missing, or whose cause is odd, is a STOP with cause 60")
def mutilated_stop(bench: Bench) -> Talk[None]:
    peer = bench.peer
    for payload in (b"", b"\xc8"):
        seq = peer.next_seq()
        answer = yield from peer.raw(framing.encode(0x14, seq, payload), seq)
        want(isinstance(answer, messages.Stopped) and answer.cause == 60, f"STOPPED with cause 60 should come; {told(answer)} came")
        yield from peer.do(messages.Clear(60))


@check("3.8", "STOP is applied at every arrival, whatever its number")
def stop_any_number(bench: Bench) -> Talk[None]:
    peer = bench.peer
    seq = peer.next_seq()
    wire = framing.encode(0x14, seq, b"\x3c")
    for _ in range(2):
        answer = yield from peer.raw(wire, seq)
        want(
            isinstance(answer, messages.Stopped) and answer.state == messages.LATCHED,
            f"STOPPED in state latched should come; {told(answer)} came",
        )
        yield from peer.do(messages.Clear(60))


@check("8.3", "STOPPED carries the outputs as read back: both enables open, duty 0")
def read_back(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    begin = peer.now
    answer = yield from peer.ask(messages.Stop(60))
    want(isinstance(answer, messages.Stopped), f"STOPPED should come; {told(answer)} came")
    want(
        not answer.flags & 3 and not answer.duty_half_pct,
        f"it should read both enables as open and duty 0; flags {answer.flags}, duty {answer.duty_half_pct}",
    )
    want(peer.now - begin <= READ_BACK_S + WAY_S, f"it should come within 150 ms; it took {(peer.now - begin) * 1000:.0f}")


@check("8.5", "the first cause stays: a later STOP does not overwrite it")
def first_cause(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    yield from peer.surely(messages.Stop(61))
    yield from peer.surely(messages.Stop(60))
    cause = yield from peer.do(messages.GetCause())
    want(isinstance(cause, messages.Cause) and cause.fault == 61, f"CAUSE should name 61; {told(cause)} {getattr(cause, 'fault', '')}")
    want(cause.state == messages.ACTIVE, f"CAUSE should say that it was active then; it says {messages.STATES[cause.state]}")
    sample = yield from peer.sample()
    want(sample.cause == 61, f"TELEMETRY should name 61; it names {sample.cause}")
    age = (sample.uptime_ms - cause.uptime_ms) & 0xFFFFFFFF
    want(age < 5000, f"CAUSE's uptime should be of that moment; it is {age} ms ago")


@check("8.6", "while it is latched, what would start or change something is refused with latched and the fault")
def refused_while_latched(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.alive()
    yield from peer.surely(messages.Stop(61))
    for message in (
        messages.Start(1),
        messages.Pause(),
        messages.Finish(),
        messages.SetBath(0, 0, 0),
        messages.SetMassage(0, 0, 0, 0, 1, 0),
    ):
        refused((yield from peer.surely(message)), messages.IS_LATCHED, 61)


@check("8.7", "CLEAR names the latched fault; another number is refused with wrong_cause")
def wrong_cause(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.surely(messages.Stop(60))
    refused((yield from peer.surely(messages.Clear(61))), messages.WRONG_CAUSE, 60)
    sample = yield from peer.sample()
    want(sample.state == messages.LATCHED, f"it should still be latched; {shown(sample)}")


@check("8.7", "CLEAR leads to idle and restarts nothing")
def clear(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    yield from peer.surely(messages.Stop(60))
    yield from peer.do(messages.Clear(60))
    yield from peer.listen(0.6)
    sample = yield from peer.sample()
    want(sample.state == messages.IDLE and not sample.flags & 3, f"idle with both enables open should follow; {shown(sample)}")


@check("8.7", "with nothing latched CLEAR is acknowledged and changes nothing")
def clear_nothing(bench: Bench) -> Talk[None]:
    answer = yield from bench.peer.surely(messages.Clear(60))
    want(isinstance(answer, messages.Ack), f"ACK should come; {told(answer)} came")


@check("4.7", "a latch outlives the session: the next HELLO finds it")
def latch_outlives(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.surely(messages.Stop(60))
    about = yield from peer.hello()
    want(
        about.state == messages.LATCHED and about.cause == 60,
        f"IDENTITY should say latched, 60; it says {messages.STATES[about.state]}, {about.cause}",
    )


@check("9.2", "SET_BATH is refused with not_started in idle, and with the heater enable open")
def bath_before_start(bench: Bench) -> Talk[None]:
    peer = bench.peer
    asked = messages.SetBath(bench.caps[limits.WATER_SETPOINT_MIN], 0, 0)
    refused((yield from peer.surely(asked)), messages.NOT_STARTED)
    yield from peer.running(0)
    refused((yield from peer.surely(asked)), messages.NOT_STARTED)


@check("9.2", "a setpoint above its cap or below the lowest is refused with out_of_range and the cap")
def bath_range(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    most, least, ramp = (bench.caps[cap] for cap in (limits.WATER_SETPOINT_MAX, limits.WATER_SETPOINT_MIN, limits.WATER_RAMP))
    refused((yield from peer.surely(messages.SetBath(most + 1, 0, 0))), messages.OUT_OF_RANGE, most)
    refused((yield from peer.surely(messages.SetBath(least - 1, 0, 0))), messages.OUT_OF_RANGE, least)
    refused((yield from peer.surely(messages.SetBath(least, ramp + 1, 0))), messages.OUT_OF_RANGE, ramp)
    sample = yield from peer.sample()
    want(sample.setpoint_cdeg == 0, f"a refused setpoint should not show; {shown(sample)}")


@check("9.2", "a setpoint within its range is taken as it is")
def bath_taken(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    asked = bench.caps[limits.WATER_SETPOINT_MIN] + 37
    yield from peer.do(messages.SetBath(asked, 0, 0))
    yield from peer.until(lambda sample: sample.setpoint_cdeg == asked, 1.0, f"TELEMETRY shows the setpoint {asked}")
    yield from peer.do(messages.SetBath(0, 0, 0))
    yield from peer.until(lambda sample: sample.setpoint_cdeg == 0 and sample.duty_half_pct == 0, 1.0, "setpoint 0 switches the heat off")


@check("9.3", "SET_MASSAGE is refused with not_started in idle, paused, and with the motor enable open")
def massage_before_start(bench: Bench) -> Talk[None]:
    peer = bench.peer
    asked = messages.SetMassage(1, _zone(bench), _technique(bench), 1000, 1000, 100)
    refused((yield from peer.surely(asked)), messages.NOT_STARTED)
    yield from peer.running(1)
    refused((yield from peer.surely(asked)), messages.NOT_STARTED)
    yield from peer.do(messages.Pause())
    refused((yield from peer.surely(asked)), messages.NOT_STARTED)


@check("9.3", "pressure and ramp beyond their caps are refused with out_of_range")
def massage_range(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(2)
    most, ramp = bench.caps[limits.PRESSURE_MAX], bench.caps[limits.PRESSURE_RAMP]
    zone, technique = _zone(bench), _technique(bench)
    refused((yield from peer.surely(messages.SetMassage(1, zone, technique, most + 1, 1000, 100))), messages.OUT_OF_RANGE, most)
    refused((yield from peer.surely(messages.SetMassage(1, zone, technique, 1000, ramp + 1, 100))), messages.OUT_OF_RANGE, ramp)


@check("9.3", "zones and techniques that it does not have are refused with unsupported")
def massage_parts(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(2)
    refused((yield from peer.surely(messages.SetMassage(1, 0, _technique(bench), 1000, 1000, 100))), messages.UNSUPPORTED)
    refused((yield from peer.surely(messages.SetMassage(1, _zone(bench), 0, 1000, 1000, 100))), messages.UNSUPPORTED)


@check("9.4", "the roller does not press where no foot stands")
def no_foot(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(2)
    sample = yield from peer.sample()
    if sample.presence_lamp & 0x0C:
        raise Untested("a foot stands on the roller; take the feet away")
    asked = messages.SetMassage(1, _zone(bench), _technique(bench), 1000, 1000, 100)
    answer = yield from peer.surely(asked)
    if isinstance(answer, messages.Nak):
        return
    yield from peer.listen(1.0)
    sample = yield from peer.sample()
    want(sample.left_dapa < 100, f"without a foot the left roller should stay lifted; it reads {sample.left_dapa * 10} Pa")


@check("9.5", "SET_LAMP shows in TELEMETRY")
def lamp(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.do(messages.SetLamp(messages.LAMP_FEET_OUT))
    yield from peer.until(lambda sample: sample.presence_lamp >> 4 == messages.LAMP_FEET_OUT, 1.0, "the lamp shows 3, feet out")


def _zone(bench: Bench) -> int:
    zones: int = bench.identity.zones
    if not zones:
        raise Untested("it has no roller")
    return zones & -zones


def _technique(bench: Bench) -> int:
    techniques: int = bench.identity.techniques
    return (techniques & -techniques).bit_length()


def _stops(bench: Bench, cause: int, first: int | None = None) -> Talk[None]:
    peer = bench.peer
    answer = yield from peer.ask(messages.Stop(cause), None, ANSWER_S)
    want(isinstance(answer, messages.Stopped), f"STOPPED should come; {told(answer)} came")
    want(answer.state == messages.LATCHED, f"STOPPED should say latched; it says {messages.STATES[answer.state]}")
    want(answer.cause == (first or cause), f"the first cause should be {first or cause}; it is {answer.cause}")
    yield from peer.until(
        lambda sample: sample.state == messages.LATCHED and not sample.flags & 3 and not sample.duty_half_pct,
        1.0,
        "latched with everything off",
    )
