"""Other people's programs to compare with, in an environment of their own that nothing of ours is installed in: `.peers`, made at need."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("FOOTCTL_PEERS", ROOT / ".peers"))
PINNED = Path(__file__).with_name("peers.txt")


@cache
def missing() -> str:
    """Makes the environment; why it could not be made, "" when it is there."""
    stamp = FOLDER / "installed.txt"
    if stamp.exists() and stamp.read_text("utf-8") == PINNED.read_text("utf-8"):
        return ""
    print(f"installing the peers into {FOLDER.name} (once; a minute or two)", file=sys.stderr, flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True, capture_output=True)
        pip = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(PINNED)]
        subprocess.run(pip, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"the peers cannot be installed here: {str(getattr(error, 'stderr', '') or error).strip().splitlines()[-1]}"
    stamp.write_text(PINNED.read_text("utf-8"), "utf-8")
    return ""


def python() -> Path:
    """Their Python."""
    return FOLDER / "bin" / "python"


def program(name: str) -> Path:
    """A command of theirs."""
    return FOLDER / "bin" / name
