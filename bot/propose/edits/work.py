"""Takes the items of one reply against one tree, and adds them up: all of them, or none."""

from dataclasses import dataclass, field

from bot.domain.code import FileChange, Snapshot, Span
from bot.propose.edits import feedback
from bot.propose.edits.changes import splices
from bot.propose.edits.elision import elided
from bot.propose.edits.index import Index
from bot.propose.edits.match import Found, Missed
from bot.propose.edits.outcome import BlockResult, Failed
from bot.propose.edits.parse import Block, Order, Pair, reading
from bot.propose.edits.paths import BadPath, Paths
from bot.propose.edits.splits import candidates, place
from bot.propose.edits.text import NotText, Splice, Text, decode, splice


@dataclass(slots=True)
class Draft:
    """What the reply makes of one file so far; `taken` are the line ranges that blocks claim, with their numbers."""

    path: str
    before: bytes | None
    text: Text
    index: Index
    splices: list[Splice] = field(default_factory=list)
    taken: list[tuple[int, int, int]] = field(default_factory=list)
    final_newline: bool | None = None
    created: Pair | None = None
    deleted: bool = False
    new_path: str = ""

    def after(self) -> bytes | None:
        """Return the file's new bytes; None where it is deleted."""
        return None if self.deleted else splice(self.text, self.splices, self.final_newline).encode()


