"""Suites for airspeed velocity, found through their asv.conf.json."""

import ast
import posixpath
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.domain.code import Snapshot
from bot.evaluate.benchmarks.source import parsed

NAME = "asv"
_DIRECTORY = re.compile(r'^\s*"benchmark_dir"\s*:\s*"([^"]+)"', re.MULTILINE)
_TIMED = re.compile(r"^(Time[A-Z_].+|time_.+)$")


def suites(tree: Snapshot) -> Iterator[str]:
    """Yield the directories named by the asv configurations of `tree` that hold a timing benchmark."""
    for path in tree.paths("asv.conf.json"):
        if PurePosixPath(path).name != "asv.conf.json":
            continue
        # The file is JSON with comments; one setting of it is wanted.
        found = _DIRECTORY.search(tree.data(path).decode("utf-8", "replace"))
        directory = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[1] if found else "benchmarks"))
        if any(one.startswith(directory + "/") and _holds(tree.data(one)) for one in tree.paths(".py")):
            yield directory


def _holds(source: bytes) -> bool:
    if b"def time_" not in source and b"Time" not in source:
        return False
    body = parsed(source).body
    methods = [inner for node in body if isinstance(node, ast.ClassDef) for inner in node.body]
    return any(isinstance(node, ast.FunctionDef) and _TIMED.match(node.name) for node in (*body, *methods))
