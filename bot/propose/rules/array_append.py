"""`np.append` and its like copy the whole array at every step; pieces in a list are joined once."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import Region, Step, assigned, regions
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, code, fresh, line, statements, swap
from bot.propose.rules.vectorise import numpy_name

_JOINS = ("concatenate", "hstack", "vstack")


class ArrayAppend:
    """Arrays that grow in a loop are joined from a list after it."""

    name = "join-arrays"
    precondition = (
        "The local starts as a call into NumPy and is only appended to, by one function, until the join; no nested "
        "function sees it. Shapes that do not fit raise at the join."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each growing array."""
        np = numpy_name(source.module)
        if np is None:
            return
        for function in ("append", *_JOINS):

            def read(statement: cst.CSTNode, name: str, *, call: str = f"{np}.{function}") -> Step | None:
                return _step(statement, name, call)

            for region in regions(source.function, lambda value: code(value).startswith(f"{np}."), read):
                changes = self._changes(source.module, region, np, function)
                why = f"`{region.name}` was copied at every step; its pieces are now joined once."
                yield Rewrite(swap(source.module, changes), why)

    def _changes(self, module: cst.Module, region: Region, np: str, function: str) -> dict[cst.CSTNode, Change]:
        parts = fresh(module, f"{region.name}_parts")
        joined = f"{np}.{function}({parts})"
        if function == "append":
            joined = f"{np}.concatenate([{np}.ravel(part) for part in {parts}])"
        changes: dict[cst.CSTNode, Change] = {
            step.statement: line(module, f"{parts}.append({code(step.pieces[0])})", step.statement)
            for step in region.steps
        }
        changes |= {name: cst.parse_expression(joined) for name in region.returned}
        changes[region.first] = line(module, f"{parts} = [{code(region.init)}]", region.first)
        after = statements(module, f"{region.name} = {joined}")
        body = [swap(one, changes) for one in region.body.body]
        body[region.end + 1 : region.end + 1] = after
        return {region.body: region.body.with_changes(body=body)}


def _step(statement: cst.CSTNode, name: str, function: str) -> Step | None:
    """Read `a = np.append(a, piece)` or `a = np.concatenate([a, piece])`."""
    pair = assigned(statement)
    if pair is None or pair[0] != name or not isinstance(statement, cst.SimpleStatementLine):
        return None
    call = pair[1]
    if (
        not isinstance(call, cst.Call)
        or code(call.func) != function
        or any(arg.keyword or arg.star for arg in call.args)
    ):
        return None
    values = [arg.value for arg in call.args]
    if not function.endswith(".append"):
        if len(values) != 1 or not isinstance(values[0], cst.List | cst.Tuple):
            return None
        values = [one.value for one in values[0].elements]
    if len(values) != 2 or code(values[0]) != name:
        return None
    return Step(statement, (values[1],))
