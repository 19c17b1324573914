"""Files to spans: by the standard parser or a grammar, or from what an earlier run remembered of the same bytes.

The cache is keyed by Git's blob id and by all that the answer depends on: the grammar's version and its query, or the
interpreter's version. An entry that cannot be understood is read anew.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata
from itertools import islice
from typing import Any

from bot.domain.code import FunctionId, Snapshot, Span
from bot.domain.errors import Refused
from bot.localize.grammar import QUERIES, WHEELS
from bot.localize.languages import PYTHON, dialect, language
from bot.localize.spans import Definition, FileSpans, read, split
from bot.localize.syntax import UnreadableError, found, parsed, refusal
from bot.ports import Cache

FORMAT = 2
AT_ONCE = 500
"""How many files are read between two writes to the cache."""


class Reader:
    """Reads the spans of files of a tree; without a cache each time from their bytes."""

    def __init__(self, cache: Cache | None = None) -> None:
        self._cache = cache

    def read(self, tree: Snapshot, paths: Iterable[str]) -> dict[str, FileSpans]:
        """Return the spans of regular files in known languages; Refused where a grammar is missing."""
        rest, files = iter(paths), dict[str, FileSpans]()
        while some := tuple(islice(rest, AT_ONCE)):
            files.update(self._some(tree, some))
        return files

    def _some(self, tree: Snapshot, paths: Sequence[str]) -> dict[str, FileSpans]:
        if self._cache is None:
            return {path: read_file(path, tree.data(path)) for path in paths}
        keys = {path: _key(path, tree.data(path)) for path in paths}
        known = self._cache.get(tuple(keys.values()))
        files: dict[str, FileSpans] = {}
        new: dict[str, bytes] = {}
        for path, key in keys.items():
            spans = _decoded(path, known[key]) if key in known else None
            if spans is None:
                spans = read_file(path, tree.data(path))
                new[key] = _encoded(path, spans)
            files[path] = spans
        if new:
            self._cache.put(new)
        return files


def read_file(path: str, data: bytes) -> FileSpans:
    """Return the functions of a file in any known language, or the sentence why it has none to offer."""
    if language(path) == PYTHON:
        return read(path, data)
    why = refusal(data)
    if why is not None:
        return FileSpans(problem=f"{path} was not indexed: {why}")
    lines, spoken = split(data), language(path) or ""
    if spoken == "c":
        spoken = dialect(path, data)
    functions = []
    try:
        places = found(path, data, parsed(path, data))
    except UnreadableError as error:
        return FileSpans(problem=f"{path} was not indexed: {error}")
    for one in places:
        start, end = one.lines
        body = hashlib.sha256(b"".join(lines[start - 1 : end])).hexdigest()
        functions.append(Definition(FunctionId(one.qualname, Span(path, start, end), body, spoken), one.loops))
    return FileSpans(tuple(functions))


def blob_id(data: bytes) -> str:
    """Return the name that Git gives to a file of these bytes: 40 hexadecimal digits."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _key(path: str, data: bytes) -> str:
    return f"spans/{_reader(dialect(path, data))}/{blob_id(data)}"


@lru_cache(maxsize=len(QUERIES) + 1)
def _reader(name: str) -> str:
    """Return a name for all that reading a dialect depends on but for the file."""
    if name == PYTHON:
        return f"python-{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}-{FORMAT}"
    wheel = WHEELS.get(name, (f"tree_sitter_{name}",))[0].replace("_", "-")
    try:
        version = metadata.version(wheel)
    except metadata.PackageNotFoundError as error:
        sentence = f"the grammar for {name} files is missing: install {wheel} as locked"
        raise Refused(sentence) from error
    return f"{name}-{version}-{hashlib.sha256(QUERIES[name].encode()).hexdigest()[:12]}-{FORMAT}"


def _encoded(path: str, spans: FileSpans) -> bytes:
    rows = [
        [
            one.function.qualname,
            one.function.span.start,
            one.function.span.end,
            one.function.body_hash,
            one.function.language,
            one.loops,
            one.overload,
        ]
        for one in spans.definitions
    ]
    problem = None if spans.problem is None else spans.problem.removeprefix(path)
    return json.dumps({"functions": rows, "problem": problem}, separators=(",", ":")).encode("ascii")


def _decoded(path: str, data: bytes) -> FileSpans | None:
    """Return what was remembered of a file; None where it is not what was written."""
    try:
        raw: Any = json.loads(data)
        problem = raw["problem"]
        definitions = tuple(_definition(path, *row) for row in raw["functions"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not (problem is None or isinstance(problem, str)):
        return None
    return FileSpans(definitions, None if problem is None else f"{path}{problem}")


def _definition(
    path: str, qualname: str, start: int, end: int, body: str, spoken: str, loops: int, overload: bool
) -> Definition:
    texts, numbers = (qualname, body, spoken), (start, end, loops)
    if not (all(isinstance(one, str) for one in texts) and all(isinstance(one, int) for one in numbers)):
        raise TypeError(path)
    return Definition(FunctionId(qualname, Span(path, start, end), body, spoken), loops, bool(overload))
