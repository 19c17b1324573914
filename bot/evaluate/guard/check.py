"""The guard itself: a pure function of tree, change and configuration."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from bot.domain.code import FileChange, Snapshot, Target
from bot.domain.evidence import Finding
from bot.domain.restraint import Restraints
from bot.evaluate.guard import api, constructs, lessons
from bot.evaluate.guard.packages import Uses
from bot.evaluate.guard.paths import PROTECTED, is_prose, is_test, matches


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """`protected` are globs added to the built-in ones; `max_lines` bounds the changed lines of a candidate.

    Where `include` is given only files that match one of its globs may be changed. `allow_imports` are packages and
    modules of the standard library that a candidate may begin to use. `restraints` are what reviewers forbid.
    """

    protected: tuple[str, ...] = ()
    include: tuple[str, ...] | None = None
    allow_imports: tuple[str, ...] = ()
    max_lines: int = 800
    benchmark_paths: frozenset[str] = field(default_factory=frozenset)
    restraints: Restraints = field(default_factory=Restraints)


def objections(
    tree: Snapshot, changes: Sequence[FileChange], settings: GuardSettings, target: Target | None = None
) -> Iterator[Finding]:
    """Yield what forbids the change, each with a stable code and a sentence; nothing where it may be tried."""
    real = [change for change in changes if change.before != change.after]
    if not real:
        yield Finding("guard.no-change", "the change leaves every file as it is")
    uses = Uses(tree, settings.benchmark_paths)
    for change in real:
        yield from _of_path(change, tree, settings, target)
        if change.path.endswith(".py"):
            yield from _of_source(change, uses, settings)
    if sum(map(_changed_lines, real)) > settings.max_lines:
        yield Finding("guard.size", f"the change touches more than {settings.max_lines} lines")


def _of_path(change: FileChange, tree: Snapshot, settings: GuardSettings, target: Target | None) -> Iterator[Finding]:
    path = change.path
    if matches(path, PROTECTED + settings.protected) or is_test(path) or path in settings.benchmark_paths:
        yield Finding("guard.protected", f"{path} decides about the candidate and may not be changed by it")
    elif settings.include is not None and not matches(path, settings.include):
        yield Finding("guard.scope", f"{path} is not among the files that `targets: include:` names")
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


def _of_source(change: FileChange, uses: Uses, settings: GuardSettings) -> Iterator[Finding]:
    if change.after is None:
        yield Finding("guard.signature", f"{change.path} is deleted")
        return
    found = constructs.added(change.before, change.after, frozenset(settings.allow_imports))
    if found:
        yield Finding("guard.construct", f"{change.path} gains {', '.join(found)}")
    if broken := next(lessons.banned(change, settings.restraints), None):
        yield Finding("guard.lesson", broken)
    if judges := uses.judges(change):
        yield Finding("guard.construct", f"{change.path} imports {', '.join(judges)}, which decides about it")
    # A reviewer who wants no new dependency is newer than the configuration that allows one.
    closed = any(one.of("dependency") for one in settings.restraints.contents(change.path))
    if packages := uses.dependencies(change, frozenset(() if closed else settings.allow_imports)):
        yield Finding(
            "guard.dependency", f"{change.path} needs {', '.join(packages)}, which the repository does not use"
        )
    if change.before is not None and (gone := api.differences(change.before, change.after)):
        yield Finding("guard.signature", f"{change.path}: {'; '.join(gone[:3])}")


def _changed_lines(change: FileChange) -> int:
    old, new = (change.before or b"").splitlines(), (change.after or b"").splitlines()
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in blocks if tag != "equal")
