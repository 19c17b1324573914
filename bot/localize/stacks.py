"""Profiles as values: for each benchmark its folded stacks and how often each function was called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.code import Snapshot
from bot.domain.errors import Refused


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """One code object: file, first line and name, as profilers know it.

    `path` is relative to the tree, or "" for code outside of it (libraries, C functions, the interpreter).
    `exact` says whether `line` is the code object's first line, or just some line of it.
    """

    path: str
    line: int
    name: str
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Calls:
    """How one code object was called in one run: all calls, those that are not recursive, and where its time went.

    `seconds` is the time in its own body, `native_seconds` that in the C functions it calls itself; both are
    distorted by counting and good for their proportion only.
    """

    count: int
    primitive: int
    seconds: float = 0.0
    native_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class BenchmarkProfile:
    """One benchmark's profile.

    `stacks` maps stacks, outermost frame first, to their weight; only proportions matter. `samples` is the number
    of observations behind them. `error` says why there is no profile, or is None.
    """

    name: str
    stacks: Mapping[tuple[Frame, ...], float] = field(default_factory=dict)
    calls: Mapping[Frame, Calls] = field(default_factory=dict)
    seconds_per_call: float | None = None
    samples: int = 0
    cpu_seconds_per_call: float | None = None
    waits_per_call: float = 0.0
    threads: int = 1
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What was seen of every benchmark, and what a reader must know about it."""

    benchmarks: tuple[BenchmarkProfile, ...] = ()
    notes: tuple[str, ...] = ()


FOLDED = re.compile(r"^(?P<stack>\S.*?)\s+(?P<count>\d+)$")
FRAME = re.compile(r"^(?P<name>.+?) \((?P<file>[^()]*?)(?::(?P<line>\d+))?\)$")
ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
INSTALLED = re.compile(r"/(?:site-packages|dist-packages)/|/lib(?:64)?/python\d")
UNSAFE = "is a cProfile file, which is Python's marshal format and cannot be read safely"


def read_profile(data: bytes, tree: Snapshot, *, name: str = "profile") -> Profile:
    """Read collapsed stacks ("name (file:line);name (file:line) count" a line, as py-spy's raw format).

    Files are matched to `tree` by their path's end. Refused for cProfile files, whose format must not be read on
    trust, and for anything else that is not collapsed stacks.
    """
    text = _text(data, name)
    files = _Files(tree)
    stacks: dict[tuple[Frame, ...], float] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            stack, count = _line(line.strip(), number, name, files)
            stacks[stack] = stacks.get(stack, 0.0) + count
    total = int(sum(stacks.values()))
    if not total:
        sentence = f"{name} holds no samples"
        raise Refused(sentence)
    inside = sum(count for stack, count in stacks.items() if any(frame.path for frame in stack))
    notes = () if inside else (f"{name} has no frame in this repository's files",)
    return Profile((BenchmarkProfile(name, stacks, samples=total),), notes)


def _text(data: bytes, name: str) -> str:
    if data[:1] in (b"{", b"\xfb") and b"\0" in data[:64]:
        sentence = f"{name} {UNSAFE}: record collapsed stacks instead (py-spy record --format raw)"
        raise Refused(sentence)
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        sentence = f"{name} is neither collapsed stacks nor any other text"
        raise Refused(sentence) from None


def _line(line: str, number: int, name: str, files: "_Files") -> tuple[tuple[Frame, ...], int]:
    found = FOLDED.match(line)
    if found is None:
        sentence = f'{name}:{number}: expected collapsed stacks, "name (file:line);name (file:line) count"'
        raise Refused(sentence)
    return tuple(_frame(one, files) for one in found["stack"].split(";")), int(found["count"])


def _frame(text: str, files: "_Files") -> Frame:
    found = FRAME.match(text.strip())
    if found is None:
        return Frame("", 0, text.strip(), exact=False)
    return Frame(files.match(found["file"]), int(found["line"] or 0), found["name"], exact=False)


class _Files:
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
