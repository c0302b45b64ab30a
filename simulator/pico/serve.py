"""The board's own program behind a pseudo-terminal, in real time: its bytes go straight to the port, its pins to the simulated water."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from firmware.device.body import Body
from firmware.image import PROGRAM
from simulator import channel
from simulator.carriers import check_place, open_pty
from simulator.pico.process import HEAP, Live, furnish
from simulator.serve import Server, until_signal
from simulator.world import World

if TYPE_CHECKING:
    from firmware.device.device import Device


def serve_board(
    world: World,
    folder: Path,
    pty: Path,
    *,
    about: Mapping[str, Any],
    ready: Callable[[str], None],
    flash: Path | None = None,
    script: str | None = None,
) -> None:
    """Serve until a signal or `quit`. `folder` is for the control channel; `flash` the board's files, if they are to stay as they are left.

    `script`: what MicroPython runs instead of the board's program; then `flash` is taken as it is found.
    """
    check_place(pty)
    channel.nobody_else(folder, pty)
    with tempfile.TemporaryDirectory() as made:
        files = Path(made) if flash is None else flash
        if script is None:
            furnish(files, Body() if not list(files.glob("calibration.*")) else None)
        cable = open_pty(pty)
        os.set_blocking(cable.fd, True)
        try:
            live = Live(files, cable.fd, world.seed, HEAP, script or PROGRAM)
        except BaseException:
            cable.close()
            raise
        world.board.device = cast("Device", live)
        server = Server(world, 1, {**about, "link": "pty", "address": str(pty)})
        with until_signal(server):
            try:
                server.open_door(folder)
                server.watch(live.fd, live.swap)
                ready(str(pty))
                server.run()
            finally:
                server.close()
                live.close()
                cable.close()
