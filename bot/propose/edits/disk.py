"""Reads a plain directory and writes changes into it: no link is followed, and a fault leaves all as it was."""

import os
import secrets
import stat
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.code import File, FileChange, Snapshot
from bot.domain.errors import EditError, Refused

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Rename = Callable[..., None]


def load(root: Path, wanted: Callable[[str], bool] | None = None) -> Snapshot:
    """Return the files below `root`, which need not be a git repository; links stay links, `.git` is left out.

    A file whose name `wanted` refuses is listed without its bytes: a large tree is not read for a small edit.
    """
    files: dict[str, File] = {}
    for place, directories, names in os.walk(root, onerror=_refuse):
        directories[:] = sorted(name for name in directories if name.casefold() != ".git")
        linked = [name for name in directories if (Path(place) / name).is_symlink()]
        for name in sorted([*names, *linked]):
            if name.casefold() == ".git":
                continue
            path = Path(place, name)
            found = _file(path, read=wanted is None or wanted(name))
            if found is not None:
                files[path.relative_to(root).as_posix()] = found
    return Snapshot("", files)


def _file(path: Path, *, read: bool) -> File | None:
    """Return a file or link; None for sockets, devices and other things that an edit cannot mean."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return File(link=str(path.readlink()))
        if stat.S_ISREG(mode):
            return File(path.read_bytes() if read else b"", executable=bool(mode & stat.S_IXUSR))
    except OSError as error:
        _refuse(error)
    return None


def _refuse(error: OSError) -> None:
    raise Refused(f"{error.filename} cannot be read: {error.strerror}") from error


@dataclass(slots=True)
class _Step:
    """One change on its way to the disk: names are relative to the open directory `folder`."""

    change: FileChange
    folder: int
    name: str
    staged: str = ""
    kept: str = ""
    identity: tuple[int, int] | None = None
    begun: bool = False


@dataclass(slots=True)
class _Transaction:
    """What has been made so far, in order, so that it can be taken back."""

    root: int
    rename: Rename
    stack: ExitStack
    steps: list[_Step] = field(default_factory=list)
    made: list[tuple[int, str]] = field(default_factory=list)


def write(root: Path, changes: Sequence[FileChange], *, rename: Rename = os.rename) -> None:
    """Write all changes or none.

    Each file is replaced in one step by a synced temporary file of the same mode. EditError where the disk no
    longer holds what the change starts from; every other fault is raised after all is back as it was.
    """
    with ExitStack() as stack:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, descriptor)
        work = _Transaction(descriptor, rename, stack)
        try:
            for change in changes:
                _stage(work, change)
            for step in work.steps:
                # Set first: a signal may arrive between the change and the note that it was made.
                step.begun = True
                _commit(work, step)
            for folder in {step.folder for step in work.steps} | {folder for folder, _ in work.made}:
                os.fsync(folder)
        except BaseException:
            _take_back(work)
            raise
        _clean(work)


def _stage(work: _Transaction, change: FileChange) -> None:
    """Check one file against what the change starts from, and put its new bytes and a way back beside it."""
    folder, name = _folder(work, change)
    step = _Step(change, folder, name)
    work.steps.append(step)
    mode = _check(step)
    if change.after is not None:
        step.staged = _temporary()
        step.identity = _create(folder, step.staged, change.after, mode)
    if change.before is not None:
        step.kept = _temporary()
        try:
            os.link(name, step.kept, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError:
            # Not every file system has hard links.
            _create(folder, step.kept, change.before, mode)


def _folder(work: _Transaction, change: FileChange) -> tuple[int, str]:
    """Open the directory of a path component by component, making those that a new file needs."""
    *parents, name = change.path.split("/")
    folder = work.root
    for parent in parents:
        if not parent or parent in {".", ".."}:
            raise EditError(f"{change.path} is not a clean relative path.", reason="refused-path")
        if change.before is None and change.after is not None:
            with suppress(FileExistsError):
                os.mkdir(parent, dir_fd=folder)
                work.made.append((folder, parent))
        try:
            folder = os.open(parent, _DIRECTORY, dir_fd=folder)
        except OSError as error:
            sentence = f"{change.path} leads through {parent}, which is not a directory of this tree."
            raise EditError(sentence, reason="refused-path") from error
        work.stack.callback(os.close, folder)
    return folder, name


def _check(step: _Step) -> int | None:
    """Return the mode of the file that is there, None where none is; EditError where it is not the expected one."""
    change = step.change
    try:
        descriptor = os.open(step.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=step.folder)
    except FileNotFoundError:
        if change.before is None:
            return None
        raise EditError(f"{change.path} is gone.", reason="changed-meanwhile") from None
    except OSError as error:
        raise EditError(f"{change.path} is not a regular file.", reason="refused-path") from error
    try:
        mode = os.fstat(descriptor).st_mode
        if change.before is None:
            raise EditError(f"{change.path} is already there.", reason="exists")
        if not stat.S_ISREG(mode):
            raise EditError(f"{change.path} is not a regular file.", reason="refused-path")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            if file.read() != change.before:
                raise EditError(f"{change.path} has changed since it was read.", reason="changed-meanwhile")
    finally:
        os.close(descriptor)
    return stat.S_IMODE(mode)


def _create(folder: int, name: str, data: bytes, mode: int | None) -> tuple[int, int]:
    """Write a new file through to the disk and return its device and inode."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o666, dir_fd=folder), "wb") as file:
        file.write(data)
        file.flush()
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
        found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino


def _commit(work: _Transaction, step: _Step) -> None:
    if step.change.after is None:
        os.unlink(step.name, dir_fd=step.folder)
    elif step.change.before is None:
        _place_new(work, step)
    else:
        work.rename(step.staged, step.name, src_dir_fd=step.folder, dst_dir_fd=step.folder)


def _place_new(work: _Transaction, step: _Step) -> None:
    """Link a new file into place: a rename would replace what somebody has put there since the check."""
    try:
        os.link(step.staged, step.name, src_dir_fd=step.folder, dst_dir_fd=step.folder, follow_symlinks=False)
    except FileExistsError:
        raise EditError(f"{step.change.path} is already there.", reason="exists") from None
    except OSError:
        # Not every file system has hard links.
        work.rename(step.staged, step.name, src_dir_fd=step.folder, dst_dir_fd=step.folder)


def _take_back(work: _Transaction) -> None:
    """Put every file that a step may have touched back; harmless for a step that did nothing yet."""
    for step in reversed(work.steps):
        if step.begun and step.kept:
            os.rename(step.kept, step.name, src_dir_fd=step.folder, dst_dir_fd=step.folder)
        elif step.begun and _is_ours(step):
            os.unlink(step.name, dir_fd=step.folder)
    _clean(work)
    for folder, name in reversed(work.made):
        with suppress(OSError):
            os.rmdir(name, dir_fd=folder)


def _is_ours(step: _Step) -> bool:
    """Say whether what now has a new file's name is the file that was staged for it."""
    try:
        found = os.stat(step.name, dir_fd=step.folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == step.identity


def _clean(work: _Transaction) -> None:
    for step in work.steps:
        _forget(step.folder, step.kept)
        _forget(step.folder, step.staged)


def _forget(folder: int, name: str) -> None:
    if name:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


def _temporary() -> str:
    return f".hotlap-{secrets.token_hex(8)}.tmp"
