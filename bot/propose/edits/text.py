"""Bytes to lines and back: an edit must not disturb the encoding, the mark, the line endings or the end of a file."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class NotText(ValueError):  # noqa: N818 - a finding about a file, turned into a refusal by the engine
    """The bytes cannot be edited as text, or a text cannot be written in the file's encoding."""


@dataclass(frozen=True, slots=True)
class Text:
    """The lines of one file without their ends; `ends` holds LF, CR LF or, for the last line only, nothing."""

    lines: tuple[str, ...]
    ends: tuple[str, ...]
    codec: str = "utf-8"
    mark: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes of the file; NotText where a character does not exist in its encoding."""
        joined = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        if "\0" in joined:
            raise NotText("the new text holds a NUL character")
        try:
            return self.mark + joined.encode(self.codec)
        except UnicodeError as error:
            raise NotText(f"the new text cannot be written in the file's encoding, {self.codec}") from error


@dataclass(frozen=True, slots=True)
class Splice:
    """Lines `start` to `end` (0-based, exclusive) give way to `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


def split(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split at LF and CR LF only: a form feed or U+2028 is a character like any other."""
    parts = text.split("\n")
    last = parts.pop()
    if "\r" not in text:
        ends = ["\n"] * len(parts)
    else:
        ends = ["\r\n" if part.endswith("\r") else "\n" for part in parts]
        parts = [part[:-1] if end == "\r\n" else part for part, end in zip(parts, ends, strict=True)]
    if last:
        parts.append(last)
        ends.append("")
    return tuple(parts), tuple(ends)


def decode(data: bytes) -> Text:
    """Return a file's text; NotText for binary files and for encodings that do not survive the round trip."""
    if b"\0" in data:
        raise NotText("the file is binary: it holds NUL bytes")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(mark) :]
    for codec in _codecs(body, mark):
        try:
            text = body.decode(codec)
            same = text.encode(codec) == body
        except (LookupError, ValueError):
            continue
        if same:
            return Text(*split(text), codec, mark)
    raise NotText("the file's encoding is not known")


def _codecs(body: bytes, mark: bytes) -> Iterator[str]:
    """Yield encodings, likeliest first: what is pure ASCII may still declare where its next character belongs."""
    if mark:
        yield "utf-8"
        return
    heads = (_DECLARED.match(line) for line in body.split(b"\n", 2)[:2])
    declared = next((found.group(1).decode("ascii") for found in heads if found), None)
    order = (declared, "utf-8") if body.isascii() else ("utf-8", declared, "latin-1")
    yield from (codec for codec in order if codec)


def splice(text: Text, splices: Sequence[Splice], final_newline: bool | None = None) -> Text:
    """Return the text after all splices, which must not overlap; `final_newline` overrides how the file ended."""
    lines, ends = list(text.lines), list(text.ends)
    usual = next((end for end in ends if end), "\n")
    for one in sorted(splices, key=lambda item: (item.start, item.end), reverse=True):
        ends[one.start : one.end] = _ends(ends, one, usual)
        lines[one.start : one.end] = one.lines
    ended = (not text.ends or bool(text.ends[-1])) if final_newline is None else final_newline
    for at, end in enumerate(ends):
        if not end:
            ends[at] = ends[at - 1] if at else usual
    if ends and not ended:
        ends[-1] = ""
    return replace(text, lines=tuple(lines), ends=tuple(ends))


def _ends(ends: Sequence[str], one: Splice, usual: str) -> list[str]:
    """Return the ends of new lines: each takes that of the line that it replaces, others that of the last one."""
    replaced = list(ends[one.start : one.end])
    neighbour = ends[one.start - 1 : one.start] or ends[one.end : one.end + 1]
    spare = (replaced or list(neighbour) or [usual])[-1]
    replaced += [spare] * (len(one.lines) - len(replaced))
    return [end or (neighbour[0] if neighbour and neighbour[0] else usual) for end in replaced[: len(one.lines)]]
