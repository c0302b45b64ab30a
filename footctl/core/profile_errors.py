"""A program file's mistakes in words: file, line, key, value, what is allowed. Lines are looked for only when there is something to say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

MOST_SHOWN = 40  # a file of nothing but mistakes should not fill a screen twice
_PHASE = re.compile(r"\s*\[\[\s*(?:phase|\"phase\"|'phase')\s*\]\]")
_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")


def not_toml(source: str, text: str, message: str) -> str:
    """What tomllib said, with the line where it says it."""
    match = _AT_LINE.search(message)
    lines = text.rstrip().split("\n")
    number = min(int(match[1]), len(lines)) if match else len(lines)
    line = shown(lines[number - 1].strip())
    message = message[: match.start()] if match else message.removesuffix(" (at end of document)")
    if message == "Cannot overwrite a value":
        return f"{source}:{number}: {line} gives a key a second time; give each key once"
    return f"{source}:{number}: {line} is not TOML: {message}"


def report(source: str, text: str, errors: Sequence[Any], phases: Mapping[str, type[BaseModel]], top: type[BaseModel]) -> str:
    """All of pydantic's errors, one a line."""
    found = []
    for error in errors[:MOST_SHOWN]:
        path = [part for part in error["loc"] if part not in phases or not _is_tag(error["loc"], part)]
        if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
            path.append("kind")
        words = _words(error, path, _allowed_keys(error["loc"], phases, top))
        found.append((line_of(text, path), f"{_key(path)} {words}"))
    lines = [f"{source}:{number}: {words}" for number, words in sorted(found, key=lambda item: item[0])]
    if len(errors) > MOST_SHOWN:
        lines.append(f"{source}: and {len(errors) - MOST_SHOWN} more")
    return "\n".join(lines)


def flagged(errors: Sequence[Any], flags: Mapping[str, str]) -> dict[str, str]:
    """The errors of a phase that was made from a command's flags, by flag; `flags` names the one that each key came from."""
    return {(flag := flags[error["loc"][0]]): f"{flag} {_words(error, error['loc'], ()).removeprefix('= ')}" for error in errors}


def shown(value: object) -> str:
    """A value as the file may have it, short and without control characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = value if value.isprintable() else repr(value)[1:-1]
        return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    return str(value)[:60]


def line_of(text: str, path: Sequence[object]) -> int:
    """The line where the last part of the path that can be found stands; lines count from 1."""
    lines = text.split("\n")
    first, last = 0, len(lines)
    keys = [str(part) for part in path if isinstance(part, str)]
    starts = [number for number, line in enumerate(lines) if _PHASE.match(line)]
    if path[0] != "phase":
        last = starts[0] if starts else last
    elif len(path) > 1 and isinstance(path[1], int) and path[1] < len(starts):
        first = starts[path[1]]
        last = starts[path[1] + 1] if path[1] + 1 < len(starts) else last
        keys = keys[1:]
    for key in reversed(keys):
        pattern = re.compile(rf"(?:^|[\s{{,.\[\"']){re.escape(key)}[\"']?\s*[=.\]]")
        for number in range(first, last):
            if pattern.search(lines[number].split("#", 1)[0]):
                return number + 1
    return first + 1


def _is_tag(loc: Sequence[object], part: object) -> bool:
    """The kind that pydantic puts behind a phase's position."""
    return len(loc) > 2 and loc[0] == "phase" and loc[2] == part


def _key(path: Sequence[object]) -> str:
    if path[0] == "phase" and len(path) > 1 and isinstance(path[1], int):
        rest = ".".join(_bare(part) for part in path[2:])
        return f"phase {path[1] + 1}{': ' + rest if rest else ''}"
    return ".".join(_bare(part) for part in path)


def _bare(part: object) -> str:
    text = str(part)
    return text if text.isprintable() and len(text) <= 60 else shown(text)


def _allowed_keys(loc: Sequence[object], phases: Mapping[str, type[BaseModel]], top: type[BaseModel]) -> list[str]:
    model = phases.get(str(loc[2]), top) if len(loc) > 2 and loc[0] == "phase" else top
    if len(loc) > 4:
        return ["from", "to"]
    return [field.alias or name for name, field in model.model_fields.items()]


_TYPES = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "bool_type": "must be true or false",
    "tuple_type": "must be [[phase]] tables",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
}


def _words(error: Any, path: Sequence[object], keys: Sequence[str]) -> str:
    kind, value = error["type"], error["input"]
    context = error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = get_close_matches(str(path[-1])[:60], keys, 1)
        return f"is an unknown key; {f'did you mean {near[0]}? ' if near else ''}allowed are {', '.join(keys)}"
    if kind == "union_tag_not_found":
        return f"is missing; write one of {', '.join(_KINDS)}"
    if kind == "union_tag_invalid":
        tag = value["kind"]
        near = get_close_matches(tag[:60], _KINDS, 1) if isinstance(tag, str) else []
        return f"= {shown(tag)} is not known{f', did you mean {near[0]}?' if near else ''}; allowed are {', '.join(_KINDS)}"
    given = f"= {shown(value)}"
    if kind == "footctl":
        return str(error["msg"]) if isinstance(value, Mapping | BaseModel | list) else f"{given} {error['msg']}"
    if kind == "literal_error":
        return f"{given} is not known; allowed are {context['expected']}"
    if kind == "string_too_long":
        return f"{given} is too long; allowed are {context['max_length']} characters"
    if kind == "greater_than_equal":
        return f"{given} is too small; allowed is {context['ge']} or more"
    if kind == "less_than_equal":
        return f"{given} is too large; allowed is {context['le']} or less"
    return f"{given} {_TYPES.get(kind) or error['msg']}"


_KINDS = ("soak", "prompt", "massage", "stretch", "guided", "rest")
