"""`acc = acc + [x]` copies the whole accumulator at every step: quadratic where adding in place is linear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.accumulator import assigned, blocks, private_local
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, block, code, line, statements, swap
from bot.propose.rules.survey import parents, survey, walk

_FRESH_CALLS = {"list": "list", "set": "set", "dict": "dict", "sorted": "list"}


def kind(value: cst.BaseExpression) -> str | None:
    """Return the type name of an expression that makes a new container."""
    if isinstance(value, cst.List | cst.ListComp):
        return "list"
    if isinstance(value, cst.Dict | cst.DictComp):
        return "dict"
    if isinstance(value, cst.Set | cst.SetComp):
        return "set"
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        return _FRESH_CALLS.get(value.func.value)
    return None


def _plain(elements: Sequence[cst.BaseElement]) -> list[cst.BaseExpression] | None:
    if any(isinstance(one, cst.StarredElement) for one in elements):
        return None
    return [one.value for one in elements]


@dataclass(frozen=True, slots=True)
class Growth:
    """A statement and the statements that do the same in place."""

    statement: cst.SimpleStatementLine
    texts: tuple[str, ...]


def growth(statement: cst.CSTNode, name: str, container: str) -> Growth | None:
    """Read `name = name + other`, `name = name | other` or `name = {**name, key: value}`."""
    pair = assigned(statement)
    if pair is None or pair[0] != name or not isinstance(statement, cst.SimpleStatementLine):
        return None
    value = pair[1]
    texts: list[str] | None = None
    if isinstance(value, cst.BinaryOperation) and code(value.left) == name:
        if container == "list" and isinstance(value.operator, cst.Add):
            texts = _added(name, value.right)
        elif container in {"set", "dict"} and isinstance(value.operator, cst.BitOr):
            texts = _merged(name, value.right)
    elif container == "dict" and isinstance(value, cst.Dict):
        texts = _starred(name, value)
    return Growth(statement, tuple(texts)) if texts and survey(statement).reads(name) == 1 else None


def _added(name: str, other: cst.BaseExpression) -> list[str] | None:
    if isinstance(other, cst.List):
        values = _plain(other.elements)
        if values is not None and len(values) == 1:
            return [f"{name}.append({code(values[0])})"]
    return [f"{name} += {code(other)}"]


def _merged(name: str, other: cst.BaseExpression) -> list[str] | None:
    if isinstance(other, cst.Set):
        values = _plain(other.elements)
        if values is not None and len(values) == 1:
            return [f"{name}.add({code(values[0])})"]
    if isinstance(other, cst.Dict) and len(other.elements) == 1 and isinstance(other.elements[0], cst.DictElement):
        return [f"{name}[{code(other.elements[0].key)}] = {code(other.elements[0].value)}"]
    return [f"{name} |= {code(other)}"]


def _starred(name: str, value: cst.Dict) -> list[str] | None:
    if not value.elements or not isinstance(value.elements[0], cst.StarredDictElement):
        return None
    if code(value.elements[0].value) != name:
        return None
    texts = []
    for one in value.elements[1:]:
        if isinstance(one, cst.DictElement):
            texts.append(f"{name}[{code(one.key)}] = {code(one.value)}")
        else:
            texts.append(f"{name}.update({code(one.value)})")
    return texts if len(texts) == 1 else None


class GrowInPlace:
    """Lists, sets and dicts that are rebuilt to add to them are added to in place."""

    name = "grow-in-place"
    precondition = (
        "The local starts as a new container in the same block and until the last addition is read only where it "
        "cannot escape (`in`, `len`, one item); no nested function sees it. Adding something other than a list to a "
        "list raises before and may succeed after."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each accumulator."""
        for body in blocks(source.function):
            for index, statement in enumerate(block(body)):
                pair = assigned(statement)
                container = kind(pair[1]) if pair is not None else None
                if pair is None or container is None or not private_local(source.function, pair[0]):
                    continue
                changes = self._changes(source.module, body, index, pair[0], container)
                if changes:
                    yield Rewrite(
                        swap(source.module, changes),
                        f"`{pair[0]}` was copied at every addition; it now grows in place.",
                    )

    def _changes(
        self, module: cst.Module, body: cst.IndentedBlock, start: int, name: str, container: str
    ) -> dict[cst.CSTNode, Change]:
        found: list[Growth] = []
        for statement in body.body[start + 1 :]:
            inside = [g for node in walk(statement, into_scopes=False) if (g := growth(node, name, container))]
            if survey(statement).bound[name] != len(inside) or not self._contained(statement, name, inside):
                break
            if not isinstance(statement, cst.SimpleStatementLine):
                found += inside
        return {
            one.statement: [line(module, one.texts[0], one.statement), *statements(module, "\n".join(one.texts[1:]))]
            for one in found
        }

    def _contained(self, statement: cst.BaseStatement, name: str, inside: Sequence[Growth]) -> bool:
        """Say whether every read of the name is an addition, or leaves no reference behind."""
        known = {node for one in inside for node in walk(one.statement)}
        above = parents(statement)
        return all(
            load in known or self._harmless(load, above) for load in survey(statement).loads if load.value == name
        )

    def _harmless(self, load: cst.Name, above: dict[cst.CSTNode, cst.CSTNode]) -> bool:
        up = above.get(load)
        if isinstance(up, cst.ComparisonTarget):
            return isinstance(up.operator, cst.In | cst.NotIn)
        if isinstance(up, cst.Arg):
            call = above.get(up)
            return isinstance(call, cst.Call) and code(call.func) in {"len", "sum", "min", "max"}
        if isinstance(up, cst.Return):
            return True
        if isinstance(up, cst.Attribute):
            return up.attr.value in {"append", "add", "get", "count", "index"}
        return isinstance(up, cst.Subscript) and not any(isinstance(e.slice, cst.Slice) for e in up.slice)
