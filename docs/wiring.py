"""The wiring of the Pico W board, drawn from the board's own page of pins. Writes docs/how-to/wiring-pico-w.svg.

    python -m docs.wiring [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.sax.saxutils import escape

from simulator.pico.signals import PINS

FIGURE = Path(__file__).parent / "how-to" / "wiring-pico-w.svg"

WIDTH, ROW, TOP, PICO, BOX = 1240, 24, 92, 130, 430
MIDDLE = WIDTH // 2
SAFE, SENSE, DRIVE, BUS = "#b3261e", "#1a5fb4", "#7a4b00", "#2b7a3d"  # power and what cuts it · what is read · what is driven · buses

# Side, title, colour, (pin of pins.py or text, what is there)
BLOCKS: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("left", "Water sensors · 2 × NTC 10 k, beta 3950, in steel pockets", SENSE, (
        ("WATER1", "inlet: 10 k to 3V3, NTC to ground, 100 nF"), ("WATER2", "far end: the same"))),
    ("left", "Monitor · 74HC4052, one of four signals", SENSE, (
        ("MONITOR", "common"), ("MONITOR_A", "select A"), ("MONITOR_B", "select B"),
        ("", "0 heater current · 10 mΩ, amplifier × 20"), ("", "1 motor current · 20 mΩ, amplifier × 20"),
        ("", "2 carriage · potentiometer, 0 to 250 mm"), ("", "3 half of 3V3 · 2 × 10 k"))),
    ("left", "Load cells · 4 × HX711 at 80 a second, one clock", SENSE, (
        ("CELL_CLOCK", "clock to all four"), ("CELL_DATA 0", "left a"), ("CELL_DATA 1", "left b"),
        ("CELL_DATA 2", "right a"), ("CELL_DATA 3", "right b"))),
    ("left", "Panel · MCP23017 at 0x20, 4.7 k pull-ups", BUS, (
        ("SDA", "data"), ("SCL", "clock"), ("", "A0 level float, closed while there is water"),
        ("", "A1 floor electrode board, low while dry"), ("", "A2 tilt switch, closed while level"),
        ("", "A3–A6 feet: bath left, right, roller left, right; low while there"), ("", "B6 arm button, closed while pressed"),
        ("", "B0–B5 lamps: wait, feet in, feet out, hold, check-in, fault"), ("", "B7 buzzer"))),
    ("right", "Stop button · two contacts, normally closed", SAFE, (
        ("STOP", "one contact to ground: pressed or torn off is high"),
        ("", "the other breaks the coils of both relays: no program in between"))),
    ("right", "Heater · at most 24 V SELV, 200 W", SAFE, (
        ("", "24 V → fuse 10 A → relay → cut-out → thermal fuse → switch → heater"),
        ("HEATER_ENABLE", "MOSFET of the relay's coil, 10 k to ground at its gate"),
        ("", "1N4007 across that coil, its ring to plus"),
        ("HEATER_CONTACT", "optocoupler behind the relay: low while there is voltage"),
        ("HEATER", "gate of the solid-state switch, 10 k to ground"),
        ("", "43 °C cut-out in water, hand reset; thermal fuse at the element"))),
    ("right", "Motors · 12 V through one supply relay", SAFE, (
        ("MOTOR_ENABLE", "MOSFET of the relay's coil, 10 k to ground at its gate"),
        ("", "1N4007 across that coil, its ring to plus"),
        ("MOTOR_CONTACT", "optocoupler behind the relay: low while there is voltage"),
        ("", "then Schottky 5 A towards the bridges, with 470 µF and TVS 15 V"),
        ("", "springs lift the rollers when it opens; end stop at 80 kPa"))),
    ("right", "Drivers · an H-bridge each, with its own diodes", DRIVE, (
        ("CARRIAGE_PWM", "carriage speed"), ("CARRIAGE_UP", "towards the heel"), ("LEFT_PWM", "left press speed"),
        ("LEFT_UP", "presses"), ("RIGHT_PWM", "right press speed"), ("RIGHT_UP", "presses"))),
    ("right", "Pump", DRIVE, (
        ("PUMP", "MOSFET, 10 k to ground at its gate"), ("", "Schottky 3 A across the pump, its ring to plus"),
        ("PUMP_TURNS", "turns, two pulses each, open collector"))),
)  # fmt: skip


def number(name: str) -> int | None:
    """The GPIO of a name on the page; None for a line that is only said."""
    if not name:
        return None
    word, _, index = name.partition(" ")
    pin = PINS[word]
    return int(pin[int(index)] if index else pin)


def drawn() -> set[int]:
    """Every GPIO in the figure."""
    return {pin for _, _, _, rows in BLOCKS for name, _ in rows if (pin := number(name)) is not None}


def figure() -> str:
    """The whole drawing."""
    parts: list[str] = []
    bottoms = {side: _side(side, parts) for side in ("left", "right")}
    height = max(bottoms.values()) + 40
    pico = (
        f'<rect x="{MIDDLE - PICO / 2}" y="{TOP - 14}" width="{PICO}" height="{height - TOP - 22}" rx="10" fill="#eef3ee" stroke="#2b7a3d" '
        f'stroke-width="2"/><text x="{MIDDLE}" y="{TOP + 10}" text-anchor="middle" font-weight="bold">Pico W</text>'
        f'<text x="{MIDDLE}" y="{height - 48}" text-anchor="middle" font-size="11">USB: host and 5 V</text>'
    )
    title = (
        '<text x="24" y="34" font-size="20" font-weight="bold">A foot bath and massager around a Raspberry Pi Pico W</text>'
        '<text x="24" y="56" font-size="13" fill="#444">Every output has a resistor that holds it off; every switch reads the careful '
        "answer when its wire breaks. Extra-low voltage throughout.</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n{title}\n{pico}\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _side(side: str, parts: list[str]) -> int:
    y = TOP
    left = side == "left"
    box = 24 if left else WIDTH - 24 - BOX
    edge = box + BOX if left else box
    pico = MIDDLE - PICO / 2 if left else MIDDLE + PICO / 2
    for of, title, colour, rows in BLOCKS:
        if of != side:
            continue
        height = ROW * (len(rows) + 1) + 6
        parts.append(f'<rect x="{box}" y="{y}" width="{BOX}" height="{height}" rx="6" fill="white" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(f'<text x="{box + 10}" y="{y + 17}" font-weight="bold" fill="{colour}">{escape(title)}</text>')
        for row, (name, words) in enumerate(rows, 1):
            at = y + ROW * row + 14
            parts.append(f'<text x="{box + 10}" y="{at + 4}">{escape(words)}</text>')
            pin = number(name)
            if pin is not None:
                inside, anchor = (pico + 8, "start") if left else (pico - 8, "end")
                parts.append(f'<line x1="{edge}" y1="{at}" x2="{pico}" y2="{at}" stroke="{colour}" stroke-width="1.5"/>')
                parts.append(f'<circle cx="{pico}" cy="{at}" r="3.5" fill="{colour}"/>')
                parts.append(f'<text x="{inside}" y="{at + 4}" text-anchor="{anchor}" font-family="monospace">GP{pin}</text>')
        y += height + 12
    return y


def main(words: list[str]) -> int:
    """Write it, or with --check compare only."""
    text = figure()
    if "--check" in words:
        fresh = FIGURE.exists() and FIGURE.read_text("utf-8") == text
        if not fresh:
            print(f"{FIGURE.name} is stale: python -m docs.wiring", file=sys.stderr)
        return 0 if fresh else 1
    FIGURE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
