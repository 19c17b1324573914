"""Plain functions called bench_<name>, at the top level of a file."""

import ast

from bot.evaluate.benchmarks.source import parameters, parsed

NAME = "functions"


def holds(source: bytes) -> bool:
    """Say whether a file defines a `bench_*` function that is not a test with a `benchmark` fixture."""
    if b"def bench_" not in source:
        return False
    return any(
        isinstance(node, ast.FunctionDef) and node.name.startswith("bench_") and "benchmark" not in parameters(node)
        for node in parsed(source).body
    )
