"""The last look at every text before it is posted: no secret, no command, no mention, no marker but our own.

Fields of strangers are escaped where texts are made; this holds for the whole, whoever made it.
"""

import re

from bot.domain import markdown
from bot.domain.errors import Refused
from bot.domain.legible import harmless, one_line
from bot.domain.marker import marker
from bot.domain.redact import Redactor

LONGEST_BODY = 1_048_000  # GitLab takes 1,048,576 characters
LONGEST_TITLE = 255
_ROOM = LONGEST_BODY - 600
_CUT = "\n\n(cut: the text was too long)"
_BREAK = "\u200b"
_COMMAND = re.compile(r"^([ \t]*)/(?=[A-Za-z])")
_MENTION = re.compile(r"@(?=[\w.-])")
_MENTION_IN_DISGUISE = re.compile(r"&(?=#0{0,5}64;|#[xX]0{0,5}40;|commat;)")
_IN_TITLE = re.compile(
    r"[@#!~%&$^](?=[\w\"{-])"  # people, issues, merge requests, labels, milestones, ...
    r"|:(?=[\w+-]+:)|(?<=:)/(?=/)"  # emoji, addresses
    r"|(?<=[A-Z0-9_])-(?=\d)|(?<!\w)[0-9a-f](?=[0-9a-f]{6,63}(?!\w))"  # issues of other trackers, commits
)


class Outgoing:
    """Makes texts fit to be posted."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def body(self, text: str, topic: str, *, memo: str = "", exact: bool = False) -> str:
        """Return Markdown under the hidden marker of `topic`, with what is to be known again.

        With `exact`, code must stay as it is, because somebody may apply it: Refused where that cannot be.
        """
        given = self._redactor.redact(_visible(text))
        safe = _safe(given)
        if len(safe) > _ROOM:
            # What is made inert can be twice as long.
            safe = _safe(given[: _ROOM // 2].rpartition("\n")[0] + _CUT)
        if exact and _code(text) != _code(safe):
            raise Refused("this change cannot be suggested: a line of it would not be shown as it is")
        return f"{marker(topic, memo)}\n\n{safe}"

    def title(self, text: str) -> str:
        """Return one line in which nothing refers to anything or anybody; GitLab reads titles like prose."""
        line = _IN_TITLE.sub(lambda found: found[0] + _BREAK, one_line(self._redactor.redact(text), LONGEST_TITLE * 2))
        return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 3] + "..."


def _visible(text: str) -> str:
    """Spell out what cannot be seen; the zero-width spaces by which we keep words from being references may stay."""
    return _BREAK.join(harmless(part) for part in text.replace("\r", "").split(_BREAK))


def _safe(text: str) -> str:
    lines = markdown.lines(text)
    code = markdown.code_lines(lines)
    return "\n".join(_in_code(line) if number in code else _in_prose(line) for number, line in enumerate(lines))


def _code(text: str) -> list[str]:
    lines = text.split("\n")
    return [lines[number] for number in sorted(markdown.code_lines(lines))]


def _in_prose(line: str) -> str:
    return _MENTION_IN_DISGUISE.sub("&amp;", _MENTION.sub(f"@{_BREAK}", _COMMAND.sub(r"\1\\/", line)))


def _in_code(line: str) -> str:
    return f" {line}" if _COMMAND.match(line) else line
