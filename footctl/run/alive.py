"""Is the process that runs a session still there? A locked file a session: the lock goes with the process, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

FOLDER = "live"


class Alive:
    """Held while a session runs. `journal`: its file, beside which the locks are; a folder that cannot be written holds nothing."""

    def __init__(self, journal: Path, session: str) -> None:
        self._path = _path(journal, session)
        self._descriptor: int | None = None
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            _lock(self._descriptor)

    def close(self) -> None:
        """The session is over."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            with contextlib.suppress(OSError):
                self._path.unlink()


def is_alive(journal: Path, session: str) -> bool:
    """True while somebody holds it. What a dead process left behind is cleared away."""
    path = _path(journal, session)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        if not _lock(descriptor):
            return True
    finally:
        os.close(descriptor)
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return True  # Windows: a file that somebody has open cannot go
    return False


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _path(journal: Path, session: str) -> Path:
    return journal.parent / FOLDER / session
