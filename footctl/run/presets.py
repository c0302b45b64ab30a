"""Programs by preset name or by path: reads the file, nothing else. What it says is judged in the core; the file is never written."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from footctl.core.profile import MAX_BYTES, Profile, parse_program
from footctl.errors import ProfileError

_HINT = "`footctl programs list` shows the presets; a path must end in .toml or have a folder in front, as ./mine"


def load_program(name_or_path: str) -> Profile:
    """The program of that preset name, or in that file. Raises ProfileError."""
    if _is_path(name_or_path):
        return parse_program(_read(Path(name_or_path)), name_or_path)
    for preset in _presets():
        if preset.name == f"{name_or_path}.toml":
            return parse_program(preset.read_bytes(), name_or_path)
    names = [preset.name.removesuffix(".toml") for preset in _presets()]
    near = get_close_matches(name_or_path, names, 1, 0.5)
    known = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    raise ProfileError(f"{name_or_path!r} is no preset; {known}", _HINT)


def list_programs() -> list[dict[str, Any]]:
    """The presets in order of name, a row each: `name` (what to type), `title`, `tier`, `summary`, `for_whom`, `not_for`, `based_on`."""
    rows = []
    for preset in _presets():
        name = preset.name.removesuffix(".toml")
        profile = parse_program(preset.read_bytes(), name)
        rows.append(
            {
                "name": name,
                "title": profile.name,
                "tier": profile.tier,
                "summary": profile.summary or "",
                "for_whom": profile.for_whom,
                "not_for": profile.not_for,
                "based_on": profile.based_on,
            }
        )
    return rows


def _presets() -> Iterator[Traversable]:
    found = [entry for entry in files("profiles").iterdir() if entry.name.endswith(".toml")]
    return iter(sorted(found, key=lambda entry: entry.name))


def _is_path(text: str) -> bool:
    return not text or "/" in text or "\\" in text or text.endswith(".toml") or text in (".", "..")


def _read(path: Path) -> bytes:
    """At most one byte more than a program may have: a huge file, or an endless device, is not read to its end."""
    try:
        if path.exists() and not path.is_file():
            what = "a directory" if path.is_dir() else "not a regular file"
            raise ProfileError(f"{path}: is {what}; name a program file", _HINT)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ProfileError(f"{path}: there is no such file", _HINT) from None
    except PermissionError:
        raise ProfileError(f"{path}: you may not read it", "ask its owner, or `chmod u+r` when it is yours") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise ProfileError(f"{str(path)!r}: cannot be read: {getattr(error, 'strerror', None) or error}", _HINT) from None
