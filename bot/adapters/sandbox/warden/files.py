"""Files of a box: laid from a stream, opened without following anything, removed whatever they are.

The stream is a JSON line with "folders" to make and "files" as [folder, path in it, size, mode, link], and then the
bytes of each file that is not a link, one after another.
"""

import contextlib
import errno
import json
import os
import secrets
import stat
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path, PurePosixPath
from typing import BinaryIO

_CHUNK = 1 << 20


class BadPathError(ValueError):
    """A path that leads out of the directory into which it should be laid."""


def lay(root: str, stream: BinaryIO) -> None:
    """Write the stream's files below `root`; BadPathError where one would not stand below its folder."""
    links: set[PurePosixPath] = set()
    # A candidate waits for its files: what is known of a directory is not asked again for each file in it.
    folders: dict[tuple[str, str], str] = {}
    listed = json.loads(stream.readline())
    for folder in listed["folders"]:
        (Path(root) / folder).mkdir(parents=True)
    for folder, path, size, mode, link in listed["files"]:
        above, _, name = path.rpartition("/")
        if name in {"", ".", ".."}:
            raise BadPathError(path)
        if (folder, above) not in folders:
            folders[folder, above] = _folder(root, folder, path, links)
        whole = f"{folders[folder, above]}/{name}"
        if link is not None:
            links.add(folder / PurePosixPath(path))
            folders.clear()
            os.symlink(link, whole)
            continue
        descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            _copy(stream, descriptor, size)
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


def opened(root: str, name: str) -> int:
    """Open `name` below `root` for reading; OSError where it, or a directory on its way, is a link or missing.

    Pipes are opened without waiting for a writer; whether it is a regular file is the caller's question.
    """
    parts = PurePosixPath(os.path.normpath(name)).parts
    if not parts or parts[0] in {"..", "/"}:
        raise OSError(errno.EPERM, "outside of the box")
    folder = os.open(root, os.O_PATH | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
    finally:
        os.close(folder)


def remove(root: str) -> bool:
    """Remove a directory with all that is in it, however deep; False where it is none, or something would not go.

    Directories are moved up beside each other before they are emptied: no path gets long, no recursion deep. Everything
    is reached through descriptors of directories that were opened without following a link: whoever can write where
    boxes lie could otherwise have us empty another place.
    """
    moved, mark = 0, secrets.token_hex(8)
    with contextlib.suppress(OSError):
        with _held(root) as top:
            while names := _emptied(top):
                for name in names:
                    with _held(name, top) as folder:
                        for inner in _emptied(folder):
                            moved += 1
                            with _held(inner, folder):  # moving one up needs the permission to write into it
                                os.rename(inner, f"{mark}-{moved}", src_dir_fd=folder, dst_dir_fd=top)
                    os.rmdir(name, dir_fd=top)
        os.rmdir(root)
    return not os.path.lexists(root)


@contextlib.contextmanager
def _held(name: str, above: "int | None" = None) -> Iterator[int]:
    """Yield a descriptor of a directory, with its owner's permissions given back; OSError where it is none."""
    place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        same = f"/proc/self/fd/{place}"
        # A process may have taken permissions from its own directories.
        if stat.S_IMODE(os.fstat(place).st_mode) & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(same, 0o700)
        folder = os.open(same, os.O_RDONLY | os.O_DIRECTORY)
    finally:
        os.close(place)
    try:
        yield folder
    finally:
        os.close(folder)


def _emptied(folder: int) -> list[str]:
    """Unlink what is not a directory and return the names of the directories."""
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return names


def _folder(root: str, folder: str, path: str, links: AbstractSet[PurePosixPath]) -> str:
    """Make the directory for a file and return it; BadPathError where a link or `..` would lead out of `folder`."""
    inner = PurePosixPath(path)
    place = folder / inner
    if inner.is_absolute() or ".." in inner.parts or links & set(place.parents):
        raise BadPathError(path)
    whole = Path(root) / place.parent
    whole.mkdir(parents=True, exist_ok=True)
    return str(whole)


def _copy(stream: BinaryIO, descriptor: int, size: int) -> None:
    while size:
        part = memoryview(stream.read(min(size, _CHUNK)))
        if not part:
            raise EOFError("the stream of files ended early")
        size -= len(part)
        while part:
            part = part[os.write(descriptor, part) :]
