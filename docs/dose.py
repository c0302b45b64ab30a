"""The figure of the heat dose: times to harm as published, beside what CEM43 says. Writes docs/explanation/dose.svg.

    python -m docs.dose [--check]
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

from footctl.core.dose import cem43
from footctl.core.person import TIERS

FIGURE = Path(__file__).parent / "explanation" / "dose.svg"

# °C, seconds to the first lasting damage, seconds to damage through the whole skin. Moritz and Henriques 1947, as reproduced at
# antiscald.com (information_id=15); 44 °C from Wikipedia as quoted. Labels are often misread: Martin and Falder, Burns 2017;43:1624-39.
PUBLISHED: tuple[tuple[float, float | None, float], ...] = (
    (44, None, 6 * 3600), (45, 2 * 3600, 3 * 3600), (47, 1200, 2700), (48, 900, 1200), (49, 480, 600), (51, 120, 252),
    (55, 17, 30), (60, 3, 5),
)  # fmt: skip
HARM = 720.0  # CEM43 of 44 °C for 6 h, of 45 °C for 3 h and of 47 °C for 45 min
LEAST_HARM = 320.0  # the lowest of the published first lasting damage, 45 to 51 °C
BUDGETS = tuple((f"{name} budget", TIERS[name].caps["thermal_dose"] / 1000) for name in ("standard", "sensitive"))

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 440, 70, 40, 150, 50
LEAST_C, MOST_C = 36.0, 61.0
LEAST_S, MOST_S = 1.0, 1e6


def seconds_to(dose: float, celsius: float) -> float:
    """How long at `celsius` until `dose` is reached, in seconds."""
    return dose * 60 / cem43([(60.0, celsius)])


def _x(celsius: float) -> float:
    return LEFT + (celsius - LEAST_C) / (MOST_C - LEAST_C) * (WIDTH - LEFT - RIGHT)


def _y(seconds: float) -> float:
    part = math.log(seconds / LEAST_S) / math.log(MOST_S / LEAST_S)
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def _curve(name: str, dose: float, colour: str, dash: str = "") -> list[str]:
    points = [(tenth / 10, seconds_to(dose, tenth / 10)) for tenth in range(round(LEAST_C * 10), round(MOST_C * 10) + 1)]
    inside = [(celsius, seconds) for celsius, seconds in points if LEAST_S <= seconds <= MOST_S]
    path = " ".join(f"{_x(celsius):.1f},{_y(seconds):.1f}" for celsius, seconds in inside)
    celsius = 54.0 if dose == HARM else 38.0  # where there is room
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>',
        _text(_x(celsius) + 8, _y(seconds_to(dose, celsius)) - 8, f"{name}: {dose:g}"),
    ]


def figure() -> str:
    """The whole picture."""
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Time to harm in hot water: published, and as CEM43</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 22, "Time in hot water: published burns (dots) and equal CEM43 (lines, equivalent minutes at 43 °C)"),
    ]
    for celsius in range(36, 62, 4):
        out.append(f'<line x1="{_x(celsius):.1f}" x2="{_x(celsius):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(_text(_x(celsius), HEIGHT - BOTTOM + 18, f"{celsius} °C", "middle"))
    marks = ((1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (86400, "1 day"), (1e6, "12 days"))
    for seconds, words in marks:
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(seconds):.1f}" y2="{_y(seconds):.1f}" stroke="#ddd"/>')
        out.append(_text(LEFT - 8, _y(seconds) + 4, words, "end"))
    out += _curve("harm", HARM, "#b00020")
    for (name, dose), colour in zip(BUDGETS, ("#0057b8", "#007a5a"), strict=True):
        out += _curve(name, dose, colour, "6 4")
    for celsius, first_s, through_s in PUBLISHED:
        if first_s is not None:
            out.append(f'<circle cx="{_x(celsius):.1f}" cy="{_y(first_s):.1f}" r="4" fill="#fff" stroke="#b00020" stroke-width="2"/>')
        out.append(f'<circle cx="{_x(celsius):.1f}" cy="{_y(through_s):.1f}" r="4" fill="#b00020"/>')
    out.append(_text(LEFT, HEIGHT - 12, "○ first lasting damage   ● through the skin   (Moritz and Henriques 1947, as reproduced)"))
    return "\n".join([*out, "</svg>"]) + "\n"


def main(words: list[str]) -> int:
    """Write the figure; with --check compare only, 1 when it is stale."""
    text = figure()
    if FIGURE.exists() and FIGURE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in words:
        print("stale: dose.svg; python -m docs.dose writes it again", file=sys.stderr)
        return 1
    FIGURE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
