"""Which program a C++ file is built into, read from CMakeLists.txt or a Makefile without running either."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.program import Call

_CMAKE = "CMakeLists.txt"
_BUILT = "hotlap-build"
_COMMENT = re.compile(r"#[^\n]*")
_EXECUTABLE = re.compile(r"\badd_executable\s*\(\s*([A-Za-z0-9_.+-]+)\s+([^()]*)\)", re.IGNORECASE)
_PROJECT = re.compile(r"^\s*project\s*\(", re.IGNORECASE | re.MULTILINE)
_OWN = re.compile(r"^\$\{(?:CMAKE_CURRENT_SOURCE_DIR|CMAKE_CURRENT_LIST_DIR)\}/")


@dataclass(frozen=True, slots=True)
class Target:
    """A program, relative to the tree, and the calls that build it."""

    program: str
    build: tuple[Call, ...]


def targets(tree: Snapshot, source: PurePosixPath) -> Iterator[Target]:
    """Yield the programs that `source` is built into, nearest first.

    CMake: an add_executable that names the file. Make: a rule called like the file without its suffix.
    """
    folders = [str(folder) for folder in source.parents]
    for folder in folders:
        lists = _text(tree, folder, _CMAKE)
        name = _executable(lists, folder, source)
        roots = [one for one in folders if _PROJECT.search(_text(tree, one, _CMAKE))]
        if name and roots:
            yield _with_cmake(roots[-1], name)
    for folder in folders:
        goal = str(source.relative_to(folder).with_suffix(""))
        if any(_rule(_text(tree, folder, name), goal) for name in ("Makefile", "makefile", "GNUmakefile")):
            yield Target(str(source.with_suffix("")), (Call(("make", goal), _directory(folder)),))


def _with_cmake(root: str, name: str) -> Target:
    built = posixpath.normpath(f"{root}/{_BUILT}")
    program = f"{built}/hotlap-{name}"
    # Where in the build a program ends up is the project's choice.
    copy = ("find", built, "-type", "f", "-name", name, "-perm", "-u+x", "-exec", "cp", "{}", program, ";")
    return Target(
        program,
        (
            Call(("cmake", "-S", root, "-B", built, "-DCMAKE_BUILD_TYPE=Release")),
            Call(("cmake", "--build", built, "--target", name, "--parallel", "2")),
            Call(copy),
        ),
    )


def _executable(lists: str, folder: str, source: PurePosixPath) -> str:
    for name, files in _EXECUTABLE.findall(lists):
        for one in files.replace('"', " ").split():
            if posixpath.normpath(f"{folder}/{_OWN.sub('', one)}") == str(source):
                return str(name)
    return ""


def _rule(makefile: str, goal: str) -> bool:
    return (
        re.search(rf"^(?:[^\s:#=]+\s+)*{re.escape(goal)}(?:\s+[^\s:#=]+)*\s*:(?!=)", makefile, re.MULTILINE) is not None
    )


def _text(tree: Snapshot, folder: str, name: str) -> str:
    path = posixpath.normpath(f"{folder}/{name}")
    if path not in tree.files or tree.files[path].link is not None:
        return ""
    return _COMMENT.sub("", tree.data(path).decode("utf-8", "replace"))


def _directory(folder: str) -> str:
    return "" if folder == "." else folder
