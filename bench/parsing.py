"""A program file of thirty phases: parsed and judged, against tomllib alone on the same text.

    python -m bench.parsing [--blocks N]
"""

from __future__ import annotations

import argparse
import time
import tomllib

from bench.blocks import Row, Timed, measure, ratio, typical, us
from footctl.core.profile import parse_program

SOAK = '[[phase]]\nkind = "soak"\nname = "Warm water {n}"\nwater = "38 C"\nramp = "1 C/min"\nfor = "1 min"\n\n'
KNEAD = (
    '[[phase]]\nkind = "massage"\nname = "Arch {n}"\ntechnique = "kneading"\nzones = ["arch", "heel"]\n'
    'pressure = {{ from = "10 kPa", to = "20 kPa" }}\nspeed = 40\nfor = "30 s"\n\n'
)
REST = '[[phase]]\nkind = "rest"\nname = "Rest {n}"\ntext = "Breathe slowly."\nfor = "20 s"\n\n'
PROGRAM = 'name = "Thirty phases"\nsummary = "For a figure."\ntier = "standard"\n\n' + "".join(
    (SOAK, KNEAD, REST)[number % 3].format(n=number) for number in range(30)
)


def tomllib_alone(number: int) -> list[float]:
    """The floor."""
    took = []
    for _ in range(number):
        begun = time.perf_counter()
        tomllib.loads(PROGRAM)
        took.append(time.perf_counter() - begun)
    return took


def whole(number: int) -> list[float]:
    """Text to Profile."""
    took = []
    for _ in range(number):
        begun = time.perf_counter()
        parse_program(PROGRAM, "thirty.toml")
        took.append(time.perf_counter() - begun)
    return took


def rows(blocks: int = 15, runs: int = 40) -> list[Row]:
    """Measure."""
    candidates: list[Timed] = [tomllib_alone, whole]
    floor, ours = measure(candidates, blocks, runs)
    seen = f"{us(typical(ours))} to {us(typical(floor))}"
    return [Row("parse and validate 30 phases", "tomllib alone", ratio(ours, floor), 1.5, 1.1, seen)]


def main(argv: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=15)
    print("\n".join(str(row) for row in rows(parser.parse_args(argv).blocks)))


if __name__ == "__main__":
    main()
