"""The owner's settings: one TOML file, environment variables that pass over it, and where each value comes from.

Settings are defaults for flags and a mapping from scenes to commands; no key can loosen a limit, answer a health question or start
anything. The file is only read here. Stop and pain never ask for it: a wrong file must not keep anybody from stopping.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from footctl.errors import SettingsError

CONFIG = "FOOTCTL_CONFIG"  # another file
PREFIX = "FOOTCTL_"
OTHER_VARIABLES = (CONFIG, "FOOTCTL_DATA_DIR", "FOOTCTL_DEBUG")
FILE_MOST = 64 * 1024
DEVICES = ("port", "tcp", "ble")  # one device at most is the usual one
SCENE_SECONDS = (1.0, 60.0)
NOBODY = "-"  # instead of a person's name
WORDS_MOST = 64  # of one command
_SCENE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HINT = "nothing was started and the file was left as it is; footctl config edit opens it, footctl config show says what holds"


@dataclass(frozen=True)
class Settings:
    """What holds. `origin` says for each key where it comes from: the file with its line, a variable, or "default"."""

    units: str = "C"
    program: str | None = None
    person: str | None = None
    port: str | None = None
    tcp: str | None = None
    ble: str | None = None
    serial: str | None = None
    plain: bool = False
    speak: bool = False
    scene_seconds: float = 10.0
    scenes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def device(self) -> tuple[str, str] | None:
        """The usual device, as flag and value: ("port", "/dev/ttyACM0"). None when there is none."""
        return next(((name, value) for name in DEVICES if (value := self.value(name)) is not None), None)

    def whom(self, named: str | None, simulated: bool) -> str | None:
        """Whose limits hold when `named` was typed: `-` is nobody; nothing typed is the usual person, on a simulator in here its own."""
        if named == NOBODY:
            return None
        return named or (None if simulated else self.person)

    def value(self, key: str) -> Any:
        """The value of the key of that name."""
        return vars(self)[key]


class _Wrong(ValueError):
    """Why a value will not do, and what would."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 200:
        raise _Wrong("must be text in quotes, one line")
    return value


def _units(value: object) -> str:
    if value not in ("C", "F"):
        raise _Wrong('is not known; write "C" or "F"')
    return str(value)


def _host_and_port(value: object) -> str:
    text = _text(value)
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise _Wrong('is no address; write it like "192.168.1.20:4040"')
    return text


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false, without quotes")
    return value


def _seconds(value: object) -> float:
    least, most = SCENE_SECONDS
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _Wrong(f"must be a number of seconds from {least:g} to {most:g}, without quotes")
    return float(value)


def _scenes(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _Wrong('must be a table: a line [scenes], then lines like calm = ["a-command", "its first word"]')
    return {name: _command(name, words) for name, words in value.items()}


def _command(name: str, value: object) -> tuple[str, ...]:
    if not _SCENE.fullmatch(name):
        raise _Wrong(f"has {name[:40]!r}: a scene's name has small letters, digits and hyphens", name)
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and "\0" not in word for word in value) or not value[0]:
        raise _Wrong(f'has {name}, which must be a list of words, like ["notify-send", "{name}"]; no shell reads them', name)
    if len(value) > WORDS_MOST:
        raise _Wrong(f"has {name} with {len(value)} words; {WORDS_MOST} are allowed", name)
    return tuple(value)


@dataclass(frozen=True, slots=True)
class Key:
    """A setting: what it is for, and how its value in the file is read. `example` is how it stands in a file."""

    name: str
    about: str
    read: Callable[[object], Any]
    example: str
    in_environment: bool = True

    @property
    def variable(self) -> str:
        """The environment variable that passes over the file."""
        return PREFIX + self.name.upper()


KEYS = (
    Key("units", "temperatures on screens: C or F; program files say their own unit", _units, '"C"'),
    Key("program", "what `footctl run` runs when no program is named", _text, '"evening-unwind"'),
    Key("person", "whose limits hold when nobody is named with --person; not on --sim", _text, '"Anna"'),
    Key("port", "the usual device: a serial port", _text, '"/dev/ttyACM0"'),
    Key("tcp", "the usual device: an address in the network", _host_and_port, '"192.168.1.20:4040"'),
    Key("ble", "the usual device: a name, serial number or address over Bluetooth", _text, '"FB-0001"'),
    Key("serial", "the serial number that the device must have, whatever it is connected to", _text, '"FB-0001"'),
    Key("plain", "one line a second instead of the live view", _switch, "true"),
    Key("speak", "prompts are spoken, too", _switch, "true"),
    Key("scene_seconds", "how long the command of a scene may take", _seconds, "10"),
    Key("scenes", "the command of each scene that programs may name", _scenes, '{ calm = ["my-lights", "dim"] }', in_environment=False),
)
BY_NAME = {key.name: key for key in KEYS}


