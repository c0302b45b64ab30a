"""The board's main.py from its first line on, with 0x03 on the cable all the while and pins as another program left them: run under real
MicroPython by test_life. In the MicroPython subset.
"""

import builtins
import sys

import pins
from pinwire import line

DRIVEN = (pins.HEATER, pins.HEATER_ENABLE, pins.MOTOR_ENABLE, pins.PUMP, pins.CARRIAGE_UP, pins.LEFT_UP, pins.RIGHT_UP)
MOTORS = (pins.CARRIAGE_PWM, pins.LEFT_PWM, pins.RIGHT_PWM)
HEATS_AND_MOVES = 0
for one in DRIVEN:
    HEATS_AND_MOVES |= 1 << one


BUILT_IN = ("gc", "micropython")  # no file is read for these


class Keyboard:
    """In place of the module `micropython`: who sends `char` interrupts the program."""

    char = 3

    def kbd_intr(self, char):
        self.char = char


keyboard = Keyboard()
sys.modules["micropython"] = keyboard
plain = builtins.__import__
broken = []
off = []


def everything_runs():
    line.out_levels = HEATS_AND_MOVES
    for pin in MOTORS:
        line.duties[pin] = 65535


def all_off():
    return not line.out_levels & HEATS_AND_MOVES and not [pin for pin in MOTORS if line.duties[pin]]


def meanwhile(name, *rest):
    """A byte arrives while `name` is imported."""
    if name not in BUILT_IN and keyboard.char == 3:
        raise KeyboardInterrupt
    if name == "life":
        off.append(all_off())
    if name in broken:
        raise ImportError(name)
    return plain(name, *rest)


def start():
    """What ended it."""
    keyboard.char = 3
    builtins.__import__ = meanwhile
    try:
        with open(MAIN) as file:
            exec(file.read(), {})  # noqa: S102  # as MicroPython does
    except BaseException as error:
        return type(error)
    finally:
        builtins.__import__ = plain
    return None


MAIN = sys.argv[1]

# A page of the program is damaged: the prompt, for whoever flashes it anew.
everything_runs()
broken.append("life")
assert start() is ImportError
assert off.pop() and all_off(), "off before anything else"
broken.clear()

# The arm button is held: the prompt, and Ctrl-C works there.
line.switches = 0xFFFF & ~(1 << pins.ARM)
everything_runs()
assert start() is None
assert keyboard.char == 3, "whoever holds the arm button may interrupt"
assert off.pop() and all_off()

# What makes the board fails: off, the words, and anew.
line.switches = 0xFFFF
import life  # noqa: E402


def damaged():
    everything_runs()
    raise ValueError("damaged")


def noted(name, error):
    said.append((name, str(error), all_off()))


said = []
life.Board = damaged
life.flash.keep_first = noted
assert start() is SystemExit, "a reset"
assert keyboard.char == -1, "0x03 is data while the program runs"
assert said == [("last-words.txt", "damaged", True)], said
assert all_off()
print("done")
