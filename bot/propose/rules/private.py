"""Private instance attributes that hold a list: every place that can change one, or a refusal to say."""

import re
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.rule import Source
from bot.propose.rules.scope import Role, Scope
from bot.propose.rules.surgery import code

_REFLECTS = re.compile(r"__slots__|__setattr__|__getattribute__|__getattr__|__dict__|\bvars\(|\bsetattr\(|metaclass=")
_SPECIAL = frozenset(
    {"NamedTuple", "Enum", "IntEnum", "StrEnum", "Struct", "BaseModel", "Model", "TypedDict", "Protocol"}
)
_HARMLESS = frozenset({"dataclass", "dataclasses.dataclass"})


@dataclass(frozen=True, slots=True)
class PrivateList:
    """A list in `self._name`: the class, the statements that bind it to a new list, and all its other uses.

    `changes` are the uses by which the list changes in place, with the method called or "".
    """

    name: str
    owner: cst.ClassDef
    bindings: tuple[cst.SimpleStatementLine, ...]
    changes: tuple[tuple[cst.Attribute, str], ...]


def private_list(source: Source, whole: Scope, name: str) -> PrivateList | None:
    """Return what is known of a private attribute of the function's class; None where anything may happen to it."""
    owner = whole.parent(whole.parent(source.function) or source.module)
    if not isinstance(owner, cst.ClassDef) or not name.startswith("_") or name.startswith("__") or not _ordinary(owner):
        return None
    if _named_elsewhere(source, name, owner):
        return None
    uses = [node for node in whole.nodes() if isinstance(node, cst.Attribute) and node.attr.value == name]
    bindings = [_new_list(whole, node) for node in uses if whole.is_target(node)]
    others = [(node, *whole.role(node)) for node in uses if not whole.is_target(node)]
    lines = tuple(line for line in bindings if line is not None)
    if not all(_on_self(whole, node, owner) for node in uses) or not lines or len(lines) != len(bindings):
        return None
    if any(role is Role.ESCAPE for _, role, _ in others):
        return None
    return PrivateList(
        name, owner, lines, tuple((node, method) for node, role, method in others if role is Role.CHANGE)
    )


def _ordinary(owner: cst.ClassDef) -> bool:
    """Say whether instances take a new attribute without anybody noticing."""
    bases = {code(arg.value).rsplit(".", 1)[-1].split("[")[0] for arg in owner.bases}
    decorated = {code(one.decorator) for one in owner.decorators}
    return not (bases & _SPECIAL) and decorated <= _HARMLESS and _REFLECTS.search(code(owner)) is None


def _named_elsewhere(source: Source, name: str, owner: cst.ClassDef) -> bool:
    """Say whether the attribute's name stands in another file, in another class, or in a string."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    if any(word.search(source.tree.data(path).decode("utf-8", "replace")) for path in source.tree.paths(".py")
           if path != source.path):  # fmt: skip
        return True
    inside = len(word.findall(code(owner)))
    quoted = re.search(rf"[\"'][^\"'\n]*\b{re.escape(name)}\b", source.module.code)
    return inside != len(word.findall(source.module.code)) or quoted is not None


def _on_self(whole: Scope, node: cst.Attribute, owner: cst.ClassDef) -> bool:
    """Say whether this is `self._name` directly in a method of the class."""
    frames = [one for one in whole.around(node) if isinstance(one, cst.FunctionDef | cst.Lambda | cst.ClassDef)]
    if len(frames) < 2 or frames[1] is not owner or not isinstance(frames[0], cst.FunctionDef):
        return False
    first = frames[0].params.params[:1]
    return bool(first) and isinstance(node.value, cst.Name) and node.value.value == first[0].name.value


def _new_list(whole: Scope, node: cst.Attribute) -> cst.SimpleStatementLine | None:
    """Return the statement `self._name = [...]` around a target, where the value is evidently a new list."""
    line = whole.statement(node)
    match line:
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(targets=[cst.AssignTarget(target=target)], value=value)
                | cst.AnnAssign(target=target, value=cst.BaseExpression() as value)
            ]
        ) if target is node and kinds.kind(value) == "list":
            return line
    return None
