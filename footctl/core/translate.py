"""Command -> message, message -> event. The only place where degrees meet centi-degrees and names meet numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firmware_protocol import limits, messages
from footctl.core import commands, events
from footctl.errors import harmless

_NOBODY: frozenset[str] = frozenset()
_CAP_NUMBER = {row[0]: number for number, row in enumerate(limits.CAPS)}
_CAP_NAMES = tuple(row[0] for row in limits.CAPS)
_NAMES = {row.make: row.name for row in messages.TABLE}
_BY_CODE = {row.code: row.name for row in messages.TABLE}
_LAMP = {name: number for number, name in enumerate(messages.LAMPS)}
_SIDES = {"left": messages.LEFT, "right": messages.RIGHT}
_ZONE = {name: 1 << bit for bit, name in enumerate(messages.ZONES)}
_TECHNIQUE = {name: number for number, name in enumerate(messages.TECHNIQUES, 1)}
_FEET = (_NOBODY, frozenset(("left",)), frozenset(("right",)), frozenset(("left", "right")))
_QUALITIES = tuple(tuple(messages.QUALITIES[byte >> shift & 3] for shift in (0, 2, 4, 6)) for byte in range(256))
_GOOD = messages.GOOD


# Which message says a command; GREET, STOP and the broken frame are made by the host, which holds what they need
MESSAGE_OF: Mapping[type[commands.Command], str] = {
    commands.SetWater: "SetBath",
    commands.SetMassage: "SetMassage",
    commands.ReleaseRoller: "Release",
    commands.SetLamp: "SetLamp",
    commands.SetLimits: "SetLimits",
    commands.StartDevice: "Start",
    commands.PauseDevice: "Pause",
    commands.FinishDevice: "Finish",
    commands.PersonChecked: "Checked",
    commands.StopNow: "Stop",
    commands.ClearLatch: "Clear",
    commands.TooWarm: "SetBath",
    commands.TooHard: "SetMassage",
    commands.Greet: "Hello",
    commands.ReadCaps: "GetCaps",
    commands.ReadCause: "GetCause",
}


class Unsayable(ValueError):
    """A command whose value no message can carry: the gate should have kept it back."""


def _whole(value: float, per: int, what: str) -> int:
    """`value` in the wire's integer unit, `per` of which make one. NaN, infinity and negatives are never said."""
    if not 0 <= value <= 1e6:  # false for NaN as well
        raise Unsayable(f"{what} = {value!r}")
    return round(value * per)


def _set_water(command: commands.SetWater) -> Any:
    pump = (1 if command.pump else 0) | (2 if command.bubbles else 0)
    target = 0 if command.target_c is None else _whole(command.target_c, 100, "water °C")
    ramp = 0 if command.ramp_c_min is None else _whole(command.ramp_c_min, 100, "water ramp °C/min")
    return messages.SetBath(target, ramp, pump)


def _set_massage(command: commands.SetMassage) -> Any:
    return messages.SetMassage(
        sum(_SIDES[side] for side in command.feet),
        sum(_ZONE[zone] for zone in command.zones),
        _TECHNIQUE[command.technique],
        _whole(command.pressure_kpa, 1000, "pressure kPa"),
        max(1, _whole(command.ramp_kpa_s, 1000, "pressure ramp kPa/s")),
        _whole(command.speed_pct, 10, "speed %"),
    )


def _set_limits(command: commands.SetLimits) -> Any:
    packed = bytearray()
    for name, value in sorted(command.limits.items(), key=lambda item: _CAP_NUMBER[item[0]]):
        packed.append(_CAP_NUMBER[name])
        packed += value.to_bytes(4, "little", signed=True)
    return messages.SetLimits(bytes(packed))


def message(command: commands.Command) -> Any:
    """The message that says `command`. Greet is the host's own affair: it holds role and nonce. Raises Unsayable."""
    made: Any
    match command:
        case commands.SetWater():
            made = _set_water(command)
        case commands.SetMassage():
            made = _set_massage(command)
        case commands.TooWarm():
            made = messages.SetBath(_whole(command.water_c, 100, "water °C"), 1, 0)
        case commands.TooHard():
            technique = _TECHNIQUE[command.technique]
            made = messages.SetMassage(3, _ZONE[command.zone], technique, _whole(command.pressure_kpa, 1000, "pressure kPa"), 1, 0)
        case commands.ReleaseRoller():
            made = messages.Release()
        case commands.SetLamp():
            made = messages.SetLamp(_LAMP[command.lamp])
        case commands.SetLimits():
            made = _set_limits(command)
        case commands.StartDevice():
            made = messages.Start((1 if command.heater else 0) | (2 if command.motor else 0))
        case commands.PauseDevice():
            made = messages.Pause()
        case commands.FinishDevice():
            made = messages.Finish()
        case commands.PersonChecked():
            made = messages.Checked()
        case commands.ClearLatch():
            made = messages.Clear(command.fault)
        case commands.ReadCaps():
            made = messages.GetCaps()
        case commands.ReadCause():
            made = messages.GetCause()
        case _:
            raise Unsayable(f"{command!r} has no message of its own")
    return made


