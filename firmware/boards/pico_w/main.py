"""The board's program. MicroPython starts it at power-up; everything else is compiled, which leaves the compiler's memory to the mind.

To get at the board instead (flash, calibrate), hold its arm button while power comes on: then nothing of it runs.
"""

import gc

import micropython

micropython.kbd_intr(-1)  # 0x03 is data on this cable, and a host that speaks while files are loaded must not end it

import outputs  # noqa: E402

outputs.off()  # after a soft reset pins are as they were left
gc.threshold(2048)  # often while files are loaded: then what lives for good lies close together, without holes

from life import main  # noqa: E402

main()
