"""Finds `/optimize` commands in a comment, where GitLab would look for a quick action and nowhere else."""

import re
from collections.abc import Iterator

from bot.domain import markdown
from bot.domain.command import Command
from bot.triggers.grammar import interpreted

NAME = "/optimize"
_LINE = re.compile(rf"{NAME}(?:[ \t]+(?P<rest>.*))?", re.IGNORECASE)


def commands(body: str) -> tuple[Command, ...]:
    """Return the commands of a comment in their order; none where it only shows them, as code, in quotes or in HTML."""
    source = markdown.lines(body)
    if not any(_LINE.fullmatch(line) for line in source):
        return ()
    return tuple(
        interpreted(rest) for one in markdown.paragraphs(source) for rest in _spoken(source[one.start : one.end])
    )


def _spoken(lines: list[str]) -> Iterator[str]:
    """Yield what follows the name on each line of a paragraph that is a command."""
    if not any(_LINE.fullmatch(line) for line in lines):
        return
    text = "\n".join(lines)
    hidden = _merged([*markdown.spans(_without_commands(lines)), *markdown.between_tags(text)])
    offset, within = 0, 0
    for line in lines:
        while within < len(hidden) and hidden[within][1] <= offset:
            within += 1
        found = _LINE.fullmatch(line)
        if found and not (within < len(hidden) and hidden[within][0] < offset):
            yield (found["rest"] or "").strip()
        offset += len(line) + 1


def _without_commands(lines: list[str]) -> str:
    """Return the text with backticks of command lines left out: a target in code marks opens no span."""
    return "\n".join(line.replace("`", " ") if _LINE.fullmatch(line) else line for line in lines)


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
