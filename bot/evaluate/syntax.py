"""The second gate: what a change leaves behind is Python, and the target is still there."""

import ast
from collections.abc import Sequence

from bot.domain.code import FileChange, Target
from bot.domain.evidence import Finding


def objection(changes: Sequence[FileChange], target: Target | None) -> Finding | None:
    """Return why the changed files cannot be run, or None.

    A file that did not parse before (the target may need a newer Python than the bot) is left to the tests.
    """
    for change in changes:
        if not change.path.endswith(".py") or change.after is None:
            continue
        if sentence := _fault(change.after):
            if change.before is not None and _fault(change.before):
                continue
            return Finding("syntax.error", f"{change.path}: {sentence}")
        if target is not None and change.path == target.function.path and not _defines(change.after, target):
            return Finding("syntax.target-missing", f"{target.function.qualname} is no longer defined in {change.path}")
    return None


def _fault(data: bytes) -> str:
    try:
        compile(data, "candidate", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f"line {line}: {getattr(error, 'msg', error)}" if line else str(error)
    return ""


def _defines(data: bytes, target: Target) -> bool:
    level: list[ast.AST] = [ast.parse(data)]
    for name in target.function.qualname.split("."):
        level = [
            inner
            for node in level
            for inner in ast.walk(node)
            if inner is not node and getattr(inner, "name", None) == name and hasattr(inner, "body")
        ]
    return bool(level)
