"""The safety case's rows as data: simulator/hazards.toml, read and checked. Knows nothing of how a row is tried."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

HEAT = ("preheat", "feet_in", "soak")
PRESS = ("massage", "rolling", "stretch")
PHASES = (*HEAT, "dry", "prompt", *PRESS, "guided", "rest", "paused")
SETS = {"heat": HEAT, "press": PRESS, "live": HEAT + PRESS}

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Case(BaseModel):
    """One way in which a fault happens: a mishap, and in what time what must follow. None: not demanded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mishap: str
    args: dict[str, float] = Field(default_factory=dict)
    onset: str = "now"
    phases: tuple[str, ...] = ()
    release_s: Seconds | None = None
    heat_s: Seconds | None = None
    abort_s: Seconds | None = None
    end_s: Seconds | None = None
    timer_s: Seconds | None = None
    within_s: Seconds = 60.0  # how long after the longest limit the world is watched
    also: tuple[int, ...] = ()
    harmless: bool = False  # the session goes on as if nothing had happened
    number: int = 0  # of its row

    @property
    def name(self) -> str:
        """As a test names it."""
        args = "".join(f",{name}={value:g}" for name, value in self.args.items())
        return f"F{self.number:02}-{self.mishap}{args}"

    @property
    def longest_s(self) -> float:
        """The longest of its limits."""
        return max((limit for limit in (self.release_s, self.heat_s, self.abort_s, self.end_s) if limit is not None), default=0.0)

    @property
    def demanded(self) -> frozenset[str]:
        """The phases in which its times are demanded."""
        return frozenset(phase for name in self.phases for phase in SETS.get(name, (name,)))

    @property
    def causes(self) -> frozenset[int]:
        """Catalogue numbers that name it."""
        return frozenset((self.number, *self.also))


class Row(BaseModel):
    """One fault of the safety case. See the head of hazards.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[int, Field(ge=1, le=52)]
    fault: str
    hazard: str
    kind: Literal["injected", "start", "elsewhere", "authentication"]
    device: str = ""
    host: str = ""
    reaction: str
    limit: str
    scenario: str = "-"
    tests: tuple[str, ...] = ()
    reason: str = ""
    case: tuple[Case, ...] = ()


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in order of their number. Raises ValueError for a broken file."""
    table = tomllib.loads((files("simulator") / "hazards.toml").read_text("utf-8"))
    for row in table["row"]:
        for case in row.get("case", ()):
            case["number"] = row["number"]
    found = tuple(Row.model_validate(row) for row in table["row"])
    if [row.number for row in found] != list(range(1, 53)):
        raise ValueError("hazards.toml: the rows are F01 to F52, each once and in order")
    return found


def cases() -> tuple[Case, ...]:
    """Every way in which a fault is injected."""
    return tuple(case for row in rows() for case in row.case)
