"""What active lessons forbid, as a program can check it; everything else that lessons say is for prompts and people."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.domain.code import FunctionId
from bot.domain.job import Candidate
from bot.domain.kind import kinds_of, rules_of
from bot.domain.lesson import Lesson, LessonState, Polarity, Reach

_CONTENT = ("module", "name", "node", "label", "dependency")
"""Subjects that are about what a change holds: a lesson without any is about its whole scope."""


@dataclass(frozen=True, slots=True)
class Restraints:
    """The active lessons that say "avoid", and what follows from them; `every` are all active ones."""

    every: tuple[Lesson, ...] = ()

    @classmethod
    def of(cls, lessons: Iterable[Lesson]) -> "Restraints":
        """Return what the active lessons among `lessons` forbid."""
        return cls(tuple(one for one in lessons if one.state is LessonState.ACTIVE and one.reach != Reach.CANDIDATE))

    @property
    def forbidding(self) -> tuple[Lesson, ...]:
        """The lessons that forbid something."""
        return tuple(one for one in self.every if one.polarity is Polarity.AVOID)

    def skips(self, function: FunctionId) -> Lesson | None:
        """Return the lesson for whose sake a function is left alone."""
        return self.leaves_alone(function.path, function.qualname)

    def leaves_alone(self, path: str, qualname: str) -> Lesson | None:
        """Return the lesson for whose sake the function `qualname` of `path` is left alone."""
        for one in self.forbidding:
            if one.reach == Reach.PATH and not _has_content(one) and covers(one.value, path):
                functions = one.of("function")
                if not functions or qualname in functions:
                    return one
        return None

    def refuses(self, candidate: Candidate) -> Lesson | None:
        """Return the lesson for whose sake a candidate is not tried: of its target, rules, kind or labels."""
        skipped = self.skips(candidate.target.function) if candidate.target else None
        return skipped or next((one for one in self.forbidding if _refuses(one, candidate)), None)

    def contents(self, path: str) -> tuple[Lesson, ...]:
        """Return the lessons that forbid something which a change of `path` might hold."""
        return tuple(one for one in self.forbidding if _has_content(one) and _holds_at(one, path))

    def reviewers(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return whom lessons want asked about changes of `paths`, by user name."""
        named = [one for one in self.every if any(_holds_at(one, path) for path in paths)]
        return tuple(dict.fromkeys(name for one in named for name in one.of("reviewer")))

    def about(self, path: str, kinds: Sequence[str] = (), rules: Sequence[str] = ()) -> tuple[Lesson, ...]:
        """Return the lessons that a change of `path` is written, judged and shown by."""
        wanted = {Reach.KIND: kinds, Reach.RULE: rules}
        return tuple(one for one in self.every if _holds_at(one, path) or one.value in wanted.get(Reach(one.reach), ()))


def covers(pattern: str, path: str) -> bool:
    """Say whether a path of a lesson means `path`: the file, a directory above it, or a glob."""
    bare = pattern.removeprefix("./").rstrip("/")
    bare = re.sub(r"/\*{1,2}$", "", bare)
    if path == bare or path.startswith(f"{bare}/"):
        return True
    # "migrations/" is a directory wherever it is; "report.py" is a file of that name.
    if "*" not in bare and ("/" not in bare or pattern.endswith("/")):
        return f"/{bare}/" in f"/{path}/"
    return fnmatchcase(path, bare)


def _has_content(lesson: Lesson) -> bool:
    return any(lesson.of(kind) for kind in _CONTENT)


def _holds_at(lesson: Lesson, path: str) -> bool:
    if lesson.reach == Reach.PATH:
        return covers(lesson.value, path)
    return lesson.reach == Reach.PROJECT or (lesson.reach in {Reach.KIND, Reach.RULE} and _has_content(lesson))


def _refuses(lesson: Lesson, candidate: Candidate) -> bool:
    if lesson.reach == Reach.RULE:
        return lesson.value in rules_of(candidate)
    if lesson.reach == Reach.KIND and lesson.value in kinds_of(candidate):
        return True
    if not candidate.labels.intersection(lesson.of("label")):
        return False
    return any(_holds_at(lesson, change.path) for change in candidate.edits.changes)
