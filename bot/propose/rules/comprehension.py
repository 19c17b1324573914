"""A loop that does nothing but fill a new list, set or dictionary is a comprehension: no look-up and call an item."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.accumulator import assigned, blocks, private_local
from bot.propose.rules.effects import Effects
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, atom, block, code, has_comment, line, small, statements, swap
from bot.propose.rules.survey import leaks, survey, walk

_OPENING = {"[]": "[]", "list()": "[]", "set()": "{}", "{}": "{:}", "dict()": "{:}"}
_METHOD = {"[]": "append", "{}": "add"}


@dataclass(frozen=True, slots=True)
class Filling:
    """What one turn adds: key (dictionaries only) and value, and the `for` and `if` clauses around it."""

    value: cst.BaseExpression
    clauses: str
    key: cst.BaseExpression | None = None
    other: tuple[cst.BaseExpression, cst.BaseExpression] | None = None


class Comprehension:
    """Loops that fill a new container become comprehensions."""

    name = "comprehension"
    precondition = (
        "The container starts empty just before the loop, each turn adds at most one item, nothing reads it or the "
        "loop's names otherwise, there is no `try` in the function, and nothing yields, awaits or needs the frame."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each loop."""
        if any(isinstance(node, cst.Try | cst.TryStar) for node in walk(source.function.body)):
            return
        effects = Effects(source)
        for body in blocks(source.function):
            for index, statement in enumerate(body.body):
                made = self._made(source, effects, body, index, statement)
                if made is not None:
                    changes, name = made
                    yield Rewrite(swap(source.module, changes), f"`{name}` is filled by a comprehension.")

    def _made(
        self, source: Source, effects: Effects, body: cst.IndentedBlock, index: int, statement: cst.BaseStatement
    ) -> tuple[dict[cst.CSTNode, Change], str] | None:
        pair = assigned(statement)
        opening = _OPENING.get(code(pair[1])) if pair is not None else None
        if pair is None or opening is None or not private_local(source.function, pair[0]):
            return None
        name = pair[0]
        for loop in body.body[index + 1 :]:
            if name not in survey(loop).names:
                continue
            if not isinstance(loop, cst.For) or not self._fits(source.function, loop):
                return None
            filling = _filling(loop, name, opening, effects)
            if filling is None or survey(loop).reads(name) != (1 if filling.other is None else 2):
                return None
            text = f"{name} = {_written(filling, opening, loop)}"
            new: list[cst.BaseStatement] = statements(source.module, text)
            first = cst.ensure_type(new[0], cst.SimpleStatementLine)
            if has_comment(statement):
                return {loop: first.with_changes(leading_lines=loop.leading_lines)}, name
            new = [line(source.module, text, loop)]
            return {statement: (), loop: new} if index + 1 < len(body.body) else {loop: new}, name
        return None

    def _fits(self, function: cst.FunctionDef, loop: cst.For) -> bool:
        seen = survey(loop)
        if seen.suspends or loop.asynchronous or loop.orelse or has_comment(loop.body):
            return False
        if any(isinstance(one, cst.NamedExpr | cst.Break | cst.Return) for one in walk(loop)):
            return False
        if {"super", "__class__", "locals", "vars", "eval", "exec", "dir"} & seen.names:
            return False
        return not leaks(function, loop)


def _filling(loop: cst.For, name: str, opening: str, effects: Effects) -> Filling | None:
    """Read the body of a loop as "at most one item a turn"."""
    clauses = f"for {code(loop.target).strip('()') or '_'} in {code(loop.iter)}"
    inside = list(block(loop.body))
    while len(inside) == 2 and isinstance(inside[0], cst.If) and inside[0].orelse is None:
        only = [small(one) for one in block(inside[0].body)]
        if len(only) != 1 or not isinstance(only[0], cst.Continue):
            return None
        clauses += f" if not {atom(inside[0].test)}"
        inside = inside[1:]
    if len(inside) != 1:
        return None
    statement = inside[0]
    if isinstance(statement, cst.If):
        return _conditional(statement, clauses, name, opening, effects)
    if isinstance(statement, cst.For) and statement.orelse is None and statement.asynchronous is None:
        deeper = _filling(statement, name, opening, effects)
        return (
            None if deeper is None else Filling(deeper.value, f"{clauses} {deeper.clauses}", deeper.key, deeper.other)
        )
    return _item(statement, clauses, name, opening, effects)


def _conditional(statement: cst.If, clauses: str, name: str, opening: str, effects: Effects) -> Filling | None:
    inside = block(statement.body)
    if len(inside) != 1:
        return None
    if statement.orelse is None:
        tested = f"{clauses} if {atom(statement.test)}"
        if isinstance(inside[0], cst.If):
            return _conditional(inside[0], tested, name, opening, effects)
        return _item(inside[0], tested, name, opening, effects)
    otherwise = block(statement.orelse.body) if isinstance(statement.orelse, cst.Else) else ()
    if len(otherwise) != 1 or opening == "{:}":
        return None
    yes, no = (_item(one[0], clauses, name, opening, effects) for one in (inside, otherwise))
    return None if yes is None or no is None else Filling(yes.value, clauses, None, (statement.test, no.value))


def _item(statement: cst.CSTNode, clauses: str, name: str, opening: str, effects: Effects) -> Filling | None:
    found = small(statement)
    if opening == "{:}":
        target = found.targets[0].target if isinstance(found, cst.Assign) and len(found.targets) == 1 else None
        if not isinstance(found, cst.Assign) or not isinstance(target, cst.Subscript) or code(target.value) != name:
            return None
        index = target.slice[0].slice if len(target.slice) == 1 else None
        key = index.value if isinstance(index, cst.Index) else None
        ordered = key is not None and (effects.pure(key) or effects.pure(found.value))
        return Filling(found.value, clauses, key) if ordered else None
    call = found.value if isinstance(found, cst.Expr) else None
    if not isinstance(call, cst.Call) or code(call.func) != f"{name}.{_METHOD[opening]}" or len(call.args) != 1:
        return None
    arg = call.args[0]
    return None if arg.star or arg.keyword else Filling(arg.value, clauses)


def _written(filling: Filling, opening: str, loop: cst.For) -> str:
    value = code(filling.value)
    if filling.key is not None:
        return f"{{{code(filling.key)}: {value} {filling.clauses}}}"
    if filling.other is not None:
        value = f"{value} if {code(filling.other[0])} else {code(filling.other[1])}"
    elif value == code(loop.target) and filling.clauses == f"for {value} in {code(loop.iter)}":
        return f"{'list' if opening == '[]' else 'set'}({code(loop.iter)})"
    return f"{opening[0]}{value} {filling.clauses}{opening[1]}"
