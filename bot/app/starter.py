"""The first benchmark of a repository that has none: it runs as it is, and says what to put in its place."""

import ast
import keyword
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.localize.exclude import Exclusions
from bot.localize.index import Index

DIRECTORY = "benchmarks"
_SUGGESTED = 5
_PLAIN = "example"
_NOT_FOR_IMPORT = frozenset({"setup", "conf", "noxfile"})


def starter(tree: Snapshot, import_roots: tuple[str, ...]) -> tuple[str, str]:
    """Return path and text of a first benchmark for the largest package of `tree`."""
    package = _package(tree, import_roots)
    name = package or _PLAIN
    return f"{DIRECTORY}/bench_{name}.py", _text(package, name, tuple(_suggestions(tree, import_roots, package)))


def _package(tree: Snapshot, import_roots: tuple[str, ...]) -> str:
    """Return the top-level package or module with the most code, "" where there is none to import."""
    sizes: dict[str, int] = {}
    for path, module in _modules(tree, import_roots):
        top = module.partition(".")[0]
        sizes[top] = sizes.get(top, 0) + len(tree.data(path))
    return max(sorted(sizes), key=sizes.__getitem__, default="")


def _modules(tree: Snapshot, import_roots: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield (path, dotted name) of the modules that may be measured: packages, and files in an import root."""
    exclusions = Exclusions(tree, import_roots=import_roots)
    deepest = sorted(import_roots, key=len, reverse=True)
    for path in tree.paths(".py"):
        root = next((one for one in deepest if _below(path, one)), None)
        if root is None or exclusions.reason(path) is not None:
            continue
        parts = PurePosixPath(path).relative_to(root or ".").with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        package = "/".join([*([root] if root else []), *parts[:1], "__init__.py"])
        if _importable(parts) and (len(parts) == 1 or package in tree.files):
            yield path, ".".join(parts)


def _importable(parts: tuple[str, ...]) -> bool:
    named = all(one.isidentifier() and not keyword.iskeyword(one) for one in parts)
    return bool(parts) and named and parts[0] not in _NOT_FOR_IMPORT


def _below(path: str, root: str) -> bool:
    return not root or path.startswith(f"{root}/")


def _suggestions(tree: Snapshot, import_roots: tuple[str, ...], package: str) -> Iterator[str]:
    """Yield public functions of the package with loops in them: what somebody may want to be fast."""
    index = Index(tree)
    found = [
        (-one.loops, f"{module}.{one.function.qualname}")
        for path, module in _modules(tree, import_roots)
        if module.partition(".")[0] == package
        for one in index.file(path).definitions
        if one.loops and "." not in one.function.qualname and not one.function.qualname.startswith("_")
    ]
    yield from (name for _, name in sorted(found)[:_SUGGESTED])


def _text(package: str, name: str, suggestions: tuple[str, ...]) -> str:
    of = f" of {package}" if package else ""
    imports = f"import {package}\n\n\n" if package else "\n"
    result = f"{package}.__name__, sorted(numbers)" if package else "sorted(numbers)"
    hint = f"# For example: {', '.join(suggestions)}" if suggestions else "# Call what should be fast, and return it."
    text = (
        f'"""A first benchmark{of}: put the work that matters in place of sorted().\n\n'
        "bench_<name> is timed; setup_<name>(seed) makes its argument anew for each call, and is not.\n"
        f'"""\n\n{imports}'
        f"def setup_{name}(seed):\n"
        "    return [(number * 7919 + seed) % 1009 for number in range(1000)]\n\n\n"
        f"def bench_{name}(numbers):\n    {hint}\n    return {result}\n"
    )
    ast.parse(text)  # what is written must run
    return text
