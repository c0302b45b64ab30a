"""Bold, dim and red where a person looks, plain text everywhere else. No meaning rests on colour alone."""

from __future__ import annotations

import os
from typing import TextIO


class Ink:
    """Marks text for one stream: not when it is piped, NO_COLOR is set (no-color.org), or the terminal is dumb."""

    def __init__(self, stream: TextIO) -> None:
        self._on = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def bold(self, text: str) -> str:
        """Headings."""
        return self._mark("1", text)

    def dim(self, text: str) -> str:
        """What matters less."""
        return self._mark("2", text)

    def warn(self, text: str) -> str:
        """What was lowered or waits."""
        return self._mark("33", text)

    def bad(self, text: str) -> str:
        """What was refused or went wrong."""
        return self._mark("31", text)

    def _mark(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._on else text
