"""A change of the bot's that a person wants otherwise: what was asked, of which commit, and what stands on its branch.

There is no memory but the forge: rounds are counted by hidden memos in the bot's replies, and a commit names the
comment that it was made for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.code import FileChange
from bot.domain.publication import BRANCHES

_MADE_FOR = re.compile(r"^Revised-for: note (\d{1,18})\s*\Z", re.MULTILINE)
_MEMO = re.compile(r"(?:.* )?revise=(\d{1,4})(?: .*)?")
_STACKED = re.compile(rf"{BRANCHES}mr-(\d{{1,18}})/.+")


@dataclass(frozen=True, slots=True)
class Revision:
    """One round: another change is wanted in place of the one on `branch`, of which `head` was the tip.

    `note` is the comment that asks, in `thread`, and `topic` that of the reply. `said` is what people who may ask say
    in the open there, paragraph by paragraph: text of strangers. `round` counts from 1, and more than `rounds` are not
    given. `problem` says why nothing is to be tried, "" where something is. Where `note` is 0 nobody asked: what stands
    there is to be proven once more.
    """

    merge_request: int
    branch: str
    head: str
    note: int
    thread: str = ""
    topic: str = ""
    said: tuple[str, ...] = ()
    round: int = 1
    rounds: int = 3
    problem: str = ""

    @property
    def stacked_on(self) -> int | None:
        """The number of the merge request onto whose branch the change goes, None for another branch."""
        found = _STACKED.fullmatch(self.branch)
        return None if found is None else int(found[1])


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a branch; `own` says that the bot made it and nobody has remade it."""

    sha: str
    parents: tuple[str, ...]
    message: str
    own: bool = True

    @property
    def made_for(self) -> int | None:
        """The number of the comment that it was made for; None for the first change of a branch."""
        found = _MADE_FOR.search(self.message)
        return None if found is None else int(found[1])


@dataclass(frozen=True, slots=True)
class Earlier:
    """A change that was proposed before: its files on the target branch, and the message that says what it proved."""

    changes: tuple[FileChange, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Criticism:
    """What a proposer may know of a change that is wanted otherwise; `function` is "path::qualname".

    `said` is text of people, `edit` a unified diff, `proof` what was found out about it.
    """

    function: str
    said: tuple[str, ...]
    edit: str = ""
    proof: str = ""


Criticisms = Mapping[str, Criticism]
"""By the name of the function."""


def trailer(note: int) -> str:
    """Return the last line of the message of a commit that was made for a comment."""
    return f"Revised-for: note {note}"


def memo(number: int) -> str:
    """Return what is hidden in the reply to a comment that was given round `number`."""
    return f"revise={number}"


def round_in(hidden: str) -> int | None:
    """Return the round that a memo names; None where it names none."""
    found = _MEMO.fullmatch(hidden)
    return None if found is None else int(found[1])
