"""What became of merged changes, by plumbing in a clone: nothing is checked out, and no branch moves."""

import hashlib

from git.exc import GitCommandError

from bot.adapters import scratch
from bot.adapters.git import GitCheckout
from bot.domain.code import FileChange
from bot.domain.errors import Refused

_MOST_FILES = 50
_MOST_BYTES = 8 << 20
_PLACES = ("index ", "@@ ", "diff --git ")


class GitPast:
    """Implements `ports.forge.Past` in the clone of `checkout`."""

    def __init__(self, checkout: GitCheckout) -> None:
        self._checkout = checkout

    def parent(self, commit: str) -> str:
        """Return the first parent."""
        return self._checkout.resolve(f"{commit}^1")

    def patch(self, old: str, new: str) -> str:
        """Hash the names and the lines of a diff without context, but not where the lines stand."""
        first, second = self._checkout.resolve(old), self._checkout.resolve(new)
        words = ("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "-U0", "--binary")
        text = self._checkout.plumbing.diff(*words, "--end-of-options", first, second, "--")
        lines = [line for line in str(text).splitlines() if not line.startswith(_PLACES)]
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def between(self, old: str, new: str) -> tuple[str, ...]:
        """List commits along first parents, so that a merge counts as one."""
        first, second = self._checkout.resolve(old), self._checkout.resolve(new)
        try:
            self._checkout.plumbing.merge_base("--is-ancestor", first, second)
        except GitCommandError:
            return ()
        listed = self._checkout.plumbing.rev_list("--first-parent", "--reverse", second, f"^{first}")
        return tuple(str(listed).split())

    def without(self, before: str, merged: str, head: str) -> tuple[FileChange, ...] | None:
        """Merge file by file, from `merged` to `head` and to `before`, as `git revert` does."""
        first, second = self._checkout.resolve(before), self._checkout.resolve(merged)
        words = ("--name-only", "--no-renames", "-z", "--end-of-options", first, second, "--")
        paths = [path for path in str(self._checkout.plumbing.diff(*words)).split("\0") if path]
        if len(paths) > _MOST_FILES:
            return None
        changes: list[FileChange] = []
        for path in paths:
            old, base, now = (self._file(commit, path) for commit in (first, second, self._checkout.resolve(head)))
            try:
                found = self._merged(now, base, old)
            except Refused:
                return None
            if found != now:
                changes.append(FileChange(path, now, found))
        return tuple(changes)

    def _file(self, commit: str, path: str) -> bytes | None:
        return self._checkout.file(commit, path, _MOST_BYTES)

    def _merged(self, now: bytes | None, base: bytes | None, old: bytes | None) -> bytes | None:
        """Return one file with the change taken back; Refused where both sides changed the same place."""
        if now == base:
            return old
        if old in (base, now):
            return now
        if now is None or base is None or old is None or _MOST_BYTES in {len(now), len(base), len(old)}:
            raise Refused("a file came or went")
        with scratch.directory() as folder:
            places = [folder / one for one in ("now", "base", "old")]
            for place, data in zip(places, (now, base, old), strict=True):
                place.write_bytes(data)
            try:
                self._checkout.plumbing.merge_file("--quiet", *map(str, places))
            except GitCommandError:
                raise Refused("the same place was changed") from None
            return places[0].read_bytes()
