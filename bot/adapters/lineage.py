"""What the commits of one of the bot's branches say and change, from the object store; and a commit on top of them."""

import git

from bot.adapters.git import AUTHOR, GitCheckout
from bot.domain.code import FileChange
from bot.domain.revision import Commit

MOST_BYTES = 8 << 20
MOST_COMMITS = 100
_FORMAT = "%H%x1f%P%x1f%ae%x1f%ce%x1f%B"


class GitLineage:
    """Implements `ports.forge.Lineage` in the clone of a checkout; commits that are asked about were fetched there."""

    def __init__(self, checkout: GitCheckout) -> None:
        self._checkout = checkout
        self._git: git.Git = checkout.plumbing

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """Return the last commits of `tip` that `base` does not have, oldest first."""
        words = ("-z", f"--format={_FORMAT}", f"--max-count={MOST_COMMITS}", "--topo-order")
        listed = self._git.log(*words, "--end-of-options", tip, f"^{base}", "--")
        found = [_commit(entry.split("\x1f", 4)) for entry in str(listed).split("\0") if entry.strip()]
        return tuple(reversed(found))

    def changes(self, base: str, tip: str) -> tuple[FileChange, ...]:
        """Return the files that differ between two commits, as they are at each of them, whole."""
        listed = self._git.diff("--name-only", "--no-renames", "-z", "--end-of-options", base, tip, "--")
        return tuple(
            FileChange(path, self._checkout.file(base, path, MOST_BYTES), self._checkout.file(tip, path, MOST_BYTES))
            for path in str(listed).split("\0")
            if path
        )

    def onto(self, commit: str, parents: tuple[str, ...]) -> str:
        """Write a commit with the tree and the message of `commit` on other parents; return its SHA."""
        message = str(self._git.log("-1", "--format=%B", "--end-of-options", commit))
        words = [word for parent in dict.fromkeys(parents) for word in ("-p", parent)]
        name, address = AUTHOR
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in
               (("NAME", name), ("EMAIL", address))}  # fmt: skip
        with self._git.custom_environment(**who):
            return str(self._git.commit_tree(f"{commit}^{{tree}}", *words, "-m", message.strip()))

    def fork_point(self, base: str, tip: str) -> str | None:
        """Return the newest commit that both have."""
        return self._checkout.merge_base(base, tip)


def _commit(parts: list[str]) -> Commit:
    sha, parents, author, committer, message = parts
    return Commit(sha.strip(), tuple(parents.split()), message.strip(), {author, committer} == {AUTHOR[1]})
