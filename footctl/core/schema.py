"""The JSON Schema of a program file, made from the models that judge it: for editors, and for whoever writes programs with a program.

It knows shapes, units and names. Caps depend on the tier, so they are told by `footctl programs check`, not by the schema.
"""

from __future__ import annotations

from typing import Any

from footctl.core.profile import Profile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def program_schema() -> dict[str, Any]:
    """The schema as plain values."""
    made = Profile.model_json_schema(by_alias=True)
    about = {"title": "A footctl program", "description": "One TOML file: what to do with two feet, and for how long."}
    return {"$schema": DIALECT, **made, **about}
