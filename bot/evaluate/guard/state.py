"""State that outlives a call: what a cache across calls needs, recognised by comparing syntax trees."""

import ast
from collections.abc import Iterator, Mapping

from bot.evaluate.guard.lasting import OWN_CLASS, is_changeable, lasting, made_at_import, origin
from bot.evaluate.guard.names import aliases, parsed

_CACHES = {"lru_cache", "cache", "cached_property", "memoize", "memoized", "singledispatch"}
_MUTATORS = {
    "__setitem__", "add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft",
    "insert", "intersection_update", "move_to_end", "pop", "popitem", "popleft", "remove", "reverse", "rotate", "send",
    "setdefault", "sort", "subtract", "symmetric_difference_update", "update",
}  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def added(before: bytes | None, after: bytes) -> list[str]:
    """Return phrases for state that `after` keeps between calls and `before` does not."""
    old = set(_kept(before)) if before is not None else set()
    return sorted((set(_kept(after)) - old) | set(_by_readers(before, after)))


def _by_readers(before: bytes | None, after: bytes) -> Iterator[str]:
    """Attributes of `self` that a method writes now and that left `self` alone before: answers kept on the object."""
    old, new = _writers(before or b""), _writers(after)
    for method, attributes in new.items():
        if method in old and not old[method] and attributes and not method.endswith(".__init__"):
            yield f"self.{', self.'.join(sorted(attributes))} written by {method}, which changed nothing before"


def _writers(data: bytes) -> dict[str, set[str]]:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, set[str]] = {}
    for owner in ast.walk(tree):
        if isinstance(owner, ast.ClassDef):
            methods = [one for one in owner.body if isinstance(one, Function) and one.args.args]
            written = {one.name: set(_own_writes(one)) for one in methods}
            called = {one.name: set(_own_calls(one)) for one in methods}
            found |= {f"{owner.name}.{name}": _with_called(name, written, called) for name in written}
    return found


def _with_called(name: str, written: Mapping[str, set[str]], called: Mapping[str, set[str]]) -> set[str]:
    """Return what a method writes itself, or through methods of the same object that it calls."""
    attributes: set[str] = set()
    seen, left = set[str](), [name]
    while left:
        one = left.pop()
        if one in written and one not in seen:
            seen.add(one)
            attributes |= written[one]
            left.extend(called[one])
    return attributes


def _own_calls(method: Function) -> Iterator[str]:
    own = method.args.args[0].arg
    for node in ast.walk(method):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own:
            yield node.attr


def _own_writes(method: Function) -> Iterator[str]:
    own = method.args.args[0].arg
    for node in ast.walk(method):
        target: ast.expr | None = None
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            target = node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
            target = node.func.value
        while isinstance(target, ast.Subscript):
            target = target.value
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == own:
            yield target.attr


def _kept(data: bytes) -> Iterator[str]:
    tree = parsed(data)
    known = aliases(tree)
    holders = set(lasting(tree, known))
    yield from made_at_import(tree)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from _of_function(node, holders, known)
        elif isinstance(node, ast.Call) and origin(node.func, known) in _CACHES and node.args:
            yield f"{origin(node.func, known)} around {ast.unparse(node.args[0])}"


def _of_function(node: Function, holders: set[str], known: Mapping[str, str]) -> Iterator[str]:
    for decorator in node.decorator_list:
        name = origin(decorator.func if isinstance(decorator, ast.Call) else decorator, known)
        if name in _CACHES:
            yield f"{name} on {node.name}"
    for default in [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]:
        if is_changeable(default, known):
            yield f"mutable default argument of {node.name}"
    own = _own_names(node)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Global):
            yield f"global {', '.join(inner.names)} written by {node.name}"
        elif (name := _written(inner)) and name.removeprefix(".") in holders and name not in own:
            yield f"{name.removeprefix('.')} written by {node.name}"


def _own_names(node: Function) -> set[str]:
    """Return the names that a function binds for itself: they hide what lasts."""
    bound = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
    return bound | {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}


def _written(node: ast.AST) -> str:
    """Return the name whose object the node changes in place, with a "." in front of an attribute's, or ""."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
        return _root(node.func.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "next" and node.args:
        return _root(node.args[0])
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return _root(node.value)
    return ""


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f".{node.attr}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type":
        return OWN_CLASS
    return ""