def sample(told: Any) -> events.Sample:
    """TELEMETRY as a Sample. On the path of every turn: positional and free of look-ups by name."""
    (
        uptime_ms, water1, water2, setpoint, quality, duty, state, flags, presence_lamp, cause, active, zone, left, right, position,
        number, dropped,
    ) = told  # fmt: skip
    return events.Sample(
        uptime_ms,
        None if quality & 0x03 else water1 / 100,
        None if quality & 0x0C else water2 / 100,
        setpoint / 100 if setpoint else None,
        duty / 200,
        flags & 0x01 != 0,
        flags & 0x02 != 0,
        flags & 0x04 != 0,
        flags & 0x10 != 0,
        flags & 0x20 != 0,
        flags & 0x40 != 0,
        messages.STATES[state],
        messages.LAMPS[lamp] if (lamp := presence_lamp >> 4) < len(messages.LAMPS) else "off",
        _FEET[presence_lamp & 3],
        _FEET[presence_lamp >> 2 & 3],
        messages.ZONES[zone] if zone < len(messages.ZONES) else None,
        None if quality & 0x30 else left / 100,
        None if quality & 0xC0 else right / 100,
        position,
        cause,
        active,
        number,
        dropped,
        _QUALITIES[quality],
    )


def _text(raw: bytes) -> str:
    """A name that a device gives itself; what a terminal would obey is written out."""
    return harmless(raw.rstrip(b"\0").decode("ascii", "replace")).replace("\n", "\\n")


def _names(mask: int, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for bit, name in enumerate(names) if mask >> bit & 1)


def _identified(told: Any) -> events.Identified:
    return events.Identified(
        major=told.major,
        minor=told.minor,
        serial=_text(told.serial),
        model=_text(told.model),
        firmware=_text(told.firmware),
        boot_id=told.boot_id,
        uptime_ms=told.uptime_ms,
        simulator=told.simulator,
        features=_names(told.features, messages.FEATURES),
        places=_names(told.places, messages.PLACES),
        zones=_names(told.zones, messages.ZONES),
        techniques=_names(told.techniques, messages.TECHNIQUES),
        volume_l=told.volume_dl / 10,
        heater_w=told.heater_w,
        caps_hash=bytes(told.caps_hash),
        state=messages.STATES[told.state],
        fault=told.cause,
        controller=bool(told.controller),
    )


def _caps(told: Any) -> events.CapsRead:
    """Caps that this version does not know are left out; a missing one is missing."""
    raw = told.values
    values = [int.from_bytes(raw[at : at + 4], "little", signed=True) for at in range(0, len(raw), 4)]
    return events.CapsRead(dict(zip(_CAP_NAMES, values, strict=False)), limits.digest(tuple(values)))


def answer(request: Any, told: Any) -> events.DeviceEvent:
    """The answer to one of our requests as an event. One that does not belong to it counts as a refusal; the exchange keeps it back."""
    asked = _NAMES[type(request)]
    event: events.DeviceEvent = events.Refused(asked, "malformed", 0)
    match asked, told:
        case _, messages.Ack():
            event = events.Accepted(asked)
        case _, messages.Nak():
            reason = messages.REASONS[told.reason][0] if told.reason < len(messages.REASONS) else f"reason_{told.reason}"
            event = events.Refused(asked, reason, told.limit)
        case "Hello", messages.Identity():
            event = _identified(told)
        case "GetCaps", messages.Caps():
            event = _caps(told)
        case "Stop", messages.Stopped():
            flags = told.flags
            event = events.ReadBack(
                bool(flags & messages.HEATER_ENABLE),
                bool(flags & messages.MOTOR_ENABLE),
                told.duty_half_pct / 200,
                told.left_dapa / 100,
                told.right_dapa / 100,
                told.cause,
            )
        case "GetCause", messages.Cause():
            event = events.FirstCause(
                told.fault,
                told.uptime_ms,
                told.water1_cdeg / 100,
                told.water2_cdeg / 100,
                told.duty_half_pct / 200,
                told.left_dapa / 100,
                told.right_dapa / 100,
                messages.STATES[told.state],
            )
    return event


def unanswered(request: Any, noise: bool) -> events.Unanswered:
    """A request that nobody answered."""
    return events.Unanswered(_NAMES[type(request)], noise)


def happening(told: Any) -> events.Pressed:
    """EVENT as what it tells."""
    kind = messages.EVENTS[told.kind] if told.kind < len(messages.EVENTS) else f"event_{told.kind}"
    return events.Pressed(kind, told.value)
