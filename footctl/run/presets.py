"""Programs by name (those that ship, then those taken in) or by path: reads the file, nothing else.

What it says is judged in the core; the file is never written.
"""

import os

from footctl.errors import ProfileError
from footctl.run import library

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from footctl.core.profile import Profile

MAX_READ = 64 * 1024 + 1  # one more than profile.MAX_BYTES, which refuses it
_HINT = "`footctl programs list` shows the presets; a path must end in .toml or have a folder in front, as ./mine"


def load_program(name_or_path: str) -> "Profile":
    """The program of that name, or in that file. Raises ProfileError."""
    from footctl.core.profile import parse_program

    return parse_program(read_program(name_or_path), name_or_path)


def read_program(name_or_path: str) -> bytes:
    """The text of that program, or of that file, as it is. Raises ProfileError."""
    if _is_path(name_or_path):
        return _read(name_or_path)
    presets = _presets()
    if name_or_path in presets:
        return _read(presets[name_or_path])
    taken_in = library.programs()
    if name_or_path in taken_in:
        return _read(taken_in[name_or_path])
    from difflib import get_close_matches

    names = [*presets, *taken_in]
    near = get_close_matches(name_or_path, names, 1, 0.5)
    known = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
    raise ProfileError(f"{name_or_path!r} is no program here; {known}", _HINT)


def list_programs() -> "list[dict[str, Any]]":
    """The presets in order of name, a row each: `name` (what to type), `title`, `tier`, `summary`, `for_whom`, `not_for`, `based_on`.

    Read as TOML, not judged: a list must not wait for pydantic, and every preset that ships is judged by a test.
    """
    return [_row(name, path) for name, path in _presets().items()]


def list_taken_in() -> "list[dict[str, Any]]":
    """The programs that this user took in, rows as those of the presets. One that cannot be read any more says so in its summary."""
    rows = []
    for name, path in library.programs().items():
        try:
            rows.append(_row(name, path))
        except (ProfileError, ValueError, KeyError) as error:
            summary = f"wrong: footctl programs check {name} ({type(error).__name__})"
            rows.append({"name": name, "title": name, "tier": "?", "summary": summary})
    return rows


def _row(name: str, path: str) -> "dict[str, Any]":
    import tomllib

    table = tomllib.loads(_read(path).decode())
    row = {"name": name, "title": table["name"], "tier": table["tier"], "summary": table.get("summary", "")}
    return row | {key: table.get(key) for key in ("for_whom", "not_for", "based_on")}


def _presets() -> dict[str, str]:
    """Name to path, in order. The package's own folder: importlib.resources would take longer to import than all presets to read."""
    import profiles

    folder = profiles.__path__[0]
    return {entry.removesuffix(".toml"): os.path.join(folder, entry) for entry in sorted(os.listdir(folder)) if entry.endswith(".toml")}


def _is_path(text: str) -> bool:
    return not text or "/" in text or "\\" in text or text.endswith(".toml") or text in (".", "..")


def _read(path: str) -> bytes:
    """At most one byte more than a program may have: a huge file, or an endless device, is not read to its end."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            what = "a directory" if os.path.isdir(path) else "not a regular file"
            raise ProfileError(f"{path}: is {what}; name a program file", _HINT)
        with open(path, "rb") as file:
            return file.read(MAX_READ)
    except FileNotFoundError:
        raise ProfileError(f"{path}: there is no such file", _HINT) from None
    except PermissionError:
        raise ProfileError(f"{path}: you may not read it", "ask its owner, or `chmod u+r` when it is yours") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise ProfileError(f"{path!r}: cannot be read: {getattr(error, 'strerror', None) or error}", _HINT) from None
