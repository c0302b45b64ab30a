"""A program as data, written anew: the values of its file and nothing else. No comment, no layout, nothing that a reader cannot see.

The reverse of `tomllib` for the shapes that a right program has: text, numbers, switches, lists of text, one table for a pressure.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any


def written(profile_text: str) -> str:
    """The TOML text of a program that was found right, without comments; quantities stay as their author wrote them."""
    table = tomllib.loads(profile_text.removeprefix("\ufeff"))
    phases = table.pop("phase")
    lines = [_line(key, value) for key, value in table.items()]
    for phase in phases:
        lines += ["", "[[phase]]", *(_line(key, value) for key, value in phase.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    return f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_line(key, inner) for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)  # a basic string, an integer and a boolean of TOML have the same form
