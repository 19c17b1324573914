"""Recursion over overlapping subproblems: each is solved once in a table that lives for one outer call."""

import re
from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.purity import Purity, plain_parameters, returns_mutable
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Scope, scope_of
from bot.propose.rules.surgery import Change, block, code, fresh, small, statements, swap


class RecursionTable:
    """A pure recursive function gets an inner function with a dict of what is solved already."""

    name = "recursion-table"
    precondition = (
        "The function is evidently pure, undecorated, calls itself by its own name more than once or in a loop, and "
        "returns nothing evidently mutable; two calls do not just take a range apart; parameters handed on unchanged "
        "are no part of the key. That the others are hashable, and that 1, 1.0 and True do not meet as arguments, is "
        "left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield the function with a table, if it qualifies."""
        function = source.function
        names = plain_parameters(function)
        body = block(function.body)
        if names is None or not body or function.decorators or returns_mutable(function):
            return
        me = names[0] if isinstance(_owner(source), cst.ClassDef) and names else ""
        scope = Scope(function)
        calls = _own_calls(source, scope, me)
        if calls is None or not _overlapping(scope, calls) or not Purity(source.module).of(function, me):
            return
        keys = _keys(scope, names[1:] if me else names, calls)
        if keys and not any(_unhashable(scope, name, index, calls) for index, name in enumerate(keys)):
            rewritten = _with_table(source, scope, me, keys, calls)
            if rewritten is not None:
                yield rewritten


def _owner(source: Source) -> cst.CSTNode | None:
    whole = scope_of(source.module)
    return whole.parent(whole.parent(source.function) or source.module)


def _own_calls(source: Source, scope: Scope, me: str) -> list[cst.Call] | None:
    """Return the calls of the function to itself; None where its name is used in any other way."""
    name = source.function.name.value
    if me:
        defined = [
            one for path in source.tree.paths(".py")
            for one in re.findall(rf"\bdef {re.escape(name)}\b", source.tree.data(path).decode("utf-8", "replace"))
        ]  # fmt: skip
        uses: list[cst.CSTNode] = [
            node for node in scope.nodes() if isinstance(node, cst.Attribute) and node.attr.value == name
        ]
        if len(defined) > 1 or any(code(one) != f"{me}.{name}" for one in uses):
            return None
    else:
        if not any(one is source.function for one in source.module.body):
            return None
        uses = [use.node for use in scope.uses(name)]
    calls = [call for one in uses if isinstance(call := scope.parent(one), cst.Call) and call.func is one]
    plain = all(arg.star == "" and arg.keyword is None for call in calls for arg in call.args)
    return calls if len(calls) == len(uses) and plain else None


def _overlapping(scope: Scope, calls: list[cst.Call]) -> bool:
    """Say whether one run of the body can make more than one call: not if each is a whole `return f(...)`."""
    if _halves(calls):
        return False
    tail = [isinstance(scope.parent(call), cst.Return) for call in calls]
    return any(scope.loops(call) for call in calls) or (len(calls) > 1 and not all(tail))


def _halves(calls: list[cst.Call]) -> bool:
    """Say whether two calls take a range apart: the end of the first part is the start of the second."""
    if len(calls) != 2:
        return False
    first, second = ([code(one.value) for one in call.args] for call in calls)
    return any(
        one in second and second.index(one) != place
        for place, one in enumerate(first)
        if one not in second[place : place + 1]
    )


def _keys(scope: Scope, names: tuple[str, ...], calls: list[cst.Call]) -> tuple[str, ...]:
    """Return the parameters that are not handed on unchanged by every call."""
    found = []
    for index, name in enumerate(names):
        same = all(len(call.args) > index and code(call.args[index].value) == name for call in calls)
        if not same or sum(scope.is_target(use.node) for use in scope.uses(name)) > 1:
            found.append(name)
    return tuple(found)


def _unhashable(scope: Scope, name: str, index: int, calls: list[cst.Call]) -> bool:
    handed = [call.args[index].value for call in calls if len(call.args) > index]
    return kinds.of_name(scope, name) in kinds.UNHASHABLE or any(kinds.unhashable(scope, one) for one in handed)


def _with_table(source: Source, scope: Scope, me: str, keys: tuple[str, ...], calls: list[cst.Call]) -> Rewrite | None:
    function = source.function
    known, solve = fresh(source.module, "known"), fresh(source.module, "solve")
    key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
    if any(sum(scope.is_target(use.node) for use in scope.uses(one)) > 1 for one in keys):
        given = fresh(source.module, "given")
        head, key = f"{given} = {key}\n", given
    else:
        head = ""
    inner = swap(function, {call: call.with_changes(func=cst.Name(solve)) for call in calls})
    stored = _store(source.module, inner, solve, f"{known}[{key}]")
    if stored is None:
        return None
    body = list(block(stored.body))
    docstring = [body.pop(0)] if _is_docstring(body[0]) else []
    head = f"{head}if {key} in {known}:\n\treturn {known}[{key}]\n"
    params = stored.params.with_changes(params=stored.params.params[1:]) if me else stored.params
    solver = cst.FunctionDef(
        name=cst.Name(solve),
        params=params,
        returns=stored.returns,
        body=stored.body.with_changes(body=[*statements(source.module, head), *body]),
        leading_lines=[cst.EmptyLine(indent=False)],
    )
    names = [one.name.value for one in params.params]
    outer = [
        *docstring,
        *statements(source.module, f"{known} = {{}}"),
        solver,
        *(one.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
          for one in statements(source.module, f"return {solve}({', '.join(names)})")),
    ]  # fmt: skip
    changes: dict[cst.CSTNode, Change] = {function: function.with_changes(body=function.body.with_changes(body=outer))}
    return Rewrite(
        swap(source.module, changes),
        f"`{function.name.value}` solved the same subproblems again and again; a table that lives for one call solves "
        "each of them once.",
    )


def _is_docstring(statement: cst.BaseStatement) -> bool:
    line = small(statement)
    return isinstance(line, cst.Expr) and isinstance(line.value, cst.SimpleString | cst.ConcatenatedString)


def _store(module: cst.Module, function: cst.FunctionDef, solve: str, place: str) -> cst.FunctionDef | None:
    """Return the function with every result that may be expensive stored before it is returned."""
    scope = Scope(function)
    changes: dict[cst.CSTNode, Change] = {}
    for node in scope.nodes(function.body):
        if not isinstance(node, cst.Return) or node.value is None or _cheap(scope, node.value):
            continue
        line = scope.parent(node)
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            if solve in scope.names(node):
                return None
            continue
        first, second = statements(module, f"{place} = {code(node.value)}\nreturn {place}")
        changes[line] = [
            first.with_changes(leading_lines=line.leading_lines),
            second.with_changes(trailing_whitespace=line.trailing_whitespace),
        ]
    return swap(function, changes)


def _cheap(scope: Scope, value: cst.BaseExpression) -> bool:
    """Say whether a result is a literal or a parameter as it came in."""
    if isinstance(value, cst.Name):
        bound = kinds.values(scope, value.value)
        return value.value in {"True", "False", "None"} or (len(bound) == 1 and isinstance(bound[0], cst.Param))
    return isinstance(value, cst.Integer | cst.Float | cst.SimpleString)
