"""Reads a loop or comprehension as a scan: elements of which only those with an equal key matter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.scope import Scope, variables
from bot.propose.rules.steady import plain
from bot.propose.rules.surgery import Change, block, code, small, swap


@dataclass(frozen=True, slots=True)
class Scan:
    """`for target in items` where nothing happens unless every `keys[i] == probes[i]`; `keys` belong to the target.

    `only` says that there is no further test.
    """

    loop: cst.For | cst.CompFor
    targets: tuple[str, ...]
    items: cst.BaseExpression
    keys: tuple[cst.BaseExpression, ...]
    probes: tuple[cst.BaseExpression, ...]
    only: bool


def scans(scope: Scope) -> Iterator[Scan]:
    """Yield the scans of a function in source order."""
    for node in scope.nodes():
        if isinstance(node, cst.For | cst.CompFor) and node.asynchronous is None:
            found = read(scope, node)
            if found is not None:
                yield found


def read(scope: Scope, loop: cst.For | cst.CompFor) -> Scan | None:
    """Read one loop; None where an element without an equal key has an effect, or the key is not plain."""
    targets = _targets(loop.target)
    tests = _for_tests(loop) if isinstance(loop, cst.For) else _comprehension_tests(scope, loop)
    keys: list[cst.BaseExpression] = []
    probes: list[cst.BaseExpression] = []
    for test in tests:
        pair = _equality(test, targets)
        if pair is not None:
            keys.append(pair[0])
            probes.append(pair[1])
        elif not _harmless(test):
            break
    return (
        Scan(loop, targets, loop.iter, tuple(keys), tuple(probes), len(keys) == len(tests))
        if keys and targets
        else None
    )


def _targets(target: cst.BaseExpression) -> tuple[str, ...]:
    """Return the names of `x` or `x, y`; nothing for other targets."""
    if isinstance(target, cst.Name):
        return (target.value,)
    if isinstance(target, cst.Tuple):
        names = [
            one.value.value
            for one in target.elements
            if isinstance(one, cst.Element) and isinstance(one.value, cst.Name)
        ]
        return tuple(names) if len(names) == len(target.elements) == len(set(names)) else ()
    return ()


def _for_tests(loop: cst.For) -> list[cst.BaseExpression]:
    body = block(loop.body)
    first = body[0] if body else None
    if not isinstance(first, cst.If) or first.orelse is not None:
        return []
    if len(body) == 1:
        return _conjuncts(first.test)
    skips = [small(one) for one in block(first.body)]
    if len(skips) == 1 and isinstance(skips[0], cst.Continue):
        return [_negated(one) for one in _operands(first.test, cst.Or)]
    return []


def _comprehension_tests(scope: Scope, loop: cst.CompFor) -> list[cst.BaseExpression]:
    tests = [conjunct for one in loop.ifs for conjunct in _conjuncts(one.test)]
    made = scope.parent(loop)
    if tests or not isinstance(made, cst.GeneratorExp) or loop.inner_for_in is not None:
        return tests
    call = scope.parent(scope.parent(made) or made)
    alone = isinstance(call, cst.Call) and len(call.args) == 1 and code(call.func) in {"any", "sum"}
    return _conjuncts(made.elt) if alone else []


def _operands(test: cst.BaseExpression, operator: type[cst.BaseBooleanOp]) -> list[cst.BaseExpression]:
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, operator):
        return [*_operands(test.left, operator), *_operands(test.right, operator)]
    return [test]


def _conjuncts(test: cst.BaseExpression) -> list[cst.BaseExpression]:
    return _operands(test, cst.And)


def _negated(test: cst.BaseExpression) -> cst.BaseExpression:
    """Turn `a != b` into `a == b`, by reading only; anything else stays a test that ends the search for keys."""
    match test:
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.NotEqual(), comparator=right)]):
            return cst.Comparison(test.left, [cst.ComparisonTarget(cst.Equal(), right)])
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
            return cst.Comparison(test.left, [cst.ComparisonTarget(cst.NotEqual(), right)])
    return cst.Name("unknown")


def _equality(
    test: cst.BaseExpression, targets: tuple[str, ...]
) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    match test:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Equal(), comparator=right)]):
            pass
        case _:
            return None
    if not (plain(left) and plain(right)):
        return None
    own, other = _mentions(left, targets), _mentions(right, targets)
    if own == other:
        return None
    return (left, right) if own else (right, left)


def _mentions(node: cst.CSTNode, names: tuple[str, ...]) -> bool:
    return any(one.value in names for one in variables(node))


def _harmless(test: cst.BaseExpression) -> bool:
    """Say whether a test cannot keep the next one from failing: `a != b` of plain values, None left out."""
    match test:
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.NotEqual(), comparator=right)]):
            return plain(test.left) and plain(right) and "None" not in {code(test.left), code(right)}
    return False


@dataclass(frozen=True, slots=True)
class Written:
    """The source of a scan's parts: the target, its key, the element as one value, and the key to look up."""

    target: str
    key: str
    element: str
    probe: str


def written(scan: Scan, names: Mapping[str, str]) -> Written:
    """Return the source of a scan's parts, the targets named as `names` says."""
    target = ", ".join(names[one] for one in scan.targets)
    return Written(
        target,
        _packed([_renamed(one, names) for one in scan.keys]),
        target if len(names) == 1 else f"({target})",
        _packed([code(one) for one in scan.probes]),
    )


def grouping(scan: Scan, index: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Return the source that groups the scanned elements by key in a dict, and that of the key to look up."""
    parts = written(scan, names)
    loop = f"for {parts.target} in {code(scan.items)}:\n\t{index}.setdefault({parts.key}, []).append({parts.element})"
    return f"{index} = {{}}\n{loop}", parts.probe


def _packed(written: Sequence[str]) -> str:
    return written[0] if len(written) == 1 else f"({', '.join(written)})"


def _renamed(key: cst.BaseExpression, names: Mapping[str, str]) -> str:
    changes: dict[cst.CSTNode, Change] = {one: cst.Name(names.get(one.value, one.value)) for one in variables(key)}
    return code(swap(key, changes))
