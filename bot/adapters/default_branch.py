"""Finds the branch whose configuration reviewers have merged: only it may say how weak the sandbox is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_USUAL = ("main", "master")


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
    """Return the default branch; None where this clone does not hold it.

    GitLab names it in a job, where only what was fetched from `origin` counts, or HEAD in a pipeline of that branch
    itself. Elsewhere a local branch comes first: whoever types owns it.
    """
    if named := environ.get("CI_DEFAULT_BRANCH"):
        merged = "HEAD" if environ.get("CI_COMMIT_BRANCH") == named else f"refs/remotes/origin/{named}"
        sha = refs.known(merged)
        return None if sha is None else DefaultBranch(named, sha)
    job = bool(environ.get("CI"))
    for name in (refs.advertised,) if refs.advertised else _USUAL:
        if not job and refs.current == name:
            return DefaultBranch(name, None)
        places = f"refs/heads/{name}", f"refs/remotes/origin/{name}"
        found = [sha for sha in map(refs.known, reversed(places) if job else places) if sha is not None]
        if found:
            return DefaultBranch(name, found[0])
    return _only_branch(refs, job=job)


def _only_branch(refs: Refs, *, job: bool) -> DefaultBranch | None:
    """Return the branch that is checked out where the repository has no other place and no usual name."""
    if refs.remote or refs.current is None:
        return None
    return DefaultBranch(refs.current, refs.known("HEAD") if job else None)
