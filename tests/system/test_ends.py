"""The end at every question, in a pause and in the finish: by Ctrl-C, by the pain key, by the stop key, in a terminal of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from footctl.run.record import replay
from tests.system.processes import Terminal

pytestmark = pytest.mark.system

PROMPT = '[[phase]]\nkind = "prompt"\ntext = "Sit well."\nconfirm = true\n'
SOAK = '[[phase]]\nkind = "soak"\nwater = "36 C"\nfor = "5 min"\n'
REST = '[[phase]]\nkind = "rest"\nfor = "2 min"\n'

# What is on the screen and what is pressed then, up to the moment of the end.
START, SIT, PUT = (r"Start .*\[Y\]", "y"), (r"\? Sit well.*\[Y\]", "y"), (r"\? Put .*\[Y\]", "y")
MOMENTS = {
    "start": [(START[0], "")],
    "prompt": [START, (SIT[0], "")],
    "feet in": [START, SIT, (PUT[0], "")],
    "dry": [START, SIT, PUT, ("── soak", "k"), (r"\? Take .*\[Y\]", "")],
    "pause": [START, SIT, (PUT[0], "p"), (r"\? Go on.*\[Y\]", "")],
    "finish": [START, ("── rest", "k"), ("── finish", "")],
}
CTRL_C, PAIN, STOP = "\x03", " ", "s"


@pytest.mark.parametrize(
    ("moment", "key"), [*((moment, CTRL_C) for moment in MOMENTS), ("start", PAIN), ("feet in", PAIN), ("finish", PAIN), ("pause", STOP)]
)
def test_an_end_at_every_question_and_in_the_finish(terminal: type[Terminal], tmp_path: Path, moment: str, key: str) -> None:
    path, record = tmp_path / "asking.toml", tmp_path / "record"
    path.write_text('name = "Asking"\ntier = "standard"\n' + (REST if moment == "finish" else PROMPT + SOAK + REST))
    # The finish is over in a fifth of a second of the device's life: slower than life, there is time to press something.
    screen = terminal("run", str(path), "--sim", "--speed", "0.1" if moment == "finish" else "60", "--plain", "--record", str(record))
    for pattern, answer in MOMENTS[moment]:
        screen.until(pattern)
        screen.press(answer)
    screen.press(key)
    if key == PAIN:
        screen.until("Where did it hurt")
        screen.press("q")
    if moment != "start":
        screen.until("How was it")
        screen.press("\x04")  # nothing to say about it
    assert screen.wait() == 6, screen.seen
    assert "everything is off" in screen.seen
    assert ("Pain" if key == PAIN else "Stopped") in screen.seen
    assert replay(record) == []
