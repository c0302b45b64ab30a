"""`footctl device calibrate`: two water sensors against a thermometer at two temperatures, four load cells at zero and with a weight.

Over the cable and with the program not running, because calibration is on no wire: nobody in range can change what a device believes.
What cannot be true is refused here, and again by the device.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass

from firmware.device import calibration, sensors
from firmware.device.body import Body
from footctl.cli import remote
from footctl.errors import DeviceRefused, UsageError

SCANS = 40
MEASURE = f"""
from board import Board, describe
from time import sleep_ms
body, board, sums = describe(), Board(), [0] * 6
for n in range({SCANS}):
    for _ in range(4):
        board.often(0)
        sleep_ms(12)
    i = board.scan()
    for at, value in enumerate((i.water1_adc, i.water2_adc, i.left_a, i.left_b, i.right_a, i.right_b)): sums[at] += value
print('MEASURED', *sums)
"""
KEEP = """
import flash
for count, copy in {copies!r}: flash.keep('calibration', copy, count)
print('KEPT')
"""
COUNT = """
import flash, struct
print('COUNT', max([struct.unpack('<I', c[1:5])[0] for c in flash.copies('calibration') if len(c) > 5] + [0]))
"""
COOL_C = (10.0, 25.0)  # what the thermometer may read
WARM_C = (35.0, 41.0)  # hotter water may open the thermal cut-out, which somebody has to reset [ENG]
WEIGHT_KG = (0.5, 6.0)  # on one roller: more is more than the device may ever press [ENG]
APART_C = 15.0  # the two temperatures, at least: otherwise an error of the gain hides [ENG]
GAIN_C = 0.3  # what the two offsets of a sensor may differ by: more is no offset but another sensor [ENG]
ROLLER_M2 = 0.001  # the print of a roller, 10 cm2; a kilogram on it is 9.8 kPa [CALC]
GRAVITY = 9.80665
CELLS = ("left a", "left b", "right a", "right b")


@dataclass(slots=True)
class Reading:
    """Means over SCANS: degrees of the two sensors as the table says, counts of the four cells."""

    water_c: tuple[float, float]
    cells: tuple[float, float, float, float]


def configure(parser: argparse.ArgumentParser) -> None:
    """Flags of `footctl device calibrate`."""
    parser.add_argument("--port", metavar="PORT", required=True, help="the board's serial port; hold its arm button while you plug it in")
    parser.add_argument("--weight", type=float, metavar="KG", default=2.0, help="the weight for the load cells (default: 2 kg)")
    parser.add_argument("--only", choices=("water", "cells"), help="calibrate just these; the others keep what they have")


def run(args: argparse.Namespace) -> int:
    """Ask, measure, compute, keep."""
    if not WEIGHT_KG[0] <= args.weight <= WEIGHT_KG[1]:
        raise UsageError(
            f"--weight {args.weight:g}: between {WEIGHT_KG[0]:g} and {WEIGHT_KG[1]:g} kg", "more is more than the device may ever press"
        )
    board = remote.Board(args.port)
    body = Body()
    if args.only is not None:
        _read_back(board, body)
    if args.only != "cells":
        body.water_offset_cdeg = _water(board)
    if args.only != "water":
        body.cell_zero, body.cell_pa = _cells(board, round(args.weight, 3))
    if not calibration.plausible(body):
        raise DeviceRefused("the device would not believe this calibration; nothing was changed", "begin again")
    _keep(board, body)
    board.reset()
    offsets = ", ".join(f"{offset / 100:+.2f} °C" for offset in body.water_offset_cdeg)
    print(f"kept, twice: water {offsets}; cells {', '.join(f'{pa / 1000:.1f} Pa a count' for pa in body.cell_pa)}")
    return 0


def _keep(board: remote.Board, body: Body) -> None:
    """Both copies, one after the other, newer than what is there."""
    count = int(_line(board.run(COUNT), "COUNT")[0])
    copies = [(number, calibration.pack(body, number)) for number in (count + 1, count + 2)]
    _line(board.run(KEEP.format(copies=copies)), "KEPT")


def _water(board: remote.Board) -> tuple[int, int]:
    """Offsets of both sensors, from two temperatures."""
    points = []
    for words, (least_c, most_c) in (("cool", COOL_C), ("warm", WARM_C)):
        print(f"Fill in {words} water, {least_c:g} to {most_c:g} °C, and stir it by hand for a minute.")
        true_c = _number("What does your thermometer read, in °C? ", least_c, most_c)
        points.append((true_c, _measure(board).water_c))
    if points[1][0] - points[0][0] < APART_C:
        raise DeviceRefused(
            f"the two temperatures are less than {APART_C:.0f} °C apart; nothing was changed", "begin again with warmer water"
        )
    offsets = []
    for number in (0, 1):
        cold, warm = (true_c - read[number] for true_c, read in points)
        if abs(warm - cold) > GAIN_C:
            raise DeviceRefused(
                f"water sensor {number + 1} is off by {cold:+.2f} °C in cool and by {warm:+.2f} °C in warm water; nothing was changed",
                "that is no offset: is it an NTC of 10 k with beta 3950, and its divider 10 k?",
            )
        offset = round((cold + warm) * 50)
        least, most = calibration.WATER_OFFSET_CDEG
        if not least <= offset <= most:
            raise DeviceRefused(
                f"water sensor {number + 1} is off by {offset / 100:+.2f} °C, more than {most / 100:.0f} °C; nothing was changed",
                "look at its plug and at the thermometer, or replace it",
            )
        offsets.append(offset)
    return offsets[0], offsets[1]


def _cells(board: remote.Board, weight_kg: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Zeros and pascals a count, in thousandths, of the four cells."""
    _number("Nothing on the rollers, nothing touching them. Type 0 and Enter when it is so. ", 0, 0)
    zeros = _measure(board).cells
    least, most = calibration.CELL_ZERO
    for name, zero in zip(CELLS, zeros, strict=True):
        if not least <= zero <= most:
            raise DeviceRefused(
                f"cell {name} reads {zero:.0f} counts unloaded; nothing was changed", f"within {most} is good: look how it is mounted"
            )
    scales: list[int] = []
    for side in ("left", "right"):
        question = f"Put {weight_kg:g} kg on the {side} roller, in its middle. Type {weight_kg:g} and Enter when it is there. "
        _number(question, weight_kg, weight_kg, "another weight is told beforehand: --weight KG; begin again")
        loaded = _measure(board).cells
        pressure_pa = weight_kg * GRAVITY / ROLLER_M2
        for number in (0, 1) if side == "left" else (2, 3):
            counts = loaded[number] - zeros[number]
            scale = round(pressure_pa * 1000 / counts) if counts > 1 else 0
            if not calibration.CELL_PA[0] <= scale <= calibration.CELL_PA[1]:
                raise DeviceRefused(
                    f"cell {CELLS[number]} moved by {counts:.0f} counts under {weight_kg:g} kg; nothing was changed",
                    "half to twice its nominal 50 Pa a count is good: is the weight on it, and is it wired the right way round?",
                )
            scales.append(scale)
    return tuple(round(zero) for zero in zeros), tuple(scales)


