"""The user's repository through GitPython: read from the object store, written to as objects and one branch.

The working tree, the index and the current branch are never touched; no hook runs, because only plumbing does.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import git
from git.exc import GitCommandError, InvalidGitRepositoryError, NoSuchPathError

from bot.adapters import scratch
from bot.domain.code import File, Snapshot
from bot.domain.errors import EditError, ForgeError, Refused
from bot.domain.job import EditSet

AUTHOR = ("Hotlap", "hotlap@noreply.invalid")
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.hooksPath",
    "GIT_CONFIG_VALUE_1": os.devnull,
}


class GitCheckout:
    """Implements `ports.Checkout` on a local repository; Refused where `path` is none.

    `environment` is what git is told besides, in a clone that is not the user's.
    """

    def __init__(self, path: Path, environment: Mapping[str, str] | None = None) -> None:
        try:
            self._repo = git.Repo(path, search_parent_directories=True)
        except NoSuchPathError:
            raise Refused(f"{path} does not exist") from None
        except InvalidGitRepositoryError:
            raise Refused(f"{path} is not a git repository; run `git init` and commit, or pass --repo") from None
        self._repo.git.update_environment(**{**_QUIET, **(environment or {})})

    @property
    def root(self) -> Path:
        """The top of the working tree, or the git directory of a bare repository."""
        return Path(self._repo.working_tree_dir or self._repo.git_dir)

    @property
    def bare(self) -> bool:
        """Whether there is no work tree."""
        return bool(self._repo.bare)

    @property
    def state(self) -> Path:
        """Where the bot keeps what belongs to this repository; shared by its work trees, unseen by `git status`."""
        return Path(self._repo.common_dir) / "hotlap"

    @property
    def plumbing(self) -> git.Git:
        """Git in this clone, with what it is told besides."""
        return self._repo.git

    def resolve(self, revision: str) -> str:
        """Return the full SHA of the commit that `revision` names."""
        if revision.startswith("-") or "\n" in revision or not revision:
            raise Refused(f"{revision!r} is not a revision")
        try:
            return str(self._repo.git.rev_parse("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"))
        except GitCommandError:
            if revision == "HEAD":
                raise Refused(f"{self.root} has no commit yet; commit something first") from None
            raise Refused(f"{revision!r} names no commit in {self.root}") from None

    @property
    def current(self) -> str | None:
        """The name of the branch that is checked out; None where HEAD is detached."""
        return self._symbolic("HEAD", "refs/heads/")

    @property
    def advertised(self) -> str | None:
        """The name of the branch that `origin` calls its default, as this clone knows it."""
        return self._symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/")

    @property
    def remote(self) -> bool:
        """Whether this clone knows of any other repository."""
        return bool(self._repo.remotes)

    @property
    def origin(self) -> str | None:
        """The address of the remote called `origin`, which may hold a password; None where there is none."""
        return next((str(one.url) for one in self._repo.remotes if one.name == "origin"), None)

    def known(self, reference: str) -> str | None:
        """Return the SHA of the commit under a full name such as refs/heads/main; None where there is none."""
        try:
            return self.resolve(reference)
        except Refused:
            return None

    def bring(self, refspec: str) -> None:
        """Fetch from `origin` with the credentials that this clone was made with; ForgeError where it does not work."""
        try:
            self._repo.git.fetch("--quiet", "--no-tags", "--no-recurse-submodules", "origin", refspec)
        except GitCommandError as error:
            last = (str(error.stderr).strip(" '\n").splitlines() or ["git gives no reason"])[-1]
            raise ForgeError(f"{refspec} could not be fetched: {last}", retryable=True) from None

    def file(self, sha: str, path: str, most: int) -> bytes | None:
        """Return at most `most` bytes of one regular file of a commit; None where there is none."""
        listed = self._repo.git.ls_tree("-z", "--full-tree", sha, "--", path).rstrip("\0")
        if not listed or "\0" in listed or not listed.startswith("100"):
            return None
        blob = listed.partition("\t")[0].split()[2]
        return bytes(self._repo.odb.stream(bytes.fromhex(blob)).read(most))

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the SHA of the best common ancestor; None where this clone knows of none."""
        try:
            return str(self._repo.git.merge_base(self.resolve(one), self.resolve(other))) or None
        except GitCommandError:
            return None

    def dirty(self) -> tuple[str, ...]:
        """Return the tracked paths that differ from HEAD."""
        if self._repo.bare:
            return ()
        text = self._repo.git.status("--porcelain", "-z", "--untracked-files=no", "--no-renames")
        return tuple(entry[3:] for entry in text.split("\0") if entry)

    def snapshot(self, revision: str) -> Snapshot:
        """Return the files of a commit; submodules are left out."""
        sha = self.resolve(revision)
        return Snapshot(sha, self._files(sha))

    def patched(self, base: str, patch: Path) -> Snapshot:
        """Return the files of a commit after a unified diff; EditError where git does not apply it to the letter."""
        with self._index(base):
            tree = self._apply(patch) or self._apply(patch, "-p0")
            if tree is None:
                raise EditError(f"{patch.name} does not apply to {base[:10]}: {self._why_not(patch)}", reason="patch")
        return Snapshot("", self._files(tree))

    def commit(self, parent: str, edits: EditSet, message: str) -> str:
        """Write a commit on `parent` through an index of its own."""
        with self._index(parent) as place:
            for change in edits.changes:
                self._stage(change.path, change.after, place)
            tree = self._repo.git.write_tree()
            note = place / "message"
            note.write_text(message, encoding="utf-8")
            return str(self._repo.git.commit_tree(tree, "-p", parent, "-F", str(note)))

    def _files(self, tree: str) -> dict[str, File]:
        files: dict[str, File] = {}
        for entry in self._repo.git.ls_tree("-r", "-z", "--full-tree", tree).split("\0"):
            if not entry:
                continue
            meta, _, path = entry.partition("\t")
            mode, kind, blob = meta.split()
            if kind != "blob":
                continue
            data = self._repo.odb.stream(bytes.fromhex(blob)).read()
            files[path] = (
                File(link=data.decode("utf-8", "surrogateescape"))
                if mode == "120000"
                else File(data, executable=mode == "100755")
            )
        return files

    def branch(self, name: str, sha: str) -> str:
        """Point a branch at `sha`; one that holds somebody else's commits or is checked out is left alone."""
        try:
            self._repo.git.check_ref_format("--branch", name)
        except GitCommandError:
            raise Refused(f"{name!r} is not a valid branch name") from None
        free = next(given for given in _numbered(name) if self._ours(given))
        old = self._tip(free)
        try:
            self._repo.git.update_ref("-m", "hotlap", f"refs/heads/{free}", sha, old or "0" * 40)
        except GitCommandError as error:
            raise Refused(f"branch {free!r} could not be written: {error.stderr.strip()}") from None
        return free

    def diff(self, old: str, new: str) -> str:
        """Return the unified diff from the merge base to `new`, renames detected."""
        first, second = self.resolve(old), self.resolve(new)
        return str(
            self._repo.git.diff("--no-ext-diff", "--no-textconv", "--no-color", "-M", "-U3", f"{first}...{second}")
        )

    @contextlib.contextmanager
    def _index(self, tree: str) -> Iterator[Path]:
        """Work in an index of our own that starts as `tree`; yields a directory that goes away with it."""
        with (
            scratch.directory() as place,
            self._repo.git.custom_environment(GIT_INDEX_FILE=str(place / "index"), **_identity()),
        ):
            self._repo.git.read_tree(tree)
            yield place

    def _apply(self, patch: Path, *flags: str) -> str | None:
        try:
            self._repo.git.apply("--cached", "--whitespace=nowarn", *flags, str(patch.resolve()))
        except GitCommandError:
            return None
        return str(self._repo.git.write_tree())

    def _why_not(self, patch: Path) -> str:
        try:
            self._repo.git.apply("--cached", "--check", str(patch.resolve()))
        except GitCommandError as error:
            lines = [line.strip(" '") for line in str(error.stderr).splitlines() if "error:" in line]
            return lines[0].partition("error: ")[2] if lines else "git gives no reason"
        return "git gives no reason"

    def _stage(self, path: str, after: bytes | None, place: Path) -> None:
        shell = self._repo.git
        if after is None:
            shell.update_index("--force-remove", "--", path)
            return
        listed = shell.ls_files("-s", "--", path).split()
        body = place / "body"
        body.write_bytes(after)
        blob = shell.hash_object("-w", "--no-filters", str(body))
        shell.update_index("--add", "--cacheinfo", f"{listed[0] if listed else '100644'},{blob},{path}")

    def _symbolic(self, name: str, prefix: str) -> str | None:
        try:
            target = str(self._repo.git.symbolic_ref("--quiet", name))
        except GitCommandError:
            return None
        return target.removeprefix(prefix) if target.startswith(prefix) else None

    def _tip(self, name: str) -> str | None:
        try:
            return str(self._repo.git.rev_parse("--verify", "--quiet", f"refs/heads/{name}"))
        except GitCommandError:
            return None

    def _ours(self, name: str) -> bool:
        tip = self._tip(name)
        if tip is None:
            return True
        if f"branch refs/heads/{name}" in self._repo.git.worktree("list", "--porcelain").splitlines():
            return False
        authors = self._repo.git.log("--format=%ae", tip, "^HEAD").splitlines()
        return all(author == AUTHOR[1] for author in authors)


def create(path: Path) -> GitCheckout:
    """Make a repository of the files in `path`, with one commit on a branch called main."""
    repo = git.Repo.init(path, initial_branch="main")
    with repo, repo.git.custom_environment(**_QUIET, **_identity()):
        repo.git.add("--all")
        repo.git.commit("--quiet", "--message", "The repository as it was found")
    return GitCheckout(path)


def _identity() -> dict[str, str]:
    name, address = AUTHOR
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": address,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": address,
    }


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in itertools.count(2))
