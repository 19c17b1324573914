"""Scripts that call the methods of a `pyperf.Runner`."""

import ast

from bot.evaluate.benchmarks.source import parsed

NAME = "pyperf"
_METHODS = frozenset({"bench_func", "bench_time_func", "bench_async_func", "bench_command", "timeit"})


def holds(source: bytes) -> bool:
    """Say whether a file makes a `Runner` and calls one of its benchmark methods."""
    if b"pyperf" not in source or b"Runner" not in source:
        return False
    calls = [node.func for node in ast.walk(parsed(source)) if isinstance(node, ast.Call)]
    made = any(_name(one) == "Runner" for one in calls)
    return made and any(isinstance(one, ast.Attribute) and one.attr in _METHODS for one in calls)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
