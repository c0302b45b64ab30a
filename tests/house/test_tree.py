"""The tree tells the truth: dependencies are declared, pages are fresh, nothing names one person's machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

OURS = {"footctl", "firmware_protocol", "firmware", "profiles", "simulator"}
MODULE_OF = {"pyserial": "serial", "dbus-fast": "dbus_fast"}  # where the import's name is not the distribution's
PART_OF = {"pydantic_core": "pydantic", "CoreBluetooth": "bleak"}  # pinned, or on macOS brought, by the distribution that is named
TEXT = {".py", ".toml", ".md", ".txt", ".cfg", ".json", ".jsonl", ".csv", ".sh", ""}


def tracked(checkout: Path) -> list[Path]:
    """Files under version control; in an unpacked archive, all files of the source tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := checkout / name).is_file()]
    return [
        path
        for path in checkout.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(checkout).parts)
    ]


def test_every_import_is_a_declared_dependency(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    ours_to_ask_for = [*project["dependencies"], *project["optional-dependencies"]["ble-sim"], *project["optional-dependencies"]["keyring"]]
    names = [re.split(r"[^A-Za-z0-9_.-]", requirement)[0] for requirement in ours_to_ask_for]
    declared = {MODULE_OF.get(name, name) for name in names}
    seen: dict[str, str] = {}
    for room in OURS:
        for path in (checkout / room).rglob("*.py"):
            # What only a board, a MicroPython that stands for one, or pytest loads.
            if {"boards", "fake"} & set(path.parts) or path.name == "pytest_plugin.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    modules = [node.module]
                names = [PART_OF.get(module.split(".")[0], module.split(".")[0]) for module in modules]
                seen.update({name: str(path.relative_to(checkout)) for name in names})
    strangers = {module: path for module, path in seen.items() if module not in declared | OURS | sys.stdlib_module_names}
    assert not strangers


def test_constraints_pin_every_dependency(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-") for line in (checkout / "constraints.txt").read_text().splitlines() if "==" in line
    }
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    asked = {re.split(r"[^A-Za-z0-9_.-]", requirement)[0].lower() for requirement in [*project["dependencies"], *extras]} - {"footctl"}
    assert asked <= pinned


def test_nothing_names_one_machine(checkout: Path) -> None:
    paths = re.compile(r"(?<![\w./-])/(?:home|work|root|Users)/\w+|\.\./shared|issues show")
    told = []
    for path in tracked(checkout):
        if path.suffix in TEXT and path != Path(__file__).resolve():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if paths.search(line):
                    told.append(f"{path.relative_to(checkout)}:{number}: {line.strip()[:80]}")
    assert not told


def test_no_idea_is_missing(checkout: Path) -> None:
    """A class that wants to be called Manager or Helper has not found its idea; utils and const are drawers."""
    for path in tracked(checkout):
        if path.suffix == ".py" and "tests" not in path.parts:
            assert path.stem not in {"utils", "util", "const", "constants", "helpers", "common", "misc"}, path
            classes = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
            assert not [name for name in classes if re.search("Manager|Helper|Util", name)], path


@pytest.mark.parametrize("module", ["firmware_protocol.reference", "docs.generate"])
def test_generated_pages_are_fresh(checkout: Path, module: str) -> None:
    answer = subprocess.run([sys.executable, "-m", module, "--check"], cwd=checkout, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_links_inside_the_pages_lead_somewhere(checkout: Path) -> None:
    broken = []
    for page in tracked(checkout):
        if page.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
                if "://" not in target and not (page.parent / target).exists():
                    broken.append(f"{page.relative_to(checkout)} -> {target}")
    assert not broken


def test_the_tour_names_what_exists(checkout: Path) -> None:
    stops = re.findall(r"`([\w/]+\.py): ([\w.]+)`", (checkout / "docs" / "code-tour.md").read_text())
    assert len(stops) > 15
    for file, name in stops:
        names: set[str] = set()
        for node in ast.parse((checkout / file).read_text()).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
                names.update(f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef))
        assert name in names, f"{file} has no {name}"
