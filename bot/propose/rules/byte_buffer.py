"""Adding to bytes copies them; a bytearray grows in place and takes single bytes without an object for each."""

from collections.abc import Iterator

import libcst as cst

from bot.propose.rules.accumulator import Region, regions
from bot.propose.rules.rule import Rewrite, Source
from bot.propose.rules.surgery import Change, code, fresh, line, statements, swap


def is_bytes(node: cst.BaseExpression) -> bool:
    """Say whether an expression is a literal of bytes, or an empty `bytes()`."""
    return code(node) == "bytes()" or (isinstance(node, cst.SimpleString) and "b" in node.prefix)


def one_byte(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return x of `bytes([x])`, `bytes((x,))` or `bytearray([x])`."""
    if not isinstance(node, cst.Call) or len(node.args) != 1 or node.args[0].star or node.args[0].keyword:
        return None
    display = node.args[0].value
    if code(node.func) not in {"bytes", "bytearray"} or not isinstance(display, cst.List | cst.Tuple):
        return None
    if len(display.elements) != 1 or isinstance(display.elements[0], cst.StarredElement):
        return None
    return display.elements[0].value


class ByteBuffer:
    """`data += bytes([b])` in a loop becomes appends to a bytearray."""

    name = "byte-buffer"
    precondition = (
        "The local starts as a bytes literal and is only added to at its end until the buffer is turned into bytes; "
        "no nested function sees it. Messages of errors for values outside 0..255 differ."
    )

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield one rewrite for each accumulated bytes object."""
        for region in regions(source.function, is_bytes):
            if not any(step.prepend for step in region.steps):
                yield Rewrite(
                    swap(source.module, self._changes(source.module, region)),
                    f"`{region.name}` was copied at every addition; a bytearray grows in place.",
                )

    def _changes(self, module: cst.Module, region: Region) -> dict[cst.CSTNode, Change]:
        buffer = fresh(module, f"{region.name}_buffer")
        inner: dict[cst.CSTNode, Change] = {}
        for step in region.steps:
            texts = [self._piece(buffer, piece) for piece in step.pieces]
            new = [statement for text in texts for statement in statements(module, text)]
            new[0] = line(module, texts[0], step.statement)
            inner[step.statement] = new
        inner |= {name: cst.parse_expression(f"bytes({buffer})") for name in region.returned}
        start = "" if code(region.init) in {"b''", 'b""', "bytes()"} else code(region.init)
        inner[region.first] = line(module, f"{buffer} = bytearray({start})", region.first)
        after = statements(module, f"{region.name} = bytes({buffer})")
        last = region.last
        done = inner[last] if last in inner else [swap(last, inner)]
        kept = done if not isinstance(done, cst.CSTNode) else [done]
        inner[last] = [*(one for one in kept if isinstance(one, cst.BaseStatement)), *after]
        return inner

    def _piece(self, buffer: str, piece: cst.BaseExpression) -> str:
        byte = one_byte(piece)
        return f"{buffer} += {code(piece)}" if byte is None else f"{buffer}.append({code(byte)})"
