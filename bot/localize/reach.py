"""Which benchmarks a change can reach: changed functions against the calls that each benchmark makes.

In doubt a benchmark counts as reached: measuring one too many costs seconds, leaving one out hides a slowdown.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.domain.code import FunctionId, Snapshot
from bot.localize.exclude import TEST_DIRECTORIES, TEST_FILE
from bot.localize.index import Index
from bot.localize.meaning import changed as changed_statements
from bot.localize.meaning import meaning
from bot.localize.stacks import BenchmarkProfile, Profile

_PROSE = frozenset({".md", ".rst"})
_PAPERS = re.compile(r"^(LICEN[CS]E|AUTHORS|CHANGELOG|CHANGES|NOTICE|COPYING|CODEOWNERS)(\.txt)?$")
_SERVICE = re.compile(
    r"^(\.gitlab-ci\.yml|\.git(lab|hub)/.*|(.*/)?\.git(ignore|attributes)|\.pre-commit-config\.yaml|\.editorconfig)$"
)
_LOADED_UNASKED = frozenset({"__init__.py", "conftest.py", "sitecustomize.py", "usercustomize.py"})
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two trees, `base` and `head`, as far as it can matter to a benchmark.

    `everything` is the sentence why every benchmark may be reached, or "". `old` and `new` are the functions that
    differ, as they are in base and in head; `paths` the files that hold them.
    """

    old: frozenset[FunctionId] = frozenset()
    new: frozenset[FunctionId] = frozenset()
    everything: str = ""

    @property
    def nothing(self) -> bool:
        """Whether nothing changed that a benchmark could notice."""
        return not (self.old or self.new or self.everything)


def change(base: Snapshot, head: Snapshot, ruler: Collection[str] = ()) -> Change:
    """Compare two trees, the benchmarks' own files (`ruler`) left out."""
    paths = sorted(path for path in {*base.files, *head.files} if base.files.get(path) != head.files.get(path))
    old: set[FunctionId] = set()
    new: set[FunctionId] = set()
    whole: list[str] = []
    for path in paths:
        if path in ruler or _cannot_matter(path):
            continue
        found = _functions(path, base, head)
        if found is None:
            whole.append(path)
        else:
            old |= found[0]
            new |= found[1]
    return Change(frozenset(old), frozenset(new), _sentence(whole))


def reached(
    tree: Snapshot, profile: Profile, functions: Iterable[FunctionId], placed: Collection[str] = ()
) -> dict[str, tuple[FunctionId, ...]]:
    """Return the benchmarks of a profile of `tree` that run one of `functions`, each with those that it runs.

    A function that none runs while it is timed may still prepare what they work on: it reaches the benchmarks that
    run anything else of its file, unless its name ("path::qualname") is among those `placed` before. A benchmark that
    could not be profiled counts as reached, by no function.
    """
    index = Index(tree)
    seen = {one.name: _called(index, one) for one in profile.benchmarks}
    found: dict[str, list[FunctionId]] = {one.name: [] for one in profile.benchmarks if _unknown(one)}
    for function in sorted(functions, key=str):
        names = [name for name, called in seen.items() if function in called]
        if not names and str(function) not in placed:
            names = [name for name, called in seen.items() if any(one.path == function.path for one in called)]
        for name in names:
            found.setdefault(name, []).append(function)
    return {name: tuple(by) for name, by in found.items()}


def _unknown(profile: BenchmarkProfile) -> bool:
    return profile.error is not None or not (profile.stacks or profile.calls)


def _called(index: Index, profile: BenchmarkProfile) -> frozenset[FunctionId]:
    frames = {frame for stack in profile.stacks for frame in stack} | set(profile.calls)
    found = (index.entry(frame.path, frame.line, frame.name) for frame in frames if frame.path)
    return frozenset(one for one in found if one is not None)


def _cannot_matter(path: str) -> bool:
    """Say whether a file is read by people, by services or by a test run only."""
    place = PurePosixPath(path)
    if place.suffix in _PROSE or _PAPERS.match(place.name) or _SERVICE.match(path):
        return True
    in_tests = not TEST_DIRECTORIES.isdisjoint(place.parts[:-1])
    return place.name != "conftest.py" and (in_tests or TEST_FILE.match(place.name) is not None)


def _functions(path: str, base: Snapshot, head: Snapshot) -> tuple[set[FunctionId], set[FunctionId]] | None:
    """Return the functions of one file that differ, in base and in head; None where more than functions differs."""
    if not path.endswith(".py") or any(
        tree.files[path].link is not None for tree in (base, head) if path in tree.files
    ):
        return None
    old, new = Index(base), Index(head)
    if old.file(path).problem or new.file(path).problem:
        return None
    before, after = set(old.functions(path)), set(new.functions(path))
    if path not in base.files or path not in head.files:
        # Whoever uses a module that comes or goes changes as well, unless Python loads it unasked.
        return None if PurePosixPath(path).name in _LOADED_UNASKED else (before, after)
    first, second = meaning(base.data(path)), meaning(head.data(path))
    if changed_statements(first, second):
        return None
    if len(first.code) < len(before) or len(second.code) < len(after):
        return None  # too deep to be spelled out
    were = {one: (one.qualname, code) for one, code in zip(old.functions(path), first.code, strict=True)}
    are = {one: (one.qualname, code) for one, code in zip(new.functions(path), second.code, strict=True)}
    same = set(were.values()) & set(are.values())
    return {one for one, key in were.items() if key not in same}, {one for one, key in are.items() if key not in same}


def _sentence(paths: list[str]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"every benchmark counts as reached: {', '.join(paths[:_SHOWN])}{more} changed in more than Python functions"
