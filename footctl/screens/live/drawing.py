"""Text with marks, in rows: what every part of the live view is made of. Knows no terminal and no Textual.

A row is a list of pieces, a piece is text and a mark. A mark never carries a meaning that the text does not.
"""

from __future__ import annotations

from typing import TypeAlias

Piece: TypeAlias = tuple[str, str]  # text, mark
Row: TypeAlias = list[Piece]

PLAIN, STRONG, FAINT, GOOD, WARN, BAD, WATER, PRESS, BAR = "", "strong", "faint", "good", "warn", "bad", "water", "press", "bar"
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def length(row: Row) -> int:
    """Columns of a row."""
    return sum(len(text) for text, _ in row)


def cut(text: str, most: int) -> str:
    """`text` in at most `most` columns; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"[: max(0, most)]


def fitted(row: Row, wide: int, fill: str = PLAIN) -> Row:
    """The row in exactly `wide` columns, what is empty marked with `fill`."""
    told: Row = []
    left = wide
    for text, mark in row:
        if len(text) > left:
            told.append((cut(text, left), mark))
            return [*told, (" " * (wide - length(told)), fill)]
        told.append((text, mark))
        left -= len(text)
    return [*told, (" " * left, fill)] if left else told


def ends(left: Row, right: Row, wide: int, fill: str = PLAIN) -> Row:
    """One row at the left end, one at the right; the left one gives way."""
    room = wide - length(right)
    return [*fitted(left, max(0, room - 1), fill), (" ", fill), *right]


def changed(before: Row, after: Row, wide: int) -> tuple[int, int]:
    """The columns, from and to, in which two rows of `wide` columns differ; what changed in the middle of a row is all that is sent."""
    one, other = _letters(fitted(before, wide)), _letters(fitted(after, wide))
    differ = [column for column in range(wide) if one[column] != other[column]]
    return (differ[0], differ[-1] + 1) if differ else (0, 0)


def _letters(row: Row) -> list[tuple[str, str]]:
    return [(letter, mark) for text, mark in row for letter in text]


def wrapped(text: str, wide: int, mark: str = PLAIN, under: str = "  ") -> list[Row]:
    """Text broken between words; what follows the first line is indented, under its own indentation."""
    if len(text) <= wide:
        return [[(text, mark)]]
    rows: list[Row] = []
    line = " " * (len(text) - len(text.lstrip()))
    under = line + under
    for word in text.split():
        if line.strip() and len(line) + 1 + len(word) > wide:
            rows.append([(line, mark)])
            line = under + word
        else:
            line = f"{line} {word}" if line.strip() else line + word
    return [*rows, [(cut(line, wide), mark)]] if line else rows


def bar(part: float, wide: int) -> str:
    """A bar of `wide` columns, `part` of it full; what is over is full, and the text beside it says so."""
    eighths = round(max(0.0, min(part, 1.0)) * wide * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(wide, "·")
