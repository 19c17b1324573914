"""Finds the branch whose configuration reviewers have merged: only it may say how weak the sandbox is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_USUAL = ("main", "master")
_RIVALS = (*_USUAL, "develop", "development", "dev", "trunk", "default", "next", "production", "release", "stable")


class Refs(Protocol):
    """What a clone knows about branches."""

    @property
    def current(self) -> str | None:
        """The branch that is checked out."""

    @property
    def advertised(self) -> str | None:
        """The branch that `origin` calls its default."""

    @property
    def remote(self) -> bool:
        """Whether there is another repository at all."""

    def known(self, reference: str) -> str | None:
        """Return the SHA under a full name of a reference."""


@dataclass(frozen=True, slots=True)
class DefaultBranch:
    """Its name, and the commit that counts; `sha` is None where the work tree is on it and counts as it stands."""

    name: str
    sha: str | None


def default_branch(refs: Refs, environ: Mapping[str, str]) -> DefaultBranch | None:
    """Return the default branch; None where this clone does not hold it, or where its name would be a guess.

    GitLab names it in a job, where only what was fetched from `origin` counts, or HEAD in a pipeline of that branch
    itself. Elsewhere the work tree counts while it is on that branch, and whoever types owns the local branch; only in
    a job of another system does what came from `origin` go first. Whoever may push can push a branch with a usual name:
    in a job no name is guessed, and elsewhere none while `origin` has several of them.
    """
    if named := environ.get("CI_DEFAULT_BRANCH"):
        own = environ.get("CI_COMMIT_BRANCH") == named
        return _at(refs, named, "HEAD") if own else _far(refs, named)
    places = (_far, _checked_out, _local) if environ.get("CI") else (_checked_out, _local, _far)
    for name in _names(refs, in_a_job=bool(environ.get("CI"))):
        found = next((one for one in (place(refs, name) for place in places) if one is not None), None)
        if found is not None:
            return found
    # A repository that stands alone, with a branch of another name.
    return None if refs.remote or refs.current is None else DefaultBranch(refs.current, None)


def _names(refs: Refs, *, in_a_job: bool) -> tuple[str, ...]:
    """Return the names that the default branch may have, likeliest first; none where that would be a guess."""
    if refs.advertised:
        return (refs.advertised,)
    if in_a_job:
        return ()
    fetched = tuple(name for name in _RIVALS if _far(refs, name) is not None)
    return () if len(fetched) > 1 else fetched or _USUAL


def _checked_out(refs: Refs, name: str) -> DefaultBranch | None:
    return DefaultBranch(name, None) if refs.current == name else None


def _local(refs: Refs, name: str) -> DefaultBranch | None:
    return _at(refs, name, f"refs/heads/{name}")


def _far(refs: Refs, name: str) -> DefaultBranch | None:
    return _at(refs, name, f"refs/remotes/origin/{name}")


def _at(refs: Refs, name: str, reference: str) -> DefaultBranch | None:
    sha = refs.known(reference)
    return None if sha is None else DefaultBranch(name, sha)
