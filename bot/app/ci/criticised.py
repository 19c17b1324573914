"""What stands on a branch whose change is wanted otherwise: the function, what was proposed before, what to heed.

All of it is read from commits, which the job that proposes and the one that surveys fetch by themselves.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.app.ci.reports import branch_for
from bot.domain.code import FileChange, FunctionId, Snapshot, Target
from bot.domain.errors import Refused
from bot.domain.job import Candidate, EditSet
from bot.domain.lesson import Lesson
from bot.domain.revision import Commit, Criticism, Earlier, Revision
from bot.learn.reading.wishes import bans
from bot.localize.index import Index
from bot.ports.forge import Lineage
from bot.report.changes import unified

_PROPOSER = re.compile(r"^Proposed-by: (\S.{0,200})$", re.MULTILINE)
_PROOF = 2000


@dataclass(frozen=True, slots=True)
class Criticised:
    """One revision with what it is about; `function` is None where the branch is about none that is there.

    `earlier` are the changes that were proposed so far, oldest first; `standing` is the one that was pushed for this
    very comment before. `banned` are the comment's own bans.
    """

    revision: Revision
    function: FunctionId | None = None
    earlier: tuple[Earlier, ...] = ()
    standing: Earlier | None = None
    banned: tuple[Lesson, ...] = ()

    @property
    def name(self) -> str:
        """The function as reports call it, "" where there is none."""
        return "" if self.function is None else str(self.function)

    @property
    def elsewhere(self) -> bool:
        """Whether the branch is the bot's and not about a function, such as one that takes a change back."""
        return self.function is None and bool(self.earlier)

    @property
    def criticism(self) -> Criticism:
        """What a proposer may know."""
        last = self.earlier[-1] if self.earlier else Earlier((), "")
        return Criticism(self.name, self.revision.said, unified(last.changes), last.message[:_PROOF])

    def resumed(self, target: Target, commit: str) -> Candidate | None:
        """Return the standing change as a candidate on `commit`; None where there is none."""
        if self.standing is None:
            return None
        found = _PROPOSER.search(self.standing.message)
        said = "The change that was pushed for this comment, proven once more."
        return Candidate(EditSet(self.standing.changes), commit, said, found[1] if found else "unknown", target)


def read(lineage: Lineage, index: Index, revision: Revision, project: str) -> Criticised:
    """Return what a revision is about, on the tree of `index`; its `problem` says why nothing can be tried."""
    base, found = index.tree.commit, Criticised(revision)
    commits = lineage.commits(base, revision.head)
    if any(not one.own for one in commits):
        said = f"there are commits of others on {revision.branch}: it is theirs, and Hotlap leaves it as it is"
        return replace(found, revision=replace(revision, problem=said))
    if commits and (not revision.note or commits[-1].made_for == revision.note):
        found = _standing(lineage, index, revision, commits)
        commits = commits[:-1]
    earlier = tuple(Earlier(_of(lineage, base, one), one.message) for one in commits)
    shown = (*earlier, *(() if found.standing is None else (found.standing,)))
    paths = {change.path for one in shown for change in one.changes}
    function = _function(index, paths, revision)
    if function is None:
        said = f"{revision.branch} is about no function that is still there: there is nothing to revise"
        return replace(found, revision=replace(found.revision, problem=said), earlier=earlier)
    return replace(found, function=function, earlier=earlier, banned=bans(revision.said, project))


def _standing(lineage: Lineage, index: Index, revision: Revision, commits: Sequence[Commit]) -> Criticised:
    """Return the revision with the change on the branch as what is to be proven once more."""
    base, last = index.tree.commit, commits[-1]
    changes = _on(index.tree, _of(lineage, base, last))
    # The same commit is made once more where nothing has moved, and is then there; else one that goes on top of it.
    still = lineage.fork_point(base, last.sha) == base
    asked = replace(revision, head=last.parents[0]) if revision.note and still else revision
    revised = any(one.made_for is not None for one in commits)
    if not revision.note and not (changes and revised):
        asked = replace(asked, problem=f"{revision.branch} cannot be proven again as it is")
    return Criticised(asked, standing=Earlier(changes, last.message) if changes else None)


def refused(criticised: Criticised, candidate: Candidate) -> bool:
    """Say whether a candidate is a change that was proposed on the branch before, whatever else has moved since."""
    mine = _lines(candidate.edits.changes)
    return any(mine == _lines(one.changes) for one in criticised.earlier)


def names(found: Iterable[Criticised]) -> tuple[str, ...]:
    """Return the functions to survey; Refused with the first problem where there is none."""
    every = list(found)
    named = tuple(one.name for one in every if one.name)
    problem = next((one.revision.problem for one in every if one.revision.problem), "")
    if not named and problem:
        raise Refused(problem)
    return named


def _function(index: Index, paths: Iterable[str], revision: Revision) -> FunctionId | None:
    """Return the function whose branch it is: names of functions are not kept anywhere else."""
    every = (one for path in sorted(paths) for one in index.functions(path))
    return next((one for one in every if branch_for(one, revision.stacked_on) == revision.branch), None)


def _of(lineage: Lineage, base: str, commit: Commit) -> tuple[FileChange, ...]:
    """Return what a commit's tree proposes: how it differs from the newest commit of the target branch behind it."""
    behind = lineage.fork_point(base, commit.sha)
    return lineage.changes(behind, commit.sha) if behind else ()


def _on(tree: Snapshot, changes: Sequence[FileChange]) -> tuple[FileChange, ...]:
    """Return changes as ones of `tree`; none where a file of theirs is another one there."""
    same = all(one.before == (tree.files[one.path].data if one.path in tree.files else None) for one in changes)
    return tuple(changes) if same else ()


def _lines(changes: Sequence[FileChange]) -> frozenset[tuple[str, str]]:
    """Return the lines that a change takes away and adds, wherever in their files they stand."""
    marks = ("+++", "---")
    lines = ((one.path, line) for one in changes for line in unified([one]).splitlines() if line[:3] not in marks)
    return frozenset((path, line.rstrip()) for path, line in lines if line[:1] in {"+", "-"})
