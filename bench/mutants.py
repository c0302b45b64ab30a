"""Mutation testing: would the tests notice if this line were wrong?  `make mutants`, or

    python -m bench.mutants [TARGET ...] [--workers N] [--only TEXT] [--sample N] [--dry]

cosmic-ray makes the mutants (mutmut 3 leaves the constants at the top of a module alone, and those are the limits); each runs the tests
of its module in a forked process that has the libraries loaded already, on a private copy of the tree, the mutant only in memory.
Targets, their tests and gates, and why a survivor may live: bench/mutants.toml. Results: docs/reference/mutants.md and mutants.json.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib.machinery
import importlib.util
import io
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).with_suffix(".toml")
RESULTS = ROOT / "docs" / "reference" / "mutants.json"
PAGE = ROOT / "docs" / "reference" / "mutants.md"
COPIED = ("footctl", "firmware", "firmware_protocol", "profiles", "simulator", "tests", "bench")
LOADED = ("pytest", "hypothesis", "hypothesis.strategies", "_hypothesis_pytestplugin", "pydantic", "transitions", "asyncio")
FLAGS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")
REPEATABLE = ("--hypothesis-seed=0", "--hypothesis-profile=mutants")
EXAMPLES = 20  # of a property, a fifth of what the suite tries: fewer mutants die, in a fraction of the time
SLOWER = 4.0  # a mutant that takes so many times as long as the tests of the module itself has lost its way: killed
MEMORY = 4 << 30
NOTHING = 97  # exit code: the mutant is none

# Of cosmic-ray's eleven replacements for an operator those that a slip of the pen could be. The others (a shift for a minus) die in any
# test that runs the line: they would only make the figures look better. Nor is `is` put for `==`: on small numbers it means the same.
OPERATORS = frozenset(
    (
        "Add_Sub", "Sub_Add", "Mul_Div", "Mul_FloorDiv", "Div_Mul", "Div_FloorDiv", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul",
        "BitAnd_BitOr", "BitOr_BitAnd", "BitXor_BitAnd", "LShift_RShift", "RShift_LShift",
    )
)  # fmt: skip


def worthwhile(operator: str) -> bool:
    """Says whether an operator of cosmic-ray is used."""
    kind, _, change = operator.removeprefix("core/").partition("_")
    if kind == "ReplaceBinaryOperator":
        return change in OPERATORS
    if kind == "ReplaceComparisonOperator":
        return change in ("Is_IsNot", "IsNot_Is") or not {"Is", "IsNot"} & set(change.split("_"))
    return True


@dataclass(frozen=True, slots=True)
class Target:
    """One module, what tests it, and the part of its mutants that must be killed."""

    name: str
    module: str
    tests: tuple[str, ...]
    gate: float


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing that may be wrong with a module: the operator, and where it applies for the so-manieth time."""

    operator: str
    occurrence: int
    line: int
    before: str

    def source(self, source: str) -> str | None:
        """The module with it; None when nothing that could be seen has changed."""
        from cosmic_ray import plugins
        from cosmic_ray.mutating import mutate_code

        changed: str | None = mutate_code(source, plugins.get_operator(self.operator)(), self.occurrence)
        return None if changed is None or _meaning(changed) == _meaning(source) else changed

    def after(self, source: str) -> str:
        """What became of the line."""
        changed = (self.source(source) or "").splitlines()
        return next((other.strip() for one, other in zip(source.splitlines(), changed, strict=False) if one != other), "")


def targets() -> dict[str, Target]:
    """The table's targets by name."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["target"]
    return {row["module"]: Target(row["module"], row["module"], tuple(row["tests"]), row["gate"]) for row in rows}


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module; some turn out to differ in nothing."""
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes, get_ast

    nodes = list(ast_nodes(get_ast(source)))
    lines = source.splitlines()
    for name in sorted(plugins.operator_names()):
        make = plugins.get_operator(name)
        if make.arguments() or not worthwhile(name):
            continue
        places = [start for node in nodes for start, _ in make().mutation_positions(node)]
        for occurrence, (line, _) in enumerate(places):
            yield Mutant(name, occurrence, line, lines[line - 1].strip())


