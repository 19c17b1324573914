"""Loops over the elements of NumPy arrays become array expressions that give the same bits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.propose.rules.accumulator import private_local
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import atom, block, code, has_comment, small, statements, swap
from bot.propose.rules.survey import leaks, loops, root_name, survey

_ELEMENTWISE = frozenset(
    {"sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "abs", "fabs", "floor", "ceil", "maximum", "minimum", "hypot"}
)
_OPERATORS = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)


def numpy_name(module: cst.Module) -> str | None:
    """Return the name under which the module's first lines import NumPy."""
    for statement in module.body:
        found = small(statement)
        if isinstance(found, cst.Import):
            for alias in found.names:
                if code(alias.name) == "numpy":
                    return alias.evaluated_alias or "numpy"
    return None


def is_array(function: cst.FunctionDef, name: str, np: str) -> bool:
    """Say whether a name is evidently an array: annotated, made by NumPy, or asked for its shape or dtype."""
    params = function.params
    for one in (*params.posonly_params, *params.params, *params.kwonly_params):
        if one.name.value == name and one.annotation is not None and "ndarray" in code(one.annotation.annotation):
            return True
    seen = survey(function.body)
    values = [value for target, value in seen.bindings if code(target) == name]
    if values:
        made = (isinstance(value, cst.Call) and code(value.func).startswith(f"{np}.") for value in values)
        return all(made)
    facts = (one for one in seen.attributes if one.attr.value in {"shape", "dtype", "ndim"})
    return any(root_name(one.value) == name and isinstance(one.value, cst.Name) for one in facts)


@dataclass(frozen=True, slots=True)
class Axis:
    """One loop `for index in range(start, stop)` with a constant start."""

    index: str
    start: int
    stop: str

    @classmethod
    def of(cls, loop: cst.For) -> "Axis | None":
        """Read the header of a loop."""
        over = loop.iter
        if not isinstance(loop.target, cst.Name) or not isinstance(over, cst.Call) or code(over.func) != "range":
            return None
        values = [arg.value for arg in over.args if not arg.star and arg.keyword is None]
        if len(values) != len(over.args) or not 1 <= len(values) <= 2:
            return None
        if len(values) == 1:
            return cls(loop.target.value, 0, atom(values[0]))
        first = values[0]
        return cls(loop.target.value, int(first.value), atom(values[1])) if isinstance(first, cst.Integer) else None

    def slice(self, offset: int = 0) -> str | None:
        """Return the slice that index + offset runs through, or None where it would wrap around."""
        if self.start + offset < 0:
            return None
        stop = self.stop if offset == 0 else f"{self.stop} {'+' if offset > 0 else '-'} {abs(offset)}"
        return f"{self.start + offset or ''}:{stop}"


