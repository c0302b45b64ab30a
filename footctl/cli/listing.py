"""Columns for a person, one JSON document for a program: what every listing prints."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def columns(rows: "Sequence[Sequence[str]]") -> str:
    """Rows with their cells aligned; the last column is as wide as it likes."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in rows)


def document(value: "Any") -> str:
    """One JSON document on one line, UTF-8 as it is."""
    import json

    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def show(rows: "Sequence[dict[str, Any]]", keys: "Sequence[str]", as_json: bool) -> None:
    """Print rows: those keys as columns, or whole as JSON."""
    print(document(list(rows)) if as_json else columns([[str(row[key]) for key in keys] for row in rows]))
    sys.stdout.flush()
