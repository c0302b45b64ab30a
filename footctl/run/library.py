"""Programs that a person took in: files in this user's data folder, by name, beside the presets. Nothing in them is ever executed.

Only what was read, judged and confirmed gets here; it is judged again each time that it is used. Names of presets cannot be taken.
"""

import os
import re
import sys

from footctl.errors import FootctlError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def folder() -> str:
    """Where they are, whether it exists or not. Without platformdirs on Linux, where a listing would pay for it more than for all else."""
    named = os.environ.get("FOOTCTL_DATA_DIR")
    if named:
        data = os.path.expanduser(named)
    elif sys.platform == "linux":
        base = os.environ.get("XDG_DATA_HOME", "").strip()
        data = os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.local/share"), "footctl")
    else:
        import platformdirs

        data = platformdirs.user_data_dir("footctl", appauthor=False)
    return os.path.join(data, "programs")


def programs() -> dict[str, str]:
    """Name to path, in order of name."""
    place = folder()
    try:
        entries = sorted(os.listdir(place))
    except OSError:
        return {}
    names = [entry.removesuffix(".toml") for entry in entries if entry.endswith(".toml")]
    return {name: os.path.join(place, f"{name}.toml") for name in names if NAME.fullmatch(name)}


def name_for(title: str, taken: "Collection[str]") -> str:
    """A name made from a program's title, none of those that are taken."""
    words = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:36].strip("-") or "program"
    return f"{words}-2" if words in taken else words


def checked(name: str, taken: "Collection[str]") -> str:
    """The name, if it may be taken. Raises UsageError."""
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a program", "small letters, digits and hyphens, like sunday-feet: --as NAME")
    if name in taken:
        raise UsageError(f"{name} is a preset; its name cannot be taken", "another name: --as NAME")
    return name


def keep(name: str, text: bytes, replace: bool = False) -> str:
    """Store a program under a name: whole or not at all, readable by this user alone. The path. Raises UsageError, FootctlError."""
    from footctl.run.places import data_folder

    try:
        place = data_folder() / "programs"
        place.mkdir(mode=0o700, exist_ok=True)
        path = place / f"{name}.toml"
        if path.exists() and not replace:
            hint = f"it was left alone; another name: --as NAME, or --replace; see it: footctl programs show {name}"
            raise UsageError(f"{name} is there already", hint)
        half = place / f".{name}.{os.getpid()}"
        with open(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except OSError as error:
        hint = "nothing was stored; is the disk full, or the folder somebody else's?"
        raise FootctlError(f"{folder()}: {error.strerror}", hint) from error
    return str(path)


def remove(name: str) -> None:
    """Forget a program. Raises UsageError when there is none."""
    path = programs().get(name)
    if path is None:
        raise UsageError(f"{name!r} is no program of yours", "footctl programs list shows them below the presets")
    try:
        os.remove(path)
    except OSError as error:
        raise FootctlError(f"{path}: {error.strerror}", "it was left alone") from error
