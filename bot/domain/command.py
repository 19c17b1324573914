"""A comment that asks the bot for something, as a value: one of a few verbs, and never an argument to a shell."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What can be asked for."""

    RUN = "run"
    HELP = "help"
    STATUS = "status"
    STOP = "stop"
    RETRY = "retry"
    REVISE = "revise"


RUNS = frozenset({Verb.RUN, Verb.RETRY, Verb.REVISE})
"""Verbs that start a run, which costs time and may write."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line that begins with /optimize.

    `target` and `text` are as written; `budget` and `strategy` are checked where they are used; `problem` is a
    sentence for whoever wrote the line where it cannot be carried out as it stands, else None.
    """

    verb: Verb
    target: str | None = None
    hardware: tuple[str, ...] = ()
    budget: str | None = None
    strategy: str | None = None
    text: str | None = None
    problem: str | None = None
