"""What the engine answers: file changes or a refusal, block by block, and the text for the author of the reply."""

from dataclasses import dataclass

from bot.domain.code import FileChange


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What became of one block or operation, in the order of the reply.

    `index` is 1-based; `result` is a code of docs/edit-blocks.md; `rung` says how leniently the place was found;
    `line` is the place's first line in the file, 1-based, or None.
    """

    index: int
    path: str
    result: str
    rung: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The answer to one reply: either all of it is in `changes`, or `applied` is false and `changes` is empty.

    `reason` is the code of the first thing that was wrong, "" where nothing was.
    """

    changes: tuple[FileChange, ...]
    blocks: tuple[BlockResult, ...]
    feedback: str
    applied: bool
    reason: str = ""


class Failed(ValueError):  # noqa: N818 - a finding about one block, collected by the engine
    """One block cannot be applied: a stable code, a sentence, lines to look at, and the places where there are many."""

    def __init__(self, reason: str, sentence: str, *, excerpt: str = "", rung: str = "", path: str = "") -> None:
        self.reason = reason
        self.excerpt = excerpt
        self.rung = rung
        self.path = path
        super().__init__(sentence)
