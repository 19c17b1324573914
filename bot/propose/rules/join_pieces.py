"""Adding to a string or bytes in a loop copies what is there already; collecting pieces and joining once does not."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import Region, Step, regions
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, code, fresh, line, statements, swap


def is_text(node: cst.BaseExpression) -> bool:
    """Say whether an expression is a literal string, f-string or bytes."""
    return isinstance(node, cst.SimpleString | cst.FormattedString | cst.ConcatenatedString)


class JoinPieces:
    """`s += piece` in a loop becomes a list of pieces and one `join`."""

    name = "join-pieces"
    precondition = (
        "The local starts as a string or bytes literal and is only added to, always at the same end, until the join; "
        "no nested function sees it. A piece of a wrong type raises at the join instead of at once."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each accumulated string."""
        for region in regions(source.function, is_text):
            if len({step.prepend for step in region.steps}) == 1:
                yield Rewrite(
                    swap(source.module, self._changes(source.module, region)),
                    f"`{region.name}` was copied at every addition; its pieces are now collected and joined once.",
                )

    def _changes(self, module: cst.Module, region: Region) -> dict[cst.CSTNode, Change]:
        parts = fresh(module, f"{region.name}_parts")
        quote = 'b""' if code(region.init).lower().startswith(("b", "rb")) else '""'
        backwards = region.steps[0].prepend
        joined = f"{quote}.join(reversed({parts}))" if backwards else f"{quote}.join({parts})"
        start = "" if code(region.init) in {"''", '""', "b''", 'b""'} else code(region.init)
        body = list(region.body.body)
        inner: dict[cst.CSTNode, Change] = {
            step.statement: line(module, self._step(parts, step), step.statement) for step in region.steps
        }
        inner |= {name: cst.parse_expression(joined) for name in region.returned}
        body[region.start] = line(module, f"{parts} = [{start}]", region.first)
        body[region.start + 1 : region.end + 1] = [swap(one, inner) for one in body[region.start + 1 : region.end + 1]]
        body.insert(region.end + 1, statements(module, f"{region.name} = {joined}")[0])
        return {region.body: region.body.with_changes(body=body)}

    def _step(self, parts: str, step: Step) -> str:
        if len(step.pieces) == 1:
            return f"{parts}.append({code(step.pieces[0])})"
        return f"{parts} += ({', '.join(code(piece) for piece in step.pieces)})"
