"""`if x in rest: rest.remove(x)` in a loop: how many are left of each value is counted instead of searched for."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules import kinds
from bot.propose.rules.imports import reach, with_import
from bot.propose.rules.membership import comparison_with
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.scope import Loop, Scope, Use
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import Change, block, code, expression, same, small, statements, swap

_ADDS = (".append", ".add")


class BagMatching:
    """A local list from which found values are taken out becomes a Counter of what is left."""

    name = "bag-matching"
    precondition = (
        "The local is bound to new lists or copies only, and nothing is done with it but membership tests, `append`, "
        "`remove` of a value that was just found in it (or under `except ValueError`), and, outside of the loops that "
        "take out, its length and emptiness: order and identity of its elements never show. That values are "
        "hashable is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each such list."""
        scope = Scope(source.function)
        for name in sorted(scope.names(source.function)):
            uses = scope.uses(name)
            loops = {scope.loops(use.node)[0] for use in uses if use.method == "remove" and scope.loops(use.node)}
            tests = any(comparison_with(scope, use.node) is not None for use in uses)
            if not loops or scope.declared(name) or scope.captured(name) or kinds.unhashable_elements(scope, name):
                continue
            made = reach(source, "collections", "Counter")
            changes = _changes(source, scope, name, made[0], loops) if made is not None else None
            if made is None or changes is None or not (tests or _tries(scope, uses)):
                continue
            yield Rewrite(
                with_import(swap(source.module, changes), "collections", made[1]),
                f"`{name}` was searched twice for each value that was taken out; a Counter of what is left answers in "
                "constant time.",
            )


def _tries(scope: Scope, uses: list[Use]) -> bool:
    return any(use.method == "remove" and _attempt(scope, use) is not None for use in uses)


def _changes(
    source: Source, scope: Scope, name: str, counter: str, loops: set[Loop]
) -> dict[cst.CSTNode, Change] | None:
    """Return what becomes of every use; None where one of them would notice."""
    changes: dict[cst.CSTNode, Change] = {}
    for use in scope.uses(name):
        if scope.is_target(use.node):
            change = _binding(source, scope, use, counter)
        elif (left := comparison_with(scope, use.node)) is not None:
            change = _test(scope, use, left)
        elif use.method in {"remove", "append"}:
            change = _taken(source, scope, use)
        else:
            busy = any(scope.inside(use.node, loop) for loop in loops)
            change = None if busy else _size(scope, use)
        if change is None:
            return None
        changes.update(change)
    return changes


def _binding(source: Source, scope: Scope, use: Use, counter: str) -> dict[cst.CSTNode, Change] | None:
    """Return the change of `name = list(items)` and its like."""
    line = scope.statement(use.node)
    match line:
        case cst.SimpleStatementLine(
            body=[
                cst.Assign(targets=[cst.AssignTarget(target=target)], value=value)
                | cst.AnnAssign(target=target, value=cst.BaseExpression() as value)
            ]
        ) if target is use.node and _is_copy(scope, value):
            pass
        case _:
            return None
    match value:
        case cst.List(elements=[]) | cst.Call(func=cst.Name(value="list"), args=[]):
            items = ""
        case cst.Call(func=cst.Name(value="list"), args=[cst.Arg(value=cst.Name() as copied, star="")]):
            items = code(copied) if kinds.of_name(scope, copied.value) != "dict" else code(value)
        case _:
            items = code(value)
    new = statements(source.module, f"{use.node.value} = {counter}({items})")[0]
    return {line: new.with_changes(leading_lines=line.leading_lines, trailing_whitespace=line.trailing_whitespace)}


def _is_copy(scope: Scope, value: cst.BaseExpression) -> bool:
    """Say whether a value is evidently a new list, or a copy of whatever has `remove`."""
    match value:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice())]):
            return True
        case cst.Call(func=cst.Attribute(value=cst.Name(value=copied), attr=cst.Name(value="copy")), args=[]):
            return kinds.of_name(scope, copied) != "dict"
    return kinds.kind(value) == "list"


def _test(scope: Scope, use: Use, left: cst.BaseExpression) -> dict[cst.CSTNode, Change] | None:
    comparison = scope.parent(scope.parent(use.node) or use.node)
    if not isinstance(comparison, cst.Comparison) or kinds.unhashable(scope, left):
        return None
    found = isinstance(comparison.comparisons[0].operator, cst.In)
    new = expression(f"{use.node.value}[{code(left)}] {'> 0' if found else '== 0'}")
    return {comparison: new.with_changes(lpar=comparison.lpar, rpar=comparison.rpar)}


def _taken(source: Source, scope: Scope, use: Use) -> dict[cst.CSTNode, Change] | None:
    """Return the change of `name.append(x)`, and of `name.remove(x)` where x is known to be there."""
    line = scope.statement(use.node)
    match line:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call(func=func, args=[cst.Arg(value=value, star="")]))]):
            if not scope.inside(use.node, func) or kinds.unhashable(scope, value):
                return None
        case _:
            return None
    left = f"{use.node.value}[{code(value)}]"
    if use.method == "append":
        new = statements(source.module, f"{left} += 1")[0]
        return {line: _placed(new, line)}
    new = _placed(statements(source.module, f"{left} -= 1")[0], line)
    if (attempt := _attempt(scope, use)) is not None:
        return {attempt: _guarded(source, attempt, f"if {left} > 0:", new)}
    return {line: new} if _just_found(scope, use, line, value) else None


