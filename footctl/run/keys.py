"""Keys of devices: where they are kept, who finds them. A key is written to no log, no record and no journal.

In a file of this user's data folder, mode 0600; with a keyring of the operating system, in that, and the file only says so. A served
simulator's test key lies in the runtime folder, where only this user's programs find it. The label is how people read and type a key.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from firmware_protocol.auth import KEY_BYTES
from footctl.errors import FootctlError, UsageError
from footctl.run.places import data_folder, runtime_folder

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
CHECK_BITS = 12
LETTERS = (8 * KEY_BYTES + CHECK_BITS) // 5
GROUP = 4
SERVICE = "footctl"
IN_KEYRING = "keyring"


class KeyStoreError(FootctlError):
    """The kept keys cannot be read or written."""

    code = "keys"


# --- the label


def label(key: bytes) -> str:
    """The key as it stands on the device's label, like 0123-4567-…: seven groups of four."""
    number = int.from_bytes(key, "big") << CHECK_BITS | _check(key)
    letters = "".join(ALPHABET[number >> 5 * (LETTERS - 1 - at) & 31] for at in range(LETTERS))
    return "-".join(letters[at : at + GROUP] for at in range(0, LETTERS, GROUP))


def from_label(text: str) -> bytes:
    """The key that a person typed. Raises UsageError when a letter is wrong, missing or too many."""
    letters = text.upper().translate(READ_AS)
    strange = next((letter for letter in letters if letter not in ALPHABET), None)
    if strange is not None:
        raise UsageError(f"{strange!r} is on no label", "type the seven groups of four letters and digits as they stand on the device")
    if len(letters) != LETTERS:
        raise UsageError(f"that has {len(letters)} letters and digits; a label has {LETTERS}", "type all seven groups of four")
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    key = (number >> CHECK_BITS).to_bytes(KEY_BYTES, "big")
    if number & (1 << CHECK_BITS) - 1 != _check(key):
        raise UsageError("that is not quite what stands on the label: its check letters do not fit", "look at each group again")
    return key


def _check(key: bytes) -> int:
    return int.from_bytes(hashlib.sha256(key).digest()[:2], "big") >> 16 - CHECK_BITS


# --- what is kept


def find(serial: str, simulator: int, wants_proof: bool) -> bytes | None:
    """The likeliest key of the device with this serial number."""
    return next(iter(candidates(serial, simulator, wants_proof)), None)


def candidates(serial: str, simulator: int, wants_proof: bool) -> list[bytes]:
    """The keys that may be those of the device with this serial number, as footctl.link.sealed asks for them.

    A served simulator's is this user's test key, or one that was paired: they all have the same few serial numbers. From one that wants
    no proof none is wanted, for the same reason; nobody's feet are in it.
    """
    own = _read_test_key() if simulator and wants_proof else None
    return [key for key in (own, stored(serial)) if key is not None]


def stored(serial: str) -> bytes | None:
    """The key that was kept by `keep`."""
    text = _read().get(serial)
    if text == IN_KEYRING:
        ring = _keyring()
        text = None if ring is None else ring.get_password(SERVICE, serial)
        if text is None:
            raise KeyStoreError(f"the key of {serial} is in a keyring that cannot be read now", "unlock it, or pair the device again")
    if text is None:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyStoreError(f"what is kept as the key of {serial} is none", f"pair it again: footctl device pair; {_path()} was left alone")
    return key


def keep(serial: str, key: bytes) -> str:
    """Keep the key; where, in words for a person."""
    ring = _keyring()
    if ring is not None:
        ring.set_password(SERVICE, serial, key.hex())
        _write({**_read(), serial: IN_KEYRING})
        return "the keyring of this computer"
    _write({**_read(), serial: key.hex()})
    return str(_path())


def forget(serial: str) -> bool:
    """Keep it no longer. False when there was none."""
    kept = dict(_read())
    where = kept.pop(serial, None)
    if where is None:
        return False
    _write(kept)
    ring = _keyring() if where == IN_KEYRING else None
    if ring is not None and ring.get_password(SERVICE, serial) is not None:
        ring.delete_password(SERVICE, serial)
    return True


def paired() -> list[str]:
    """Serial numbers of the devices whose keys are kept."""
    return sorted(_read())


def exposed() -> Path | None:
    """The file, when others than this user may read it."""
    path = _path()
    try:
        return path if os.name == "posix" and path.stat().st_mode & 0o077 else None
    except OSError:
        return None


def _path() -> Path:
    return data_folder() / "keys.json"


def _read() -> Mapping[str, str]:
    path = _path()
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise KeyStoreError(f"{path}: {error}", "see that you may read it, or move it away and pair your devices again") from error
    try:
        kept = json.loads(text)
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise KeyStoreError(f"{path} is damaged", "move it away and pair your devices again: footctl device pair")
    return kept


def _write(kept: Mapping[str, str]) -> None:
    """Whole or not at all, and never readable by anybody else."""
    path = _path()
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            json.dump(kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise KeyStoreError(f"{path}: {error.strerror or error}", "nothing was changed; see that you may write there") from error


def _keyring() -> Any:
    """The operating system's keyring where there is one that works; None else. pip install keyring brings it."""
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        return None
    ring = keyring.get_keyring()
    return None if isinstance(ring, fail.Keyring | null.Keyring) else ring


# --- the simulator's


def simulator_key() -> bytes:
    """The key of every simulator that this user serves: made at the first, kept until the runtime folder goes."""
    key = _read_test_key()
    if key is None:
        path = _test_path()
        key = secrets.token_bytes(KEY_BYTES)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(key.hex())
        try:
            os.link(new, path)  # the first of two servers that start at once makes it
        except FileExistsError:
            key = _read_test_key() or key
        finally:
            new.unlink()
    return key


def _test_path() -> Path:
    return runtime_folder() / "simulator.key"


def _read_test_key() -> bytes | None:
    try:
        key = bytes.fromhex(_test_path().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
