"""What callers may rely on: names, signatures, bases and the kind of each function must be those of the base."""

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def differences(before: bytes, after: bytes) -> list[str]:
    """Return one phrase for each public name that is missing or looks different to a caller."""
    old, new = dict(_surface(before)), dict(_surface(after))
    if not _parses(after):
        return []  # the next gate says why
    found = []
    for name, looks in old.items():
        if name not in new:
            found.append(f"{name} is gone")
        elif new[name] != looks:
            found.append(f"{name} has changed its signature from {looks} to {new[name]}")
    return found


def _parses(data: bytes) -> bool:
    try:
        ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    return True


def _surface(data: bytes) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return
    yield from _of_body(tree.body, "")


def _of_body(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, Function):
            # Private functions count too: other files of the repository may call them.
            yield prefix + node.name, _looks(node)
        elif isinstance(node, ast.ClassDef):
            bases = ", ".join(ast.unparse(base) for base in [*node.bases, *(word.value for word in node.keywords)])
            decorators = "".join(f"@{ast.unparse(one)} " for one in node.decorator_list)
            yield prefix + node.name, f"{decorators}class({bases})"
            yield from _of_body(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from ((prefix + name, "a variable") for name in _assigned(node) if _public(name))
        elif isinstance(node, ast.If | ast.Try):
            yield from _of_body([*node.body, *node.orelse], prefix)


def _assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        yield from (inner.id for inner in ast.walk(target) if isinstance(inner, ast.Name))


def _public(name: str) -> bool:
    return not name.startswith("_") or name == "__all__"


def _looks(node: Function) -> str:
    arguments = ast.parse(f"def f({ast.unparse(node.args)}): pass").body[0]
    for inner in ast.walk(arguments):
        if isinstance(inner, ast.arg):
            inner.annotation = None
    kind = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in _own(node))
    decorators = "".join(f"@{ast.unparse(one)} " for one in node.decorator_list if not _is_cache(one))
    shape = ast.unparse(arguments.args) if isinstance(arguments, ast.FunctionDef) else ""
    return f"{decorators}{kind}({shape}){' generator' if yields else ''}"


def _is_cache(node: ast.expr) -> bool:
    # A cache is not a question of signature: it is reported as state that outlives the call.
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    return name.rsplit(".", 1)[-1] in {"lru_cache", "cache"}


def _own(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.Lambda | ast.ClassDef):
            continue
        yield child
        yield from _own(child)