def _meaning(source: str) -> str:
    """The syntax tree without annotations, which are text here; "" for what is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Name("x")
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from text instead of its file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text.encode()

    def get_data(self, path: str) -> bytes:
        if path != self.path:
            raise OSError("no compiled copy")
        return self._text


class _Finder:
    """Finds one module elsewhere."""

    def __init__(self, name: str, path: str, text: str) -> None:
        self.name, self.path, self.text = name, path, text

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> Any:
        """The mutant for its name, nothing for others."""
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=_Loader(name, self.path, self.text))


def fork(target: Target, make: Callable[[], str | None], limit_s: float, tree: Path) -> int:
    """A process that runs the target's tests on what `make` gives; its number. It exits with 0 when they all pass."""
    child = os.fork()
    if child:
        return child
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(1, round(limit_s)))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        home = tempfile.mkdtemp(dir=tree / "homes")
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = home  # what one mutant taught must not kill the next
        name = target.module.removesuffix(".py").replace("/", ".")
        source = make()
        if source is None:
            os._exit(NOTHING)
        sys.meta_path.insert(0, _Finder(name, str(tree / target.module), source))  # type: ignore[arg-type]  # has what is asked for
        importlib.import_module(name)  # before pytest, which would load it through a finder of its own
        import hypothesis
        import pytest

        hypothesis.settings.register_profile("mutants", deadline=None, max_examples=EXAMPLES)
        code = pytest.main([*FLAGS, *REPEATABLE, *target.tests])
        shutil.rmtree(home, ignore_errors=True)
        os._exit(int(code))
    except BaseException:
        os._exit(99)


def copied(folder: Path) -> Path:
    """A copy of the tree that nobody edits."""
    tree = folder / "tree"
    tree.mkdir()
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    (tree / "homes").mkdir()
    return tree


Lines = set[tuple[str, str]]  # as a mutant found them, and as it left them


def hunt(
    target: Target, tree: Path, workers: int, only: str = "", sample: int = 0, again: Lines | None = None
) -> tuple[int, list[Mutant]]:
    """How many mutants there were, and who survived. `again`: only these."""
    source = (tree / target.module).read_text("utf-8")
    begun = time.monotonic()
    if os.waitpid(fork(target, lambda: source, 600, tree), 0)[1]:
        raise SystemExit(f"{target.name}: the tests fail without any mutant")
    limit_s = (time.monotonic() - begun) * SLOWER + 5
    found = [mutant for mutant in mutants(source) if only in mutant.before]
    if again is not None:
        found = [mutant for mutant in found if (mutant.before, mutant.after(source)) in again]
    if 0 < sample < len(found):
        found = Random(sample).sample(found, sample)
    print(f"{target.name}: {len(found)} mutants, {workers} at a time, {limit_s:.0f} s each at most", flush=True)
    survivors = []
    under_way: dict[int, Mutant] = {}
    waiting = iter(found)
    done = nothing = 0
    while True:
        while len(under_way) < workers and (mutant := next(waiting, None)) is not None:
            under_way[fork(target, partial(mutant.source, source), limit_s, tree)] = mutant
        if not under_way:
            return len(found) - nothing, sorted(survivors, key=lambda mutant: (mutant.line, mutant.operator, mutant.occurrence))
        child, status = os.wait()
        mutant = under_way.pop(child)
        done += 1
        nothing += os.waitstatus_to_exitcode(status) == NOTHING
        if status == 0:
            survivors.append(mutant)
            print(f"  {done}/{len(found)} survives: {mutant.line}: {mutant.before}  →  {mutant.after(source)}", flush=True)


def reason(module: str, line: str, after: str) -> str:
    """Why a survivor may live, "" when nobody has said so. A row names the line as it was, and as it became or nothing."""
    for row in tomllib.loads(TABLE.read_text("utf-8")).get("survivor", ()):
        if row["module"] == module and row["line"] in line and row.get("after", "") in after:
            return str(row["why"])
    return ""