def _measure(board: remote.Board) -> Reading:
    sums = [int(word) / SCANS for word in _line(board.run(MEASURE), "MEASURED")]
    for number in (0, 1):
        if not sensors.HOTTEST_COUNTS <= sums[number] <= sensors.COLDEST_COUNTS:
            raise DeviceRefused(
                f"water sensor {number + 1} reads {sums[number]:.0f} counts: open or short; nothing was changed", "look at its plug"
            )
    return Reading((_celsius(sums[0]), _celsius(sums[1])), (sums[2], sums[3], sums[4], sums[5]))


def _celsius(counts: float) -> float:
    low = int(counts)
    return (sensors.ntc_cdeg(low) + (sensors.ntc_cdeg(low + 1) - sensors.ntc_cdeg(low)) * (counts - low)) / 100


def _read_back(board: remote.Board, body: Body) -> None:
    """What the board has now."""
    code = "from board import describe\nb = describe()\nprint('HAS', *b.cell_pa, *b.cell_zero, *b.water_offset_cdeg)"
    numbers = tuple(int(word) for word in _line(board.run(code), "HAS"))
    body.cell_pa, body.cell_zero, body.water_offset_cdeg = numbers[:4], numbers[4:8], numbers[8:]


def _line(text: str, word: str) -> list[str]:
    for line in text.splitlines():
        if line.split(" ")[0] == word:
            return line.split()[1:]
    raise DeviceRefused(
        f"the board did not answer as ours does: {text.strip()[-80:]!r}", "put our firmware on it first: footctl device flash"
    )


def _number(question: str, least: float, most: float, hint: str = "begin again") -> float:
    """What a person types, from `least` to `most`. Anything else ends the calibration: a second thought must not be half a first one."""
    print(question, end="", flush=True)
    typed = sys.stdin.readline().strip()
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        number = math.nan
    if not least <= number <= most:  # nan neither
        wanted = f"{least:g}" if least == most else f"a number from {least:g} to {most:g}"
        raise UsageError(f"{repr(typed) if typed else 'nothing'} was typed, not {wanted}; nothing was changed", hint)
    return number
