"""The branch `hotlap/state` of a repository as a place for files that are added and never changed.

Every job adds files of its own to whatever the branch holds at that moment, so that two jobs never touch the same file:
a push that came second is made again on top of the first, without anything to resolve. Work is done in a bare
repository of its own, which holds the newest commit only and goes away afterwards.
"""

import contextlib
import random
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.adapters import scratch
from bot.adapters.git import AUTHOR
from bot.adapters.store.records import Record, is_record
from bot.domain.errors import ForgeError
from bot.domain.redact import Redactor

BRANCH = "hotlap/state"
MOST_BYTES = 32 << 20
_SECONDS = 300.0
_ROOM = 4
_REF = "refs/hotlap/state"
_GONE = ("couldn't find remote ref", "could not find remote ref")
# A branch "hotlap" is in the way: git names the lock that it wants, as it does where somebody was faster.
_FOR_GOOD = ("hook declined", "exists; cannot create")
_RACED = ("non-fast-forward", "fetch first", "rejected", "cannot lock ref", "failed to update ref", "stale info")
_LATER = (
    *("error: 408", "error: 429", "error: 500", "error: 502", "error: 503", "error: 504", "timed out"),
    *("connection reset", "connection refused", "could not resolve host", "empty reply", "early eof", "hung up"),
    "unexpected disconnect",
)
"""What git says of a server that may answer in a moment; what was pushed may have arrived."""
_READS = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a push is tried again: at most `tries` times and `seconds` of waiting."""

    tries: int = 60
    seconds: float = 600.0


class Answers(Protocol):
    """What a git process needs to be answered when it asks for a password."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables, such as GIT_ASKPASS."""

    @property
    def descriptor(self) -> int:
        """A pipe that git inherits, so that no token is in an argument, a variable or a file."""


Credentials = Callable[[Path], AbstractContextManager[Answers]]