class Work:
    """The state of one application; nothing outside of it changes."""

    def __init__(self, tree: Snapshot, spans: tuple[Span, ...], paths: Paths) -> None:
        self._tree = tree
        self._spans = spans
        self._paths = paths
        self._drafts: dict[str, Draft] = {}
        self._seen: set[tuple[str, Pair]] = set()
        self._current: str | None = None
        self._explained = 0

    def take(self, number: int, item: Block | Order) -> BlockResult:
        """Add one item; Failed where it cannot be applied."""
        path = ""
        try:
            if isinstance(item, Order):
                return self._order(number, item)
            likely = candidates(item)
            empty = reading(item, likely[0])
            creating = not any(line.strip() for line in empty.search)
            path = self._current = self._paths.named(item.above, self._current, creating=creating)
            if creating and self._is_new(path, empty, certain=len(likely) == 1):
                return self._create(number, path, empty)
            return self._edit(number, path, item)
        except BadPath as error:
            raise Failed(error.reason, str(error), path=error.path or path) from error
        except NotText as error:
            raise Failed("not-text", str(error), path=path) from error

    def changes(self) -> tuple[FileChange, ...]:
        """Return what all items together change; Failed where a file cannot be written as text."""
        found: list[FileChange] = []
        for path, draft in sorted(self._drafts.items()):
            try:
                after = draft.after()
            except NotText as error:
                raise Failed("not-text", f"{path}: {error}.", path=path) from error
            if draft.new_path:
                found += [FileChange(path, draft.before, None), FileChange(draft.new_path, None, after)]
            elif after != draft.before:
                found.append(FileChange(path, draft.before, after))
        return tuple(found)

    def _order(self, number: int, order: Order) -> BlockResult:
        if order.kind == "delete":
            path = self._paths.checked(order.path.removeprefix("./"), creating=False)
            draft = self._draft(path)
            if draft.splices or draft.deleted or draft.new_path:
                raise Failed("conflict", f"{path} is deleted and also changed.", path=path)
            draft.deleted = True
            return BlockResult(number, path, "deleted")
        path = self._current = self._paths.named(order.above, self._current, creating=False)
        new = self._paths.checked(order.path.removeprefix("./"), creating=True)
        draft = self._draft(path)
        targets = {one.new_path for one in self._drafts.values()} | set(self._drafts) | set(self._tree.files)
        if new in targets or draft.deleted or draft.new_path or draft.before is None:
            raise Failed("conflict", f"{path} cannot be moved to {new}.", path=path)
        draft.new_path = new
        return BlockResult(number, path, "moved")

    def _is_new(self, path: str, empty: Pair, *, certain: bool) -> bool:
        """Say whether an empty SEARCH means a new text; a title with a line over it only looks like one."""
        if path not in self._tree.files:
            return True
        lines = self._draft(path).index.lines
        if lines and lines != empty.search and certain:
            raise Failed(
                "exists", f"{path} exists and is not empty: an empty SEARCH can only create a file.", path=path
            )
        return not lines

    def _create(self, number: int, path: str, pair: Pair) -> BlockResult:
        draft = self._draft(path, absent=True)
        if draft.created == pair:
            return BlockResult(number, path, "duplicate")
        if draft.created is not None or draft.deleted or draft.new_path:
            raise Failed("conflict", f"{path} is created and also changed by another block.", path=path)
        if path in {one.new_path for one in self._drafts.values()}:
            raise Failed("conflict", f"{path} is created, and another file is moved there.", path=path)
        draft.created = pair
        draft.splices.append(Splice(0, 0, pair.replace))
        draft.final_newline = not pair.bare_replace
        return BlockResult(number, path, "created", line=1)

    def _edit(self, number: int, path: str, block: Block) -> BlockResult:
        if path not in self._tree.files:
            raise Failed("unknown-path", f"There is no file {path}; only an empty SEARCH creates one.", path=path)
        draft = self._draft(path)
        pair, result = place(block, draft.index, tuple(span for span in self._spans if span.path == path))
        if (path, pair) in self._seen:
            return BlockResult(number, path, "duplicate")
        self._seen.add((path, pair))
        if pair.search == pair.replace and pair.bare_search == pair.bare_replace:
            return BlockResult(number, path, "unchanged")
        if isinstance(result, Missed):
            self._explained += 1
            raise _missing(path, draft.index, pair, result, explain=self._explained <= feedback.MOST_EXPLAINED)
        if left_out := elided(pair.search, pair.replace):
            raise Failed("elided", f"REPLACE leaves code out: {left_out!r}. Write all lines.", path=path)
        return self._claim(number, draft, result)

    def _claim(self, number: int, draft: Draft, found: Found) -> BlockResult:
        first = found.parts[0].place
        for part in found.parts:
            new = splices(part)
            if new is None:
                sentence = (
                    "SEARCH is not indented as the file is, and REPLACE does not follow it. Copy the file's blanks."
                )
                raise Failed("indentation", sentence, rung=found.rung, path=draft.path)
            self._claim_lines(number, draft, part.place.start, part.place.end)
            draft.splices += new
        _claim_end(draft, found)
        return BlockResult(number, draft.path, "applied", found.rung, first.start + 1)

    def _claim_lines(self, number: int, draft: Draft, start: int, end: int) -> None:
        if draft.deleted:
            raise Failed("conflict", f"{draft.path} is deleted and also changed.", path=draft.path)
        for other_start, other_end, other in draft.taken:
            if start < other_end and other_start < end:
                sentence = f"It overlaps block {other} at lines {max(start, other_start) + 1} to {min(end, other_end)}."
                raise Failed("overlap", sentence, path=draft.path)
        draft.taken.append((start, end, number))

    def _draft(self, path: str, *, absent: bool = False) -> Draft:
        if path not in self._drafts:
            before = self._tree.data(path) if path in self._tree.files or not absent else None
            text = decode(before or b"")
            self._drafts[path] = Draft(path, before, text, Index(text.lines))
        return self._drafts[path]


def _claim_end(draft: Draft, found: Found) -> None:
    """Let the reply's own word on the final newline count, where its block is the end of the file."""
    pair, end = found.parts[-1].pair, found.parts[-1].place.end
    if not (pair.bare_search or pair.bare_replace):
        return
    bare = end == len(draft.text.ends) and not draft.text.ends[-1]
    if end != len(draft.text.ends) or (pair.bare_search and not bare):
        raise Failed("not-found", "The file does not end there without a newline.", rung=found.rung, path=draft.path)
    draft.final_newline = not pair.bare_replace


def _missing(path: str, index: Index, pair: Pair, missed: Missed, *, explain: bool) -> Failed:
    if missed.starts:
        excerpt = feedback.explain_several(index, missed.starts, len(pair.search))
        sentence = f"SEARCH stands at {len(missed.starts)} places in {path}."
        return Failed("ambiguous", sentence, excerpt=excerpt, rung=missed.rung, path=path)
    excerpt = feedback.explain_missing(index, pair.search, pair.replace) if explain else ""
    return Failed("not-found", f"SEARCH does not stand in {path}.", excerpt=excerpt, path=path)
