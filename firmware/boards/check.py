"""The boards' files against the types of their MicroPython: `python firmware/boards/check.py STUBS`, where STUBS is a folder into which
micropython-rp2-rpi-pico-w-stubs was installed by itself: beside other packages it would take the place of Python's own `time`.

Exit 1 when a file is wrong, and when a deliberately wrong one is not found: then nothing was looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

BOARDS = Path(__file__).resolve().parent
WRONG = "from machine import Pin\n\nPin(1).no_such_thing()\n"


def main(stubs: Path) -> int:
    """Print what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "wrong.py").write_text(WRONG)
        config = {
            "include": [*(str(path) for path in BOARDS.iterdir() if path.is_dir()), folder],
            "extraPaths": [str(BOARDS.parent.parent)],
            "stubPath": str(stubs),
            "typeshedPath": str(stubs),
            "pythonVersion": "3.11",
        }
        page = Path(folder) / "pyrightconfig.json"
        page.write_text(json.dumps(config))
        answer = subprocess.run(
            [sys.executable, "-m", "pyright", "-p", str(page), "--outputjson"], capture_output=True, text=True, check=False
        )
    found = json.loads(answer.stdout)["generalDiagnostics"]
    wrong = [row for row in found if row["severity"] == "error" and str(BOARDS) in row["file"]]
    for row in wrong:
        print(f"{row['file']}:{row['range']['start']['line'] + 1}: {row['message']}")
    if not any("no_such_thing" in row["message"] for row in found):
        print("pyright did not find the mistake that was put there for it: does it see the stubs?")
        return 1
    print(f"pyright: {len(wrong)} errors in the boards' files")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
