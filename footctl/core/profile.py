"""A program file: TOML text in; a frozen Profile out, or one ProfileError with every mistake.

It knows the absolute caps and those of the file's own tier, no person and no device; those come with the plan. It opens no file:
`source` is only what errors name. Shared programs are data: nothing in one is ever executed.
"""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, model_validator

from footctl.core.fields import (
    Feet,
    Line,
    MassageTime,
    OtherTime,
    Pressure,
    PressureRamp,
    Scene,
    SoakTime,
    Strict,
    Text,
    Water,
    WaterRamp,
    Zones,
    gate_of,
    wrong,
)
from footctl.core.profile_errors import line_of, not_toml, report, shown
from footctl.core.quantities import show_time
from footctl.errors import ProfileError, harmless

MAX_BYTES = 64 * 1024
MAX_LINE = 1000  # tomllib takes quadratic time over a dotted key, so no key may be as long as a file [CALC]
MAX_PHASES = 64
# C1 controls, line and paragraph separators, bidirectional overrides: TOML allows them in comments, where they could show 40 C as 30 C
_HIDDEN = re.compile("[\x80-\x9f\u2028-\u202e\u2066-\u2069]")

BOTH = frozenset(("left", "right"))


class _Phase(Strict):
    name: Line | None = None
    scene: Scene | None = None


class SoakPhase(_Phase):
    """Feet in warm water. The clock runs only while the water is in band and the feet are in; `ramp` acts while feet are in."""

    kind: Literal["soak"]
    water: Water
    for_s: SoakTime = Field(alias="for")
    ramp: WaterRamp | None = None
    bubbles: bool = False


class PromptPhase(_Phase):
    """Something to read: until confirmed, or for a time when `confirm = false`."""

    kind: Literal["prompt"]
    text: Text
    confirm: bool = True
    for_s: OtherTime | None = Field(default=None, alias="for")

    @model_validator(mode="after")
    def _ends(self) -> PromptPhase:
        if self.confirm and self.for_s is not None:
            raise wrong("has confirm and `for`; a confirmed prompt takes as long as it takes, so leave `for` out or write confirm = false")
        if not self.confirm and self.for_s is None:
            raise wrong('would never end; write confirm = true or how long it stays, as for = "30 s"')
        return self


class MassagePhase(_Phase):
    """The roller on `zones` of `feet`. `speed` in percent of the device's fastest stroke."""

    kind: Literal["massage"]
    technique: Literal["kneading", "rolling", "circular", "press"]
    zones: Zones
    pressure: Pressure
    for_s: MassageTime = Field(alias="for")
    speed: int = Field(default=40, ge=1, le=100)
    ramp: PressureRamp | None = None
    feet: Feet = BOTH


class StretchPhase(_Phase):
    """Stretching, by the device where it has the technique, guided by hand otherwise. Without `pressure` as gentle as any tier may."""

    kind: Literal["stretch"]
    for_s: MassageTime = Field(alias="for")
    zones: Zones = frozenset(("toes",))
    pressure: Pressure | None = None
    speed: int = Field(default=20, ge=1, le=100)
    feet: Feet = BOTH
    text: Text = "Bend your toes gently up with your hand, hold ten seconds, let go; then down. One foot after the other."


class GuidedPhase(_Phase):
    """The program times and tells; the person does it, with hands, a ball, a towel."""

    kind: Literal["guided"]
    text: Text
    for_s: OtherTime = Field(alias="for")


class RestPhase(_Phase):
    """Nothing presses and nothing heats."""

    kind: Literal["rest"]
    for_s: OtherTime = Field(alias="for")
    text: Text = "Rest. Breathe slowly."


Phase: TypeAlias = SoakPhase | PromptPhase | MassagePhase | StretchPhase | GuidedPhase | RestPhase
PHASES: dict[str, type[Strict]] = {
    "soak": SoakPhase,
    "prompt": PromptPhase,
    "massage": MassagePhase,
    "stretch": StretchPhase,
    "guided": GuidedPhase,
    "rest": RestPhase,
}


def _some(value: object) -> object:
    if isinstance(value, list) and not 1 <= len(value) <= MAX_PHASES:
        raise wrong(f"has {len(value)} phases; allowed are 1 to {MAX_PHASES}")
    return value