class Vectorise:
    """Element by element loops over arrays become one expression; running sums keep their order of additions."""

    name = "vectorise-loop"
    precondition = (
        "NumPy is imported at the top, every array in the loop is evidently one, indices are the loops' own (plus a "
        "constant), the array that is written is not read, and the loop does nothing else. Sums use `accumulate`, "
        "which adds in the loop's order. That math functions give the same last bit is left to the judge."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each loop nest."""
        np = numpy_name(source.module)
        if np is None:
            return
        for loop in loops(source.function):
            text = Nest(source.function, np).written(loop)
            if text is not None and not leaks(source.function, loop):
                new = statements(source.module, text)
                if isinstance(new[0], cst.SimpleStatementLine | cst.If):
                    new[0] = new[0].with_changes(leading_lines=loop.leading_lines)
                yield Rewrite(swap(source.module, {loop: new}), "A loop over elements became one array expression.")


class Nest:
    """One or two loops around a single statement."""

    def __init__(self, function: cst.FunctionDef, np: str) -> None:
        self._function = function
        self._np = np
        self._arrays = 0

    def written(self, loop: cst.For) -> str | None:
        """Return the statement that takes the place of the loop, or None."""
        if loop.orelse is not None or has_comment(loop.body):
            return None
        axes: list[Axis] = []
        inner: cst.BaseStatement = loop
        while isinstance(inner, cst.For):
            axis = Axis.of(inner)
            inside = block(inner.body)
            if axis is None or len(inside) != 1 or len(axes) == 2 or inner.orelse is not None:
                return None
            axes.append(axis)
            inner = inside[0]
        found = small(inner)
        if isinstance(found, cst.Assign) and len(found.targets) == 1:
            return self._assignment(found.targets[0].target, found.value, "=", axes)
        if isinstance(found, cst.AugAssign):
            sign = cst.Module([]).code_for_node(found.operator).strip()
            if isinstance(found.target, cst.Name):
                return self._sum(found.target.value, found.value, axes) if sign == "+=" else None
            return self._assignment(found.target, found.value, sign, axes) if sign in {"+=", "-=", "*="} else None
        return None

    def _assignment(
        self, target: cst.CSTNode, value: cst.BaseExpression, sign: str, axes: Sequence[Axis]
    ) -> str | None:
        if not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Name):
            return None
        place = self._element(target, axes, whole=True)
        if place is None or survey(value).reads(target.value.value):
            return None
        made = self._array(value, axes)
        return f"{place} {sign} {made}" if made is not None and self._arrays > 1 else None

    def _sum(self, name: str, value: cst.BaseExpression, axes: Sequence[Axis]) -> str | None:
        if len(axes) != 1 or survey(value).reads(name) or not private_local(self._function, name):
            return None
        made = self._array(value, axes)
        if made is None or not self._arrays:
            return None
        np, terms = self._np, f"{name}_terms"
        if terms in survey(self._function).names:
            return None
        kind = f"dtype={np}.result_type({name}, {terms})"
        total = f"{name} = {np}.add.accumulate({np}.concatenate(([{name}], {terms}), {kind}))[-1]"
        return f"{terms} = {made}\nif len({terms}):\n\t{total}"

    def _array(self, node: cst.BaseExpression, axes: Sequence[Axis]) -> str | None:
        """Return an expression over elements as one over arrays; None where it is not elementwise."""
        if isinstance(node, cst.Subscript):
            return self._element(node, axes)
        if isinstance(node, cst.Integer | cst.Float):
            return code(node)
        if isinstance(node, cst.Name):
            steady = node.value not in {axis.index for axis in axes} and not is_array(
                self._function, node.value, self._np
            )
            return node.value if steady else None
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
            inner = self._array(node.expression, axes)
            return None if inner is None else f"(-{inner})"
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, _OPERATORS):
            left, right = self._array(node.left, axes), self._array(node.right, axes)
            sign = cst.Module([]).code_for_node(node.operator).strip()
            return None if left is None or right is None else f"({left} {sign} {right})"
        return self._call(node, axes) if isinstance(node, cst.Call) else None

    def _call(self, node: cst.Call, axes: Sequence[Axis]) -> str | None:
        name = code(node.func).rsplit(".", 1)
        known = (name[0] in {self._np, "math"} and name[-1] in _ELEMENTWISE) or name == ["abs"]
        made = [self._array(arg.value, axes) for arg in node.args if not arg.star and arg.keyword is None]
        if not known or len(made) != len(node.args) or (name[0] == "math" and name[-1] not in {"sqrt", "fabs"}):
            return None
        parts = [one for one in made if one is not None]
        return f"{self._np}.{name[-1]}({', '.join(parts)})" if len(parts) == len(made) else None

    def _element(self, node: cst.Subscript, axes: Sequence[Axis], *, whole: bool = False) -> str | None:
        """Return `a[i]` or `a[i, j]` as a slice that lines up with the axes."""
        if not isinstance(node.value, cst.Name) or not is_array(self._function, node.value.value, self._np):
            return None
        found = [self._index(one, axes) for one in node.slice]
        places = [one[0] for one in found if one is not None]
        if len(places) != len(found) or places != sorted(set(places)) or (whole and len(places) != len(axes)):
            return None
        self._arrays += 1
        slices = [one[1] for one in found if one is not None]
        if len(axes) == 2 and places == [0]:
            slices.append("None")
        return f"{node.value.value}[{', '.join(slices)}]"

    def _index(self, element: cst.SubscriptElement, axes: Sequence[Axis]) -> tuple[int, str] | None:
        index = element.slice.value if isinstance(element.slice, cst.Index) else None
        offset = 0
        if isinstance(index, cst.BinaryOperation) and isinstance(index.right, cst.Integer):
            if not isinstance(index.operator, cst.Add | cst.Subtract):
                return None
            offset = int(index.right.value) * (1 if isinstance(index.operator, cst.Add) else -1)
            index = index.left
        for place, axis in enumerate(axes):
            if isinstance(index, cst.Name) and index.value == axis.index:
                part = axis.slice(offset)
                return None if part is None else (place, part)
        return None
