"""The story of `hotlap localize`: a profile, a diff or a sentence in, ranked functions with their evidence out."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.code import FunctionId, Snapshot, Target
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.evaluate.contexts import Contexts
from bot.localize.diff import DiffReader
from bot.localize.languages import PYTHON
from bot.localize.rank import Ranker
from bot.localize.recorded import read_profile
from bot.localize.stacks import Profile
from bot.localize.text import Position, Question, resolve

NO_BENCHMARK = (
    "no benchmark was found: add a file benchmarks/bench_<name>.py with functions bench_<name>(), "
    "or name the files in .hotlap.yml under benchmarks: paths:"
)
PROGRAMS_ONLY = (
    "the benchmarks here are whole programs, and functions cannot be localized without a Python benchmark: "
    "add a file benchmarks/bench_<name>.py with functions bench_<name>(); `hotlap measure` works as it is"
)
UNREACHED = "no benchmark reaches it"
NOT_PROFILED = "not profiled: the profiler of benchmarks sees Python only; give a profile that another one recorded"


class Shop(Protocol):
    """What these stories need of a workshop."""

    project: Project

    def profile(self, tree: Snapshot) -> Profile:
        """Return the profile of all benchmarks of `tree`."""

    def contexts(self, tree: Snapshot) -> Contexts:
        """Return which tests of `tree` enter which functions."""

    def ranker(self, tree: Snapshot) -> Ranker:
        """Return what ranks the functions of `tree` under the repository's configuration."""


@dataclass(frozen=True, slots=True)
class Localized:
    """The functions that were found, best first, or the question which one is meant; and what a reader must know.

    `tests` are those that enter each function; None where nobody asked or nothing is known.
    """

    targets: tuple[Target, ...] = ()
    question: Question | None = None
    notes: tuple[str, ...] = ()
    tests: Mapping[FunctionId, tuple[str, ...]] | None = None


def profiled(shop: Shop, tree: Snapshot, *, everything: bool = False) -> Localized:
    """Rank what the benchmarks of `tree` reach; with `everything` also list the functions that none reaches."""
    if not everything and not shop.project.python_sources:
        raise Refused(PROGRAMS_ONLY if shop.project.benchmark_sources else NO_BENCHMARK)
    ranker = shop.ranker(tree)
    profile = shop.profile(tree)
    targets = ranker.rank(profile)
    if everything:
        seen = {one.function for one in targets}
        unseen = [one for one in ranker.index.everything() if one not in seen]
        targets += tuple(Target(one, skip=ranker.exclusions.reason(one.path) or _unseen(one)) for one in unseen)
    return Localized(targets, notes=_notes(shop, ranker, profile.notes))


def recorded(shop: Shop, tree: Snapshot, data: bytes, name: str) -> Localized:
    """Rank the functions of a profile that somebody else recorded; Refused where it cannot be read."""
    ranker = shop.ranker(tree)
    profile = read_profile(data, ranker.index, name=name)
    return Localized(ranker.rank(profile), notes=_notes(shop, ranker, profile.notes))


def changed(shop: Shop, tree: Snapshot, diff: str) -> Localized:
    """Return the functions that a diff to `tree` changes, the hottest first where benchmarks tell."""
    ranker = shop.ranker(tree)
    touched = DiffReader(ranker.index, ranker.exclusions).touched(diff)
    return _with_evidence(shop, tree, ranker, touched.targets, touched.notes)


def told(shop: Shop, tree: Snapshot, text: str, position: Position | None = None) -> Localized:
    """Return the functions that a sentence names, or the question which it means."""
    ranker = shop.ranker(tree)
    answer = resolve(text, ranker.index, position)
    if isinstance(answer, Question):
        return Localized(question=answer, notes=_notes(shop, ranker))
    targets = [Target(one, why="named in the text", skip=ranker.exclusions.reason(one.path)) for one in answer]
    return _with_evidence(shop, tree, ranker, targets)


def with_tests(shop: Shop, tree: Snapshot, found: Localized) -> Localized:
    """Add which tests enter each function that is not left out; a note says where that cannot be known."""
    wanted = [one.function for one in found.targets if one.skip is None and one.function.language == PYTHON]
    if not wanted:
        return found
    contexts = shop.contexts(tree)
    if contexts.reason:
        note = f"which tests reach a function is not known: {contexts.reason}"
        return dataclasses.replace(found, notes=(*found.notes, note))
    return dataclasses.replace(found, tests={one: contexts.reaching(one) for one in wanted})


def _unseen(function: FunctionId) -> str:
    return UNREACHED if function.language == PYTHON else NOT_PROFILED


def _with_evidence(
    shop: Shop, tree: Snapshot, ranker: Ranker, targets: Sequence[Target], notes: Iterable[str] = ()
) -> Localized:
    """Add what the benchmarks show of `targets`, and put the hottest first; without benchmarks the order stays."""
    if not targets or not shop.project.python_sources:
        return Localized(tuple(targets), notes=_notes(shop, ranker, notes))
    profile = shop.profile(tree)
    seen = {one.function: (place, one) for place, one in enumerate(ranker.rank(profile))}
    found: list[tuple[int, Target]] = []
    for target in targets:
        if target.function in seen:
            place, known = seen[target.function]
            found.append((place, dataclasses.replace(known, why=f"{target.why}; {known.why}")))
        else:
            # Nobody looked at other languages: they may well be hot.
            unreached = UNREACHED if target.function.language == PYTHON else None
            found.append((len(seen), dataclasses.replace(target, skip=target.skip or unreached)))
    found.sort(key=lambda one: one[0])
    return Localized(tuple(target for _, target in found), notes=_notes(shop, ranker, [*notes, *profile.notes]))


def _notes(shop: Shop, ranker: Ranker, notes: Iterable[str] = ()) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*shop.project.notes, *notes, *ranker.index.problems]))
