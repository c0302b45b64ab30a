"""`footctl sim serve --ble vhci`: the simulator on this machine's own Bluetooth, without a radio. Only where there is a kernel for it.

First of this folder, and without the air of the others: the adapter that it makes has to be the only one.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.ble.conftest import BENCH, SLOWER, until
from tests.ble.process import Forge, Process

if BENCH == "bluez":
    from tests.ble import bluez

    def test_a_session_over_this_machines_own_bluetooth(forge: Forge, tmp_path: Path) -> None:
        served = Process(forge, ("sim", "serve", "--ble", "vhci", "--json"), tmp_path)
        try:
            until(lambda: served.told()[0] or served.poll() is not None, "the massager is served")
            assert json.loads(served.told()[0])["serial"] == "SIM-0001", served.told()
            until(bluez.powered, "bluetoothd has switched the new adapter on")
            seen = Process(forge, ("devices", "--json"), tmp_path)
            assert seen.wait(60.0 * SLOWER) == 0, seen.told()
            assert "Footbath-0001" in seen.told()[0]
            session = Process(forge, ("set", "--pressure", "12kPa", "--for", "15s", "--ble", "SIM-0001", "--yes", "--json"), tmp_path)
            code, told, err = session.result(60.0 * SLOWER)
            assert (code, told["outcome"]) == (0, "completed"), (told, err)
            served.signal(signal.SIGTERM)
            assert served.wait(30.0 * SLOWER) == 0, served.told()
        finally:
            served.end()
