"""From the targets that a user names on the command line to functions, or to one sentence that helps."""

import difflib
import re
from collections.abc import Iterable, Sequence

from bot.domain.code import FunctionId
from bot.domain.errors import Refused
from bot.localize.index import Index

LINE = re.compile(r"^(?P<path>.+):(?P<line>\d+)$")
SHOWN = 5


def select(index: Index, wanted: Sequence[str]) -> tuple[FunctionId, ...]:
    """Return the functions that `wanted` names, in its order and without repetitions.

    Understood are "path::qualname", "path:line", and qualified or bare names; Refused for a name that means no
    function or several, with those that it may have meant.
    """
    return tuple(dict.fromkeys(_one(index, text.strip()) for text in wanted))


def _one(index: Index, text: str) -> FunctionId:
    placed = LINE.match(text)
    if placed is not None and "::" not in text:
        return _at(index, placed["path"].removeprefix("./"), int(placed["line"]))
    found = index.named(text.removeprefix("./"))
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"target '{text}' is ambiguous: {places(found)}; name one as path:line")
    raise Refused(f"unknown target '{text}'{_because(index, text)}")


def _at(index: Index, path: str, line: int) -> FunctionId:
    if path not in index.tree.files:
        raise Refused(f"unknown target '{path}:{line}': there is no file {path}{_nearest(path, index.paths())}")
    found = index.at(path, line)
    if found is not None:
        return found
    problem = index.file(path).problem
    raise Refused(f"unknown target '{path}:{line}': {problem or 'no function is around this line'}")


def places(functions: Sequence[FunctionId]) -> str:
    """List functions with their places, the first few of many."""
    shown = [f"{one.qualname} ({one.path}:{one.span.start})" for one in functions[:SHOWN]]
    more = len(functions) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _because(index: Index, text: str) -> str:
    """Say which part of the name is unknown, or which names are near: for the reader only, never chosen."""
    path, qualname = index.parted(text.removeprefix("./"))
    if not path:
        return _nearest(qualname, {one.qualname for one in index.everything()})
    if path not in index.tree.files:
        return f": there is no file {path}{_nearest(path, index.paths())}"
    problem = index.file(path).problem
    return f": {problem}" if problem else _nearest(qualname, {one.qualname for one in index.functions(path)})


def _nearest(text: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(text, sorted(names), n=3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else ""
