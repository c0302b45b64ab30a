"""The water as a curve of braille dots: two points a column, four a row, with the setpoint and its band. Text in, text out.

Different shapes, not colours, tell them apart: dots are the water, a line is the setpoint, a thin dotted line the edge of its band.
"""

from __future__ import annotations

from collections.abc import Sequence

from footctl.screens.live.drawing import FAINT, PLAIN, STRONG, WATER, Piece, Row
from footctl.screens.units import Units

WINDOW_S = 600.0  # host seconds across: long enough to see a preheat rise, short enough to see it hold
LEAST_SPAN_C = 2.0  # smaller, and the noise of a sensor would look like weather
LABEL = 6
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # Unicode's order of the eight dots
BLANK = 0x2800

Point = tuple[float, float, float | None]


def chart(points: Sequence[Point], now: float, band_c: float, units: Units, wide: int, high: int) -> list[Row]:
    """`high` rows of `wide` columns: the last ten minutes, the newest at the right."""
    columns = wide - LABEL
    if columns < 8 or high < 3:
        return []
    shown = [point for point in points if point[0] >= now - WINDOW_S]
    if not shown:
        return [[(" " * LABEL + "no reading yet", FAINT)], *([[("", PLAIN)]] * (high - 1))]
    setpoint = shown[-1][2]
    low, top = _span(shown, setpoint)
    step = (top - low) / (high * 4 - 1)
    cells = _braille(shown, now, low, step, columns, high)
    at = None if setpoint is None else _row(setpoint, low, step, high)
    edges = set() if setpoint is None else {_row(setpoint + side * band_c, low, step, high) for side in (-1, 1)} - {at}
    rows: list[Row] = []
    for row in range(high):
        label = ""
        if row in (0, high - 1) or row == at:
            value = setpoint if row == at and setpoint is not None else top if row == 0 else low
            label = f"{units.of(value):.1f}"
        ground = "─" if row == at else "┈" if row in edges else " "
        rows.append([(f"{label:>{LABEL - 1}} ", STRONG if row == at else FAINT), *_pieces(cells[row], ground)])
    return rows


def _span(shown: Sequence[Point], setpoint: float | None) -> tuple[float, float]:
    """From the lowest to the highest that must be seen, in whole half degrees, so that the picture seldom jumps."""
    values = [point[1] for point in shown] + ([] if setpoint is None else [setpoint - 1.0, setpoint + 1.0])
    low, top = min(values), max(values)
    if top - low < LEAST_SPAN_C:
        middle = (top + low) / 2
        low, top = middle - LEAST_SPAN_C / 2, middle + LEAST_SPAN_C / 2
    return (low * 2) // 1 / 2, -((-top * 2) // 1) / 2


def _row(value: float, low: float, step: float, high: int) -> int:
    """The row in which a value lies; -1 outside."""
    dot = round((value - low) / step)
    return high - 1 - dot // 4 if 0 <= dot < high * 4 else -1


def _braille(shown: Sequence[Point], now: float, low: float, step: float, columns: int, high: int) -> list[list[int]]:
    """A grid of eight dots a cell. Between two points of neighbouring columns the curve is drawn through; a gap stays one."""
    cells = [[0] * columns for _ in range(high)]
    slot_s = WINDOW_S / (columns * 2)
    before: tuple[int, int] | None = None
    first = int(now / slot_s) - columns * 2 + 1  # slots stand still while time goes on, or the whole picture would flicker
    for moment, value, _ in shown:
        x, y = int(moment / slot_s) - first, round((value - low) / step)
        if x < 0 or not 0 <= y < high * 4:
            continue
        start = y if before is None or x - before[0] > 2 else before[1] + (y > before[1]) - (y < before[1])
        for dot in range(min(start, y), max(start, y) + 1):
            cells[high - 1 - dot // 4][min(x, columns * 2 - 1) // 2] |= _DOTS[x % 2][3 - dot % 4]
        before = x, y
    return cells


def _pieces(cells: Sequence[int], ground: str) -> list[Piece]:
    """Runs of curve and of ground."""
    pieces: list[Piece] = []
    for cell in cells:
        text, mark = (chr(BLANK + cell), WATER) if cell else (ground, FAINT)
        if pieces and pieces[-1][1] == mark:
            pieces[-1] = pieces[-1][0] + text, mark
        else:
            pieces.append((text, mark))
    return pieces
