"""Instance attributes that hold a list: every place that can change one, or a refusal to say."""

import re
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.public import RELIES_ON_APPENDS, only_appended_to
from bot.propose.rules.rule import Source
from bot.propose.rules.scope import Role, Scope
from bot.propose.rules.surgery import block, code, small

_REFLECTS = re.compile(r"__slots__|__setattr__|__getattribute__|__getattr__|__dict__|\bvars\(|\bsetattr\(|metaclass=")
_SPECIAL = frozenset(
    {"NamedTuple", "Enum", "IntEnum", "StrEnum", "Struct", "BaseModel", "Model", "TypedDict", "Protocol"}
)
_FIELD = re.compile(r"(dataclasses\.)?field\(default_factory=list\)")
_HARMLESS = frozenset({"dataclass", "dataclasses.dataclass"})


@dataclass(frozen=True, slots=True)
class PrivateList:
    """A list in `self._name`: the class, the statements that bind it to a new list, and all its other uses.

    `changes` are the uses by which the list changes in place, with the method called or "". `labels` say what a
    change that rests on this relies on besides.
    """

    name: str
    owner: cst.ClassDef
    bindings: tuple[cst.SimpleStatementLine, ...]
    changes: tuple[tuple[cst.Attribute, str], ...]
    labels: frozenset[str] = frozenset()

    @property
    def stem(self) -> str:
        """The start of the names of attributes beside the list."""
        return f"_{self.name.lstrip('_')}"


def private_list(source: Source, whole: Scope, name: str) -> PrivateList | None:
    """Return what is known of a list attribute of the function's class; None where anything may happen to it.

    With a leading underscore the name must stand nowhere else; without one, the rest of the tree may read the list
    and append to it.
    """
    owner = whole.parent(whole.parent(source.function) or source.module)
    if not isinstance(owner, cst.ClassDef) or name.startswith("__") or not _ordinary(owner):
        return None
    uses = [node for node in whole.nodes(owner) if isinstance(node, cst.Attribute) and node.attr.value == name]
    if not all(_on_self(whole, node, owner) for node in uses):
        return None
    bindings = [_new_list(whole, node) for node in uses if whole.is_target(node)]
    lines = tuple(line for line in bindings if line is not None)
    others = [(node, *whole.role(node)) for node in uses if not whole.is_target(node)]
    field = _is_field(owner, name)
    if len(lines) != len(bindings) or not (lines or field) or any(role is Role.ESCAPE for _, role, _ in others):
        return None
    public = not name.startswith("_")
    if _named_elsewhere(source, name, owner) and not (
        public and only_appended_to(source.tree, source.path, name, owner.name.value)
    ):
        return None
    changes = tuple((node, method) for node, role, method in others if role is Role.CHANGE)
    return PrivateList(name, owner, lines, changes, frozenset({RELIES_ON_APPENDS} if public or field else ()))


def _is_field(owner: cst.ClassDef, name: str) -> bool:
    """Say whether this is a field of a dataclass that starts as a new list."""
    lines = (small(one) for one in block(owner.body))
    return any(
        isinstance(one, cst.AnnAssign)
        and code(one.target) == name
        and one.value is not None
        and _FIELD.fullmatch(code(one.value)) is not None
        for one in lines
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
