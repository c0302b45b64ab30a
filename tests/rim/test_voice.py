"""The platform's voice: the real espeak-ng makes sound; what hangs, fails or is missing is told once and holds nobody up."""

from __future__ import annotations

import shutil
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from footctl.run import voice
from footctl.run.voice import COMMANDS, REMEDY, WAITING_MAX, Voice, command


def spoken(words: tuple[str, ...], sentences: list[tuple[str, bool]], finish_s: float = 20.0) -> list[str]:
    told: list[str] = []
    one = Voice(words, told.append)
    for sentence, urgent in sentences:
        one.say(sentence, urgent)
    one.close(finish_s)
    assert not one._thread.is_alive()
    return told


def writes(path: Path, wait_s: float = 0.0) -> tuple[str, ...]:
    """A voice that writes down what it would say."""
    script = f"import sys, time; text = sys.stdin.read(); time.sleep({wait_s}); open({str(path)!r}, 'a').write(text)"
    return (sys.executable, "-c", script)


def test_espeak_ng_says_it(tmp_path: Path, must_have: Callable[[object, str], None]) -> None:
    must_have(shutil.which("espeak-ng"), "espeak-ng")
    lengths = []
    for text in ("Press Y to start.", "Put both feet in the water, which has 38 degrees Celsius. -w is no option here."):
        path = tmp_path / f"{len(lengths)}.wav"
        assert spoken((*COMMANDS["linux"][0], "-w", str(path)), [(text, False)]) == []
        with wave.open(str(path)) as sound:
            lengths.append(sound.getnframes() / sound.getframerate())
            assert max(sound.readframes(sound.getnframes())) > 0
    assert 0.5 < lengths[0] < lengths[1] < 15


def test_no_loudspeaker_is_told_once(must_have: Callable[[object, str], None]) -> None:
    must_have(shutil.which("espeak-ng"), "espeak-ng")
    told = spoken((*COMMANDS["linux"][0], "-d", "no-such-loudspeaker"), [("one", False), ("two", False)])
    assert len(told) == 1
    assert told[0].startswith("the voice cannot be heard: espeak-ng: ")


@pytest.mark.parametrize(
    ("platform", "there", "first"),
    [
        ("linux", {"espeak-ng", "espeak"}, "espeak-ng"),
        ("linux", {"espeak"}, "espeak"),
        ("freebsd", {"espeak"}, "espeak"),
        ("darwin", {"say", "espeak-ng"}, "say"),
        ("win32", {"powershell"}, "powershell"),
        ("linux", set(), None),
        ("win32", {"espeak-ng"}, None),
    ],
)
def test_which_voice(platform: str, there: set[str], first: str | None) -> None:
    words = command(platform, lambda name: name if name in there else None)
    assert (words[0] if words else None) == first
    assert "footctl" not in REMEDY.get(platform, "")


def test_in_order_and_what_is_too_late_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "said"
    said = [(f"sentence {number}", False) for number in range(WAITING_MAX + 5)]
    assert spoken(writes(path, 0.01), said) == []
    lines = path.read_text().splitlines()
    assert lines[-WAITING_MAX:] == [text for text, _ in said[-WAITING_MAX:]]
    assert len(lines) <= WAITING_MAX + 1


def test_what_is_urgent_cuts_off_what_is_not(tmp_path: Path) -> None:
    path = tmp_path / "said"
    one = Voice(writes(path, 30.0), lambda told: None)
    one.say("a long story")
    end = time.monotonic() + 10
    while one._speaking is None and time.monotonic() < end:
        time.sleep(0.005)
    begun = time.monotonic()
    one._words = list(writes(path))
    one.say("and more of it")
    one.say("Stopping.", urgent=True)
    one.close(20.0)
    assert time.monotonic() - begun < 15
    assert path.read_text() == "Stopping.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("/no/such/voice",), "No such file"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with code 3"),
        ((sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit('no tongue')"), "no tongue"),
    ],
)
def test_a_voice_that_fails_is_told_once(words: tuple[str, ...], why: str) -> None:
    told = spoken(words, [("one", False), ("two", False)])
    assert len(told) == 1
    assert why in told[0]


def test_a_voice_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "SENTENCE_S", 0.2)
    told = spoken((sys.executable, "-c", "import time; time.sleep(60)"), [("one", False)])
    assert told == []  # killed: it was cut off, by us
