"""A program of several files made small, with all of them in sight: constants become numbers where they are used, what nobody uses goes.

A board pays for every name: 20 bytes for a constant that only serves its own page, and a look-up each time. Nothing else changes, so
the tests that compare a board with a desk byte for byte compare this with what was written. Names that are found by anything else
than `name`, `module.name` or `from module import name` are not understood here; the device mind has none.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping

PURE = ("tuple", "range", "len", "calcsize", "sorted", "namedtuple", "frozenset")
SUMS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitOr: operator.or_, ast.BitAnd: operator.and_,
}  # fmt: skip

Constants = dict[str, dict[str, int]]  # module -> name -> value


def lean(sources: Mapping[str, str], root: str) -> dict[str, str]:
    """Module -> text for module -> text, starting from the module `root`. Modules that nobody needs any more are left out."""
    trees = {name: ast.parse(text) for name, text in sources.items()}
    for tree in trees.values():
        tree.body = [node for node in tree.body if not _for_types(node)]
    pages = {name: Page(name, tree, trees) for name, tree in trees.items()}
    constants: Constants = {name: {} for name in trees}
    while sum(page.find_constants(constants) for page in pages.values()):
        pass
    for page in pages.values():
        page.put_in(constants)
    needed = _needed(pages, root)
    return {name: ast.unparse(page.kept(needed[name])) for name, page in pages.items() if name in needed}


def tops(tree: ast.Module) -> Iterator[ast.stmt]:
    """What is done at the top of a file, and tried there."""
    for node in tree.body:
        yield from node.body if isinstance(node, ast.Try) else [node]


def _for_types(node: ast.stmt) -> bool:
    """`if TYPE_CHECKING:`, `if not TYPE_CHECKING:` (words for a desk) and the constant itself."""
    if isinstance(node, ast.If):
        test = node.test.operand if isinstance(node.test, ast.UnaryOp) else node.test
        return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "TYPE_CHECKING"


class Page:
    """One file: what it imports, what it defines."""

    def __init__(self, name: str, tree: ast.Module, trees: Mapping[str, ast.Module]) -> None:
        self.name = name
        self.tree = tree
        self.modules: dict[str, str] = {}  # local name -> module
        self.borrowed: dict[str, tuple[str, str]] = {}  # local name -> module, its name there
        for node in tops(tree):
            if isinstance(node, ast.Import):
                self.modules.update({alias.asname or alias.name: alias.name for alias in node.names if alias.name in trees})
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                for alias in node.names:
                    if f"{node.module}.{alias.name}" in trees:
                        self.modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                    elif node.module in trees:
                        self.borrowed[alias.asname or alias.name] = (node.module, alias.name)

    def find_constants(self, constants: Constants) -> bool:
        """Add what is a plain number here; True when there was something new."""
        mine = constants[self.name]
        before = len(mine)
        for node in self.tree.body:
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id.isupper():
                value = self._value(node.value, constants)
                if value is not None:
                    mine[target.id] = value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Call) and _called(node.value) == "range":
                mine.update({name.id: number for number, name in enumerate(target.elts) if isinstance(name, ast.Name)})
        return len(mine) > before

    def _value(self, node: ast.expr, constants: Constants) -> int | None:
        if isinstance(node, ast.Constant):
            return node.value if type(node.value) is int else None
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._value(node.operand, constants)
            return None if value is None else -value
        if isinstance(node, ast.BinOp) and type(node.op) in SUMS:
            left, right = self._value(node.left, constants), self._value(node.right, constants)
            return None if left is None or right is None else SUMS[type(node.op)](left, right)
        return self.constant(node, constants)

    def constant(self, node: ast.expr, constants: Constants) -> int | None:
        """The number behind `name` or `module.name`."""
        if isinstance(node, ast.Name):
            module, name = self.borrowed.get(node.id, (self.name, node.id))
            return constants[module].get(name)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self.modules:
            return constants[self.modules[node.value.id]].get(node.attr)
        return None

    def put_in(self, constants: Constants) -> None:
        """Numbers where names were, and no definitions of them."""
        mine = constants[self.name]
        self.tree.body = [node for node in self.tree.body if not (isinstance(node, ast.Assign) and _names(node.targets[0]) <= mine.keys())]
        Numbers(self, constants).visit(self.tree)

    def references(self, node: ast.stmt) -> Iterator[tuple[str, str]]:
        """(module, name) of everything at the top of a file that this statement uses."""
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                yield self.borrowed.get(part.id, (self.name, part.id))
                if part.id in self.modules:
                    yield (self.modules[part.id], "")
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in self.modules:
                yield (self.modules[part.value.id], part.attr)

    def kept(self, wanted: set[str]) -> ast.Module:
        """The file without what nobody uses."""
        used = {part.id for node in self._kept(wanted) for part in ast.walk(node) if isinstance(part, ast.Name)}
        body: list[ast.stmt] = []
        for node in self._kept(wanted):
            if isinstance(node, ast.Import | ast.ImportFrom):
                node.names = [alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) in used]
                if not node.names:
                    continue
            body.append(node)
        return ast.Module(body, [])

    def _kept(self, wanted: set[str]) -> list[ast.stmt]:
        return [node for node in self.tree.body if _does_something(node) or _defines(node) & wanted]


class Numbers(ast.NodeTransformer):
    """Puts numbers in for names; leaves alone what a function calls its own."""

    def __init__(self, page: Page, constants: Constants) -> None:
        self._page = page
        self._constants = constants
        self._own: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        before = self._own
        arguments = {argument.arg for argument in [*node.args.args, *([node.args.vararg] if node.args.vararg else [])]}
        stored = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        self._own = before | arguments | stored
        _strip(node)
        self.generic_visit(node)
        self._own = before
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        _strip(node)
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Without its slots: MicroPython knows none."""
        node.body = [part for part in node.body if not (isinstance(part, ast.Assign) and _names(part.targets[0]) == {"__slots__"})]
        self.generic_visit(node)
        if not node.body:
            node.body = [ast.Pass()]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        self.generic_visit(node)
        return ast.copy_location(ast.Assign([node.target], node.value), node) if node.value is not None else None

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return node if node.id in self._own or not isinstance(node.ctx, ast.Load) else self._number(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id not in self._own and isinstance(node.ctx, ast.Load):
            found = self._number(node)
            if found is not node:
                return found
        self.generic_visit(node)
        return node

    def _number(self, node: ast.expr) -> ast.AST:
        value = self._page.constant(node, self._constants)
        return node if value is None else ast.copy_location(ast.Constant(value), node)


def _strip(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """No hints."""
    node.returns = None
    for argument in [*node.args.args, *([node.args.vararg] if node.args.vararg else [])]:
        argument.annotation = None


def _needed(pages: Mapping[str, Page], root: str) -> dict[str, set[str]]:
    """Module -> names at its top that something needs; modules that are only named have an empty set."""
    needed: dict[str, set[str]] = {root: set()}
    seen: set[ast.stmt] = set()
    while True:
        fresh = [
            (page, node)
            for name, page in pages.items()
            if name in needed
            for node in page.tree.body
            if node not in seen and not isinstance(node, ast.Import | ast.ImportFrom)
            and (_does_something(node) or _defines(node) & needed[name])
        ]  # fmt: skip
        if not fresh:
            return needed
        for page, node in fresh:
            seen.add(node)
            for module, name in page.references(node):
                if module in pages:
                    needed.setdefault(module, set()).add(name)


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _defines(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    return _names(node.targets[0]) if isinstance(node, ast.Assign) else set()


def _does_something(node: ast.stmt) -> bool:
    """Whether leaving it out could be noticed by somebody who does not name it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return any(_called(part) not in PURE for part in ast.walk(node.value) if isinstance(part, ast.Call))
    return True


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
