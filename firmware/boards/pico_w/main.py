"""The board's program. MicroPython starts it at power-up; everything else is compiled, which leaves the compiler's memory to the mind.

To get at the board instead (flash, calibrate), hold its arm button while power comes on: then nothing of it runs.
"""

import gc

gc.threshold(2048)  # often while files are loaded: then what lives for good lies close together, without holes

from life import main  # noqa: E402

main()
