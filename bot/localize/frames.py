"""From what recorded profiles call a place (a path of another machine, a symbol, both) to frames of a tree."""

import re

from bot.domain.code import Snapshot
from bot.localize.index import Index
from bot.localize.stacks import Frame
from bot.localize.symbols import Symbols

ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
INSTALLED = re.compile(
    r"/(?:site-packages|dist-packages|node_modules)/|/lib(?:64)?/python\d|/go/pkg/mod/|/\.cargo/registry/"
)
SCRIPT = re.compile(r"^(?:\w+:)?[*~^+]?(?P<name>\S*) (?:file://)?(?P<file>[^\s:]+):(?P<line>\d{1,9})(?::\d+)?$")
"""How node names its compiled functions for perf: "LazyCompile:*load /app/api.js:12:3"."""
PYTHON_CODE = re.compile(r"^py::(?P<name>[^:]+):(?P<file>.+)$")
"""How Python 3.12 and newer name theirs."""


class Frames:
    """Makes the frames of one tree."""

    def __init__(self, index: Index) -> None:
        self.symbols = Symbols(index)
        self._index = index
        self._files = Files(index.tree)

    def place(self, name: str, file: str, line: int, *, exact: bool = False) -> Frame:
        """Return the frame of a name in a file; `exact` where `line` is the first one of its code."""
        return Frame(self._files.match(file) if file else "", line, name, exact)

    def symbol(self, text: str) -> Frame:
        """Return the frame that a symbol means, outside of the tree where it means no one function."""
        script = SCRIPT.match(text)
        if script is not None:
            return self.place(script["name"], script["file"], int(script["line"]))
        code = PYTHON_CODE.match(text)
        if code is not None:
            return self._python(code["name"], self._files.match(code["file"]))
        found = self.symbols.find(text)
        return (
            Frame("", 0, text, exact=False) if found is None else Frame(found.path, found.span.start, text, exact=False)
        )

    def notes(self, name: str) -> tuple[str, ...]:
        """Say which symbols several functions could be."""
        unclear = self.symbols.unclear
        if not unclear:
            return ()
        first, functions = min(unclear.items())
        more = f" and {len(unclear) - 1} more symbols" if len(unclear) > 1 else ""
        return (f"{name}: '{first}'{more} could be several functions ({functions[0]}, {functions[1]}, ...): left out",)

    def _python(self, name: str, path: str) -> Frame:
        fitting = [one for one in self._index.functions(path) if one.qualname == name.replace("<locals>.", "")]
        line = fitting[0].span.start if len(fitting) == 1 else 0
        return Frame(path if line else "", line, name, exact=False)


class Files:
    """Finds the file of the tree that a profiler's path means.

    A full path means the longest end of it that is a file of the tree, unless it lies in an installation; a short
    one, relative to some import root, means the one file that ends with it.
    """

    def __init__(self, tree: Snapshot) -> None:
        self._paths = frozenset(tree.paths())
        self._known: dict[str, str] = {}

    def match(self, path: str) -> str:
        """Return the path in the tree, or "" for a file outside of it."""
        if path not in self._known:
            self._known[path] = self._find(path.replace("\\", "/").removeprefix("./"))
        return self._known[path]

    def _find(self, path: str) -> str:
        if path in self._paths:
            return path
        if not ABSOLUTE.match(path):
            fitting = [one for one in self._paths if one.endswith(f"/{path}")]
            return fitting[0] if len(fitting) == 1 else ""
        if INSTALLED.search(path):
            return ""
        parts = path.split("/")
        ends = ("/".join(parts[start:]) for start in range(1, len(parts)))
        return next((end for end in ends if end in self._paths), "")
