"""A table of constants that is built at every call is built once, at module level."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import assigned, private_local
from bot.propose.rules.hoist import consumed
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import after_imports, code, expression, fresh, has_comment, statements, swap
from bot.propose.rules.survey import parents, survey, walk

LEAST = 3


def constant(node: cst.BaseExpression) -> bool:
    """Say whether an expression is a literal that nobody can change."""
    if isinstance(node, cst.Tuple):
        return all(isinstance(one, cst.Element) and constant(one.value) for one in node.elements)
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.Minus) and constant(node.expression)
    if isinstance(node, cst.ConcatenatedString):
        return constant(node.left) and constant(node.right)
    plain = isinstance(node, cst.Integer | cst.Float | cst.SimpleString)
    return plain or (isinstance(node, cst.Name) and node.value in {"True", "False", "None"})


def table(node: cst.CSTNode) -> bool:
    """Say whether a node is a display of at least three constants."""
    if isinstance(node, cst.Dict):
        pairs = node.elements
        return len(pairs) >= LEAST and all(
            isinstance(one, cst.DictElement) and constant(one.key) and constant(one.value) for one in pairs
        )
    if isinstance(node, cst.List | cst.Set):
        return len(node.elements) >= LEAST and all(
            isinstance(one, cst.Element) and constant(one.value) for one in node.elements
        )
    return False


class ConstantDisplay:
    """Dictionaries, sets and lists of constants that are only read become module-level constants."""

    name = "constant-table"
    precondition = (
        "All elements are literals, the container is only looked at (`in`, one item, `get`, `len`, iteration) and is "
        "never returned, stored or passed on, and its local name is bound once."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for all tables of the function."""
        above = parents(source.function)
        module = source.module
        changes: dict[cst.CSTNode, cst.CSTNode] = {}
        names: list[str] = []
        lines: list[cst.BaseStatement] = []
        for node in walk(source.function.body, into_scopes=False):
            if not isinstance(node, cst.Dict | cst.Set | cst.List) or not table(node) or has_comment(node):
                continue
            stem = self._stem(source.function, node, above)
            if stem:
                names.append(fresh(module, stem, names))
                lines += statements(module, f"{names[-1]} = {code(node)}")
                changes[node] = expression(names[-1])
        if changes:
            placed = after_imports(swap(module, changes), lines)
            yield Rewrite(placed, f"{', '.join(f'`{name}`' for name in names)}: built once instead of at every call.")

    def _stem(
        self, function: cst.FunctionDef, node: cst.BaseExpression, above: dict[cst.CSTNode, cst.CSTNode]
    ) -> str | None:
        """Return what the constant is called, or None where the container may be changed or kept."""
        up = above[node]
        pair = assigned(above[up]) if isinstance(up, cst.Assign) else None
        if pair is None:
            looked = isinstance(up, cst.Subscript | cst.Attribute) and consumed(node, above, function)
            return f"_{function.name.value.strip('_').upper()}_TABLE" if looked else None
        name = pair[0]
        whole = survey(function)
        if whole.bound[name] != 1 or not private_local(function, name):
            return None
        loads = [load for load in whole.loads if load.value == name]
        return f"_{name.strip('_').upper()}" if loads and all(consumed(one, above, function) for one in loads) else None