class Profile(Strict):
    """A program. `tier` is the loosest one that it may be run in; people in a stricter tier get their own caps, or a refusal.

    `salt`: Epsom salt in the soak; how much is said for the basin's litres. `scene` names a scene, here from the start, in a phase from
    that phase on. What it does is the owner's to say; here it is a word.
    """

    name: Line
    summary: Text | None = None
    tier: Literal["standard", "sensitive", "no_soak"]
    oil: Literal["lavender", "peppermint", "eucalyptus"] | None = None
    salt: bool = False
    scene: Scene | None = None
    author: Line | None = None
    license: Line | None = None
    version: int = Field(default=1, ge=1, le=1_000_000)
    for_whom: Text | None = None
    not_for: Text | None = None
    based_on: Text | None = None
    phases: Annotated[tuple[Annotated[Phase, Field(discriminator="kind")], ...], BeforeValidator(_some)] = Field(
        alias="phase", strict=False, json_schema_extra={"minItems": 1, "maxItems": MAX_PHASES}
    )

    _source: str = PrivateAttr(default="")
    _text: str = PrivateAttr(default="")

    @property
    def source(self) -> str:
        """The file's path or the preset's name, as errors name it."""
        return self._source

    @property
    def text(self) -> str:
        """The file's text as it was read."""
        return self._text

    @property
    def program(self) -> str:
        """The short name: the file's name without folder and ending."""
        return harmless(self._source.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".toml"))


def parse_program(data: bytes | str, source: str) -> Profile:
    """The program in a file's content. Raises ProfileError that names `source`, line, key, value and what is allowed, for every mistake."""
    text = _decoded(data, source)
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ProfileError(f"{source}: is nested too deeply", _HINT) from None
    except ValueError as error:  # TOMLDecodeError is one; an integer of thousands of digits is another
        raise ProfileError(not_toml(source, text, str(error)), _HINT) from None
    try:
        tier = table.get("tier")
        profile = Profile.model_validate(table, context={"tier": tier if isinstance(tier, str) else None})
    except ValidationError as error:
        raise ProfileError(report(source, text, error.errors(include_url=False), PHASES, Profile), _HINT) from None
    beyond = _beyond(profile)
    if beyond:
        lines = [f"{source}:{line_of(text, ['phase', index, 'for'])}: phase {index + 1}: for: {words}" for index, words in beyond]
        raise ProfileError("\n".join(lines), _HINT)
    profile._source = source
    profile._text = text
    return profile


_HINT = "the file was left as it is; `footctl programs show evening-unwind` shows one that works"


def _decoded(data: bytes | str, source: str) -> str:
    size = len(data)
    if size > MAX_BYTES:
        raise ProfileError(f"{source}: has more than {MAX_BYTES // 1024} KB, the most a program file may have", _HINT)
    try:
        text = data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1 if isinstance(data, bytes) else 0
        raise ProfileError(f"{source}:{line}: is not UTF-8 text (byte 0x{error.object[error.start]:02x})", _HINT) from None
    text = text.removeprefix("\ufeff")  # some editors put a mark in front
    if not text.strip():
        raise ProfileError(f"{source}: is empty; a program has at least name, tier and one [[phase]]", _HINT)
    for number, row in enumerate(text.split("\n"), 1):
        if _HIDDEN.search(row):
            raise ProfileError(f"{source}:{number}: {shown(row)} has characters that a terminal obeys, or that turn text round", _HINT)
        if len(row) > MAX_LINE:
            raise ProfileError(f"{source}:{number}: {shown(row)} has more than {MAX_LINE} characters, the most a line may have", _HINT)
    return text


def _beyond(profile: Profile) -> list[tuple[int, str]]:
    """Totals beyond the caps of the file's own tier: the phase that passes the cap, and words."""
    gate = gate_of(profile.tier)
    sums = {"soak_time": 0.0, "massage_foot left": 0.0, "massage_foot right": 0.0, "massage_total": 0.0, "session_time": 0.0}
    caps = {key: gate.cap(key.split()[0]) for key in sums}
    over: dict[str, int] = {}
    for index, phase in enumerate(profile.phases):
        seconds = phase.for_s or 0.0
        sums["session_time"] += seconds
        if isinstance(phase, SoakPhase):
            sums["soak_time"] += seconds
        elif isinstance(phase, MassagePhase | StretchPhase):
            sums["massage_total"] += seconds * len(phase.feet)
            for side in phase.feet:
                sums[f"massage_foot {side}"] += seconds
        for key, total in sums.items():
            if total > caps[key].value:
                over.setdefault(key, index)
    return [
        (index, f"{_TOTALS[key]} takes {show_time(sums[key])}; allowed are {show_time(caps[key].value)} in all ({caps[key].rule})")
        for key, index in over.items()
    ]


_TOTALS = {
    "soak_time": "all soaking together",
    "massage_foot left": "all massage of the left foot",
    "massage_foot right": "all massage of the right foot",
    "massage_total": "all massage, each foot counted,",
    "session_time": "the whole program",
}
