"""Where this user's live sessions leave their sockets, and where persons and the journal are kept. Readable by nobody else."""

from __future__ import annotations

import os
import stat
import warnings
from pathlib import Path

from footctl.errors import FootctlError, UsageError

DATA_DIR = "FOOTCTL_DATA_DIR"


def runtime_folder() -> Path:
    """This user's folder for sockets, mode 0700. Raises FootctlError when somebody else made it first."""
    import platformdirs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR platformdirs says that it falls back; that is fine here
        folder = Path(platformdirs.user_runtime_dir("footctl", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _own(folder, folder.lstat(), "set XDG_RUNTIME_DIR to a folder of your own")


def data_folder() -> Path:
    """This user's folder for data, mode 0700; FOOTCTL_DATA_DIR names another one. Raises FootctlError, or OSError when it cannot be made.

    A folder that FOOTCTL_DATA_DIR names and that was there before keeps its mode: it may serve for more than this. Files in it are 0600.
    """
    named = os.environ.get(DATA_DIR)
    if named:
        folder = Path(named).expanduser()
    else:
        import platformdirs

        folder = Path(platformdirs.user_data_dir("footctl", appauthor=False))
    was_there = folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _own(folder, folder.stat(), f"set {DATA_DIR} to a folder of your own", tighten=not (named and was_there))


def _own(folder: Path, status: os.stat_result, hint: str, tighten: bool = True) -> Path:
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        raise FootctlError(f"{folder} belongs to somebody else", hint)
    if tighten and stat.S_IMODE(status.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def write_private(name: str, text: str) -> None:
    """A new file that only this user may read. Raises UsageError when it is there already or cannot be made; nothing is overwritten."""
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{name} is there already", "it was left alone; name another file") from None
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}", "name a file in a folder that you may write to") from error
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise UsageError(f"{name}: {error.strerror}", "is the disk full? nothing was left behind") from error
