"""A massager whose bytes travel over a bad wire before they reach the radio: `main(words)` in a process of its own."""

from __future__ import annotations

import json
import secrets

from footctl.run.keys import simulator_key
from footctl.run.places import runtime_folder
from simulator.board import Access
from simulator.peripheral import Peripheral
from simulator.serve import serve
from simulator.world import World


def main(words: list[str]) -> int:
    """Words: a transport, the name of a wire in simulator.world.WIRES, a speed."""
    transport, wire, speed = words
    world = World(wire=wire, speed=int(speed), access=Access(1, simulator_key(), secrets.token_bytes(32)), arms=True)
    peripheral = Peripheral(world.board.spec.serial, transport)
    serve(world, int(speed), runtime_folder(), ble=peripheral, ready=lambda address: print(json.dumps({"address": address}), flush=True))
    return 0
