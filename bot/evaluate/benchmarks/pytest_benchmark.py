"""Tests with a `benchmark` fixture, as pytest-benchmark and pytest-codspeed provide it."""

import ast
from collections.abc import Iterator

from bot.evaluate.benchmarks.source import parameters, parsed

NAME = "pytest-benchmark"


def holds(source: bytes) -> bool:
    """Say whether a file defines a test function or method with a parameter called `benchmark`."""
    if b"benchmark" not in source:
        return False
    return any(node.name.startswith("test") and "benchmark" in parameters(node) for node in _tests(parsed(source)))


def _tests(module: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (inner for inner in node.body if isinstance(inner, ast.FunctionDef))
