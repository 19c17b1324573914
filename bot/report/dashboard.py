"""The dashboard issue of the nightly sweep: open merge requests, what waits, and boxes to tick for what comes next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.exchange import Silence
from bot.report import board
from bot.report.board import Board
from bot.report.escape import code, text
from bot.report.note import Entry, note

TOPIC = "dashboard"
TITLE = "Hotlap dashboard"
_MOST = 40
_BOX = re.compile(r"^- \[[xX]\] +(?P<fence>`+) ?(?P<name>[^`\n]{1,400}?) ?(?P=fence)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Open:
    """One open merge request of the bot."""

    link: str
    title: str


def ticked(description: str) -> tuple[str, ...]:
    """Return the functions whose boxes somebody ticked: names, looked up like any other text of a stranger."""
    return tuple(dict.fromkeys(found["name"] for found in _BOX.finditer(description)))[:_MOST]


def dashboard(
    entries: Sequence[Entry],
    waiting: Sequence[str],
    opened: Sequence[Open],
    silent: Sequence[Silence],
    most: int,
    known: Board | None = None,
) -> str:
    """Return the description of the issue.

    `waiting` are functions that a next sweep may take; `most` is how many merge requests may stand open, and `known`
    what is remembered.
    """
    known = known or Board()
    parts = [note(entries, silent, known.notes)]
    parts.append(f"### Open merge requests ({len(opened)}, at most {most})\n")
    parts += [f"- {one.link} {text(one.title)}" for one in opened] or ["none"]
    parts.append("\n### Functions\n")
    parts.append("Tick one to have the next sweep take it first.\n")
    ranked = list(board.opportunities(known.opportunities))
    listed = {one.target for one in known.opportunities}
    others = [f"- [ ] {code(name, 400)}" for name in dict.fromkeys(waiting[:_MOST]) if name not in listed]
    parts += [*ranked, *others] or ["none"]
    parts += board.lessons(known)
    return "\n".join(parts).rstrip() + "\n"