def page(results: dict[str, Any]) -> str:
    """The results for people."""
    lines = ["# Mutants", "", "<!-- Written by `make mutants`; reasons come from bench/mutants.toml. -->", ""]
    lines += [
        "Every comparison, number, operator, condition and loop of the modules that keep people safe was changed, one at a time, and the",
        "module's tests were run: a mutant that no test notices survives. A survivor listed here changes nothing that anybody could see,",
        "or its reason says what it changes.",
        "",
        "| module | mutants | killed | part | gate | |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name, target in targets().items():
        row = results.get(name)
        if row is None:
            lines.append(f"| `{name}` | not run yet | | | {target.gate:.0%} | |")
            continue
        part = row["killed"] / row["mutants"]
        verdict = "met" if part >= row["gate"] else "MISSED"
        lines.append(f"| `{name}` | {row['mutants']} | {row['killed']} | {part:.1%} | {row['gate']:.0%} | {verdict} |")
    for name, row in results.items():
        lines += ["", f"## Survivors in `{name}`", ""]
        if row["survivors"]:
            lines += ["| was | became | why it lives |", "|---|---|---|"]
            for one in row["survivors"]:
                lines.append(f"| `{_cell(one['before'])}` | `{_cell(one['after'])}` | {one['why'] or '**not looked at**'} |")
        else:
            lines.append("None.")
    return "\n".join(lines) + "\n"


def _cell(code: str) -> str:
    return code.replace("|", "\\|")


def main(words: list[str] | None = None) -> int:
    """Hunt, write the results; 1 when a gate is missed or a survivor has no reason. Of a sample only what has no reason counts."""
    table = targets()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", nargs="*", help="part of a module's path; all modules when none is named")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants of lines with this text; writes no results")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many of each module, always the same; writes no results")
    parser.add_argument("--dry", action="store_true", help="writes no results")
    parser.add_argument("--again", action="store_true", help="only survivors without a reason; the results are put right")
    parser.add_argument("--explain", action="store_true", help="runs nothing; puts the table's reasons into the results")
    args = parser.parse_args(words)
    chosen = [target for name, target in table.items() if not args.target or any(part in name for part in args.target)]
    if args.explain:
        write(json.loads(RESULTS.read_text("utf-8")), list(table))
        return 0
    for name in LOADED:
        importlib.import_module(name)
    sys.dont_write_bytecode = True
    failed = False
    whole = not args.only and not args.sample
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder))
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        for target in chosen:
            begun = time.monotonic()
            source = (tree / target.module).read_text("utf-8")
            before = last(target, source) if args.again else None
            again = None if before is None else {(one["before"], one["after"]) for one in before["survivors"] if not one["why"]}
            number, survivors = hunt(target, tree, args.workers, args.only, args.sample, again)
            number = number if before is None else before["mutants"]
            rows = [] if before is None else [one for one in before["survivors"] if one["why"]]
            for one in survivors:
                after = one.after(source)
                rows.append({"line": one.line, "before": one.before, "after": after, "why": reason(target.module, one.before, after)})
            part = 1 - len(rows) / number if number else 1.0
            new = sum(not row["why"] for row in rows)
            failed = failed or (part < target.gate or new > 0 if whole else number > 0 and 1 - new / number < target.gate)
            print(f"{target.name}: {part:.1%} of {number} killed, gate {target.gate:.0%}, in {time.monotonic() - begun:.0f} s", flush=True)
            row = {"sha256": digest(source), "mutants": number, "killed": number - len(rows), "gate": target.gate, "survivors": rows}
            if whole and not args.dry:
                note(target, row, list(table))
    return int(failed)


def digest(source: str) -> str:
    """Which text a result is of; a comment changes nothing that a test could notice."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]]
    return hashlib.sha256("\n".join(filter(None, map(str.rstrip, lines))).encode()).hexdigest()[:16]


def last(target: Target, source: str) -> dict[str, Any]:
    """The result that is there, which must be of this very text."""
    row: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))[target.name]
    if row["sha256"] != digest(source):
        raise SystemExit(f"{target.name} has changed since it was run: run it whole")
    return row


def note(target: Target, row: dict[str, Any], order: list[str]) -> None:
    """Put one result beside the others, which somebody else may be writing."""
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    results[target.name] = row
    write(results, order)


def write(results: dict[str, Any], order: list[str]) -> None:
    """The results, each survivor with the reason that the table gives now."""
    results = {name: results[name] for name in order if name in results}
    for name, row in results.items():
        for one in row["survivors"]:
            one["why"] = reason(name, one["before"], one["after"])
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page(results), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
