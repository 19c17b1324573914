"""Questions to a list, in calls of its methods and in the key functions of sorted, min and max."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.scope import Scope
from bot.propose.rules.surgery import code

_ORDERS = frozenset({"sorted", "min", "max"})
_ASKS = frozenset({"index", "count"})


@dataclass(frozen=True, slots=True)
class Ask:
    """`items.method(value)` at `node`, which runs in `call`.

    In a key function, `over` is what is ordered; `value` is None where the bound method itself is the key.
    """

    node: cst.BaseExpression
    call: cst.BaseExpression
    items: cst.Name | cst.Attribute
    method: str
    value: cst.BaseExpression | None
    over: cst.BaseExpression | None = None


def key_asks(scope: Scope) -> Iterator[Ask]:
    """Yield the questions in `key=items.count` and `key=lambda x: ...` of the function."""
    for node in scope.nodes():
        if not isinstance(node, cst.Call) or code(node.func) not in _ORDERS or not node.args:
            continue
        over = node.args[0].value
        for arg in node.args[1:]:
            if arg.keyword is None or arg.keyword.value != "key" or node.args[0].star or len(_plain(node)) != 1:
                continue
            yield from _asks(scope, node, arg.value, over)


def _plain(call: cst.Call) -> list[cst.Arg]:
    return [arg for arg in call.args if arg.keyword is None]


def _asks(scope: Scope, call: cst.Call, key: cst.BaseExpression, over: cst.BaseExpression) -> Iterator[Ask]:
    match key:
        case cst.Attribute(value=cst.Name() | cst.Attribute() as items, attr=cst.Name(value=method)) if method in _ASKS:
            yield Ask(key, call, items, method, None, over)
        case cst.Lambda(params=cst.Parameters(params=[cst.Param(name=cst.Name(value=own))])):
            for node in scope.nodes(key.body):
                match node:
                    case cst.Call(
                        func=cst.Attribute(value=cst.Name() | cst.Attribute() as items, attr=cst.Name(value=method)),
                        args=[cst.Arg(value=cst.Name(value=asked) as value, star="", keyword=None)],
                    ) if method in _ASKS and asked == own and not scope.uses(own, items):
                        yield Ask(node, call, items, method, value, over)
