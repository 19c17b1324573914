"""What a person who reads a note on the page sees its author say: no quotes, no code, nothing hidden or collapsed.

Where Markdown is ambiguous, text is left out rather than let in: a lesson that is missed costs less than one that a
stranger smuggled in.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 20_000
_FENCE = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+|>\s*)*(`{3,}|~{3,}|>>>+)")
_QUOTED = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?>")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX~]\]\s+)?")
_WHOLE = ("blockquote", "code", "details", "math", "pre", "script", "select", "style", "svg", "template", "textarea")
_STYLED = re.compile(r"<(?P<tag>[a-zA-Z][\w-]*)\b[^<>]*\b(?:hidden|style|class|aria-hidden)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]]*\]:\s*\S.*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]\[]+)\](?:\([^)]*\)|\[[^\]]*\])")
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_NAME = re.compile(r"[\w./*@\-]+(?:\([\w=., *'\"]{0,40}\))?|(?:import|from) [\w.]+(?: import [\w., *]+)?")
_SAID = re.compile(r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u00ab\u00bb]{1,400})[\"\u201d\u201c\u00bb]")
# Emphasis comes in pairs; asterisks that are left over stand for nothing unless they are part of a glob.
_EMPHASIS = re.compile(r"(?<![\w*/.])(\*{1,3})(?=[^\s*])([^*]{1,300}?)(?<=[^\s*])\1(?![\w*/.])")
_STARS = re.compile(r"(?<![\w*./])\*{1,3}(?![\w*./])|(?<![\w*./])\*{2,3}(?![*/])|(?<![*/.])\*{2,3}(?![\w*./])")
_STAR = "\x00"
_MAIL = re.compile(r"^(?:On .{4,120} wrote:|-{3,} ?Original Message ?-{3,}|-- )$")
_COMMAND = re.compile(r"^\s*/[a-z_]+(?:\s|$)")
# ZERO WIDTH SPACE and its kin, bidirectional controls, fillers, variation selectors' supplement and tags. The joiner
# U+200D and the selector U+FE0F are part of emoji and stand between characters that are no letters.
_HIDING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\U000e0000-\U000e0fff]|[A-Za-z]\u200d|\u200d[A-Za-z]"
)
OMITTED = "\u2026"
"""Stands for a stretch of code or of somebody else's words inside a sentence."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or one item of a list, on one line."""

    text: str
    item: bool = False


def blocks(body: str) -> tuple[Block, ...]:
    """Return what the author of a note says in the open, block by block."""
    # The bot breaks mentions in its own texts; who quotes one hides nothing.
    text = body[:_LONGEST].replace("@\u200b", "@").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"<!--.*?(?:-->|\Z)", " ", text, flags=re.DOTALL)
    text = "\n".join(_unfenced(text.split("\n")))
    text = _without_elements(text)
    text = _REFERENCE.sub("", _IMAGE.sub(" ", text))
    text = re.sub(r"~~.*?~~", " ", text, flags=re.DOTALL)
    found = (_plain(block) for block in _split(text.split("\n")))
    return tuple(block for block in found if block.text and not _HIDING.search(block.text))


def _unfenced(lines: list[str]) -> Iterator[str]:
    """Yield the lines outside of code fences and multi-line quotes; an open fence reaches to the end."""
    closing: re.Pattern[str] | None = None
    for line in lines:
        if closing is not None:
            closing = None if closing.match(line) else closing
            continue
        opened = _FENCE.match(line)
        if opened:
            # A fence opened and closed on one line is a code span.
            mark = opened[1]
            closing = re.compile(rf"^\s*(?:>\s*)*{re.escape(mark[0])}{{{len(mark)},}}\s*$")
            if mark[0] == "`" and "`" in line[opened.end() :]:
                closing = None
            yield ""
        elif _MAIL.match(line.strip(" ")) or line.startswith("-- "):
            if "wrote:" not in line:
                return
        else:
            yield line


def _without_elements(text: str) -> str:
    """Return `text` without elements that hide, quote or format code, whole, and without the other tags."""
    for tag in _WHOLE:
        while opened := re.search(rf"<{tag}\b[^<>]*>", text, re.IGNORECASE):
            text = text[: opened.start()] + " " + _after(text[opened.end() :], tag)
    while opened := _STYLED.search(text):
        text = text[: opened.start()] + " " + _after(text[opened.end() :], opened["tag"])
    return _TAG.sub(" ", text)


def _after(text: str, tag: str) -> str:
    """Return what follows the end of the element that was just opened; nothing where it is never closed."""
    depth = 1
    for found in re.finditer(rf"<(/?){tag}\b[^<>]*>", text, re.IGNORECASE):
        depth += -1 if found[1] else 1
        if depth == 0:
            return text[found.end() :]
    return ""


def _split(lines: list[str]) -> Iterator[Block]:
    """Yield paragraphs and items; quoted lines, tables, indented code and quick actions end them and are dropped."""
    held: list[str] = []
    item = False
    for line in [*lines, ""]:
        starts = _ITEM.match(line) is not None
        dropped = bool(_QUOTED.match(line) or _COMMAND.match(line) or line.lstrip().startswith("|"))
        dropped = dropped or (not held and not starts and line.startswith(("    ", "\t")))
        heading = line.lstrip().startswith("#")
        if not line.strip() or dropped or starts or heading:
            if held:
                yield Block(" ".join(held), item)
            held, item = [], starts
            if heading:
                yield Block(line.lstrip(" #"))
        if line.strip() and not dropped and not heading:
            held.append(_ITEM.sub("", line).strip())


def _plain(block: Block) -> Block:
    text = _SPAN.sub(_code, block.text)
    text = _LINK.sub(r"\1", text)
    text = html.unescape(text)
    text = re.sub(r"https?://\S+", OMITTED, text)
    text = _STARS.sub("", _EMPHASIS.sub(r"\2", text))
    text = re.sub(r"(?<![\w])_(?=[^\s_])([^_]{1,200})(?<=\S)_(?!\w)", r"\1", text)
    text = _SAID.sub(_quoted, text).replace(_STAR, "*")
    return Block(" ".join(text.split()), block.item)


def _code(found: re.Match[str]) -> str:
    """Keep a name that is set as code; a stretch of code says nothing."""
    inner = found[2].strip()
    return inner.replace("*", _STAR) if _NAME.fullmatch(inner) else OMITTED


def _quoted(found: re.Match[str]) -> str:
    """Keep one or two words in quotation marks, which are a term; more of them are somebody else's."""
    return found[1] if len(found[1].split()) < 3 else OMITTED
