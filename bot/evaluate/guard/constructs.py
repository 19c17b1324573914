"""Constructs that a speed-up does not need and a cheat does: found by comparing syntax trees before and after.

Names are followed through imports, so that `from os import environ as e` is `os.environ`; what cannot be followed,
such as an attribute of a module by a computed name, counts as a construct itself.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping

from bot.evaluate.guard import forbidden
from bot.evaluate.guard.names import aliases, dotted, imports, parsed

Assignment = ast.Assign | ast.AugAssign | ast.Delete


def added(before: bytes | None, after: bytes, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Return what `after` uses more often than `before`, as names for a sentence; [] where either does not parse.

    `allowed` are modules of which everything may be used.
    """
    old = _uses(before) if before is not None else Counter[str]()
    new = _uses(after)
    family = {phrase for phrase in old if phrase in forbidden.FAMILIES}
    return sorted(one for one in (new - old).keys() - family if _module(one) not in allowed)


def _module(phrase: str) -> str:
    return phrase.rpartition(" ")[2].partition(".")[0]


def _uses(data: bytes) -> Counter[str]:
    tree = parsed(data)
    known = aliases(tree)
    uses: Counter[str] = Counter(f"import of {name}" for name in imports(tree) if _is_forbidden_module(name))
    for origin in known.values():
        uses.update(_of_path(origin) if "." in origin and not _is_forbidden_module(origin) else ())
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (node.attr in forbidden.INNER or node.attr in forbidden.FILE_METHODS):
            uses[f"use of .{node.attr}"] += 1
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in inner:
            uses.update(_of_name(node, known))
        uses.update(_of_statement(node, known))
    return uses


def _is_forbidden_module(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:count]) in forbidden.MODULES for count in range(1, len(parts) + 1))


def _of_name(node: ast.Name | ast.Attribute, known: Mapping[str, str]) -> Iterator[str]:
    written = dotted(node)
    if not isinstance(node.ctx, ast.Load) or not written:
        return
    root, _, rest = written.partition(".")
    if root in known:
        yield from _of_path(".".join(filter(None, (known[root], rest))))
    elif root in forbidden.BUILTINS:
        yield f"use of {root}"


def _of_path(path: str) -> Iterator[str]:
    """Judge a name with the module in front, such as "os.path.join"."""
    parts = path.split(".")
    prefixes = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    if any(prefix in forbidden.NAMES or prefix in forbidden.MODULES for prefix in prefixes):
        yield f"use of {path}"
    elif parts[0] in forbidden.ALLOWED and len(parts) > 1 and parts[1] not in forbidden.ALLOWED[parts[0]]:
        reads = parts[0] == "os" and parts[1] in forbidden.FILE_READING
        yield forbidden.READS_FILES if reads else f"use of {parts[0]}.{parts[1]}"


def _of_statement(node: ast.AST, known: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from _of_call(node, known)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in forbidden.METHODS:
        yield f"definition of {node.name}"
    elif isinstance(node, Assignment):
        yield from _patches(node, known)
    elif isinstance(node, ast.ExceptHandler) and _swallows(node):
        yield "handler that swallows every exception"


def _of_call(node: ast.Call, known: Mapping[str, str]) -> Iterator[str]:
    name = _path(node.func, known)
    if name in {"getattr", "hasattr", "operator.attrgetter"}:
        yield from _by_text(node, name, known)
    elif name == "type" and len(node.args) == 3:
        yield "class made by type()"
    elif name == "contextlib.suppress" and any(_is_broad(one) for one in node.args):
        yield "suppression of every exception"


def _by_text(node: ast.Call, name: str, known: Mapping[str, str]) -> Iterator[str]:
    """Judge an attribute that is named by a text; one of a module whose name is computed may be anything."""
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    for text in texts:
        if set(text.split(".")) & forbidden.INNER:
            yield f"use of .{text}"
    if name == "operator.attrgetter" or not node.args:
        return
    root = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
    if root in known and texts:
        yield from _of_path(f"{known[root]}.{texts[0]}")
    elif root in known and known[root].split(".")[0] in {*forbidden.ALLOWED, *forbidden.MODULES}:
        yield f"computed attribute of {known[root]}"


def _patches(node: Assignment, known: Mapping[str, str]) -> Iterator[str]:
    targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
    for target in targets:
        if isinstance(target, ast.Name) and target.id in forbidden.METHODS:
            yield f"definition of {target.id}"
        path = dotted(_whole(target))
        if "." in path and path.split(".")[0] in known:
            yield f"assignment to {path}"


def _whole(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node


def _swallows(node: ast.ExceptHandler) -> bool:
    broad = node.type is None or _is_broad(node.type)
    return broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))


def _is_broad(node: ast.expr) -> bool:
    each = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(dotted(one).removeprefix("builtins.") in {"Exception", "BaseException"} for one in each)


def _path(node: ast.expr, known: Mapping[str, str]) -> str:
    root, _, rest = dotted(node).partition(".")
    return ".".join(filter(None, (known.get(root, root), rest)))
