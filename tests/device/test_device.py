"""States, leases, latch, peers, buttons, telemetry."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import pairwise

import pytest

from firmware.device.body import Body
from firmware.device.device import Device
from firmware.device.links import PEERS, TOLD_MS
from firmware_protocol import faults, limits, messages, version
from tests.device.rig import HEATER, MOTOR, Rig, counts, refused

M = messages


def test_boots_to_off() -> None:
    device = Device(Body())
    out = device.outputs
    assert [getattr(out, name) for name in out.__slots__] == [0] * len(out.__slots__)
    assert device.state == M.IDLE
    rig = Rig()
    rig.pass_ms(60_000)
    assert rig.off
    assert rig.device.state == M.IDLE


def test_telemetry_five_times_a_second_to_everyone_who_said_hello() -> None:
    rig = Rig()
    rig.host.hello()
    watcher = rig.peer(2)
    watcher.hello(M.OBSERVER, nonce=1)
    rig.host.telemetry.clear()
    watcher.telemetry.clear()
    rig.pass_ms(2000)
    assert len(rig.host.telemetry) == len(watcher.telemetry) == 10
    assert not rig.peer(1).telemetry
    sample = rig.host.telemetry[-1]
    assert (sample.state, sample.quality, sample.flags, sample.zone) == (M.IDLE, 0, M.LEVEL_OK, M.NO_ZONE)


def test_telemetry_ends_30_s_after_the_last_frame() -> None:
    rig = Rig()
    watcher = rig.peer(1)
    watcher.hello(M.OBSERVER)
    rig.pass_ms(TOLD_MS - 500)
    watcher.telemetry.clear()
    rig.pass_ms(400)
    assert watcher.telemetry
    rig.pass_ms(600)
    watcher.telemetry.clear()
    rig.pass_ms(2000)
    assert not watcher.telemetry


def test_telemetry_tells_what_is_read() -> None:
    rig = Rig().heat(3800)
    rig.put(presence=M.BATH_RIGHT, carriage_mm=120)
    rig.press(3000)
    rig.inputs.left_a = -400
    rig.water(3700, 3690)
    rig.pass_ms(250)
    sample = rig.host.telemetry[-1]
    assert sample.water1_cdeg == pytest.approx(3700, abs=3)
    assert sample.water2_cdeg == pytest.approx(3690, abs=3)
    assert (sample.setpoint_cdeg, sample.position_mm, sample.zone) == (3800, 120, 2)
    assert sample.flags == M.HEATER_ENABLE | M.MOTOR_ENABLE | M.PUMP | M.LEVEL_OK
    assert sample.presence_lamp == M.BATH_RIGHT
    assert (sample.left_dapa, sample.right_dapa) == (300, 300)
    assert sample.quality == M.IMPLAUSIBLE << 4
    assert sample.duty_half_pct == rig.out.heater_pm // 5 > 0


def test_telemetry_of_broken_frames() -> None:
    rig = Rig()
    rig.host.hello()
    rig.device.receive(rig.now, b"\x05garbage\x00" * 300)
    rig.pass_ms(200)
    assert rig.host.telemetry[-1].dropped == 255


def test_a_drifted_cell_reads_as_nothing_on_the_wire() -> None:
    rig = Rig()
    rig.host.hello()
    rig.press(-1000)
    rig.pass_ms(400)
    assert rig.host.telemetry[-1].left_dapa == 0


# Leases


def silent(rig: Rig, span_ms: int) -> Rig:
    rig.beats = False
    last = rig.device._valid_ms
    while rig.now < last + span_ms:
        rig.tick()
    return rig


@pytest.mark.parametrize("tight", [False, True])
def test_stages_of_a_lost_heartbeat(tight: bool) -> None:
    release, heat, abort = (1500, 3000, 5000) if tight else (2000, 3000, 5000)
    rig = Rig().knead()
    rig.do(M.SetBath(3800, 0, 0))
    if tight:
        rig.limit({limits.RELEASE_LEASE: 1500})
    rig.pass_ms(400)
    silent(rig, release - 50)
    assert rig.out.motor_enable
    rig.tick()
    assert (rig.out.motor_enable, rig.out.heater_enable, rig.device.state) == (0, 1, M.ACTIVE)
    silent(rig, heat - 50)
    assert rig.out.heater_enable
    rig.tick()
    assert not rig.out.heater_enable
    assert rig.device.state == M.ACTIVE
    rig.pass_ms(200)
    assert rig.host.telemetry[-1].active == faults.LINK_LOST
    silent(rig, abort - 50)
    assert rig.device.state == M.ACTIVE
    rig.tick()
    assert rig.device.state == M.LATCHED
    assert rig.device.cause == faults.LINK_LOST
    assert rig.off


def test_setpoints_may_die_before_the_relay() -> None:
    rig = Rig().heat()
    rig.limit({limits.SETPOINT_LEASE: 1000})
    silent(rig, 950)
    assert rig.out.heater_pm
    rig.pass_ms(250)
    assert not rig.out.heater_pm
    assert rig.out.heater_enable


def test_a_heartbeat_that_comes_back_prevents_the_latch_and_restarts_nothing() -> None:
    rig = Rig().knead()
    rig.do(M.SetBath(3800, 0, 0))
    silent(rig, 4000)
    rig.beats = True
    rig.pass_ms(10_000)
    assert rig.device.state == M.ACTIVE
    assert (rig.out.heater_enable, rig.out.motor_enable, rig.out.heater_pm) == (0, 0, 0)
    assert rig.host.telemetry[-1].active == 0
    assert refused(rig.host.ask(M.SetBath(3800, 0, 0)))[0] == M.NOT_STARTED
    rig.do(M.Start(HEATER))
    assert rig.device.thermostat.target_cdeg == 0


def test_idle_needs_no_heartbeat() -> None:
    rig = Rig()
    rig.host.hello()
    silent(rig, 20_000)
    assert rig.device.cause == 0


@pytest.mark.parametrize(
    ("turn", "echo_ago", "counts_as"), [(1, 0, True), (0, 0, False), (1, 1000, True), (1, 1050, False), (1, -100, False), (1, None, False)]
)
def test_which_heartbeat_counts(turn: int, echo_ago: int | None, counts_as: bool) -> None:
    rig = Rig().start()
    rig.beats = False
    rig.pass_ms(1000)
    before = rig.device._valid_ms
    echo = 0 if echo_ago is None else rig.now - echo_ago
    rig.host.exchange.tell(M.Heartbeat(rig.turns + turn, echo))
    rig.host.say()
    assert (rig.device._valid_ms > before) == counts_as


def test_a_first_heartbeat_may_echo_nothing_while_nothing_was_told() -> None:
    rig = Rig()
    rig.host.exchange.ask(M.Hello(version.MAJOR, version.MINOR, M.CONTROLLER, 7))
    rig.host.exchange.tell(M.Heartbeat(1, 0))
    rig.host.say()
    rig.host.exchange.tell(M.Heartbeat(2, 0))
    rig.host.say()
    assert rig.device.lease_alive


def test_nobody_else_keeps_a_session_alive() -> None:
    rig = Rig().heat()
    other = rig.peer(1)
    other.hello(M.OBSERVER, nonce=5)
    rig.beats = False
    for turn in range(60):
        other.exchange.tell(M.Heartbeat(turn, rig.now))
        rig.pass_ms(100)
    assert rig.device.cause == faults.LINK_LOST


# STOP, latch, CLEAR


@pytest.mark.parametrize(("asked", "cause"), [(60, faults.STOPPED), (61, faults.PAIN), (7, faults.STOPPED)])
def test_stop_without_a_session(asked: int, cause: int) -> None:
    rig = Rig()
    answer = rig.peer(3).ask(M.Stop(asked))
    assert (answer.state, answer.cause, answer.flags) == (M.LATCHED, cause, M.LEVEL_OK)


@pytest.mark.parametrize(("asked", "cause"), [(60, 60), (61, 61), (3, faults.SENSORS_DIFFER), (62, 62), (0, 60), (63, 60), (255, 60)])
def test_the_controllers_stop_keeps_what_it_found(asked: int, cause: int) -> None:
    rig = Rig().knead()
    rig.host.ask(M.Stop(asked))
    assert rig.device.cause == cause


def test_stop_is_off_in_that_very_call_and_answers_with_what_is_read_afterwards() -> None:
    rig = Rig().knead()
    rig.do(M.SetBath(3800, 0, 0))
    rig.pass_ms(400)
    assert rig.out.heater_pm
    rig.host.answers.clear()
    rig.host.exchange.urgent(rig.now, M.Stop(61))
    rig.host.say()
    assert rig.off
    assert not rig.host.answers  # the relays have not been read since
    rig.pass_ms(150)
    answer = rig.host.answers[0]
    assert (answer.flags, answer.duty_half_pct, answer.state, answer.cause) == (M.LEVEL_OK, 0, M.LATCHED, faults.PAIN)


def test_a_welded_relay_is_told() -> None:
    rig = Rig(level_ok=1).start()
    rig.host.answers.clear()
    rig.host.exchange.urgent(rig.now, M.Stop(60))
    rig.host.say()
    for _ in range(3):
        rig.put(heater_contact=1, motor_contact=1, level_ok=0)
        rig.now += 50
        rig.device.tick(rig.now, rig.inputs)
    rig.host.hear(rig.device.outgoing(rig.now))
    assert rig.host.answers[0].flags == M.HEATER_ENABLE | M.MOTOR_ENABLE


def test_every_state_can_be_stopped_and_the_first_cause_is_kept() -> None:
    for prepare in (lambda rig: rig.start(), lambda rig: rig.heat(), lambda rig: rig.knead()):
        rig = Rig()
        prepare(rig)
        rig.host.ask(M.Stop(61))
        rig.host.ask(M.Stop(60))
        rig.put(tilt=1)
        rig.pass_ms(2000)
        assert rig.device.cause == faults.PAIN
        assert rig.off
    rig = Rig().heat()
    rig.do(M.Pause())
    rig.host.ask(M.Stop(60))
    assert rig.device.cause == faults.STOPPED


def test_the_button_is_pain() -> None:
    rig = Rig().heat()
    rig.put(stop_button=1)
    rig.tick()
    assert rig.off
    assert rig.device.cause == faults.PAIN
    assert refused(rig.host.ask(M.Clear(faults.PAIN))) == (M.NOT_PERMITTED, M.PRESSED)
    rig.put(stop_button=0)
    rig.pass_ms(50)
    rig.do(M.Clear(faults.PAIN))


def test_clear_names_the_cause_and_restarts_nothing() -> None:
    rig = Rig().heat()
    rig.host.ask(M.Stop(60))
    rig.pass_ms(500)
    assert (M.LATCH, faults.STOPPED) in rig.host.events
    assert refused(rig.host.ask(M.Clear(61))) == (M.WRONG_CAUSE, faults.STOPPED)
    rig.do(M.Clear(60))
    rig.do(M.Clear(60))
    rig.pass_ms(5000)
    assert (rig.device.state, rig.device.cause, rig.off) == (M.IDLE, 0, True)
    assert (M.CLEARED, faults.STOPPED) in rig.host.events
    assert rig.host.ask(M.GetCause()).fault == 0


def test_the_first_cause_keeps_its_readings() -> None:
    rig = Rig().heat()
    duty = rig.out.heater_pm // 5
    rig.host.ask(M.Stop(61))
    rig.water(2500)
    rig.pass_ms(2000)
    cause = rig.host.ask(M.GetCause())
    assert (cause.fault, cause.duty_half_pct, cause.state) == (faults.PAIN, duty, M.ACTIVE)
    assert cause.water1_cdeg == pytest.approx(3400, abs=3)


def test_a_latch_survives_hello() -> None:
    rig = Rig().start()
    rig.host.ask(M.Stop(60))
    identity = rig.host.hello(nonce=77)
    assert (identity.state, identity.cause) == (M.LATCHED, faults.STOPPED)


def test_buzzer() -> None:
    rig = Rig()
    rig.host.ask(M.Stop(60))
    assert rig.out.buzzer
    rig.pass_ms(1000)
    assert not rig.out.buzzer
    rig = Rig().start()
    rig.put(tilt=1)
    rig.pass_ms(4000)
    assert rig.out.buzzer
    rig.pass_ms(4000)
    assert not rig.out.buzzer


def test_warm_water_calls_for_feet_out_until_it_is_cleared() -> None:
    rig = Rig()
    rig.host.hello()
    rig.water(4300)
    rig.pass_ms(10_000)
    assert rig.out.lamp == M.LAMP_FEET_OUT
    assert rig.out.buzzer
    assert refused(rig.host.ask(M.SetLamp(M.LAMP_OFF))) == (M.IS_LATCHED, faults.OVER_TEMPERATURE)


# Buttons, feet, events


def test_a_short_press_is_a_yes() -> None:
    rig = Rig().start()
    rig.device.budgets.unasked_ms = 9000
    for span in (50, 1500):
        rig.put(arm_button=1)
        rig.pass_ms(span)
        rig.put(arm_button=0)
        rig.pass_ms(300)
    rig.put(arm_button=1)
    rig.pass_ms(1600)
    rig.put(arm_button=0)
    rig.pass_ms(300)
    assert rig.host.events.count((M.YES, 0)) == 2
    assert rig.device.budgets.unasked_ms == 0


def test_held_for_three_seconds_it_clears_a_latch_whose_cause_is_gone() -> None:
    rig = Rig().start()
    rig.put(tilt=1)
    rig.pass_ms(1000)
    rig.put(arm_button=1)
    rig.pass_ms(4000)
    assert rig.device.cause == faults.TIPPED
    rig.put(arm_button=0, tilt=0)
    rig.pass_ms(100)
    rig.put(arm_button=1)
    rig.pass_ms(2950)
    assert rig.device.cause == faults.TIPPED
    rig.pass_ms(50)
    assert rig.device.state == M.IDLE
    rig.pass_ms(5000)
    assert rig.off


def test_feet_are_told() -> None:
    rig = Rig()
    rig.host.hello()
    rig.put(presence=3)
    rig.pass_ms(200)
    rig.put(presence=12)
    rig.pass_ms(200)
    assert rig.host.events == [(M.FEET, 3), (M.FEET, 12)]


def test_one_place_for_both() -> None:
    body = Body()
    body.places |= M.PLACE_SHARED
    rig = Rig(body)
    rig.put(presence=M.BATH_LEFT)
    rig.tick()
    assert rig.device.bath_feet == rig.device.roller_feet == M.LEFT


def test_events_that_nobody_acknowledges_are_given_up() -> None:
    rig = Rig()
    rig.device.receive(rig.now, rig.host.exchange.data_to_send(rig.now))
    rig.host.hello()
    rig.peers.clear()
    for number in range(100):
        rig.put(presence=number % 16)
        rig.pass_ms(200)
    rig.pass_ms(60_000)
    exchange = rig.device.links.all[0].exchange
    assert len(exchange._line) < 40


# Peers


def test_a_peer_that_there_is_not() -> None:
    device = Device(Body())
    for number in (-1, PEERS, 99):
        assert device.receive(0, b"\x01\x00", number) == device.outgoing(0, number) == b""
        device.disconnect(number)


def test_a_carrier_that_is_gone() -> None:
    rig = Rig().heat()
    other = rig.peer(1)
    other.hello(M.OBSERVER, nonce=3)
    rig.device.disconnect(1)
    other.telemetry.clear()
    rig.pass_ms(1000)
    assert not other.telemetry
    assert rig.out.heater_pm
    rig.device.receive(rig.now, b"".join(_stop(number) for number in range(3)))
    assert rig.device._stops
    rig.device.disconnect(0)
    assert not rig.device._stops
    assert rig.device.links.controller is None


def _stop(number: int) -> bytes:
    from firmware_protocol import framing

    return framing.encode(M.code_of(M.Stop(60)), number, M.pack(M.Stop(60)))


def test_a_lost_controller_runs_into_its_leases() -> None:
    rig = Rig().heat()
    rig.beats = False
    rig.device.disconnect(0)
    rig.pass_ms(5000)
    assert rig.device.cause == faults.LINK_LOST


# Black box, clock


def test_the_log_has_a_sample_a_second_and_the_fault() -> None:
    rig = Rig().heat()
    rig.pass_ms(5000)
    rig.host.ask(M.Stop(61))
    rig.pass_ms(3000)
    data = rig.host.ask(M.LogRead(0))
    records = [struct.unpack_from(M.LOG_RECORD, data.records, at) for at in range(0, len(data.records), 15)]
    assert data.total == len(records) >= 8
    assert [record[1] for record in records].count(faults.PAIN) == 1
    times = [record[0] for record in records if not record[1]]
    assert {later - earlier for earlier, later in pairwise(times)} == {1000}
    rig.pass_ms(120_000)
    assert rig.host.ask(M.LogRead(0)).total <= len(records) + 61


def test_a_late_tick_and_a_clock_that_stands() -> None:
    rig = Rig().knead()
    rig.now += 1500
    rig.tick()
    assert rig.device.state == M.ACTIVE
    depth = rig.device.massage.left.depth_um
    rig.device.tick(rig.now, rig.inputs)
    rig.device.tick(rig.now - 100, rig.inputs)
    assert rig.device.now_ms == rig.now
    assert rig.device.massage.left.depth_um == depth


def test_water_that_is_wanted_needs_the_pump_and_so_do_feet() -> None:
    rig = Rig().start(HEATER)
    assert not rig.out.pump
    rig.put(presence=M.BATH_LEFT)
    rig.pass_ms(250)
    assert rig.out.pump
    rig.put(presence=0)
    rig.pass_ms(250)
    rig.do(M.SetBath(0, 0, 1))
    rig.pass_ms(250)
    assert rig.out.pump


def test_the_dead_man_can_be_proved_without_heat_or_motion() -> None:
    rig = Rig().start(HEATER | MOTOR)
    assert (rig.out.heater_pm, rig.out.left_um_s) == (0, 0)
    silent(rig, 3000)
    rig.pass_ms(200)
    assert not rig.host.telemetry[-1].flags & (M.HEATER_ENABLE | M.MOTOR_ENABLE)
    rig.beats = True
    rig.pass_ms(1000)
    rig.do(M.Start(MOTOR))
    assert counts(3400) == rig.inputs.water1_adc


# What is wrong with a link


def dead_by(rig: Rig, beat: Callable[[Rig], None]) -> int:
    """The fault that latches when `beat` is done at every telemetry instead of a heartbeat that counts."""
    rig.beats = False
    for _ in range(40):
        beat(rig)
        rig.pass_ms(200)
    return rig.device.cause


def test_the_latch_tells_what_is_wrong_with_the_link() -> None:
    def nothing(rig: Rig) -> None: ...

    def same_turn(rig: Rig) -> None:
        rig.host.exchange.tell(M.Heartbeat(rig.turns, rig.now))
        rig.host.say()

    def old(rig: Rig) -> None:
        rig.turns += 1
        rig.host.exchange.tell(M.Heartbeat(rig.turns, rig.now - 1500))
        rig.host.say()

    def broken(rig: Rig) -> None:
        rig.host.hear(rig.device.receive(rig.now, b"\x05noise\0\x05noise\0"))
        rig.turns += 1
        rig.host.exchange.tell(M.Heartbeat(rig.turns, rig.now))
        rig.host.say()

    def once(rig: Rig) -> None:
        if rig.now < 2500:
            same_turn(rig)

    wrong = [(nothing, 29), (same_turn, 38), (old, 31), (broken, 34), (once, 29)]
    for beat, fault in wrong:
        assert faults.name(dead_by(Rig().heat(), beat)) == faults.name(fault)


@pytest.mark.parametrize(("frames", "noisy"), [(5, False), (6, True)])
def test_more_than_five_broken_frames_in_two_seconds_are_no_link(frames: int, noisy: bool) -> None:
    rig = Rig().heat()
    rig.host.hear(rig.device.receive(rig.now, b"\x05noise\0" * frames))
    valid_ms = rig.device._valid_ms
    rig.pass_ms(1800)
    assert (rig.device._valid_ms - valid_ms < 400) == noisy
    rig.pass_ms(800)
    assert rig.device._valid_ms - valid_ms > 1800
    assert rig.device.cause == 0


def test_a_new_session_starts_with_a_quiet_link() -> None:
    rig = Rig().heat()
    rig.host.hear(rig.device.receive(rig.now, b"\x05noise\0" * 20))
    rig.pass_ms(300)
    rig.host.hello(nonce=8)
    assert not rig.device.links.all[0].noisy
