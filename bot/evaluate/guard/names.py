"""Names in a syntax tree: what is imported, and under which other names it is used."""

import ast
from collections.abc import Iterator


def parsed(data: bytes) -> ast.Module:
    """Return the syntax tree of a file; an empty one where it does not parse, which another gate reports."""
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names of all modules that absolute imports name, and of what is taken from packages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def relative_imports(tree: ast.AST) -> Iterator[str]:
    """Yield every part of the names that relative imports name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield from (node.module or "").split(".")
            yield from (alias.name for alias in node.names)


def aliases(tree: ast.AST) -> dict[str, str]:
    """Return the dotted origin of each name that an absolute import binds."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                known[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return known


def dotted(node: ast.AST) -> str:
    """Return "a.b.c" for a chain of attributes on a name, else ""."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
