"""`footctl config`: what the owner has set, where it comes from, and the file to change it in."""

import os

from footctl.cli.listing import columns, document
from footctl.errors import FootctlError, SettingsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from pathlib import Path
    from typing import Any

VERBS = (
    ("show", "every setting, its value and where that comes from"),
    ("edit", "open the file in your editor ($VISUAL, $EDITOR) and check it afterwards"),
    ("path", "where the file is, or would be"),
)
EDITORS = ("nano", "vi")  # where nobody says which; vi is part of POSIX


def configure(parser: "argparse.ArgumentParser") -> None:
    """Verbs of `footctl config`."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, about in VERBS:
        made = verbs.add_parser(verb, help=about, description=about[0].upper() + about[1:] + ".", allow_abbrev=False)
        if verb == "show":
            made.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: "argparse.Namespace") -> int:
    """One verb."""
    return {"show": _show, "edit": _edit, "path": _path}[args.verb](args)


def _show(args: "argparse.Namespace") -> int:
    from footctl.run import settings

    now = settings.load()
    rows = [{"key": key.name, "value": now.value(key.name), "from": now.origin[key.name]} for key in settings.KEYS]
    if args.json:
        print(document({"file": str(settings.path()), "settings": rows, "unknown": settings.strangers(os.environ)}))
        return 0
    print(columns([(row["key"], words(row["value"]), row["from"]) for row in rows if row["key"] != "scenes"]))
    for name, command in now.scenes.items():
        print(f"scene {name}: {' '.join(command)}")
    print(f"\nfile: {settings.path()}" + ("" if settings.path().exists() else " (not there; footctl config edit makes it)"))
    for stranger in settings.strangers(os.environ):
        print(f"! {stranger}")
    return 0


def words(value: "Any") -> str:
    """A value as it is read, not as it is written."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _path(args: "argparse.Namespace") -> int:
    from footctl.run import settings

    print(settings.path())
    return 0


def _edit(args: "argparse.Namespace") -> int:
    import shlex
    import shutil
    import subprocess

    from footctl.run import settings

    file = settings.path()
    asked = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    editor = shlex.split(asked) if asked else [next((name for name in EDITORS if shutil.which(name)), "")]
    made = _template(file)
    if not editor[0] or shutil.which(editor[0]) is None:
        raise UsageError(f"no editor: {asked or ' and '.join(EDITORS)} is not here", f"name one in EDITOR, or open {file} yourself")
    try:
        code = subprocess.call([*editor, str(file)])
    except OSError as error:
        raise UsageError(f"{asked}: {error.strerror}", f"open {file} yourself") from error
    if code:
        raise UsageError(f"the editor ended with {code}", f"look whether {file} is as you want it: footctl config show")
    try:
        settings.load(file)
    except SettingsError as error:
        raise SettingsError(str(error), "your file is kept as you wrote it; footctl config edit opens it again") from None
    print(f"{file} is right" + (" (new; every line is still a comment)" if made and file.read_bytes() == made else ""))
    return 0


def _template(file: "Path") -> "bytes | None":
    """Make the file when it is not there, every key a comment. What was written; None when it was there."""
    from footctl.run import settings

    lines = ["# Settings of footctl. Take the # away from a line to set it; `footctl config show` says what holds.", ""]
    for key in settings.KEYS:
        lines += [f"# {key.about}", f"# {key.name} = {key.example}", ""]
    text = "\n".join(lines).encode()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            opened.write(text)
    except FileExistsError:
        return None
    except OSError as error:
        raise FootctlError(f"{file}: cannot be made: {error.strerror}", f"{settings.CONFIG} names another file") from None
    return text
