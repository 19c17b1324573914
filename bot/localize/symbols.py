"""From the symbols of native profilers ("ns::Tree::get(int)", "example.com/m/pkg.(*T).Get") to functions of a tree.

A symbol means a function only where its namespace, package or module fits as well: a library's function of the same
name would be mistaken for the repository's otherwise.
"""

import re

from bot.domain.code import FunctionId
from bot.localize.index import Index
from bot.localize.languages import PYTHON, language
from bot.localize.syntax import dotted

RULES = (
    (re.compile(r"\(anonymous namespace\)::|\{anonymous\}::|^non-virtual thunk to "), ""),
    (re.compile(r"::h[0-9a-f]{16}$|\s*\[clone [^]]*\]|\.(?:constprop|isra|part|cold|lto_priv)\.?\d*|@@?\w+$"), ""),
    (re.compile(r"::\{\{?(?:closure|lambda).*$|\.func\d+(?:\.\d+)*$|-fm$"), ""),
    (re.compile(r"\(\*?(\w+)(?:\[[^]]*\])?\)\."), r"\1."),
    (re.compile(r"^<(?:&(?:mut )?)?([^<>]+(?:<.*>)?) as .+>::"), r"\1::"),
    (re.compile(r"^L([\w/$]+);::"), r"\1."),
)
STANDARD = frozenset({"std", "core", "alloc", "__gnu_cxx", "__cxxabiv1"})
PACKAGE = re.compile(rb"^package\s+(\w+)", re.MULTILINE)
MODULE = re.compile(rb"^module\s+\"?([^\s\"]+)", re.MULTILINE)
ARGUMENTS = re.compile(r"(?<!operator)\(.*$")
LEADING = re.compile(r"^.*\s(?!operator)(?=\S)")
Parts = tuple[str, ...]


class Symbols:
    """Finds the functions of one tree by symbol; `unclear` are those that several functions could be."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._named: dict[str, list[FunctionId]] | None = None
        self._known: dict[str, FunctionId | None] = {}
        self.unclear: dict[str, tuple[FunctionId, ...]] = {}

    def find(self, symbol: str) -> FunctionId | None:
        """Return the one function that a symbol means; None where there is none or several are."""
        if symbol not in self._known:
            self._known[symbol] = self._find(symbol)
        return self._known[symbol]

    def _find(self, symbol: str) -> FunctionId | None:
        parts = spelled(symbol)
        if not parts or parts[0] in STANDARD:
            return None
        fitting = tuple(one for one in self._by_name(parts[-1]) if self._fits(one, parts))
        longest = max((one.qualname.count(".") for one in fitting), default=0)
        best = tuple(one for one in fitting if one.qualname.count(".") == longest)
        if len(best) > 1:
            self.unclear[symbol] = best
        return best[0] if len(best) == 1 else None

    def _by_name(self, name: str) -> list[FunctionId]:
        if self._named is None:
            self._named = {}
            for one in self._index.everything():
                if one.language != PYTHON:
                    self._named.setdefault(one.qualname.rpartition(".")[2], []).append(one)
        return self._named.get(name, [])

    def _fits(self, function: FunctionId, parts: Parts) -> bool:
        own = tuple(function.qualname.split("."))
        if parts[-len(own) :] != own:
            return False
        return self._within(function.path, parts[: -len(own)])

    def _within(self, path: str, outer: Parts) -> bool:
        """Say whether what stands before a function's own name in a symbol is where the file is."""
        directory, _, file = path.rpartition("/")
        folders, stem = tuple(directory.split("/")) if directory else (), file.rpartition(".")[0]
        spoken = language(path)
        if spoken == "go":
            return self._go(path, folders, outer)
        if spoken == "rust":
            module = () if stem in {"lib", "main", "mod"} else (stem,)
            inside = folders[folders.index("src") + 1 :] if "src" in folders else folders
            return outer[1:] == (*inside, *module) or outer[1:] == module or not outer
        if spoken == "java":
            return folders[-len(outer) :] == outer if outer else True
        return not outer

    def _go(self, path: str, folders: Parts, outer: Parts) -> bool:
        if not outer:
            return False
        found = PACKAGE.search(self._index.tree.data(path))
        package = found[1].decode() if found else ""
        if package == "main":
            return outer[-1] == "main" or outer[-1:] == folders[-1:]
        module, below = self._module(folders)
        if module:
            return outer == (*module, *below)
        return outer[-1] in {package, *below[-1:]} and (not below or outer[-len(below) :] == below)

    def _module(self, folders: Parts) -> tuple[Parts, Parts]:
        """Return the name of the Go module that a directory is in, empty without go.mod, and the directories below."""
        for cut in range(len(folders), -1, -1):
            found = self._index.tree.files.get("/".join((*folders[:cut], "go.mod")))
            named = None if found is None else MODULE.search(found.data)
            if named is not None:
                return _split(tuple(named[1].decode("utf-8", "replace").split("/"))), _split(folders[cut:])
        return (), _split(folders)


def _split(folders: Parts) -> Parts:
    return tuple(part for one in folders for part in one.replace("-", "_").split("."))


def spelled(symbol: str) -> Parts:
    """Return a symbol's name in parts, without arguments, template arguments, closures and compilers' marks."""
    text = symbol.strip()
    for pattern, by in RULES:
        text = pattern.sub(by, text)
    text = ARGUMENTS.sub("", text)
    name = dotted(text.replace("/", ".").replace("-", "_"))
    if not name:
        return ()
    if "operator" not in text and " " in text:
        name = dotted(_without_generics(text).strip().rpartition(" ")[2])
    return tuple(name.split("."))


def _without_generics(text: str) -> str:
    while (shorter := re.sub(r"<[^<>]*>", "", text)) != text:
        text = shorter
    return text