def path() -> Path:
    """Where the file is, or would be."""
    named = os.environ.get(CONFIG)
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("footctl", appauthor=False)) / "config.toml"


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. Raises SettingsError with every mistake, its file and line. A file that is not there is fine."""
    file = path() if file is None else file
    environment = os.environ if environment is None else environment
    mistakes: list[tuple[int, str]] = []
    values, origin = _from_file(file, mistakes)
    for name, (value, variable) in _from_environment(environment, mistakes).items():
        if name in DEVICES and value is not None:
            for other in DEVICES:  # the variable says which device, whatever the file says
                values.pop(other, None)
        values[name], origin[name] = value, variable
    if mistakes:
        raise SettingsError("\n".join(words for _, words in sorted(mistakes, key=lambda one: one[0])), _HINT)
    given = {name: value for name, value in values.items() if value is not None}
    return Settings(**given, origin={key.name: origin.get(key.name, "default") if key.name in given else "default" for key in KEYS})


def strangers(environment: Iterable[str]) -> list[str]:
    """Variables that look like ours and are not known, each with what may be meant."""
    known = [*OTHER_VARIABLES, *(key.variable for key in KEYS if key.in_environment)]
    told = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, known, 1)
            told.append(f"{name} is not known" + (f"; did you mean {near[0]}?" if near else ""))
    return told


def _from_file(file: Path, mistakes: list[tuple[int, str]]) -> tuple[dict[str, Any], dict[str, str]]:
    text = _read(file)
    if not text.strip():
        return {}, {}
    import tomllib

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        from footctl.core.profile_errors import not_toml

        raise SettingsError(not_toml(str(file), text, str(error)), _HINT) from None
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}

    def wrong(where: tuple[str, ...], words: str) -> None:
        line = _line(text, where)
        mistakes.append((line, f"{file}:{line}: {words}"))

    for name, value in table.items():
        key = BY_NAME.get(name)
        if key is None:
            near = get_close_matches(name, BY_NAME, 1)
            meant = f"did you mean {near[0]}? " if near else ""
            wrong((name,), f"{name[:40]!r} is an unknown key; {meant}allowed are {', '.join(BY_NAME)}")
            continue
        try:
            values[name] = key.read(value)
        except _Wrong as error:
            shown = f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}" if isinstance(value, int | float) else name
            wrong((name, *error.args[1:]), f"{shown[:80]} {error.args[0]}")
        origin[name] = f"{file}:{_line(text, (name,))}"
    if values.get("scenes") and _strange(file):
        wrong(("scenes",), "scenes are commands, and somebody else may change this file; make it yours alone: chmod go-w, chown")
    if len(named := [name for name in DEVICES if name in table]) > 1:
        wrong((named[1],), f"{' and '.join(named)} name the usual device more than once; leave one")
    return values, origin


def _from_environment(environment: Mapping[str, str], mistakes: list[tuple[int, str]]) -> dict[str, tuple[Any, str]]:
    """Key to value and variable. An empty variable means that the key is not set, whatever the file says."""
    found: dict[str, tuple[Any, str]] = {}
    for key in KEYS:
        text = environment.get(key.variable)
        if text is None or not key.in_environment:
            continue
        try:
            found[key.name] = (key.read(_typed(key, text)) if text else None, key.variable)
        except _Wrong as error:
            words = error.args[0].replace(", without quotes", "").replace(" in quotes", "")
            mistakes.append((0, f"{key.variable}={text[:60]!r} {words}"))
    if len(named := [name for name in DEVICES if found.get(name, (None, ""))[0] is not None]) > 1:
        mistakes.append((0, f"{' and '.join(BY_NAME[name].variable for name in named)} name more than one device; leave one"))
    return found


def _typed(key: Key, text: str) -> object:
    """A variable is text; switches and numbers are meant all the same."""
    if key.read is _switch:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    if key.read is _seconds and text.isascii() and text.replace(".", "", 1).isdecimal():
        return float(text)
    return text


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(FILE_MOST + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}", f"{CONFIG} names another file") from None
    if len(data) > FILE_MOST:
        raise SettingsError(f"{file}: has more than {FILE_MOST // 1024} KB", _HINT)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SettingsError(f"{file}:{line}: is not UTF-8 text", _HINT) from None


def _strange(file: Path) -> bool:
    """May others write this file? The group is left out: on many systems it is the user's own."""
    status = file.stat()
    return hasattr(os, "geteuid") and (status.st_uid not in (os.geteuid(), 0) or bool(status.st_mode & stat.S_IWOTH))


def _line(text: str, where: tuple[str, ...]) -> int:
    """The line where the last of these keys stands that can be found; lines count from 1."""
    for key in reversed(where):
        pattern = re.compile(rf"^\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]|[{{,]\s*{re.escape(key)}\s*=")
        for number, line in enumerate(text.split("\n"), 1):
            if pattern.search(line):
                return number
    return 1
