"""Which lines of a Markdown text are prose and which are code, as GitLab sees it; nothing is rendered.

GitLab looks for commands in paragraphs at the top level only (`QuickActionFilter`), so that code, quotes, lists, tables
and HTML hold none. The same knowledge tells which lines of our own texts have to be kept from being commands.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]{0,40})(?:\s[^<>]{0,2000})?(?P<void>/?)>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_QUOTE_FENCE = re.compile(r"(>{3,})[ \t]*$")
_CODE = frozenset({"fence", "code_block"})


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of lines of the source, 0-based, `end` not included."""

    start: int
    end: int


def lines(text: str) -> list[str]:
    """Return the lines as GitLab counts them: carriage returns are taken out first, wherever they stand."""
    return text.replace("\r", "").split("\n")


def paragraphs(source: Sequence[str]) -> list[Paragraph]:
    """Return the paragraphs at the top level: in no list, quote or table, and between no HTML tags."""
    found, open_tags = [], list[str]()
    for token in _blocks(source):
        if token.level or token.map is None:
            continue
        if token.type == "html_block":
            _follow(token.content, open_tags)
        elif token.type == "paragraph_open" and not open_tags:
            found.append(Paragraph(*token.map))
    return found


def code_lines(source: Sequence[str]) -> frozenset[int]:
    """Return the numbers of lines that are in a code block of any kind and depth."""
    spans = (token.map for token in _blocks(source) if token.type in _CODE and token.map is not None)
    return frozenset(number for span in spans for number in range(*span))


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the code spans of one paragraph, in linear time; an end is one past the last character."""
    runs = [(found.start(), found.end()) for found in re.finditer("`+", text)]
    by_length: dict[int, list[tuple[int, int]]] = {}
    for run in reversed(runs):
        by_length.setdefault(run[1] - run[0], []).append(run)
    done = 0
    for start, end in runs:
        if start < done:
            continue
        same = by_length[end - start]
        while same and same[-1][0] <= start:
            same.pop()
        if same:
            done = same[-1][1]
            yield start, done


def between_tags(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of what stands between an opening tag and the last one that closes it, and of comments."""
    yield from (found.span() for found in _COMMENT.finditer(text))
    last = {found["name"].lower(): found.start() for found in _TAG.finditer(text) if found["close"]}
    first: dict[str, int] = {}
    for found in _TAG.finditer(text):
        if not found["close"]:
            first.setdefault(found["name"].lower(), found.end())
    yield from ((start, last[name]) for name, start in first.items() if start < last.get(name, -1))


def _blocks(source: Sequence[str]) -> "list[Token]":
    return _parser().parse("\n".join(source))


@functools.cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    parser.block.ruler.before("blockquote", "quote_fence", _quote_fence, {"alt": ["paragraph", "list", "table"]})
    return parser


def _quote_fence(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Skip GitLab's quote between two lines of three or more ">"; one that has no end goes on to the last line."""
    opened = _QUOTE_FENCE.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    if opened is None or state.is_code_block(start):
        return False
    if silent:
        return True
    number = start + 1
    while number < end:
        closing = _QUOTE_FENCE.match(state.src, state.bMarks[number] + state.tShift[number], state.eMarks[number])
        number += 1
        if closing is not None and len(closing[1]) >= len(opened[1]):
            break
    state.line = number
    return True


def _follow(html: str, open_tags: list[str]) -> None:
    """Keep account of the elements that are open after a block of HTML."""
    for found in _TAG.finditer(_COMMENT.sub("", html)):
        name = found["name"].lower()
        if name in _VOID or found["void"]:
            continue
        if not found["close"]:
            open_tags.append(name)
        elif name in open_tags:
            del open_tags[len(open_tags) - 1 - open_tags[::-1].index(name) :]
