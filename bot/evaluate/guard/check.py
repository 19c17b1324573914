"""The guard itself: a pure function of tree, change and configuration."""

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from bot.domain.code import FileChange, Snapshot, Target
from bot.domain.evidence import Finding
from bot.evaluate.guard import api, constructs
from bot.evaluate.guard.paths import PROTECTED, is_prose, is_test, matches

_NEW_LITERAL = 64


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """`protected` are globs added to the built-in ones; `max_lines` bounds the changed lines of a candidate."""

    protected: tuple[str, ...] = ()
    max_lines: int = 800
    benchmark_paths: frozenset[str] = field(default_factory=frozenset)


def objections(
    tree: Snapshot, changes: Sequence[FileChange], settings: GuardSettings, target: Target | None = None
) -> Iterator[Finding]:
    """Yield what forbids the change, each with a stable code and a sentence; nothing where it may be tried."""
    real = [change for change in changes if change.before != change.after]
    if not real:
        yield Finding("guard.no-change", "the change leaves every file as it is")
    known = _known_packages(tree)
    for change in real:
        yield from _of_path(change, tree, settings, target)
        if change.path.endswith(".py"):
            yield from _of_source(change, known)
    if sum(map(_changed_lines, real)) > settings.max_lines:
        yield Finding("guard.size", f"the change touches more than {settings.max_lines} lines")


def large_literals(changes: Sequence[FileChange]) -> list[str]:
    """Return phrases for literal tables that a change adds: precomputed answers look like this."""
    found = []
    for change in changes:
        if not change.path.endswith(".py") or change.after is None:
            continue
        old, new = _literal_sizes(change.before), _literal_sizes(change.after)
        grown = [size for size in new if size >= _NEW_LITERAL and new.count(size) > old.count(size)]
        found += [f"a literal of {size} elements in {change.path}" for size in sorted(set(grown))]
    return found


def _of_path(change: FileChange, tree: Snapshot, settings: GuardSettings, target: Target | None) -> Iterator[Finding]:
    path = change.path
    if matches(path, PROTECTED + settings.protected) or is_test(path) or path in settings.benchmark_paths:
        yield Finding("guard.protected", f"{path} decides about the candidate and may not be changed by it")
    elif target is not None and path != target.function.path:
        yield Finding("guard.scope", f"{path} is not the file of {target.function.qualname}")
    elif not path.endswith(".py") and not is_prose(path):
        yield Finding("guard.scope", f"{path} is not Python source")
    elif path in tree.files and tree.files[path].link is not None:
        yield Finding("guard.scope", f"{path} is a symbolic link")
    elif change.before is None and PurePosixPath(path).stem in sys.stdlib_module_names:
        yield Finding("guard.scope", f"{path} would hide a module of the standard library")
    elif change.after is not None and b"\0" in change.after:
        yield Finding("guard.scope", f"{path} would not be text any more")


def _of_source(change: FileChange, known: frozenset[str]) -> Iterator[Finding]:
    if change.after is None:
        yield Finding("guard.signature", f"{change.path} is deleted")
        return
    if found := constructs.added(change.before, change.after):
        yield Finding("guard.construct", f"{change.path} gains {', '.join(found)}")
    if packages := constructs.new_dependencies(change.after, known):
        yield Finding(
            "guard.dependency", f"{change.path} needs {', '.join(packages)}, which the repository does not use"
        )
    if change.before is not None and (gone := api.differences(change.before, change.after)):
        yield Finding("guard.signature", f"{change.path}: {'; '.join(gone[:3])}")


def _known_packages(tree: Snapshot) -> frozenset[str]:
    known: set[str] = set()
    for path in tree.paths(".py"):
        parts = PurePosixPath(path).with_suffix("").parts
        known.update(parts)
        if not is_test(path):
            known |= constructs.imported(tree.data(path))
    return frozenset(known)


def _changed_lines(change: FileChange) -> int:
    old, new = (change.before or b"").splitlines(), (change.after or b"").splitlines()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in blocks if tag != "equal")


def _literal_sizes(data: bytes | None) -> list[int]:
    try:
        tree = ast.parse(data or b"")
    except (SyntaxError, ValueError):
        return []
    sizes = [len(node.elts) for node in ast.walk(tree) if isinstance(node, ast.List | ast.Tuple | ast.Set)]
    sizes += [len(node.keys) for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    sizes += [
        len(node.value) // 8
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and not _is_text(node.value)
    ]
    return sizes


def _is_text(value: str | bytes) -> bool:
    return isinstance(value, str) and " " in value
