"""`footctl device conformance` over the air: a device is judged by the same page whatever carries its bytes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.ble.conftest import Massager
from tests.ble.process import Process

Serve = Callable[..., Massager]
Footctl = Callable[..., Process]


def conforms(footctl: Footctl, massager: Massager, *words: str) -> int:
    """How many checks it passed; none may fail."""
    one = footctl("device", "conformance", *massager.device, "--simulator", "--yes", "--json", *words, wait_s=900)
    out, err = one.told()
    assert one.poll() == 0, out + err
    told = json.loads(out)
    assert told["conforms"] is True
    return int(told["passed"])


def test_some_of_it(serve: Serve, footctl: Footctl) -> None:
    assert conforms(footctl, serve("--person", "none", speed=1), "--only", "8.7") == 3


@pytest.mark.soak
def test_all_of_it(serve: Serve, footctl: Footctl) -> None:
    assert conforms(footctl, serve(speed=1)) > 60
