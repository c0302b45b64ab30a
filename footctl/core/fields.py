"""The types of a program file's values: text with a unit, lists of names, printable text. Each says what is allowed when it refuses.

Values are checked against the absolute caps and those of the file's own tier, which the validation's context names. No person, no device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from firmware_protocol.messages import ZONES
from footctl.core import quantities
from footctl.core.caps import Gate, Layer
from footctl.core.person import TIERS
from footctl.core.profile_errors import shown
from footctl.core.quantities import Kind, QuantityError


def wrong(text: str) -> PydanticCustomError:
    """A mistake in the file, in words."""
    return PydanticCustomError("footctl", "{text}", {"text": text})


def gate_of(tier: object) -> Gate:
    """The gate of a file's own tier; of the absolute caps alone when there is no such tier."""
    return _gate(tier if isinstance(tier, str) and tier in TIERS else None)


@lru_cache(maxsize=len(TIERS) + 1)
def _gate(tier: str | None) -> Gate:
    """A gate never changes, and one has a look at every cap there is: made once, not for every value of a file."""
    return Gate(()) if tier is None else Gate((Layer(f"tier {tier}", TIERS[tier].caps, TIERS[tier].sources),))


class Quantity:
    """Marks a float that stands in the file as text with a unit, at most a cap and at least another one."""

    def __init__(self, kind: Kind, unit: str, cap: str, least: str | None = None) -> None:
        self.kind = kind
        self.unit = unit
        self.cap = cap
        self.least = least

    def check(self, value: object, info: ValidationInfo) -> float:
        """The number in the house's unit."""
        try:
            number = quantities.read(self.kind, value)
        except QuantityError as error:
            raise wrong(str(error)) from None
        tier = info.context.get("tier") if info.context else None
        gate = gate_of(tier)
        low = gate.cap(self.least).value if self.least else 0.0
        high = gate.cap(self.cap)
        where = f"in tier {tier}" if tier in TIERS else "at all"
        if high.value < max(low, 0.001):
            raise wrong(f"is not allowed {where}; leave the phase out")
        if low <= number <= high.value:
            return number
        allowed = f"allowed {where}: {self._show(low)} to {self._show(high.value)}"
        if number > high.value:
            hint = f"; if that is Fahrenheit, write {number:g} F" if self.kind is quantities.WATER and number >= 80 else ""
            raise wrong(f"is beyond the cap ({high.rule}); {allowed}{hint}")
        raise wrong(f"is below the least; {allowed}")

    def _show(self, value: float) -> str:
        return quantities.show_time(value) if self.unit == "s" else f"{value:g} {self.unit}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": self.kind.pattern, "examples": [self.kind.example]}


class Names:
    """Marks a set of names that stands in the file as a list, each name once."""

    def __init__(self, allowed: tuple[str, ...], example: str) -> None:
        self.allowed = allowed
        self.example = example

    def check(self, value: object) -> frozenset[str]:
        """The names as a set."""
        if not isinstance(value, list) or not value:
            raise wrong(f"is not a list of names; write {self.example}")
        for item in value:
            if item not in self.allowed:
                raise wrong(f"has {shown(item)}; allowed are {', '.join(self.allowed)}")
        if len(set(value)) < len(value):
            raise wrong("names something twice; name each once")
        return frozenset(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "array", "items": {"enum": list(self.allowed)}, "minItems": 1, "uniqueItems": True}


def _printable(text: str) -> str:
    if not text.strip():
        raise wrong("is empty; write some text or leave the key out")
    if not all(letter.isprintable() or letter == "\n" for letter in text):
        raise wrong("has control characters; a terminal would obey them")
    return text


Line: TypeAlias = Annotated[str, Field(max_length=80), AfterValidator(_printable)]
Text: TypeAlias = Annotated[str, Field(max_length=600), AfterValidator(_printable)]

SCENE_PATTERN = "^[a-z0-9][a-z0-9-]{0,39}$"


def _scene(text: str) -> str:
    if not re.fullmatch(SCENE_PATTERN, text):
        raise wrong('is no scene; write a short name of small letters, digits and hyphens, as "lights-low"')
    return text


Scene: TypeAlias = Annotated[str, AfterValidator(_scene), WithJsonSchema({"type": "string", "pattern": SCENE_PATTERN})]

Water: TypeAlias = Annotated[float, Quantity(quantities.WATER, "C", "water_setpoint_max", "water_setpoint_min")]
WaterRamp: TypeAlias = Annotated[float, Quantity(quantities.WATER_RAMP, "C/min", "water_ramp")]
PressureValue: TypeAlias = Annotated[float, Quantity(quantities.PRESSURE, "kPa", "pressure_max")]
PressureRamp: TypeAlias = Annotated[float, Quantity(quantities.PRESSURE_RAMP, "kPa/s", "pressure_ramp")]
SoakTime: TypeAlias = Annotated[float, Quantity(quantities.DURATION, "s", "soak_time")]
MassageTime: TypeAlias = Annotated[float, Quantity(quantities.DURATION, "s", "massage_foot")]
OtherTime: TypeAlias = Annotated[float, Quantity(quantities.DURATION, "s", "session_time")]

Zones: TypeAlias = Annotated[frozenset[str], Names(ZONES, '["arch", "heel"]')]
Feet: TypeAlias = Annotated[frozenset[str], Names(("left", "right"), '["left", "right"]')]


class Strict(BaseModel):
    """No conversions, no unknown keys, no changes afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class PressureRange(Strict):
    """Peak contact pressure at the start and at the end of a phase, kPa."""

    start_kpa: PressureValue = Field(alias="from")
    end_kpa: PressureValue = Field(alias="to")

    @model_validator(mode="after")
    def _presses(self) -> PressureRange:
        if self.start_kpa == self.end_kpa == 0:
            raise wrong("presses nothing; write more than 0 kPa or leave it out")
        return self


def _range(value: object, handler: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, Mapping):
        return handler(value)
    try:
        return handler({"from": value, "to": value})
    except ValidationError as error:
        raise wrong(str(error.errors()[0]["msg"])) from None


_TEXT = {"type": "string", "pattern": quantities.PRESSURE.pattern, "examples": [quantities.PRESSURE.example]}
_TABLE = {"type": "object", "properties": {"from": _TEXT, "to": _TEXT}, "required": ["from", "to"], "additionalProperties": False}
Pressure: TypeAlias = Annotated[PressureRange, WrapValidator(_range), WithJsonSchema({"anyOf": [_TEXT, _TABLE]})]