class StateBranch:
    """The state branch of the repository at `remote`, a path or an address as git takes it.

    `environ` is the environment of git. `credentials` are asked for each command that reaches the remote, with a
    directory for what they need.
    """

    def __init__(
        self,
        remote: str,
        environ: Mapping[str, str],
        credentials: Credentials | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._remote = remote
        self._environ = dict(environ)
        self._credentials = credentials
        self._patience = patience or Patience()
        self._sleep = sleep

    def pull(self, known: Collection[str] = ()) -> Iterator[Record]:
        """Yield the records on the branch but for the `known` names; ForgeError where it cannot be fetched."""
        with self._place() as git:
            tip = self._patiently(git)
            if tip is not None:
                yield from _records(git, tip, known)

    def push(self, records: Sequence[Record]) -> int:
        """Add records and return how often it took; ForgeError (retryable) where patience ended before."""
        if not records:
            return 0
        with self._place() as git:
            until = time.monotonic() + self._patience.seconds
            for number in range(1, self._patience.tries + 1):
                began = time.monotonic()
                tip = self._patiently(git)
                missing = [one for one in records if tip is None or one.name not in _names(git, tip)]
                if not missing:
                    return number - 1
                _commit(git, tip, missing)
                said = git.reach("push", "--quiet", "--porcelain", self._remote, f"{_REF}:refs/heads/{BRANCH}")
                if said.returncode == 0:
                    return number
                self._raced(said)
                now = time.monotonic()
                if now > until:
                    break
                # Measured in tries, so that it fits a slow server as well: among many, each must leave room for the
                # others' tries, and who has lost often leaves more.
                self._sleep(random.uniform(0, now - began) * 2 ** min(number, _ROOM))  # noqa: S311 - only to spread
        raise ForgeError(
            f"{len(records)} record(s) could not be pushed to {BRANCH} in {number} tries; they are kept here "
            "and pushed next time",
            retryable=True,
        )

    def _patiently(self, git: "_Git") -> str | None:
        """Do as `_fetched`, a few times where the server does not answer; what it refuses is not asked for again."""
        for number in range(1, _READS):
            try:
                return self._fetched(git)
            except ForgeError as error:
                if not error.retryable:
                    raise
                self._sleep(random.uniform(0.5, 1) * 2**number)  # noqa: S311 - only to spread
        return self._fetched(git)

    def _fetched(self, git: "_Git") -> str | None:
        """Return the newest commit of the branch, fetched; None where there is no branch yet."""
        said = git.reach("fetch", "--quiet", "--depth=1", "--no-tags", self._remote, f"+refs/heads/{BRANCH}:{_REF}")
        text = said.stderr.decode("utf-8", "replace")
        if said.returncode == 0:
            return git.text("rev-parse", "--verify", _REF)
        if any(one in text for one in _GONE):
            return None
        raise ForgeError(f"{BRANCH} could not be fetched: {git.last(text)}", retryable=_passes(text))

    def _raced(self, said: "subprocess.CompletedProcess[bytes]") -> None:
        """Return where somebody else was faster or no answer came; ForgeError for anything else, such as a right."""
        text = (said.stdout + said.stderr).decode("utf-8", "replace")
        if any(one in text for one in _FOR_GOOD) or not (_passes(text) or any(one in text for one in _RACED)):
            sentence = Redactor().redact(" ".join(text.split()))[:300]
            raise ForgeError(f"{BRANCH} could not be pushed: {sentence}")

    @contextlib.contextmanager
    def _place(self) -> "Iterator[_Git]":
        with scratch.directory() as place:
            git = _Git(place, self._environ, self._credentials)
            git.text("init", "--quiet", "--bare", "--template=", ".")
            yield git


@dataclass(frozen=True, slots=True)
class _Git:
    """Git in one directory, without hooks, prompts or the system's configuration."""

    place: Path
    environ: Mapping[str, str]
    credentials: Credentials | None = None

    def reach(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        """Run one command that talks to the remote."""
        if self.credentials is None:
            return self.run(*arguments)
        with self.credentials(self.place) as asked:
            given = ("-c", "credential.helper=", "-c", "credential.username=oauth2", *arguments)
            return self.run(*given, more=asked.environment, inherited=(asked.descriptor,))

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        more: Mapping[str, str] | None = None,
        inherited: tuple[int, ...] = (),
    ) -> "subprocess.CompletedProcess[bytes]":
        """Run one command of git; what it says comes back, whatever it is."""
        fixed = {
            "GIT_DIR": str(self.place),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C",
            "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
        }
        options = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false")
        command = ["git", *options, *arguments]
        environ = {name: value for name, value in self.environ.items() if not name.startswith("GIT_TRACE")}
        try:
            return subprocess.run(
                command,
                cwd=self.place,
                env=environ | dict(more or {}) | fixed,
                input=stdin,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                pass_fds=inherited,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ForgeError(f"git did not end: {type(error).__name__}", retryable=True) from None

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """Return what one command writes; ForgeError where it fails."""
        said = self.run(*arguments, stdin=stdin)
        if said.returncode != 0:
            raise ForgeError(f"git {arguments[0]} failed: {self.last(said.stderr.decode('utf-8', 'replace'))}")
        return said.stdout.decode("utf-8", "replace").strip()

    def last(self, text: str) -> str:
        """Return the last line that says something, without secrets."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return Redactor().redact(lines[-1])[:300] if lines else "git gives no reason"


def _passes(text: str) -> bool:
    """Say whether a failure may pass by itself."""
    return any(one in text.lower() for one in _LATER)


def _names(git: _Git, tip: str) -> dict[str, tuple[str, int]]:
    """Return the names of the records of a commit, each with its blob and its size."""
    listed = git.text("ls-tree", "-r", "-z", "-l", "--full-tree", tip)
    found = {}
    for entry in filter(None, listed.split("\0")):
        meta, _, name = entry.partition("\t")
        mode, kind, blob, size = meta.split()
        if kind == "blob" and mode.startswith("100") and is_record(name):
            found[name] = blob, int(size)
    return found


def _records(git: _Git, tip: str, known: Collection[str]) -> Iterator[Record]:
    """Yield the records of a commit, in the order of their names, one process for all of them."""
    new = sorted((name, *about) for name, about in _names(git, tip).items() if name not in known)
    wanted = [(name, blob) for name, blob, size in new if size <= MOST_BYTES]
    if not wanted:
        return
    said = git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for _, blob in wanted).encode())
    at = 0
    for name, _ in wanted:
        end = said.stdout.find(b"\n", at)
        fields = said.stdout[at:end].split()
        if end < 0 or len(fields) != 3:
            raise ForgeError(f"{name} on {BRANCH} could not be read", retryable=True)
        size = int(fields[2])
        yield Record(name, said.stdout[end + 1 : end + 1 + size])
        at = end + size + 2


def _commit(git: _Git, tip: str | None, records: Sequence[Record]) -> None:
    """Write a commit with `records` on `tip` and point our reference at it, in one process."""
    # No pipeline shall start for it. A push option would say so as well, but not every server takes options.
    message = f"{len(records)} record(s) [skip ci]".encode()
    when = int(time.time())
    head = f"reset {_REF}\n" + (f"from {tip}\n" if tip else "") + "\n"
    head += f"commit {_REF}\ncommitter {AUTHOR[0]} <{AUTHOR[1]}> {when} +0000\ndata {len(message)}\n"
    parts = [head.encode(), message, b"\n"]
    for one in records:
        parts += [f"M 100644 inline {one.name}\ndata {len(one.data)}\n".encode(), one.data, b"\n"]
    git.text("fast-import", "--quiet", "--force", stdin=b"".join([*parts, b"done\n"]))
