"""Which calls are evidently free of effects, looked up through imports and method names in the whole tree."""

import ast
import builtins
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.propose.rules.locals import CONTAINERS, NUMPY_MADE, Locals, root
from bot.propose.rules.purity import FILLING, PURE_BUILTINS, PURE_METHODS

DEPTH = 6
_MODULES = frozenset({"math", "cmath", "statistics", "unicodedata", "string", "itertools"})
_NUMPY = NUMPY_MADE | {
    "sum", "mean", "dot", "sqrt", "log", "exp", "abs", "minimum", "maximum", "cumsum", "argsort", "sort", "where",
    "var", "std", "trace", "cov", "isnan", "isfinite", "clip", "diff", "outer", "concatenate", "stack", "unique",
}  # fmt: skip
_REFUSED = (
    ast.Global, ast.Nonlocal, ast.Await, ast.Yield, ast.YieldFrom, ast.With, ast.AsyncWith, ast.AsyncFor, ast.Import,
    ast.ImportFrom, ast.ClassDef, ast.Delete, ast.FunctionDef, ast.AsyncFunctionDef, ast.NamedExpr,
)  # fmt: skip
_TRANSPARENT = frozenset({"property", "cached_property", "functools.cached_property", "staticmethod", "classmethod"})
_ADDS_UP = frozenset({"sum", "min", "max", "sorted", "any", "all"})
_REPEATS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class TreePurity:
    """Answers for one tree; what is not understood, or lies too deep, is not pure."""

    def __init__(self, tree: Snapshot) -> None:
        self._tree = tree
        self._answers: dict[tuple[str, int], bool] = {}
        self._methods: dict[str, list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]] = {}

    def function(self, path: str, name: str, depth: int = DEPTH) -> tuple[str, ast.FunctionDef] | None:
        """Return the one function that a name at the top level of a file stands for, and its file."""
        module = parsed(self._tree, path)
        if module is None or depth == 0:
            return None
        found = [node for node in module.body if name in _bound_by(node)]
        match found:
            case [ast.FunctionDef() as function]:
                return path, function
            case [ast.ImportFrom() as statement]:
                alias = next(one for one in statement.names if (one.asname or one.name) == name)
                origin = self._origin(path, statement)
                return self.function(origin, alias.name, depth - 1) if origin is not None else None
        return None

    def methods(self, name: str) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """Return all methods of that name in the tree."""
        if name not in self._methods:
            self._methods[name] = list(self._defined(name))
        return self._methods[name]

    def _defined(self, name: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        written = re.compile(rf"def\s+{re.escape(name)}\b".encode())
        for path in self._tree.paths(".py"):
            module = parsed(self._tree, path) if written.search(self._tree.data(path)) else None
            for node in ast.walk(module) if module is not None else ():
                for member in node.body if isinstance(node, ast.ClassDef) else ():
                    if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and member.name == name:
                        yield path, member

    def pure(self, path: str, function: ast.FunctionDef | ast.AsyncFunctionDef, depth: int = DEPTH) -> bool:
        """Say whether a call of the function changes nothing and depends on nothing but its arguments and globals."""
        key = (path, function.lineno)
        if key not in self._answers:
            if depth == 0 or not isinstance(function, ast.FunctionDef):
                return False
            self._answers[key] = True  # while it is looked at: it may call itself
            plain = all(ast.unparse(one) in _TRANSPARENT for one in function.decorator_list)
            if not (plain and self.calm(path, function.body, Locals(function), depth)):
                self._answers = {one: False for one, found in self._answers.items() if not found}
                self._answers[key] = False
        return self._answers[key]

    def calm(self, path: str, body: list[ast.stmt], known: Locals, depth: int = DEPTH) -> bool:
        """Say whether statements change nothing but local names and containers that their function has made."""
        return all(self._harmless(path, node, known, depth) for one in body for node in ast.walk(one))

    def works(self, path: str, function: ast.FunctionDef | ast.AsyncFunctionDef, depth: int = 3) -> bool:
        """Say whether a function, or one that it calls, loops."""
        for node in ast.walk(function):
            if isinstance(node, _REPEATS):
                return True
            if isinstance(node, ast.Call) and depth:
                called = [one for one in self._called(path, node.func) if one[1] is not function]
                built_in = isinstance(node.func, ast.Name) and node.func.id in _ADDS_UP and len(node.args) == 1
                if built_in or any(self.works(*one, depth - 1) for one in called):
                    return True
        return False

    def _called(self, path: str, func: ast.expr) -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """Return the functions of the tree that a call may mean."""
        found: tuple[str, ast.FunctionDef] | None = None
        match func:
            case ast.Name(id=name):
                found = self.function(path, name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if origin := self._imported_module(path, owner):
                found = self.function(origin, name)
            case ast.Attribute(attr=name):
                return self.methods(name)
        return [found] if found is not None else []

    def _harmless(self, path: str, node: ast.AST, known: Locals, depth: int) -> bool:
        match node:
            case ast.Call():
                return self._pure_call(path, node, known, depth)
            case ast.Attribute(attr=name):
                read = isinstance(node.ctx, ast.Load)
                return read and all(self.pure(where, one, depth - 1) for where, one in self._properties(name))
            case ast.Subscript(value=value):
                return isinstance(node.ctx, ast.Load) or (isinstance(value, ast.Name) and value.id in known.own)
            case ast.AugAssign(target=ast.Name(id=name)):
                return name in known.own
        return not isinstance(node, _REFUSED)

    def _properties(self, name: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for path, method in self.methods(name):
            if any("property" in ast.unparse(one) for one in method.decorator_list):
                yield path, method

    def _pure_call(self, path: str, call: ast.Call, known: Locals, depth: int) -> bool:
        passed = [one.value for one in call.keywords if one.arg == "key"]
        if isinstance(call.func, ast.Name) and call.func.id in {"map", "filter"}:
            passed += call.args[:1]
        return self._pure_func(path, call.func, known, depth) and all(
            isinstance(one, ast.Lambda | ast.Constant) or self._pure_func(path, one, known, depth) for one in passed
        )

    def _pure_func(self, path: str, func: ast.expr, known: Locals, depth: int) -> bool:
        match func:
            case ast.Name(id=name):
                return name not in known.names and self._pure_name(path, name, depth)
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (
                owner not in known.names and (origin := self._imported_module(path, owner)) is not None
            ):
                found = self.function(origin, name) if origin.endswith(".py") else None
                return origin in _MODULES or (found is not None and self.pure(*found, depth - 1))
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if self._is_numpy(path, owner):
                return owner not in known.names and name in _NUMPY
            case ast.Attribute(value=value) if not root(value) <= known.names and self._imports(path, root(value)):
                return False
            case ast.Attribute(value=value, attr=name):
                filled = name in FILLING and isinstance(value, ast.Name) and value.id in known.own
                methods = self.methods(name)
                meant = filled or name in PURE_METHODS or bool(methods)
                return meant and (filled or all(self.pure(where, one, depth - 1) for where, one in methods))
        return False

    def _pure_name(self, path: str, name: str, depth: int) -> bool:
        found = self.function(path, name)
        if found is not None:
            return self.pure(*found, depth - 1)
        module = parsed(self._tree, path)
        bound = [node for node in (module.body if module is not None else ()) if name in _bound_by(node)]
        if not bound:
            value = getattr(builtins, name, None)
            return name in PURE_BUILTINS or (isinstance(value, type) and issubclass(value, BaseException))
        match bound:
            case [ast.ClassDef() as made]:
                return self._pure_class(path, made, depth)
            case [ast.ImportFrom(level=0) as statement] if (origin := self._origin(path, statement)) is not None:
                alias = next(one for one in statement.names if (one.asname or one.name) == name)
                return depth > 0 and self._pure_name(origin, alias.name, depth - 1)
            case [ast.ImportFrom(module=origin, level=0)]:
                return origin in _MODULES or (origin == "collections" and name in CONTAINERS)
        return False

    def _pure_class(self, path: str, made: ast.ClassDef, depth: int) -> bool:
        """Say whether making an instance has no effect: a plain dataclass whose check, if any, has none."""
        decorated = [ast.unparse(one.func if isinstance(one, ast.Call) else one) for one in made.decorator_list]
        methods = {one.name: one for one in made.body if isinstance(one, ast.FunctionDef)}
        if (
            decorated not in (["dataclass"], ["dataclasses.dataclass"])
            or made.bases
            or {"__init__", "__new__"} & set(methods)
        ):
            return False
        check = methods.get("__post_init__")
        return check is None or self.pure(path, check, depth - 1)

    def _is_numpy(self, path: str, name: str) -> bool:
        module = parsed(self._tree, path)
        found = [node for node in (module.body if module is not None else ()) if name in _bound_by(node)]
        return any(
            isinstance(node, ast.Import)
            and any(one.name == "numpy" and (one.asname or one.name) == name for one in node.names)
            for node in found
        )

    def _imports(self, path: str, names: set[str]) -> bool:
        module = parsed(self._tree, path)
        imports = [node for node in ast.walk(module or ast.Pass()) if isinstance(node, ast.Import | ast.ImportFrom)]
        return any(not names.isdisjoint(_bound_by(node)) for node in imports)

    def _imported_module(self, path: str, name: str) -> str | None:
        """Return the standard module, or the file of the tree, that a name stands for after an import."""
        module = parsed(self._tree, path)
        found = [node for node in (module.body if module is not None else ()) if name in _bound_by(node)]
        match found:
            case [ast.Import(names=[ast.alias(name=dotted)])] if dotted in _MODULES:
                return dotted
            case [ast.Import(names=[ast.alias(name=dotted, asname=written)])] if written or "." not in dotted:
                return self._file(path, dotted)
            case [ast.ImportFrom(names=names) as statement]:
                alias = next(one for one in names if (one.asname or one.name) == name)
                return self._origin(path, statement, f".{alias.name}")
        return None

    def _origin(self, path: str, statement: ast.ImportFrom, member: str = "") -> str | None:
        dotted = (statement.module or "") + member
        if not statement.level:
            return self._file(path, dotted)
        package = PurePosixPath(path).parents[statement.level - 1 : statement.level]
        return self._at(f"{package[0]}/{dotted.strip('.').replace('.', '/')}".rstrip("/")) if package else None

    def _file(self, path: str, dotted: str) -> str | None:
        """Return the file of a module that is imported at `path`, from whichever directory above is the root."""
        under = dotted.strip(".").replace(".", "/")
        places = (self._at(f"{root}/{under}") for root in (*PurePosixPath(path).parents, PurePosixPath("src")))
        return next((one for one in places if one is not None), None)

    def _at(self, stem: str) -> str | None:
        stem = stem.removeprefix("./")
        return next((one for one in (f"{stem}.py", f"{stem}/__init__.py") if one in self._tree.files), None)


def parsed(tree: Snapshot, path: str) -> ast.Module | None:
    """Return the parsed file; None where it is not valid Python or does not exist."""
    return _parse(tree.data(path)) if path in tree.files and tree.files[path].link is None else None


@lru_cache(maxsize=256)
def _parse(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError):
        return None


def _bound_by(node: ast.stmt) -> set[str]:
    """Return the names that a statement at the top level binds, nested blocks included."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {one.asname or one.name.split(".")[0] for one in names}
    inner = {name for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt) for name in _bound_by(one)}
    return inner | {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
