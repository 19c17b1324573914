"""Packs what the set-up commands of a repository have added to its tree, in the sandbox where they ran.

Arguments: OUT MOST_BYTES. Standard input is a JSON list of the paths that were there before. OUT gets a tar archive.
"""

import json
import os
import sys
import tarfile

_LEFT_OUT = {"__pycache__", ".git"}


def added(known):
    """Yield the paths of files and links below the working directory that are not among `known`."""
    for folder, names, files in os.walk("."):
        linked = [name for name in names if os.path.islink(os.path.join(folder, name))]
        names[:] = sorted(name for name in names if name not in _LEFT_OUT and name not in linked)
        for name in sorted(files + linked):
            path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
            if path not in known and not name.endswith((".pyc", ".pyo")):
                yield path


def main(out, most):
    """Write the archive; ends with an error where it would be larger than `most` bytes."""
    known = set(json.load(sys.stdin))
    total = 0
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in added(known):
            if not (os.path.islink(path) or os.path.isfile(path)):
                continue
            total += os.lstat(path).st_size
            if total > most:
                sys.exit("more than %d MiB were left in the tree" % (most >> 20))
            info = archive.gettarinfo(path)
            if info.islnk():  # a second name of a file is packed as a file of its own
                info.type, info.linkname, info.size = tarfile.REGTYPE, "", os.lstat(path).st_size
            if info.isreg():
                with open(path, "rb") as file:
                    archive.addfile(info, file)
            else:
                archive.addfile(info)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
