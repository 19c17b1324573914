"""Reading a Python file that may not be one."""

import ast
import warnings


def parsed(source: bytes) -> ast.Module:
    """Return the syntax tree of a file; an empty one where it does not parse, as it then holds no benchmark."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in the target are not ours to report
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.Module(body=[], type_ignores=[])


def parameters(function: ast.FunctionDef) -> frozenset[str]:
    """Return the names of a function's parameters, except * and **."""
    found = function.args
    return frozenset(one.arg for one in (*found.posonlyargs, *found.args, *found.kwonlyargs))
