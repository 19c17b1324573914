"""Functions that a diff touches, beside those that git names in the hunk headers of the same diffs.

`python -m tests.bench.hunks DIRECTORY [--commits 50]` goes through the last commits of a Python repository that change
Python files, and explains every difference: git names the function above a hunk, whether the change is in it or not.
"""

import argparse
import ast
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.git import GitCheckout
from bot.domain.code import FunctionId, Snapshot
from bot.localize.diff import DiffReader
from bot.localize.exclude import Exclusions
from bot.localize.index import Index

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\s*(?:async )?def (\w+)")
AGREE = "both name it"
ELSEWHERE = "git names the function above; what changed is not in it"
WORDS = "only comments, layout or its docstring changed"
GONE = "the function is gone in head: removed, or renamed and found by its new name"
LEFT_OUT = "the file is a test, generated or vendored"
OPEN = "NOT EXPLAINED"


@dataclass(frozen=True)
class Named:
    """A function that git names for a hunk: where its lines begin and how many there are, in base and head."""

    path: str
    name: str
    old: range
    new: range


def named(diff: str) -> Iterator[Named]:
    """Yield what the hunk headers of a diff name."""
    path = ""
    for line in diff.split("\n"):
        if line.startswith("+++ "):
            path = line.removeprefix("+++ b/") if line.startswith("+++ b/") else ""
        elif path and (found := _HEADER.match(line)):
            first, before, second, after = (int(one or 1) for one in found.groups()[:4])
            yield Named(path, found[5], range(first, first + before), range(second, second + after))


def code(tree: Snapshot, path: str, name: str) -> list[str]:
    """Return the syntax of all functions of one name in a file, without docstrings and places."""
    if path not in tree.files:
        return []
    found = []
    for node in ast.walk(ast.parse(tree.data(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
            found.append(ast.dump(node))
    return sorted(found)


def explained(one: Named, base: Index, head: Index, found: set[tuple[str, str]]) -> str:
    """Return in which way a hunk header and the functions found go together."""
    if (one.path, one.name) in found:
        return AGREE
    if Exclusions(head.tree).reason(one.path):
        return LEFT_OUT
    inside = _inside(base, one.path, one.name, one.old) or _inside(head, one.path, one.name, one.new)
    if not inside:
        return ELSEWHERE
    if all(_last(each) != one.name for each in head.functions(one.path)):
        return GONE
    same = code(base.tree, one.path, one.name) == code(head.tree, one.path, one.name)
    return WORDS if same else OPEN


def _inside(index: Index, path: str, name: str, lines: range) -> bool:
    above = [each.span for each in index.functions(path) if _last(each) == name and each.span.start <= lines.start]
    if not above:
        return False
    nearest = max(above, key=lambda span: span.start)
    return any(line <= nearest.end for line in lines)


def _last(function: FunctionId) -> str:
    return function.qualname.rpartition(".")[2]


def main() -> None:
    """Go through the commits and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--commits", type=int, default=50)
    asked = parser.parse_args()
    checkout, counts = GitCheckout(asked.directory), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        attributes = Path(place) / "attributes"
        attributes.write_text("*.py diff=python\n")
        git = ["git", "-C", str(asked.directory), "-c", f"core.attributesFile={attributes}"]
        commits = _said(git, "log", "--no-merges", "--format=%H", f"-{asked.commits}", "--diff-filter=M", "--", "*.py")
        for commit in commits.split():
            trees = checkout.snapshot(f"{commit}^"), checkout.snapshot(commit)
            base, head = (Index(tree) for tree in trees)
            touched = DiffReader(head, Exclusions(trees[1])).touched(checkout.diff(f"{commit}^", commit))
            found = {(one.function.path, _last(one.function)) for one in touched.targets}
            for one in named(_said(git, "diff", "-U0", "-M", f"{commit}^", commit, "--", "*.py")):
                why = explained(one, base, head, found)
                counts[why] += 1
                if why == OPEN:
                    print(f"{commit[:12]} {one.path} {one.name} at line {one.new.start}: {why}")
    print(f"{len(commits.split())} commits, {sum(counts.values())} hunks in which git names a function:")
    for why in (AGREE, ELSEWHERE, WORDS, GONE, LEFT_OUT, OPEN):
        print(f"{counts[why]:6}  {why}")


def _said(git: list[str], *words: str) -> str:
    return subprocess.run([*git, *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
