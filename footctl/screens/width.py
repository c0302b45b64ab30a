"""How wide a stream's terminal is, and lines that break between words there. Knows nothing of what they say."""

from __future__ import annotations

import os
import textwrap
from typing import TextIO

NARROW = 30  # columns; a terminal that says less, or nothing, may break lines itself


def columns(stream: TextIO) -> int | None:
    """Columns of the terminal behind `stream` now; None for a file, a pipe, or a terminal that does not know."""
    if not stream.isatty():
        return None
    wide = os.get_terminal_size(stream.fileno()).columns
    return None if wide < NARROW else wide


def broken(text: str, wide: int | None) -> str:
    """`text` in lines of at most `wide` columns; what follows the first one is indented under it."""
    if wide is None or len(text) <= wide:
        return text
    under = " " * (len(text) - len(text.lstrip()) + 2)
    return textwrap.fill(text, wide, subsequent_indent=under, break_on_hyphens=False)
