"""What the device answers to each request: one function a message, and who may send it.

A function gives the answer, or None when it comes later (STOP). It decides whether; the device does.
"""

import struct

from firmware.device import blackbox
from firmware_protocol import faults, limits, messages, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.device.device import Device
    from firmware.device.links import Link

ANYBODY = 0
GUESTS = 1  # whoever said HELLO
CONTROLLER = 2


def _nak(code: int, reason: int, limit: int = 0) -> "Any":
    return messages.Nak(code, reason, limit)


def answer(device: "Device", link: "Link", message: "Any", sealed: bool) -> "Any":
    """The answer to a request that came with (`sealed`) or without the tag of a proven session; None when it comes later."""
    if type(message) is messages.Hello:
        return _hello(device, link, message, sealed)
    function, who = _TABLE[type(message)]
    code = messages.code_of(message)
    if who == CONTROLLER and link.guarded and not sealed:
        device.suspect(faults.INTRUDER)
        return _nak(code, messages.NOT_AUTHENTICATED)
    if who and not link.greeted:
        return _nak(code, messages.NOT_CONTROLLER)
    if who == CONTROLLER and device.links.controller is not link:
        return _nak(code, messages.BUSY if link.role == messages.CONTROLLER else messages.NOT_CONTROLLER)
    return function(device, link, message, code)


def _hello(device: "Device", link: "Link", message: "Any", sealed: bool) -> "Any":
    if not version.compatible(message.major):
        return _nak(messages.code_of(message), messages.WRONG_VERSION, version.MAJOR)
    links = device.links
    if sealed or not link.guarded:
        if sealed:
            link.welcome()
        else:
            link.unseal()
        known = link.greeted and link.nonce == message.nonce and link.role == message.role
        links.greet(link, message.role, message.nonce)
        if message.role == messages.CONTROLLER:
            if links.may_control(link, device.now_ms) and not (known and links.controller is link):
                links.controller = link
                device.begin_session()
        elif links.controller is link:
            links.controller = None
            device.begin_session()
    elif not link.proven:
        links.greet(link, message.role, message.nonce)  # it may look and stop; beside a proven session it may look and stop anyway
    return _identity(device, link, message)


def _identity(device: "Device", link: "Link", message: "Any") -> "Any":
    links = device.links
    body = device.body
    features = body.features
    if link.guarded:
        features |= messages.WANTS_PROOF | messages.ARMS_BY_HAND
    elif not device.by_hand:
        features &= ~messages.ARMS_BY_HAND
    return messages.Identity(
        version.MAJOR,
        version.MINOR,
        message.nonce,
        body.boot_id,
        device.now_ms & 0xFFFFFFFF,
        body.serial,
        body.model,
        body.firmware,
        body.simulator,
        features,
        body.places,
        body.zones,
        body.techniques,
        body.volume_dl,
        body.heater_w,
        device.caps_hash,
        device.state,
        device.cause,
        1 if links.controller is link else 0,
    )


