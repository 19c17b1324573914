"""Objects that live as long as their module and can be changed: what a function writes to if it keeps something."""

import ast
from collections.abc import Iterator, Mapping

OWN_CLASS = "__class__"
_FRESH = {
    "dict", "list", "set", "OrderedDict", "defaultdict", "Counter", "deque", "WeakKeyDictionary", "WeakValueDictionary",
    "bytearray", "array", "SimpleNamespace", "count", "cycle", "iter", "fromkeys", "zeros", "empty", "ChainMap",
}  # fmt: skip
_DISPLAYS = ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp | ast.GeneratorExp
Function = ast.FunctionDef | ast.AsyncFunctionDef


def lasting(tree: ast.Module, known: Mapping[str, str]) -> Iterator[str]:
    """Yield names of changeable objects at module and class level, and of the functions and classes themselves."""
    yield OWN_CLASS
    yield from _of_body(tree.body, known)


def made_at_import(tree: ast.Module) -> Iterator[str]:
    """Yield phrases for module variables made by closures, generators and classes that change."""
    keeping = {node.name for node in tree.body if isinstance(node, Function | ast.ClassDef) and _keeps(node)}
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
            continue
        maker = node.value.func
        if isinstance(maker, ast.Name) and maker.id in keeping:
            yield f"what {maker.id} keeps in {ast.unparse(_target(node))}"


def origin(node: ast.expr, known: Mapping[str, str]) -> str:
    """Return the last part of a name, through imports: `c` may be functools.lru_cache."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return known.get(node.id, node.id).rpartition(".")[2] if isinstance(node, ast.Name) else ""


def is_changeable(node: ast.expr, known: Mapping[str, str]) -> bool:
    """Say whether an expression makes an object that can be changed in place."""
    if isinstance(node, _DISPLAYS):
        return True
    if isinstance(node, ast.Tuple):
        return any(is_changeable(one, known) for one in node.elts)
    if isinstance(node, ast.BinOp):
        return is_changeable(node.left, known) or is_changeable(node.right, known)
    return isinstance(node, ast.Call) and origin(node.func, known) in _FRESH


def _of_body(body: list[ast.stmt], known: Mapping[str, str]) -> Iterator[str]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from _of_body(node.body, known)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if is_changeable(node.value, known):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _keeps(node: Function | ast.ClassDef) -> bool:
    """Say whether what a function or class makes can change between two uses."""
    if isinstance(node, ast.ClassDef):
        methods = [one for one in node.body if isinstance(one, Function) and one.name != "__init__"]
        return any(_writes_itself(one) for one in methods)
    inner = [one for one in ast.walk(node) if one is not node]
    return any(isinstance(one, Function | ast.Lambda | ast.Yield) for one in inner)


def _writes_itself(method: Function) -> bool:
    stores = (one for one in ast.walk(method) if isinstance(one, ast.Attribute | ast.Subscript))
    return any(isinstance(one.ctx, ast.Store) for one in stores)


def _target(node: ast.Assign | ast.AnnAssign) -> ast.expr:
    return node.targets[0] if isinstance(node, ast.Assign) else node.target
