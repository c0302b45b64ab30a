"""Where this user's live sessions leave their sockets. Created when first needed, readable by nobody else."""

from __future__ import annotations

import os
import stat
import warnings
from pathlib import Path

from footctl.errors import FootctlError


def runtime_folder() -> Path:
    """This user's folder for sockets, mode 0700. Raises FootctlError when somebody else made it first."""
    import platformdirs

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR platformdirs says that it falls back; that is fine here
        folder = Path(platformdirs.user_runtime_dir("footctl", appauthor=False))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        raise FootctlError(f"{folder} belongs to somebody else", "set XDG_RUNTIME_DIR to a folder of your own")
    if stat.S_IMODE(status.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder
