"""The plain view says each thing once, in words, and survives whatever the stream does."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
import threading
from typing import Any

import pytest

from footctl.core.plan import Limited
from footctl.core.view import Outcome, Question
from footctl.screens.paper import WAITING_MAX, Paper
from footctl.screens.plain import KEYS, Plain, clock_words, status
from tests.rim.views import a_plan, a_sample, a_view, an_identity


def told(*views: Any, **options: Any) -> list[str]:
    lines: list[str] = []
    plain = Plain(lines.append, **options)
    for view in views:
        plain(view)
    return lines


def test_header_once_with_every_difference() -> None:
    lowered = Limited("soak", "water °C", 40.0, 36.0, "tier sensitive", "[ENG]")
    refused = Limited("soak", "phase kind", "soak", None, "tier no_soak", "it burns [S]")
    plan = a_plan(lowered=(lowered,), refused=(refused,), notes=("wash your feet",))
    lines = told(a_view(plan=plan), a_view(plan=plan, now=100.1))
    assert lines[0] == "Evening · about 20 min · tier standard · simulator SIM-0001 (5.0 L, 500 W, 2 zones)"
    assert "  soak: water 40 → 36 °C (tier sensitive)" in lines
    assert "  refused: no soak: it burns" in lines
    assert "  wash your feet" in lines
    assert lines.count(KEYS) == 1


def test_no_keys_are_offered_where_none_are_read() -> None:
    assert KEYS not in told(a_view(), keys=False)


def test_one_line_a_second_and_a_heading_a_phase() -> None:
    views = [a_view(now=100 + tick / 5) for tick in range(11)] + [a_view(now=102.2, step=1)]
    lines = told(*views)
    assert sum("water 37.9 → 38.0 °C" in line for line in lines) == 4
    assert "── soak · 12:00 · 38.0 °C" in lines
    assert "── arch · 4:00 · kneading 15 → 30 kPa" in lines


def test_the_line_says_what_is_not_known() -> None:
    assert "no readings" in status(a_view(sample=None))
    assert "no readings for 2.5 s" in status(a_view(sample_age_s=2.5))
    nothing = a_sample(water_c=None, water2_c=None, left_kpa=None, setpoint_c=None)
    blind = status(a_view(sample=nothing, phase_left_s=None, holding="too cold"))
    assert "  – " in blind
    assert "0.0 °C" not in blind
    assert blind.endswith("(too cold)")


def test_questions_are_asked_when_they_come_and_again_when_a_yes_counts() -> None:
    early = Question("feet_in", "Put both feet in.", 99.0, ready=False, why_not="no foot is seen")
    ready = Question("feet_in", "Put both feet in.", 99.0)
    check = Question("check_in", "All well?", 120.0, deadline=180.0)
    lines = told(a_view(question=early), a_view(question=early, now=101), a_view(question=ready, now=102), a_view(question=check, now=120))
    asked = [line for line in lines if line.startswith("  ?")]
    assert asked == ["  ? Put both feet in. (no foot is seen)", "  ? Put both feet in.  [Y]", "  ? All well?  [Y within 60 s]"]


def test_softer_is_confirmed_with_what_it_came_to() -> None:
    plan = a_plan(limits={"pressure_max": 50_000})
    lines = told(*(a_view(plan=plan, step=1, asked_kpa=kpa) for kpa in (30.0, 25.0, 25.0)))
    assert lines.count("  softer: now up to 25 kPa, gentle, 50 % of your limit") == 1


def test_a_notice_is_told_again_when_it_comes_again() -> None:
    lines = told(a_view(warnings=("stir",)), a_view(warnings=("stir", "wait")), a_view(warnings=("stir", "wait", "stir")))
    assert lines.count("  ! stir") == 2


def test_texts_and_warnings_are_told_once() -> None:
    lines = told(a_view(step=2, warnings=("stir",)), a_view(step=2, warnings=("stir",)))
    assert lines.count("   Warm the oil.") == 1
    assert lines.count("  ! stir") == 1


def test_the_end_says_peaks_and_read_back() -> None:
    good = Outcome("completed", "all phases done", off_confirmed=True)
    bad = Outcome("link_lost", "the cable", hint="look at it", off_confirmed=False)
    lines = told(a_view(outcome=good), a_view(outcome=good))
    assert sum(line.startswith("Completed: all phases done") for line in lines) == 1
    assert any("peak water 38.0 °C" in line and "dose 0.012" in line for line in lines)
    assert any("everything is off" in line for line in lines)
    lines = told(a_view(outcome=bad, water_max_c=None))
    assert any("NOT CONFIRMED" in line for line in lines)
    assert "  look at it" in lines
    assert any(line.startswith("Link lost") for line in lines)


def test_a_reason_that_names_its_kind_is_not_said_twice() -> None:
    assert "Stopped (Ctrl-C)" in told(a_view(outcome=Outcome("stopped", "stopped (Ctrl-C)", off_confirmed=True)))


def test_a_real_device_is_not_called_a_simulator() -> None:
    assert "device SIM-0001" in told(a_view(identity=an_identity(simulator=0)))[0]
    assert "SIM" not in told(a_view(identity=None))[0]


def test_a_kitchen_timer() -> None:
    assert [clock_words(seconds) for seconds in (-3, 0, 59.6, 61, 3600)] == ["0:00", "0:00", "1:00", "1:01", "60:00"]


class Stuck(io.StringIO):
    """A terminal that somebody stopped with Ctrl-S."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def write(self, text: str) -> int:
        self.gate.wait(5.0)
        return super().write(text)


def test_a_stuck_stream_holds_nobody_up() -> None:
    stream = Stuck()
    paper = Paper(stream)
    for number in range(WAITING_MAX + 50):
        paper.line(str(number))
    paper.drain(timeout=0.01)
    paper.close(timeout=0.01)
    stream.gate.set()
    paper.close()
    assert stream.getvalue().startswith("0\n1\n")
    assert str(WAITING_MAX + 40) not in stream.getvalue()


def test_lines_come_out_in_order() -> None:
    stream = io.StringIO()
    paper = Paper(stream)
    paper.line("one")
    paper.line("two")
    paper.drain()
    assert stream.getvalue() == "one\ntwo\n"
    paper.close()


def on_a_terminal(columns: int, text: str) -> list[str]:
    """What the other end of a terminal gets."""
    far, near = pty.openpty()
    try:
        fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with os.fdopen(near, "w") as stream:
            paper = Paper(stream)
            paper.line(text)
            paper.close()
            return os.read(far, 4096).decode().splitlines()
    finally:
        os.close(far)


def test_a_terminal_gets_lines_that_break_between_words() -> None:
    lines = on_a_terminal(40, "  fill the basin to the mark with wrist-warm water: then it is ready soon")
    assert lines == ["  fill the basin to the mark with", "    wrist-warm water: then it is ready", "    soon"]


@pytest.mark.parametrize("columns", [0, 20, 90])
def test_a_line_that_fits_and_a_terminal_without_a_size_are_left_alone(columns: int) -> None:
    text = "  " + "water " * 14 + "."
    assert on_a_terminal(columns, text) == [text]


def test_a_closed_stream_is_no_error() -> None:
    stream = io.StringIO()
    stream.close()
    paper = Paper(stream)
    paper.line("x")
    paper.drain()
    assert paper.closed
    paper.line("y")
    paper.close()


def test_what_the_proof_waits_for_is_said_once() -> None:
    waits = a_view(plan=a_plan(), state="proving", step=None, holding="hold the device's button for three seconds")
    lines = told(a_view(plan=a_plan(), state="proving", step=None, holding=""), waits, waits)
    assert [line for line in lines if "button" in line] == ["  ? Hold the device's button for three seconds"]