def _auth(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    proof = device.links.prove(link, device.now_ms, message.nonce)
    if proof is None:
        device.suspect(faults.INTRUDER)
        return _nak(code, messages.TOO_MANY, link.wait_ms(device.now_ms))
    return proof


def _get_key(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if link.guarded:
        return _nak(code, messages.BY_CABLE)
    if not device.body.key:
        return _nak(code, messages.UNSUPPORTED)
    return messages.Key(device.body.key)


def _arm(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if link.guarded:
        return _nak(code, messages.BY_CABLE)
    if not device.body.features & messages.ARMS_BY_HAND:
        return _nak(code, messages.UNSUPPORTED)
    device.by_hand = message.by_hand > 0
    return messages.Ack(code)


def _get_caps(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    return messages.Caps(b"".join([struct.pack("<i", value) for value in device.caps]))


def _set_limits(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    wanted = []
    for at in range(0, len(message.limits), 5):
        number, value = struct.unpack("<Bi", message.limits[at : at + 5])
        if number >= len(device.caps):
            return _nak(code, messages.UNSUPPORTED, number)
        if limits.loosens(number, value, device.caps[number]):
            return _nak(code, messages.LOOSENS, number)
        wanted.append((number, value))
    device.tighten(wanted)
    return messages.Ack(code)


def _latched(device: "Device", code: int) -> "Any":
    return _nak(code, messages.IS_LATCHED, device.cause)


def _start(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.state == messages.LATCHED:
        return _latched(device, code)
    by_hand = link.guarded or (device.by_hand and device.body.features & messages.ARMS_BY_HAND)
    if message.enables and by_hand and not device.armed:
        return _nak(code, messages.NOT_ARMED)
    missing = device.supervisor.permissive(message.enables)
    if not missing and not device.lease_alive:
        missing = messages.LEASE_DEAD
    if missing:
        return _nak(code, messages.NOT_PERMITTED, missing)
    device.start(message.enables)
    return messages.Ack(code)


def _pause(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.state == messages.LATCHED:
        return _latched(device, code)
    if device.state == messages.IDLE:
        return _nak(code, messages.NOT_STARTED)
    device.pause()
    return messages.Ack(code)


def _release(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    device.release()
    return messages.Ack(code)


def _finish(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.state == messages.LATCHED:
        return _latched(device, code)
    device.finish()
    return messages.Ack(code)


def _set_bath(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.state == messages.LATCHED:
        return _latched(device, code)
    if device.state == messages.IDLE:
        return _nak(code, messages.NOT_STARTED)
    if message.pump & 2 and not device.body.features & messages.BUBBLER:
        return _nak(code, messages.UNSUPPORTED)
    caps = device.caps
    water = message.water_cdeg
    if water:
        if not device.heater_closed:
            return _nak(code, messages.NOT_STARTED)
        if water > caps[limits.WATER_SETPOINT_MAX]:
            return _nak(code, messages.OUT_OF_RANGE, caps[limits.WATER_SETPOINT_MAX])
        if water < caps[limits.WATER_SETPOINT_MIN]:
            return _nak(code, messages.OUT_OF_RANGE, caps[limits.WATER_SETPOINT_MIN])
        ramp = caps[limits.WATER_RAMP]
        # At once is for water without feet in it; with feet it would be a rise without a limit.
        at_once = not message.ramp_cdeg_min and device.bath_feet and water > device.thermostat.setpoint_cdeg
        if message.ramp_cdeg_min > ramp or at_once:
            return _nak(code, messages.OUT_OF_RANGE, ramp)
        if device.budgets.heat_spent:
            return _nak(code, messages.NOT_PERMITTED, messages.TIME_SPENT)
    device.set_bath(water, message.ramp_cdeg_min, message.pump)
    return messages.Ack(code)


def _set_massage(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.state == messages.LATCHED:
        return _latched(device, code)
    if device.state != messages.ACTIVE:
        return _nak(code, messages.NOT_STARTED)
    if message.feet:
        body = device.body
        caps = device.caps
        if not device.motor_closed:
            return _nak(code, messages.NOT_STARTED)
        if not message.zones or message.zones & ~body.zones:
            return _nak(code, messages.UNSUPPORTED, body.zones)
        if not message.technique or not body.techniques >> (message.technique - 1) & 1:
            return _nak(code, messages.UNSUPPORTED, body.techniques)
        if message.pressure_pa > caps[limits.PRESSURE_MAX]:
            return _nak(code, messages.OUT_OF_RANGE, caps[limits.PRESSURE_MAX])
        if message.ramp_pa_s > caps[limits.PRESSURE_RAMP]:
            return _nak(code, messages.OUT_OF_RANGE, caps[limits.PRESSURE_RAMP])
        if message.feet & ~device.roller_feet:
            return _nak(code, messages.NOT_PERMITTED, messages.FOOT_MISSING)
        if device.budgets.massage_spent(message.feet):
            return _nak(code, messages.NOT_PERMITTED, messages.TIME_SPENT)
    device.set_massage(message)
    return messages.Ack(code)


def _set_lamp(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.warns:
        return _latched(device, code)
    device.lamp = message.lamp
    return messages.Ack(code)


def _checked(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    device.budgets.checked()
    return messages.Ack(code)


def _stop(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    known = link is device.links.controller or message.cause == faults.PAIN  # what a stranger says that it found is not believed
    device.stop(message.cause if known else faults.STOPPED)
    return None


def _clear(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    if device.state == messages.LATCHED:
        if message.cause != device.cause:
            return _nak(code, messages.WRONG_CAUSE, device.cause)
        standing = device.supervisor.standing(device.cause)
        if standing:
            return _nak(code, messages.NOT_PERMITTED, standing)
        device.clear()
    return messages.Ack(code)


def _get_cause(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    return device.first_cause


def _log_read(device: "Device", link: "Link", message: "Any", code: int) -> "Any":
    box: "blackbox.BlackBox" = device.blackbox
    return messages.LogData(message.first, box.total, box.read(message.first))


_TABLE = {
    messages.Auth: (_auth, GUESTS),
    messages.GetKey: (_get_key, GUESTS),
    messages.Arm: (_arm, CONTROLLER),
    messages.GetCaps: (_get_caps, GUESTS),
    messages.SetLimits: (_set_limits, CONTROLLER),
    messages.Start: (_start, CONTROLLER),
    messages.Pause: (_pause, CONTROLLER),
    messages.Release: (_release, CONTROLLER),
    messages.Finish: (_finish, CONTROLLER),
    messages.SetBath: (_set_bath, CONTROLLER),
    messages.SetMassage: (_set_massage, CONTROLLER),
    messages.SetLamp: (_set_lamp, CONTROLLER),
    messages.Checked: (_checked, CONTROLLER),
    messages.Stop: (_stop, ANYBODY),
    messages.Clear: (_clear, CONTROLLER),
    messages.GetCause: (_get_cause, GUESTS),
    messages.LogRead: (_log_read, GUESTS),
}
