"""The edit engine: a model's reply and a tree in, new file contents or a refusal with feedback out, and nothing else.

All blocks are placed on the original text before any is spliced, and a reply is applied as a whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.code import FileChange, Snapshot, Span
from bot.domain.errors import EditError
from bot.domain.job import EditSet
from bot.propose.edits import feedback
from bot.propose.edits.outcome import Applied, BlockResult, Failed
from bot.propose.edits.parse import Block, Malformed, Order, parse
from bot.propose.edits.paths import Paths
from bot.propose.edits.work import Work

__all__ = ["Applied", "BlockResult", "apply", "edit_set"]

_SHAPE = (
    "Write each edit as a file path on its own line, then a block:\n<<<<<<< SEARCH\n...\n=======\n...\n>>>>>>> REPLACE"
)


def apply(reply: str, tree: Snapshot, spans: Sequence[Span] = (), protected: Sequence[str] = ()) -> Applied:
    """Apply a reply to a tree in memory.

    `spans` (the localized functions) decide between several equal places; `protected` are globs of paths that
    must not change. A refusal is a value with `applied` false, no changes, and feedback for the reply's author.
    """
    try:
        items = parse(reply)
    except Malformed as error:
        return _void("malformed", f"Line {error.line} of the reply: {error}", _SHAPE)
    if not items:
        return _void("no-blocks", "The reply holds no SEARCH/REPLACE block.", _SHAPE)
    results, failures, changes = _work(items, Work(tree, tuple(spans), Paths(tree, tuple(protected))))
    if failures:
        held = tuple(replace(one, result="not-applied") if one.index not in failures else one for one in results)
        text = feedback.compose(len(items), tuple(failures.values()))
        first = next(one.result for one in held if one.index in failures)
        return Applied((), held, text, applied=False, reason=first)
    if not changes:
        sentence = "No block changes anything: every REPLACE is what the file already holds."
        return replace(_void("no-change", sentence), blocks=tuple(results))
    return Applied(changes, tuple(results), "", applied=True)


def edit_set(reply: str, tree: Snapshot, spans: Sequence[Span] = (), protected: Sequence[str] = ()) -> EditSet:
    """Return what a reply changes in a tree; EditError, with feedback for its author, where it is refused."""
    answer = apply(reply, tree, spans, protected)
    if answer.applied:
        return EditSet(answer.changes, reply)
    first = answer.feedback.split("\n\n")[1].split("\n")[:2]
    raise EditError(" ".join(first).strip(), reason=answer.reason, feedback=answer.feedback)


def _work(
    items: Sequence[Block | Order], work: Work
) -> tuple[list[BlockResult], dict[int, tuple[str, str, str]], tuple[FileChange, ...]]:
    results: list[BlockResult] = []
    failures: dict[int, tuple[str, str, str]] = {}
    for number, item in enumerate(items, 1):
        try:
            results.append(work.take(number, item))
        except Failed as error:
            results.append(BlockResult(number, error.path, error.reason, error.rung))
            where = f"{error.path}, line {item.line} of the reply" if error.path else f"line {item.line} of the reply"
            failures[number] = (f"Block {number} ({where}): {error.reason}", str(error), error.excerpt)
    if failures:
        return results, failures, ()
    try:
        return results, failures, work.changes()
    except Failed as error:
        at = next((one.index for one in results if one.path == error.path), 1)
        results[at - 1] = replace(results[at - 1], result=error.reason)
        return results, {at: (f"Block {at} ({error.path}): {error.reason}", str(error), "")}, ()


def _void(reason: str, sentence: str, hint: str = "") -> Applied:
    text = f"Nothing was applied: {reason}.\n\n{sentence}\n" + (f"{hint}\n" if hint else "")
    return Applied((), (), text, applied=False, reason=reason)


def withheld(answer: Applied, error: EditError) -> Applied:
    """Return an answer that was good in memory as the refusal that the disk made of it."""
    held = tuple(replace(one, result="not-applied") for one in answer.blocks)
    return Applied((), held, f"Nothing was applied: {error.reason}.\n\n{error}\n", applied=False, reason=error.reason)
