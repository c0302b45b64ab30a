"""Keys of devices: the label, the file, the keyring, the simulator's test key."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail

from footctl.cli import doctor
from footctl.errors import UsageError
from footctl.run import keys
from footctl.run.keys import KeyStoreError, candidates, find, forget, from_label, keep, label, paired, simulator_key, stored

KEY = bytes(range(16))


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folders of this test alone, and no keyring but the one that a test sets."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("FOOTCTL_DATA_DIR", str(tmp_path / "data"))
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield tmp_path
    keyring.set_keyring(before)


class InMemory(KeyringBackend):  # type: ignore[misc]
    """A keyring that works."""

    priority = 9.0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


# --- the label


@given(st.binary(min_size=16, max_size=16))
def test_a_label_is_the_key_as_people_type_it(key: bytes) -> None:
    text = label(key)
    assert len(text) == 34
    assert from_label(text) == key
    assert from_label(text.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == key


@given(st.binary(min_size=16, max_size=16), st.integers(0, 27), st.sampled_from(keys.ALPHABET))
def test_one_wrong_letter_is_told(key: bytes, at: int, letter: str) -> None:
    """All but one in 4,096 are; the proof finds the rest."""
    text = label(key).replace("-", "")
    typed = text[:at] + letter + text[at + 1 :]
    heard = None
    with suppress(UsageError):
        heard = from_label(typed)
    assert (heard == key) == (letter == text[at])


def test_the_page_of_the_protocol_and_the_label_agree() -> None:
    """PROTOCOL.md 13.9, by hand: 128 bits, 12 bits of the SHA-256, five at a time."""
    assert hashlib.sha256(bytes(16)).hexdigest().startswith("374")
    assert label(bytes(16)) == "0000-0000-0000-0000-0000-0000-00VM"  # 0x374 is 27 times 32 and 20


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "has 0 letters"), ("0000-0000", "has 8 letters"), ("0" * 29, "has 29"), ("U" * 28, "'U' is on no label"),
        ("0" * 28, "check letters"),
    ],
)
def test_what_is_no_label(typed: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as told:
        from_label(typed)
    assert told.value.hint


# --- the file


def test_a_key_is_kept_in_a_file_of_this_users() -> None:
    assert find("FB-1", 0, True) is None
    where = Path(keep("FB-1", KEY))
    keep("FB-2", KEY[::-1])
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert stat.S_IMODE(where.parent.stat().st_mode) == 0o700
    assert (find("FB-1", 0, True), find("FB-2", 0, False)) == (KEY, KEY[::-1])
    assert paired() == ["FB-1", "FB-2"]
    assert forget("FB-1")
    assert not forget("FB-1")
    assert paired() == ["FB-2"]
    assert [path.name for path in where.parent.iterdir()] == ["keys.json"]


def test_a_file_that_others_may_read_is_found() -> None:
    assert keys.exposed() is None
    path = Path(keep("FB-1", KEY))
    assert keys.exposed() is None
    path.chmod(0o644)
    assert keys.exposed() == path
    assert [(one.state, one.remedy) for one in doctor._keys()] == [("note", f"chmod 600 {path}")]
    keep("FB-2", KEY)  # written anew, it is closed again
    assert [one.told for one in doctor._keys()] == ["paired: FB-1, FB-2"]
    forget("FB-1")
    forget("FB-2")
    assert "no device is paired" in next(iter(doctor._keys())).told


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "damaged"), ("[]", "damaged"), ('{"FB-1": 3}', "damaged"), ('{"FB-1": "zz"}', "is none"), ('{"FB-1": "00"}', "is none"),
        ("ä", "codec"),
    ],
)
def test_a_damaged_file_is_told_and_left_alone(content: str, why: str) -> None:
    path = Path(keep("FB-1", KEY))
    path.write_text(content)
    with pytest.raises(KeyStoreError, match=why) as told:
        stored("FB-1")
    assert told.value.hint
    assert path.read_text() == content


def test_a_disk_that_does_not_take_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(keep("FB-1", KEY))

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "fsync", full)
    with pytest.raises(KeyStoreError, match="No space left"):
        keep("FB-2", KEY)
    assert json.loads(path.read_text()) == {"FB-1": KEY.hex()}
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]


# --- the keyring


def test_where_there_is_a_keyring_the_file_holds_no_key() -> None:
    ring = InMemory()
    keyring.set_keyring(ring)
    assert keep("FB-1", KEY) == "the keyring of this computer"
    assert ring.kept == {("footctl", "FB-1"): KEY.hex()}
    assert KEY.hex() not in keys._path().read_text()
    assert find("FB-1", 0, True) == KEY
    keyring.set_keyring(fail.Keyring())
    with pytest.raises(KeyStoreError, match="cannot be read now"):
        stored("FB-1")
    keyring.set_keyring(ring)
    assert forget("FB-1")
    assert ring.kept == {}


def test_a_key_that_was_taken_out_of_the_keyring_is_forgotten_all_the_same() -> None:
    ring = InMemory()
    keyring.set_keyring(ring)
    keep("FB-1", KEY)
    ring.kept.clear()
    assert forget("FB-1")
    assert paired() == []


# --- the simulator's


def test_the_test_key_is_this_users_and_stays() -> None:
    assert find("SIM-0001", 1, True) is None
    key = simulator_key()
    assert len(key) == 16
    assert simulator_key() == key
    path = keys._test_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["simulator.key"]
    assert find("SIM-0001", 1, True) == key
    assert find("SIM-0001", 0, True) is None  # no real device has it
    assert find("SIM-0001", 1, False) is None  # and a simulator that wants no proof is not asked for one
    keep("SIM-0001", KEY)
    assert candidates("SIM-0001", 1, True) == [key, KEY]  # somebody else's simulator, paired
    assert candidates("SIM-0001", 1, False) == [KEY]
    path.write_text("nonsense")
    assert simulator_key() != b"nonsense"


def test_two_servers_that_start_at_once_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    first = simulator_key()
    answers = [None, first]
    monkeypatch.setattr(keys, "_read_test_key", lambda: answers.pop(0))
    assert simulator_key() == first
