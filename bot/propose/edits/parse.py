"""Cuts a reply into edit blocks and explicit operations; one that is not clearly complete makes the reply void."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

LONGEST_REPLY = 5_000_000
MOST_ITEMS = 500
MOST_DIVIDERS = 16
NO_NEWLINE = "\\ No newline at end of file"

_VOCABULARIES = {"SEARCH": "REPLACE", "ORIGINAL": "UPDATED"}
_HEAD = re.compile(r"([ \t]*)(<{5,}) ?(SEARCH|ORIGINAL)>?[ \t]*")
_DIVIDER = re.compile(r"([ \t]*)(={5,})[ \t]*")
_TAIL = re.compile(r"([ \t]*)(>{5,}) ?(REPLACE|UPDATED)[ \t]*")
# What was meant as a marker but is not one: taken for content or prose it would make half of a reply apply.
# Possessive quantifiers: a line of a million signs must not cost a million squared steps.
_BROKEN_HEAD = re.compile(r"[ \t]*+<{5,}+\W*+(?:SEARCH|ORIGINAL)\b", re.IGNORECASE)
_BROKEN_TAIL = re.compile(r"[ \t]*+>{5,}+\W*+(?:REPLACE|UPDATED)\b", re.IGNORECASE)
_ORDER = re.compile(r"\*\*\* (Delete File|Move to|Rename to):[ \t]*(.*?)[ \t]*")
_OTHER_FORMAT = re.compile(r"\*\*\* (?:Begin Patch|Copy to:)")
_ESCAPED = re.compile(
    r"[ \t]*+\\+(?:<{5,}+\W*+(?:SEARCH|ORIGINAL)\b.*|={5,}+[ \t]*|>{5,}+\W*+(?:REPLACE|UPDATED)\b.*"
    r"|\\ No newline at end of file)",
    re.IGNORECASE,
)


class Malformed(ValueError):  # noqa: N818 - a finding about a reply, turned into a refusal by the engine
    """The reply is incomplete or contradicts itself; `line` is 1-based in the reply."""

    def __init__(self, sentence: str, line: int) -> None:
        self.line = line
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Block:
    """One edit block: `above` are the reply's lines since the item before it, `dividers` are indices into `body`.

    `signs` is the length of the head marker, `line` its 1-based line in the reply.
    """

    above: tuple[str, ...]
    body: tuple[str, ...]
    dividers: tuple[int, ...]
    signs: int
    line: int


@dataclass(frozen=True, slots=True)
class Order:
    """One explicit operation, "delete" with the path to delete or "move" with the new path of the file in hand."""

    above: tuple[str, ...]
    kind: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Pair:
    """What one way of reading a block searches for and puts in its place.

    `bare_search` and `bare_replace` say that this side is the end of a file that has no final newline.
    """

    search: tuple[str, ...]
    replace: tuple[str, ...]
    bare_search: bool = False
    bare_replace: bool = False


def parse(reply: str) -> tuple[Block | Order, ...]:
    """Return the items of a reply in their order; Malformed where any of them is not complete."""
    if len(reply) > LONGEST_REPLY:
        raise Malformed(f"The reply is longer than {LONGEST_REPLY} characters.", 1)
    lines = reply.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    items = tuple(islice(_items(lines), MOST_ITEMS + 1))
    if len(items) > MOST_ITEMS:
        raise Malformed(f"The reply holds more than {MOST_ITEMS} blocks.", items[-1].line)
    return items


def _items(lines: Sequence[str]) -> Iterator[Block | Order]:
    at = since = 0
    while at < len(lines):
        head, order = _HEAD.fullmatch(lines[at]), _ORDER.fullmatch(lines[at])
        if head:
            tail = _tail(lines, at, head)
            yield _block(lines, since, at, tail, head)
            at = since = tail + 1
        elif order:
            yield Order(tuple(lines[since:at]), "delete" if order[1].startswith("Delete") else "move", order[2], at + 1)
            at = since = at + 1
        else:
            _reject_stray(lines[at], at + 1)
            at += 1


def _reject_stray(line: str, number: int) -> None:
    if _BROKEN_HEAD.match(line):
        raise Malformed("This line looks like the start of a block but is not exactly '<<<<<<< SEARCH'.", number)
    if _BROKEN_TAIL.match(line):
        raise Malformed("This end marker has no complete block before it.", number)
    if _OTHER_FORMAT.match(line):
        raise Malformed("Another patch format is mixed with SEARCH/REPLACE blocks.", number)


def _tail(lines: Sequence[str], start: int, head: re.Match[str]) -> int:
    """Return the index of the marker that closes the block opened at `start`."""
    for at in range(start + 1, len(lines)):
        line = lines[at]
        tail = _TAIL.fullmatch(line)
        if tail and tail[1] == head[1]:
            if tail[3] != _VOCABULARIES[head[3]]:
                raise Malformed(f"A block that starts with {head[3]} must not end with {tail[3]}.", at + 1)
            return at
        if _BROKEN_HEAD.match(line) and _indent(line) == head[1]:
            raise Malformed("A new block starts before the block above it ends.", at + 1)
    raise Malformed(f"The block that starts here is never closed by '>>>>>>> {_VOCABULARIES[head[3]]}'.", start + 1)


def _block(lines: Sequence[str], since: int, start: int, tail: int, head: re.Match[str]) -> Block:
    body = tuple(lines[start + 1 : tail])
    found = ((at, _DIVIDER.fullmatch(line)) for at, line in enumerate(body))
    dividers = tuple(at for at, match in found if match and match[1] == head[1])
    if not dividers:
        raise Malformed("The block that starts here has no '=======' line.", start + 1)
    if len(dividers) > MOST_DIVIDERS:
        sentence = (
            f"The block that starts here has {len(dividers)} '=======' lines: put a backslash before those of the text."
        )
        raise Malformed(sentence, start + 1)
    return Block(tuple(lines[since:start]), body, dividers, len(head[2]), start + 1)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def reading(block: Block, divider: int, *, escapes: bool = True) -> Pair:
    """Return the pair that `divider` (an index into the body) makes of a block, escapes resolved unless told."""
    search, bare_search = _side(block.body[:divider], escapes)
    replace, bare_replace = _side(block.body[divider + 1 :], escapes)
    return Pair(search, replace, bare_search, bare_replace)


def _side(lines: tuple[str, ...], escapes: bool) -> tuple[tuple[str, ...], bool]:
    bare = bool(lines) and lines[-1] == NO_NEWLINE
    kept = lines[:-1] if bare else lines
    return (tuple(map(unescape, kept)) if escapes else kept), bare


def unescape(line: str) -> str:
    """Take one backslash from a line that would be a marker without its backslashes."""
    return line.replace("\\", "", 1) if _ESCAPED.fullmatch(line) else line


def escape(line: str) -> str:
    """Put a backslash before a line that would be read as a marker, or as an escaped one."""
    exact = any(one.fullmatch(line) for one in (_DIVIDER, _TAIL, _ESCAPED))
    if exact or line == NO_NEWLINE or _BROKEN_HEAD.match(line):
        indent = _indent(line)
        return indent + "\\" + line[len(indent) :]
    return line
