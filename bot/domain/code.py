"""Where code stands: snapshots of a repository, functions in it, and why one is worth a candidate."""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_SPELLED = re.compile(r"(?=.{1,100}\Z)(?:[a-z0-9][a-z0-9_]*/)*[a-z0-9][a-z0-9_]*\.py::[a-z0-9_]*[a-z0-9]")
"""Names of functions that a branch can have as they are: with hyphens between the parts no two become one."""


def to_bytes(name: str) -> bytes:
    """Return a path or a link's target as Git stores it: one that is not UTF-8 is held with surrogate escapes."""
    return name.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class File:
    """One tracked file: its bytes, or the target of a symbolic link."""

    data: bytes = b""
    executable: bool = False
    link: str | None = None


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after an edit; None stands for "does not exist"."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A tree of files without its history, as it stands at one commit.

    `commit` is the full SHA, or "" for a tree that is not committed (a candidate's). `files` maps
    POSIX paths relative to the root to files.
    """

    commit: str
    files: Mapping[str, File] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))

    def paths(self, suffix: str = "") -> Iterator[str]:
        """Yield the paths of regular files that end with `suffix`, sorted."""
        return (path for path in sorted(self.files) if path.endswith(suffix) and self.files[path].link is None)

    def data(self, path: str) -> bytes:
        """Return a regular file's bytes; KeyError where there is none."""
        found = self.files[path]
        if found.link is not None:
            raise KeyError(path)
        return found.data

    def with_changes(self, changes: "tuple[FileChange, ...]") -> "Snapshot":
        """Return the tree after `changes`; modes of changed files are kept, new files are not executable."""
        files = dict(self.files)
        for change in changes:
            if change.after is None:
                files.pop(change.path, None)
            else:
                old = files.get(change.path, File())
                files[change.path] = File(change.after, executable=old.executable)
        return Snapshot("", files)

    def digest(self) -> str:
        """Return a SHA-256 over paths, modes and bytes: equal digests mean equal trees."""
        total = hashlib.sha256()
        for path in sorted(self.files):
            found = self.files[path]
            body = found.data if found.link is None else to_bytes(found.link)
            total.update(to_bytes(f"{path}\0{found.executable:d}{found.link is not None:d}{len(body)}\0"))
            total.update(body)
        return total.hexdigest()

    def tar(self) -> bytes:
        """Return the tree as an uncompressed tar archive with fixed owners and times."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for path in sorted(self.files):
                found = self.files[path]
                info = tarfile.TarInfo(path)
                info.mode = 0o755 if found.executable else 0o644
                if found.link is not None:
                    info.type, info.linkname = tarfile.SYMTYPE, found.link
                    archive.addfile(info)
                else:
                    info.size = len(found.data)
                    archive.addfile(info, io.BytesIO(found.data))
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of lines in a file, 1-based and inclusive."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FunctionId:
    """One function of one tree.

    `qualname` is dotted as in `__qualname__` but without `<locals>` ("Outer.method", "outer.inner").
    `span` includes decorators. `body_hash` is the SHA-256 of the span's bytes.
    """

    qualname: str
    span: Span
    body_hash: str
    language: str = "python"

    @property
    def path(self) -> str:
        """The file that holds the function."""
        return self.span.path

    @property
    def slug(self) -> str:
        """A branch-safe name of at most 100 characters: always the same for a function, and another for each other.

        What cannot be spelled ("Table.merge", "total-v2.py") is told apart by some of a hash.
        """
        if _SPELLED.fullmatch(f"{self.path}::{self.qualname}"):
            return f"{self.path.removesuffix('.py').replace('/', '-')}-{self.qualname}"
        stem = self.path.rsplit(".", 1)[0].replace("/", "-")
        words = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{stem}-{self.qualname}").strip("-_").lower()
        return f"{words[:90].rstrip('-_') or 'function'}-{hashlib.sha256(to_bytes(str(self))).hexdigest()[:8]}"

    def __str__(self) -> str:
        return f"{self.path}::{self.qualname}"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark of the target repository; `name` is "path::id" and unique in a tree."""

    name: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Target:
    """One function worth (or not worth) a candidate, with the evidence.

    Shares are fractions of a benchmark's run time, the largest over `benchmarks`: `share_self` in the body
    itself, `share_own` with the library and C code that it calls, `share_total` with all callees. `bound` is
    1 / (1 - share_total): no change of this function and its callees can gain more end to end. `calls` is the
    number of calls in one run of the benchmark that reaches it most. `skip` says why it cannot pay, or is None.
    """

    function: FunctionId
    benchmarks: tuple[str, ...] = ()
    share_self: float | None = None
    share_own: float | None = None
    share_total: float | None = None
    calls: int | None = None
    bound: float | None = None
    why: str = ""
    skip: str | None = None
