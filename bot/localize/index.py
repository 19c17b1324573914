"""One span index per tree: every source of targets (diff, profile, text) maps to a function through it."""

import re
from collections.abc import Callable

from bot.domain.code import FunctionId, Snapshot
from bot.localize.languages import SUFFIXES, language
from bot.localize.reading import Reader
from bot.localize.spans import Definition, FileSpans, functions
from bot.ports import Cache

__all__ = ["SUFFIX", "Index", "functions"]

SUFFIX = ".py"
NAME = re.compile(r"(?:[~#]?[^\W\d][\w$]*\.)*(?:[~#]?[^\W\d][\w$]*|operator\S{1,40})")


class Index:
    """The functions of one tree, each file parsed when it is first asked for; a `cache` outlives the run.

    Refused is raised where a file is asked for whose grammar is missing.
    """

    def __init__(self, tree: Snapshot, cache: Cache | None = None) -> None:
        self.tree = tree
        self._reader = Reader(cache)
        self._files: dict[str, FileSpans] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for every file asked for so far that could not be indexed."""
        return tuple(one.problem for _, one in sorted(self._files.items()) if one.problem is not None)

    def file(self, path: str) -> FileSpans:
        """Return the spans of one file; empty for a file that is missing, a link or in no known language."""
        if path not in self._files:
            found = self.tree.files.get(path)
            known = found is not None and found.link is None and language(path) is not None
            self._files[path] = self._reader.read(self.tree, [path])[path] if known else FileSpans()
        return self._files[path]

    def paths(self) -> tuple[str, ...]:
        """Return the paths of the regular files in a known language, sorted."""
        return tuple(path for path in self.tree.paths() if language(path) is not None)

    def functions(self, path: str) -> tuple[FunctionId, ...]:
        """Return the functions of one file in source order."""
        return self.file(path).functions

    def everything(self) -> tuple[FunctionId, ...]:
        """Return all functions of the tree; reads every file in a known language."""
        paths = self.paths()
        self._files.update(self._reader.read(self.tree, [path for path in paths if path not in self._files]))
        return tuple(one for path in paths for one in self.functions(path))

    def at(self, path: str, line: int) -> FunctionId | None:
        """Return the innermost function around a 1-based line; None at module or class level."""
        found = self.file(path).at(line)
        return None if found is None else found.function

    def entry(self, path: str, line: int, name: str) -> FunctionId | None:
        """Return the function whose code object starts at `line` as `name`, else the innermost around it.

        Lambdas, comprehensions and class bodies have code objects of their own; their time is the enclosing
        function's. Only a module's own code has none around it, whatever starts on its first line.
        """
        if name == "<module>":
            return None
        for one in self.functions(path):
            if one.span.start == line and one.qualname.rpartition(".")[2] == name:
                return one
        return self.at(path, line)

    def definition(self, function: FunctionId) -> Definition | None:
        """Return what the syntax says about a function of this tree; None for one of another tree."""
        return next((one for one in self.file(function.path).definitions if one.function == function), None)

    def named(self, text: str) -> tuple[FunctionId, ...]:
        """Return the functions that a name means: none, one, or all that it could mean.

        Understood are "path::qualname", "package.module.Class.function", "Class.function" and "function", with "::"
        for dots where no file is meant. Typing overloads give way to the implementation; a getter and its setter
        are two functions of one name, and so are overloaded functions of other languages.
        """
        path, qualname = self.parted(text)
        if not NAME.fullmatch(qualname):
            return ()
        if path:
            return self._implementations(path, lambda name: name == qualname)
        return self._qualified(qualname) or self._ending(qualname) or self._exported(qualname)

    def parted(self, text: str) -> tuple[str, str]:
        """Return the path that a name begins with, or "", and the name with dots."""
        path, colons, name = text.partition("::")
        if colons and (path in self.tree.files or "/" in path or language(path) is not None):
            return path, name.replace("::", ".")
        return "", text.removeprefix("crate::").replace("::", ".")

    def _qualified(self, dotted: str) -> tuple[FunctionId, ...]:
        """Return the functions whose module and qualified name spell `dotted`."""
        parts = dotted.split(".")
        found: list[FunctionId] = []
        for cut in range(1, len(parts)):
            for path in self._modules("/".join(parts[:cut])):
                found += self._implementations(path, ".".join(parts[cut:]).__eq__)
        return tuple(dict.fromkeys(found))

    def _modules(self, stem: str) -> tuple[str, ...]:
        """Return the files that a module's or package's name may mean, under any import root."""
        ends = tuple(f"/{stem}{suffix}" for suffix in SUFFIXES)
        packages = tuple(f"/{stem}/{name}" for name in ("__init__.py", "mod.rs", "index.js", "index.ts"))
        return tuple(
            path
            for path in self.paths()
            if f"/{path}".endswith(ends + packages)
            or (language(path) == "go" and f"/{path.rpartition('/')[0]}".endswith(f"/{stem}"))
        )

    def _ending(self, dotted: str) -> tuple[FunctionId, ...]:
        """Return the functions whose qualified name is `dotted` or ends with it."""
        last = dotted.rpartition(".")[2]
        found: list[FunctionId] = []
        for path in self.paths():
            if not last.isascii() or last.encode() in self.tree.data(path):
                found += self._implementations(path, lambda name: f".{name}".endswith(f".{dotted}"))
        return tuple(found)

    def _exported(self, dotted: str) -> tuple[FunctionId, ...]:
        """Return the functions that a package may pass on: "package.name" for a name anywhere below the package."""
        package, _, name = dotted.rpartition(".")
        while package:
            below = f"/{package.replace('.', '/')}/"
            found = tuple(one for one in self._ending(name) if below in f"/{one.path}")
            if found:
                return found
            package, _, last = package.rpartition(".")
            name = f"{last}.{name}"
        return ()

    def _implementations(self, path: str, fits: Callable[[str], bool]) -> tuple[FunctionId, ...]:
        fitting = [one for one in self.file(path).definitions if fits(one.function.qualname)]
        real = {one.function.qualname for one in fitting if not one.overload}
        return tuple(one.function for one in fitting if not (one.overload and one.function.qualname in real))
