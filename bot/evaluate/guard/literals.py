"""Large literals that a change adds: precomputed answers look like this, whatever they are written as."""

import ast
from collections.abc import Iterator, Sequence

from bot.domain.code import FileChange

_LARGE = 64
_BYTES = 8
_DISPLAYS = ast.List | ast.Tuple | ast.Set | ast.Dict


def large_literals(changes: Sequence[FileChange]) -> list[str]:
    """Return phrases for literal tables that a change adds, sized in elements (eight bytes of text count as one)."""
    found = []
    for change in changes:
        if not change.path.endswith(".py") or change.after is None:
            continue
        old, new = list(_sizes(change.before)), list(_sizes(change.after))
        grown = [size for size in new if size >= _LARGE and new.count(size) > old.count(size)]
        found += [f"a literal of {size} elements in {change.path}" for size in sorted(set(grown))]
    return found


def _sizes(data: bytes | None) -> Iterator[int]:
    try:
        tree = ast.parse(data or b"")
    except (SyntaxError, ValueError):
        return
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, _DISPLAYS) and id(node) not in inner:
            inner.update(map(id, ast.walk(node)))
            yield sum(_size(one) for one in ast.walk(node) if isinstance(one, ast.Constant | ast.Name))
        elif isinstance(node, ast.Constant) and id(node) not in prose and id(node) not in inner:
            yield _size(node)


def _size(node: ast.Constant | ast.Name) -> int:
    if isinstance(node, ast.Name):
        return 1
    value = node.value
    if isinstance(value, str | bytes):
        return max(1, len(value) // _BYTES)
    return max(1, value.bit_length() // (8 * _BYTES)) if isinstance(value, int) else 1
