"""What a file in another language than Python means apart from comments and layout: its tokens, by function."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.localize.meaning import Meaning, Statement
from bot.localize.syntax import Found, UnreadableError, found, parsed, refusal

if TYPE_CHECKING:
    from tree_sitter import Node

BINDING = frozenset({"name", "declarator", "left", "alias", "pattern", "property"})
"""The fields of a node in which names are bound; `property` only of a field's definition."""
USING = frozenset({"value", "right", "arguments", "parameters", "type", "size", "function", "object", "condition"})
"""The fields in which names are only used, wherever they stand."""
IMPORTS = frozenset(
    {"import_statement", "import_declaration", "import_spec", "use_declaration", "extern_crate_declaration"}
)
WHOLE = frozenset({"string", "interpreted_string_literal", "raw_string_literal", "string_literal", "char_literal"})
"""What counts as one token, with the blanks in it."""


@dataclass(frozen=True, slots=True)
class _Token:
    """One token: where it begins, its bytes, and whether it is a name."""

    at: int
    text: bytes
    name: bool


def meaning(path: str, data: bytes) -> Meaning:
    """Return what a file means; functions in the order of the span index, nothing for a file that is not read."""
    if refusal(data) is not None:
        return Meaning()
    root = parsed(path, data)
    try:
        functions = found(path, data, root)
    except UnreadableError:
        return Meaning()
    tokens = tuple(_tokens(root))
    starts = [one.at for one in tokens]
    within = [tokens[bisect_left(starts, one.place[0]) : bisect_left(starts, one.place[1])] for one in functions]
    return Meaning(
        tuple("\0".join(_spelled(one) for one in each) for each in within),
        tuple(_uses(number, functions, each) for number, each in enumerate(within)),
        tuple(_statements(root, functions)),
    )


def _uses(number: int, functions: tuple[Found, ...], tokens: tuple[_Token, ...]) -> frozenset[str]:
    """Return the names in a function's own code, that of inner functions left out."""
    end, inner, past = functions[number].place[1], number + 1, 0
    names: set[str] = set()
    for token in tokens:
        while inner < len(functions) and functions[inner].place[0] <= token.at < end:
            past = max(past, functions[inner].place[1])
            inner += 1
        if token.name and token.at >= past:
            names.add(_spelled(token))
    return frozenset(names)


def _statements(root: "Node", functions: tuple[Found, ...]) -> Iterator[Statement]:
    """Yield what stands outside of functions: whole statements, and the tokens between those that hold functions."""
    starts, ends = [one.place[0] for one in functions], [0]
    for one in functions:
        ends.append(max(ends[-1], one.place[1]))
    rest = list(reversed(root.children))
    while rest:
        node = rest.pop()
        before = bisect_right(starts, node.start_byte)
        if _silent(node) or node.start_byte < ends[before]:
            continue
        if before < bisect_left(starts, node.end_byte):
            rest.extend(reversed(node.children))
        elif node.is_named:
            yield "\0".join(_spelled(one) for one in _tokens(node)), frozenset(_bound(node))


def _bound(statement: "Node") -> Iterator[str]:
    """Yield the names that a statement binds: those that it declares or assigns, and those that it imports."""
    rest: list[tuple[Node, bool]] = [(statement, False)]
    while rest:
        node, binding = rest.pop()
        if node.type in IMPORTS:
            yield from (_last(_spelled(one)) for one in _tokens(node))
            continue
        if not node.children and binding and node.is_named:
            yield _spelled(_Token(0, node.text or b"", name=True))
        for place, child in enumerate(node.children):
            field = node.field_name_for_child(place)
            if field in USING:
                continue
            rest.append((child, binding or (field in BINDING and (field != "property" or "field" in node.type))))


def _last(text: str) -> str:
    """Return the name under which an import is used: of a path in quotes its last part."""
    return text.strip("\"'`<>").rstrip("/").rpartition("/")[2]


def _tokens(node: "Node") -> Iterator[_Token]:
    """Yield the tokens below a node in source order, without comments and without recursion."""
    rest = [node]
    while rest:
        one = rest.pop()
        if _silent(one):
            continue
        if one.children and one.type not in WHOLE:
            rest.extend(reversed(one.children))
        elif one.text:
            yield _Token(one.start_byte, one.text, one.is_named and one.type.endswith("identifier"))


def _silent(node: "Node") -> bool:
    return node.type == "comment" or node.type.endswith("_comment")


def _spelled(token: _Token) -> str:
    return token.text.decode("utf-8", "surrogateescape")
