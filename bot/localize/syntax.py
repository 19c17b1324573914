"""The functions of one file in another language than Python: spans by its grammar, which bears syntax errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.localize.grammar import grammar
from bot.localize.languages import dialect
from bot.localize.spans import LONGEST_NAME, TOO_LONG

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_BYTES = 4_000_000
LONGEST_LINE = 20_000
HEAD = 8192
DEEPEST = 100
"""Scopes and functions inside of each other."""
MOST_STEPS = 10_000_000
"""Functions, scopes and loops times the depth of the tree: what is around a node is found from the root down."""
BEFORE = frozenset({"decorator", "attribute_item"})
"""What stands before a function as a sibling and belongs to it."""
AROUND = frozenset({"template_declaration", "export_statement"})
"""What stands around a function and begins before it."""
DECLARED = frozenset({"parenthesized_declarator", "reference_declarator", "attributed_declarator"})
KEYWORDS = frozenset({"if", "for", "while", "switch", "else", "do"})
"""What broken code may show in the place of a name."""
GENERIC = re.compile(r"<[^<>]*>|\[[^][]*\]")
PART = re.compile(r"operator\s*[^\w\s].*|operator\b.*|~?\s*[#\w$]+")
NO_PART = frozenset({"mut", "dyn", "const", "prototype"})
EXPORTED = re.compile(r"^(?:module\.)?exports\.|^module\.exports$|^this\.")
Place = tuple[int, int]


class UnreadableError(ValueError):
    """Half a sentence on why a file that was parsed is not read."""


@dataclass(frozen=True, slots=True)
class Found:
    """One function: its dotted name, its bytes and lines (1-based, inclusive), and the loops of its own."""

    qualname: str
    place: Place
    lines: Place
    loops: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """A function or scope as the query gives it, or a loop, which has no name."""

    place: Place
    lines: Place
    name: str
    kind: str


def refusal(data: bytes) -> str | None:
    """Return half a sentence on why a file is not read at all, or None."""
    if b"\0" in data[:HEAD]:
        return "it is binary or not in an encoding that extends ASCII"
    if len(data) > MOST_BYTES:
        return f"it has more than {MOST_BYTES // 1_000_000} MB"
    if any(len(line) > LONGEST_LINE for line in data.split(b"\n")):
        return f"it has lines of more than {LONGEST_LINE:,} bytes, as minified or generated code has"
    return None


def parsed(path: str, data: bytes) -> "Node":
    """Return the root of a file's tree, for as long as somebody looks at it; Refused where the grammar is missing."""
    from tree_sitter import Parser

    return Parser(grammar(dialect(path, data)).language).parse(data).root_node


def found(path: str, data: bytes, root: "Node") -> tuple[Found, ...]:
    """Return the functions below `root` in source order; nested ones carry the names around them.

    UnreadableError where they are nested too deeply or their names are too long.
    """
    functions: list[Found] = []
    loops: list[int] = []
    around: list[tuple[int, str, int | None]] = []
    for piece in sorted(_pieces(path, data, root), key=lambda one: (one.place[0], -one.place[1])):
        while around and around[-1][0] <= piece.place[0]:
            around.pop()
        _, scope, owner = around[-1] if around else (0, "", None)
        if piece.kind == "loop":
            if owner is not None:
                loops[owner] += 1
            continue
        name = f"{scope}{piece.name}"
        _bound(name, len(around))
        if piece.kind == "function":
            owner = len(functions)
            functions.append(Found(name, piece.place, piece.lines))
            loops.append(0)
        around.append((piece.place[1], f"{name}.", owner))
    return tuple(Found(one.qualname, one.place, one.lines, count) for one, count in zip(functions, loops, strict=True))


def _bound(name: str, depth: int) -> None:
    if depth >= DEEPEST:
        message = f"it has more than {DEEPEST} functions and scopes inside of each other"
        raise UnreadableError(message)
    if len(name) > LONGEST_NAME:
        raise UnreadableError(TOO_LONG)


def _pieces(path: str, data: bytes, root: "Node") -> Iterator[_Piece]:
    from tree_sitter import QueryCursor

    seen: set[tuple[str, Place]] = set()
    matches = QueryCursor(grammar(dialect(path, data)).query).matches(root)
    if len(matches) * _depth(root) > MOST_STEPS:
        message = f"its {len(matches):,} functions, scopes and loops are nested too deeply"
        raise UnreadableError(message)
    for _, captures in matches:
        kind = next(one for one in ("function", "scope", "loop") if one in captures)
        node = captures[kind][0]
        first = node if kind == "loop" else _first(node)
        place = first.start_byte, node.end_byte
        name = "" if kind == "loop" else _name(captures)
        if (kind, place) not in seen and (name or kind == "loop"):
            seen.add((kind, place))
            yield _Piece(place, _lines(first, node), name, kind)


def _depth(root: "Node") -> int:
    """Return how many nodes are inside of each other at most."""
    cursor, depth, most = root.walk(), 0, 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            most = max(most, depth)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return most
            depth -= 1


def _name(captures: dict[str, list["Node"]]) -> str:
    """Return the dotted name of a function or scope; "" where broken code shows none."""
    given = _declared(captures["declarator"][0]) if "declarator" in captures else captures["name"][0]
    if any(one.end_byte - one.start_byte > LONGEST_NAME for one in (given, *captures.get("receiver", ()))):
        raise UnreadableError(TOO_LONG)
    parts = [*(dotted(_text(one)) for one in captures.get("receiver", ())), dotted(_text(given))]
    return "" if parts[-1] in KEYWORDS else ".".join(one for one in parts if one)


def dotted(text: str) -> str:
    """Return a name without generic arguments, pointers and quotes, its parts joined by dots: `a::B<T>` is a.B."""
    head, operator, rest = text.partition("operator")
    if operator and (rest[:1].isalnum() or rest[:1] == "_" or head[-1:].isalnum() or head[-1:] == "_"):
        head, operator, rest = text, "", ""
    while (shorter := GENERIC.sub("", head)) != head:
        head = shorter
    parts = [one.replace(" ", "") for one in PART.findall(re.sub(r"'\w+\b(?!')", "", EXPORTED.sub("", head)))]
    name = ".".join(one for one in parts if one not in NO_PART)
    if not operator:
        return name
    kind = rest.strip()
    kind = f" {kind.partition('(')[0]}" if kind[:1].isalpha() else kind
    return f"{name}.operator{kind}".lstrip(".")


def _declared(node: "Node") -> "Node":
    """Return the name inside of a C declarator, through pointers, references and parentheses."""
    while node.type != "operator_cast":
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type in DECLARED:
            inner = next(iter(node.named_children), None)
        if inner is None:
            return node
        node = inner
    return node


def _first(node: "Node") -> "Node":
    """Return where a definition begins: with its decorators, attributes or template head."""
    first = node
    if node.parent is not None and node.parent.type in AROUND:
        first = node.parent
    while (before := first.prev_named_sibling) is not None and before.type in BEFORE:
        first = before
    return first


def _lines(first: "Node", node: "Node") -> Place:
    last = node.end_point.row + (node.end_point.column > 0 or node.end_point.row == node.start_point.row)
    return first.start_point.row + 1, last


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")
