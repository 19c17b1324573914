"""Text becomes Markdown that shows what it says: no markup, mention, reference, link or quick action of a stranger.

GitLab honours a backslash before its reference characters, reads quick actions at the start of a line, and notifies
people whose names follow an at sign; the tests hold each of these.
"""

import re

from bot.domain.legible import harmless, one_line

_BREAK = "\u200b"  # a zero-width space: nothing to see, and no longer the word that it was
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]#|~$^<>]|[!&%](?=[\w\[\"#]))")
_START = re.compile(r"^(?:([/=+-])|(\d{1,9})([.)])(?=\s|$))")  # a quick action, an underline, a list
# Commits, issues of other trackers, emoji, and marks of inserted or deleted words: GitLab reads them after Markdown.
_WORDS = re.compile(r"(?<!\w)[0-9a-f](?=[0-9a-f]{6,63}(?!\w))|(?<=[A-Z0-9_])-(?=\d)|:(?=[\w+-]+:)|[\[{](?=[+-])")
_LINKS = re.compile(r"://|\bwww\.|\bmailto:", re.IGNORECASE)


class Markdown(str):
    """A string that is Markdown already; everything else is escaped when a template shows it."""

    __slots__ = ()


def text(value: object, limit: int = 600) -> Markdown:
    """Return one line of prose, with everything that Markdown or GitLab would act on made inert."""
    line = _WORDS.sub(rf"\g<0>{_BREAK}", one_line(str(value), limit))
    line = _PUNCTUATION.sub(r"\\\1", line)
    line = line.replace("@", f"@{_BREAK}")
    line = _LINKS.sub(lambda found: f"{found[0][0]}{_BREAK}{found[0][1:]}", line)
    return Markdown(_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line))


def mentionless(line: str) -> str:
    """Return plain text for a place that is not Markdown but still notifies: no name follows an at sign."""
    return one_line(line).replace("@", f"@{_BREAK}")


def code(value: object, limit: int = 160) -> Markdown:
    """Return one line as a code span, whatever backticks it holds."""
    line = one_line(str(value), limit)
    if not line:
        return Markdown("")
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return Markdown(f"{fence}{pad}{line}{pad}{fence}")


def cell(value: object, limit: int = 160) -> Markdown:
    """Return a code span for a table, where a bar ends the cell even inside of code."""
    return Markdown(code(value, limit).replace("|", r"\|"))


def fence(value: object, language: str = "") -> Markdown:
    """Return a block whose fence is longer than any in the text; no line in it starts with a slash or a fence."""
    body = harmless(str(value)).rstrip("\n")
    # Some readers of quick actions do not know about fences, others only about those of three backticks.
    body = re.sub(r"^(?=/|```|~~~)", " ", body, flags=re.MULTILINE)
    marks = "`" * max(3, _longest_run(body) + 1)
    return Markdown(f"{marks}{language}\n{body}\n{marks}")


def _longest_run(line: str) -> int:
    return max((len(run) for run in re.findall("`+", line)), default=0)
