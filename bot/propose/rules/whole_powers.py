"""Powers of whole numbers by multiplication and shifts: the same numbers without the general power routine."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.effects import Effects
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, code, expression, swap
from bot.propose.rules.survey import survey, walk


class WholePowers:
    """`i ** 2` becomes `i * i` and `2 ** i` becomes `1 << i` for evident whole numbers."""

    name = "whole-number-powers"
    precondition = (
        "The name is bound by `range`, `enumerate` or `len` only (for shifts: from a start that is not negative), or "
        "annotated as int; floats are never touched."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for all powers of the function."""
        effects = Effects(source)
        changes: dict[cst.CSTNode, Change] = {}
        for node in walk(source.function.body, into_scopes=False):
            if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Power):
                text = self._power(source.function, node, effects)
                if text is not None:
                    changes[node] = expression(text)
        if changes:
            why = "Powers of whole numbers are multiplications and shifts now."
            yield Rewrite(swap(source.module, changes), why)

    def _power(self, function: cst.FunctionDef, node: cst.BinaryOperation, effects: Effects) -> str | None:
        base, power = node.left, node.right
        if isinstance(base, cst.Name) and isinstance(power, cst.Integer) and power.value in {"2", "3"}:
            whole = whole_number(function, base.value, effects, natural=False)
            return f"({' * '.join([base.value] * int(power.value))})" if whole else None
        if isinstance(power, cst.Name) and code(base) == "2" and whole_number(function, power.value, effects):
            return f"(1 << {power.value})"
        return None


def whole_number(function: cst.FunctionDef, name: str, effects: Effects, *, natural: bool = True) -> bool:
    """Say whether a local is evidently an int, and not negative where `natural`."""
    seen = survey(function)
    if name in seen.declared:
        return False
    params = function.params
    for one in (*params.posonly_params, *params.params, *params.kwonly_params):
        if one.name.value == name:
            annotation = one.annotation
            return (
                not natural
                and annotation is not None
                and code(annotation.annotation) == "int"
                and (seen.bound[name] == 1)
            )
    bound = [_counted(target, value, name, effects, natural) for target, value in survey(function.body).bindings]
    counted = sum(one for one in bound)
    return counted > 0 and counted == survey(function.body).bound[name]


def _counted(target: cst.BaseExpression, value: cst.BaseExpression, name: str, effects: Effects, natural: bool) -> bool:
    """Say whether a binding gives `name` a value of `range`, `enumerate` or `len`."""
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Name):
        return False
    called = value.func.value
    if not effects.is_builtin(called, {"range", "enumerate", "len"}):
        return False
    if called == "enumerate":
        return isinstance(target, cst.Tuple) and code(target.elements[0].value) == name and len(value.args) == 1
    if code(target) != name:
        return False
    if called == "len" or not natural or len(value.args) == 1:
        return True
    return len(value.args) == 2 and isinstance(value.args[0].value, cst.Integer)
