"""The names that a function binds, and which of them hold nothing but what it made itself."""

import ast
from collections.abc import Collection

NUMPY_MADE = frozenset({"zeros", "ones", "empty", "full", "arange", "linspace", "array", "eye", "copy", "zeros_like"})
CONTAINERS = frozenset({"Counter", "defaultdict", "deque", "OrderedDict"})
_FRESH_CALLS = CONTAINERS | {
    "list",
    "dict",
    "set",
    "sorted",
    "tuple",
    "str",
    "int",
    "float",
    "len",
    "sum",
    "round",
    "abs",
    *NUMPY_MADE,
}
_FRESH = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant, ast.BinOp, ast.UnaryOp,
    ast.JoinedStr, ast.Compare,
)  # fmt: skip


class Locals:
    """The names that a function binds; `own` are those that only ever hold numbers or containers made in it."""

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef, own: Collection[str] = ()) -> None:
        arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        stored = {
            node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        made: dict[str, list[bool]] = {}
        simple: set[int] = set()
        for node in ast.walk(function):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name) as target], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name) as target, value=ast.expr() as value)
                ):
                    made.setdefault(name, []).append(_is_fresh(value))
                    simple.add(id(target))
                case ast.Assign(targets=targets, value=ast.Constant()) if all(
                    isinstance(one, ast.Name) for one in targets
                ):
                    for one in targets:
                        made.setdefault(ast.unparse(one), []).append(True)
                        simple.add(id(one))
                case ast.AugAssign(target=ast.Name() as target):
                    simple.add(id(target))
        others = {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in simple
        }
        self.names = arguments | stored
        self.own = ({name for name, found in made.items() if all(found)} - others - arguments) | set(own)


def root(value: ast.expr) -> set[str]:
    """Return the name at the start of a chain of attributes, in a set; empty where it starts with something else."""
    while isinstance(value, ast.Attribute):
        value = value.value
    return {value.id} if isinstance(value, ast.Name) else set()


def _is_fresh(value: ast.expr) -> bool:
    call = isinstance(value, ast.Call) and ast.unparse(value.func).rsplit(".", 1)[-1] in _FRESH_CALLS
    return call or isinstance(value, _FRESH)
