"""Runs in the peers' environment: lewis' Julabo bath, heating and circulating, so many of its cycles for each number on standard input."""

import json
import logging
import sys
import time

from lewis.core.simulation import SimulationFactory

STEP_S = 0.05  # as long as a tick of ours

logging.disable()
simulation = SimulationFactory("lewis.devices").create("julabo")
simulation.cycle_delay = 0
simulation._running = True  # without start(), which would pace itself by the wall clock
simulation._device.set_set_point(38.0)
simulation._device.set_circulating(1)
for line in sys.stdin:
    begun = time.process_time()
    for _ in range(int(line)):
        simulation._process_cycle(STEP_S)
    print(json.dumps(time.process_time() - begun), flush=True)
