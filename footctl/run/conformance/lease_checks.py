"""Heartbeats, leases, states: paragraphs 6 and 7. Nothing moves, and no setpoint is above the lowest that there is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from firmware_protocol import limits, messages
from footctl.run.conformance.peer import Broken, Peer, Talk, refused, shown, want
from footctl.run.conformance.suite import Bench, check, values

SEEN_S = 0.5  # a telemetry period, a tick, and the way here [ENG]
LATE_MS = 100  # a tick until a device looks at its clock, and one until it reads back what it did (6.7)
UNSEEN_S = 3.0  # so long after its time nothing is waited for any more [ENG]

Stage: TypeAlias = tuple[int, Callable[[Any], bool], str]
ABORTED: tuple[Stage, ...] = ((limits.ABORT_LEASE, lambda sample: sample.state == messages.LATCHED, "it latches"),)
STAGES: tuple[Stage, ...] = (
    (limits.RELEASE_LEASE, lambda sample: not sample.flags & 2, "the motor enable opens"),
    (limits.SETPOINT_LEASE, lambda sample: not sample.setpoint_cdeg, "the setpoint is forgotten"),
    (limits.HEAT_LEASE, lambda sample: not sample.flags & 1, "the heater enable opens"),
    *ABORTED,
)


def _seconds(bench: Bench, cap: int) -> float:
    return bench.caps[cap] / 1000


@check("6.5", "START without a valid heartbeat is refused: lease_dead")
def start_without_heartbeat(bench: Bench) -> Talk[None]:
    refused((yield from bench.peer.surely(messages.Start(0))), messages.NOT_PERMITTED, messages.LEASE_DEAD)


@check("6.2", "a heartbeat whose `turn` stands still is as good as none")
def frozen_turn(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.alive()
    peer.frozen = True
    yield from peer.listen(_seconds(bench, limits.HEAT_LEASE) + SEEN_S)
    refused((yield from peer.surely(messages.Start(0))), messages.NOT_PERMITTED, messages.LEASE_DEAD)


@check("6.2", "a heartbeat that echoes telemetry more than 1,000 ms old is as good as none")
def stale_echo(bench: Bench) -> Talk[None]:
    peer = bench.peer
    peer.late_ms = 1600
    yield from peer.alive()
    yield from peer.listen(1.0)
    refused((yield from peer.surely(messages.Start(0))), messages.NOT_PERMITTED, messages.LEASE_DEAD)


@check("6.2", "zero is a fresh echo only until the device has told something in this session")
def zero_echo(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.alive()
    peer.beats = False
    yield from peer.listen(_seconds(bench, limits.HEAT_LEASE) + SEEN_S)
    for turn in range(1000, 1004):
        yield from peer.send(peer.frame(messages.Heartbeat(turn, 0), 0), 0.1)
    refused((yield from peer.surely(messages.Start(0))), messages.NOT_PERMITTED, messages.LEASE_DEAD)


@check(
    "6.3",
    "without heartbeats the motor opens within `release_lease`, the heater within `heat_lease`, and it latches within `abort_lease`",
)
def lease_stages(bench: Bench) -> Talk[None]:
    yield from _stages(bench, bench.caps)


@check("6.3", "a host whose loop hangs gets the same: its heartbeats do not count")
def lease_of_a_hung_host(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    beat_ms = yield from peer.last_beat()
    peer.beats = peer.frozen = True
    yield from _in_time(peer, beat_ms, bench.caps, ABORTED)


@check("6.3", "a host may tighten the leases: then the shorter times hold")
def shorter_leases(bench: Bench) -> Talk[None]:
    peer = bench.peer
    wanted = ((limits.RELEASE_LEASE, 700), (limits.SETPOINT_LEASE, 1100), (limits.HEAT_LEASE, 1500), (limits.ABORT_LEASE, 2400))
    tighter = [struct.pack("<Bi", cap, limits.tighter(cap, value, bench.caps[cap])) for cap, value in wanted]  # its own may be so already
    yield from peer.do(messages.SetLimits(b"".join(tighter)))
    caps = values((yield from peer.do(messages.GetCaps())))
    yield from _stages(bench, caps, session=False)


@check("6.4", "a heartbeat that comes back before the last stage prevents the latch, and nothing else")
def heartbeat_back(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    peer.beats = False
    yield from peer.listen(_seconds(bench, limits.HEAT_LEASE) + 0.3)
    peer.beats = True
    yield from peer.listen(_seconds(bench, limits.ABORT_LEASE))
    sample = yield from peer.sample()
    want(sample.state == messages.ACTIVE, f"it should still be active; {shown(sample)}")
    want(not sample.flags & 3, f"what opened should stay open until START; {shown(sample)}")


@check("7.2", "START closes exactly the enables that it names, and opens the others")
def exactly_these(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    for enables in (1, 2, 0):
        yield from peer.start(enables)
        yield from peer.until(_closed(enables), 1.0, f"after START {enables} just these are closed")


@check("7.3", "PAUSE opens the motor enable and keeps the heater's; START leads back")
def pause(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    yield from peer.do(messages.Pause())
    yield from peer.until(
        lambda sample: sample.state == messages.PAUSED and sample.flags & 3 == 1, 1.0, "paused: motor enable open, heater enable closed"
    )
    yield from peer.start(3)
    yield from peer.until(lambda sample: sample.state == messages.ACTIVE and sample.flags & 3 == 3, 1.0, "START leads back")


@check("7.3", "PAUSE is refused with not_started in idle")
def pause_in_idle(bench: Bench) -> Talk[None]:
    refused((yield from bench.peer.surely(messages.Pause())), messages.NOT_STARTED)


@check("7.4", "RELEASE leaves the state as it is")
def release(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(2)
    yield from peer.do(messages.Release())
    yield from peer.listen(0.4)
    sample = yield from peer.sample()
    want(sample.state == messages.ACTIVE, f"it should still be active; {shown(sample)}")


@check("7.4", "FINISH is the orderly end: everything off, idle, nothing latched, the session's limits gone")
def finish(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(3)
    yield from peer.do(messages.SetLimits(struct.pack("<Bi", limits.PRESSURE_MAX, bench.caps[limits.PRESSURE_MAX] // 2)))
    yield from peer.do(messages.Finish())
    yield from peer.until(_off_and(messages.IDLE), 1.0, "FINISH leads to idle with both enables open")
    sample = yield from peer.sample()
    want(sample.cause == 0, f"nothing should be latched; cause {sample.cause}")
    want(values((yield from peer.do(messages.GetCaps()))) == bench.caps, "the session's limits should be gone")


@check("7.5", "what opened an enable also forgot the setpoint behind it")
def setpoint_forgotten(bench: Bench) -> Talk[None]:
    peer = bench.peer
    yield from peer.running(1)
    asked = bench.caps[limits.WATER_SETPOINT_MIN]
    yield from peer.do(messages.SetBath(asked, 0, 0))
    yield from peer.until(lambda sample: sample.setpoint_cdeg == asked, 1.0, f"TELEMETRY shows the setpoint {asked}")
    yield from peer.start(0)
    yield from peer.start(1)
    yield from peer.until(lambda sample: sample.flags & 1 != 0, 1.0, "the heater enable is closed again")
    sample = yield from peer.sample()
    want(sample.setpoint_cdeg == 0, f"the setpoint should be forgotten; it is {sample.setpoint_cdeg}")


def _closed(enables: int) -> Callable[[Any], bool]:
    return lambda sample: bool(sample.flags & 3 == enables)


def _off_and(state: int) -> Callable[[Any], bool]:
    return lambda sample: bool(sample.state == state and not sample.flags & 3 and sample.duty_half_pct == 0)


def _stages(bench: Bench, caps: tuple[int, ...], *, session: bool = True) -> Talk[None]:
    peer: Peer = bench.peer
    if session:
        yield from peer.running(3)
    else:
        yield from peer.alive()
        yield from peer.start(3)
    asked = caps[limits.WATER_SETPOINT_MIN]
    yield from peer.do(messages.SetBath(asked, 0, 0))
    yield from peer.until(
        lambda sample: sample.flags & 3 == 3 and sample.setpoint_cdeg == asked, 1.0, f"both enables are closed, the setpoint is {asked}"
    )
    beat_ms = yield from peer.last_beat()
    yield from _in_time(peer, beat_ms, caps, STAGES)
    sample = yield from peer.sample()
    want(sample.cause == 29, f"the latched fault should be 29; it is {sample.cause}")


def _in_time(peer: Peer, beat_ms: int, caps: tuple[int, ...], stages: tuple[Stage, ...]) -> Talk[None]:
    """Every stage is seen, and no telemetry from after its time shows it as still to come; by the device's clock, so that no way counts."""
    end = peer.now + max(caps[cap] for cap, _, _ in stages) / 1000 + UNSEEN_S
    while stages:
        sample = yield from peer.sample()
        passed = (sample.uptime_ms - beat_ms) & 0xFFFFFFFF
        stages = tuple(stage for stage in stages if not stage[1](sample))
        for cap, _, should in stages:
            late = caps[cap] + LATE_MS < passed < 1 << 31
            if late or peer.now > end:
                told = f"{passed} ms after it {shown(sample)}" if late else "it was not seen"
                raise Broken(f"{should} within {limits.CAPS[cap][0]} of {caps[cap]} ms after the last heartbeat; {told}")
