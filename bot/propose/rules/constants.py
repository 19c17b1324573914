"""Module-level tables that nobody changes: what may be derived from them once, when the module is imported."""

import re

import libcst as cst

from bot.domain.code import Snapshot
from bot.propose.rules import kinds
from bot.propose.rules.rule import Source
from bot.propose.rules.scope import Role, Scope, scope_of, walk
from bot.propose.rules.surgery import small

_CHANGING = "append|extend|insert|remove|pop|clear|sort|reverse|update|setdefault|add|discard|popitem"


def table(source: Source, scope: Scope, name: str) -> cst.SimpleStatementLine | None:
    """Return the one statement that binds a module-level list, tuple or dict which is only ever read.

    `scope` is that of the function: a name that it binds itself is not the module's.
    """
    if scope.binds(name):
        return None
    whole = scope_of(source.module)
    uses = whole.uses(name)
    bound = [use for use in uses if use.role is Role.BIND]
    line = whole.statement(bound[0].node) if len(bound) == 1 else None
    if not isinstance(line, cst.SimpleStatementLine) or whole.parent(line) is not source.module:
        return None
    value = _value(line)
    if value is None or kinds.kind(value) not in {"list", "tuple", "dict"}:
        return None
    read = all(use.role is Role.READ for use in uses if use is not bound[0])
    return line if read and not changed_elsewhere(source.tree, source.path, name) else None


def _value(line: cst.SimpleStatementLine) -> cst.BaseExpression | None:
    match small(line):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=value) | cst.AnnAssign(value=value):
            return value
    return None


def changed_elsewhere(tree: Snapshot, path: str, name: str) -> bool:
    """Say whether the text of any other Python file looks as if it changed or replaced the name, by whatever path."""
    word = re.escape(name)
    change = re.compile(
        rf"\b{word}\b\s*(\.({_CHANGING})\b|\[[^\]\n]*\]\s*=[^=]|[-+|*]?=[^=])"
        rf"|del\s+[\w.]*\b{word}\b|[\"']([\w.]*\.)?{word}[\"']"
    )
    for other in tree.paths(".py"):
        text = tree.data(other).decode("utf-8", "replace")
        if other == path:
            if re.search(rf"(setattr|globals|patch)\b[^\n]*[\"']([\w.]*\.)?{word}[\"']", text):
                return True
        elif name in text and change.search(text):
            return True
    return False


def writes_key(source: Source, keys: tuple[cst.BaseExpression, ...]) -> bool:
    """Say whether code outside of constructors assigns an attribute or item by which one of the keys reads."""
    whole = scope_of(source.module)
    attributes, items = _read_by(keys)
    for node in whole.nodes():
        if not isinstance(node, cst.Attribute | cst.Subscript) or not whole.is_target(node):
            continue
        if isinstance(node, cst.Subscript) and {_item(one) for one in node.slice} & items:
            return True
        if isinstance(node, cst.Attribute) and node.attr.value in attributes and not _constructs(whole, node):
            return True
    return _assigned_elsewhere(source, attributes)


def _assigned_elsewhere(source: Source, attributes: set[str]) -> bool:
    """Say whether another file assigns one of the attributes on anything but its own `self`."""
    if not attributes:
        return False
    change = re.compile(rf"(?<!\bself)\.({'|'.join(map(re.escape, sorted(attributes)))})\s*[-+*/|&]?=[^=]")
    return any(
        change.search(source.tree.data(path).decode("utf-8", "replace"))
        for path in source.tree.paths(".py")
        if path != source.path
    )


def _read_by(keys: tuple[cst.BaseExpression, ...]) -> tuple[set[str], set[str]]:
    attributes: set[str] = set()
    items: set[str] = set()
    for node in (node for key in keys for node in walk(key)):
        if isinstance(node, cst.Attribute):
            attributes.add(node.attr.value)
        elif isinstance(node, cst.Subscript):
            items |= {_item(one) for one in node.slice}
    return attributes, items


def _item(element: cst.SubscriptElement) -> str:
    index = element.slice
    return cst.Module([]).code_for_node(index.value) if isinstance(index, cst.Index) else ""


def _constructs(whole: Scope, node: cst.Attribute) -> bool:
    """Say whether this is `self.x = ...` in `__init__`."""
    owner = next((one for one in whole.around(node) if isinstance(one, cst.FunctionDef)), None)
    return owner is not None and owner.name.value == "__init__" and isinstance(node.value, cst.Name)
