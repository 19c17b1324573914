"""Constructs that a speed-up does not need and a cheat does: found by comparing syntax trees before and after."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator

_MODULES = frozenset({
    "_thread", "atexit", "builtins", "concurrent", "ctypes", "dbm", "faulthandler", "gc", "importlib", "inspect",
    "marshal", "mmap", "multiprocessing", "pickle", "pkgutil", "pytest", "resource", "runpy", "sched", "shelve",
    "signal", "site", "socket", "sqlite3", "subprocess", "tempfile", "threading", "time", "timeit", "traceback",
    "unittest", "tracemalloc", "platform", "cProfile", "profile",
})  # fmt: skip
_CALLS = frozenset({
    "eval", "exec", "compile", "__import__", "globals", "vars", "locals", "setattr", "delattr", "open", "breakpoint",
    "exit", "quit", "sys.exit", "sys.settrace", "sys.setprofile", "sys._getframe", "sys.setswitchinterval",
    "sys.setrecursionlimit", "os._exit", "os.abort", "os.kill", "os.fork", "os.system", "os.popen", "os.nice",
    "os.sched_setaffinity", "os.putenv", "os.getenv", "os.getpid", "os.getppid", "weakref.finalize",
    "warnings.filterwarnings",
    "warnings.simplefilter", "np.seterr", "numpy.seterr", "np.setbufsize", "locale.setlocale", "decimal.setcontext",
    "random.seed", "random.setstate", "random.getstate", "np.random.seed", "numpy.random.seed",
})  # fmt: skip
_ATTRIBUTES = frozenset(
    {"os.environ", "sys.argv", "sys.modules", "sys.path", "sys.meta_path", "sys.flags", "sys.orig_argv"}
)
_METHODS = frozenset(
    {"__del__", "__eq__", "__hash__", "__reduce__", "__reduce_ex__", "__getattr__", "__getattribute__"}
)


def added(before: bytes | None, after: bytes) -> list[str]:
    """Return what `after` uses more often than `before`, as names for a sentence; [] where either does not parse."""
    old = _uses(before) if before is not None else Counter[str]()
    new = _uses(after)
    return sorted((new - old).keys())


def new_dependencies(after: bytes, known: frozenset[str]) -> list[str]:
    """Return imported top-level packages that are neither in the standard library nor in `known`."""
    found = {name for name in _imports(_parse(after)) if name not in known and name not in sys.stdlib_module_names}
    return sorted(found)


def imported(data: bytes) -> set[str]:
    """Return the top-level names of all absolute imports in a file."""
    return set(_imports(_parse(data)))


def _parse(data: bytes) -> ast.Module:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _uses(data: bytes) -> Counter[str]:
    tree = _parse(data)
    uses: Counter[str] = Counter(f"import of {name}" for name in _imports(tree) if name in _MODULES)
    modules = {
        alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    for node in ast.walk(tree):
        uses.update(_of_node(node, modules))
    return uses


def _of_node(node: ast.AST, modules: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Call) and (name := _dotted(node.func)) in _CALLS:
        yield f"call of {name}"
    elif isinstance(node, ast.Attribute) and (name := _dotted(node)) in _ATTRIBUTES:
        yield f"use of {name}"
    elif isinstance(node, ast.FunctionDef) and node.name in _METHODS:
        yield f"definition of {node.name}"
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Delete):
        yield from _patches(node, modules)
    elif isinstance(node, ast.ExceptHandler) and _swallows(node):
        yield "handler that swallows every exception"


def _patches(node: ast.Assign | ast.AugAssign | ast.Delete, modules: set[str]) -> Iterator[str]:
    targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
    for target in targets:
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in modules:
            yield f"assignment to {target.value.id}.{target.attr}"


def _swallows(node: ast.ExceptHandler) -> bool:
    broad = node.type is None or _dotted(node.type) in {"Exception", "BaseException"}
    return broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