def _placed(new: cst.BaseStatement, old: cst.SimpleStatementLine) -> cst.BaseStatement:
    return new.with_changes(leading_lines=old.leading_lines, trailing_whitespace=old.trailing_whitespace)


def _just_found(scope: Scope, use: Use, line: cst.BaseStatement, value: cst.BaseExpression) -> bool:
    """Say whether the value was looked for in front of the statement, and nothing happened in between."""
    inside = scope.parent(line)
    if not plain(value) or not isinstance(inside, cst.IndentedBlock):
        return False
    above = scope.parent(inside)
    for one in reversed([one for one in inside.body if scope.before(one, line)]):
        if isinstance(one, cst.If) and _found(scope, one.test, use, value, cst.NotIn) and _leaves(one):
            return True
        if not _calm(scope, one, use, value):
            return False
    if not isinstance(above, cst.If) or above.body is not inside or _binds(scope, value, above.test):
        return False
    return _found(scope, above.test, use, value, cst.In)


def _found(
    scope: Scope, test: cst.BaseExpression, use: Use, value: cst.BaseExpression, operator: type[cst.BaseCompOp]
) -> bool:
    """Say whether a test is `value in name`, or has that among its terms (`or` for `not in`)."""
    joined = cst.And if operator is cst.In else cst.Or
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, joined):
        return any(_found(scope, one, use, value, operator) for one in (test.left, test.right))
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=asked, comparator=items)]):
            return isinstance(asked, operator) and code(items) == use.node.value and same(left, value)
    return False


def _leaves(test: cst.If) -> bool:
    last = block(test.body)[-1:]
    return (
        test.orelse is None
        and bool(last)
        and isinstance(small(last[0]), cst.Continue | cst.Return | cst.Raise | cst.Break)
    )


def _calm(scope: Scope, statement: cst.BaseStatement, use: Use, value: cst.BaseExpression) -> bool:
    """Say whether a statement leaves the list and the value alone."""
    inside = list(scope.nodes(statement))
    assigned = any(isinstance(node, cst.Attribute | cst.Subscript) and scope.is_target(node) for node in inside)
    called = any(isinstance(node, cst.Call) and not code(node.func).endswith(_ADDS) for node in inside)
    kept = isinstance(value, cst.Name) or not (assigned or called)
    return kept and not scope.uses(use.node.value, statement) and not _binds(scope, value, statement)


def _binds(scope: Scope, value: cst.BaseExpression, region: cst.CSTNode) -> bool:
    return any(scope.binds(name, region) for name in scope.names(value))


def _attempt(scope: Scope, use: Use) -> cst.Try | None:
    """Return the `try: name.remove(x)` with a plain `except ValueError:` around a use, if that is all there is."""
    line = scope.statement(use.node)
    inside = scope.parent(line) if line is not None else None
    attempt = scope.parent(inside) if inside is not None else None
    match attempt:
        case cst.Try(
            body=cst.IndentedBlock(body=[only]),
            handlers=[cst.ExceptHandler(type=cst.Name(value="ValueError"), name=None) as handler],
            finalbody=None,
        ) if only is line:
            raises = any(isinstance(one, cst.Raise) for one in scope.nodes(handler))
            call = small(line)
            value = (
                call.value.args[0].value if isinstance(call, cst.Expr) and isinstance(call.value, cst.Call) else None
            )
            return attempt if isinstance(value, cst.Name) and not raises else None
    return None


def _guarded(source: Source, attempt: cst.Try, test: str, line: cst.BaseStatement) -> cst.BaseStatement:
    """Return `if there: take out ... else: what the handler did`."""
    new = statements(source.module, f"{test}\n\tpass\nelse:\n\tpass")[0]
    if (
        not isinstance(new, cst.If)
        or not isinstance(new.orelse, cst.Else)
        or not isinstance(attempt.body, cst.IndentedBlock)
    ):
        return attempt
    after = block(attempt.orelse.body) if attempt.orelse is not None else ()
    handler = attempt.handlers[0]
    otherwise = new.orelse.with_changes(body=handler.body, leading_lines=handler.leading_lines)
    return new.with_changes(
        body=attempt.body.with_changes(body=[line, *after]), orelse=otherwise, leading_lines=attempt.leading_lines
    )


def _size(scope: Scope, use: Use) -> dict[cst.CSTNode, Change] | None:
    """Return the change of `len(name)` and of a test of emptiness."""
    name, above = use.node.value, scope.parent(use.node)
    call = scope.parent(above) if isinstance(above, cst.Arg) else None
    match call:
        case cst.Call(func=cst.Name(value="len"), args=[_]):
            return {call: expression(f"sum({name}.values())")}
        case cst.Call(func=cst.Name(value="bool"), args=[_]):
            return {call: expression(f"any({name}.values())")}
    tested = isinstance(above, cst.If | cst.While | cst.IfExp | cst.Assert) and above.test is use.node
    negated = isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not)
    return {use.node: expression(f"any({name}.values())")} if tested or negated else None
