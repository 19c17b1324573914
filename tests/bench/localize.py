"""Times the index of functions on a checkout, cold and warm, and beside it aider's repository map where that is given.

Every figure is the best of some fresh processes. Aider must be installed in an interpreter of its own: its versions of
packages do not fit ours. `python -m tests.bench.localize DIRECTORY [--aider PYTHON]` prints a table.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 3
OURS = """
import json, pathlib, resource, sys, time
from bot.adapters.cache import FileCache
from bot.domain.code import File, Snapshot
from bot.localize.index import Index
root, cache = pathlib.Path(sys.argv[1]), FileCache(pathlib.Path(sys.argv[2]) / "cache.sqlite")
files = {str(one.relative_to(root)): File(one.read_bytes()) for one in sorted(root.rglob("*.py")) if one.is_file()}
tree = Snapshot("", files)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.perf_counter()
found = Index(tree, cache).everything()
seconds = time.perf_counter() - begun
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"seconds": seconds, "found": len(found), "grown": grown / 1024}))
"""
AIDER = """
import json, os, pathlib, resource, sys, time
from aider.io import InputOutput
from aider.repomap import RepoMap
class Model:
    def token_count(self, text):
        return len(text) // 4
root = pathlib.Path(sys.argv[1])
os.chdir(sys.argv[2])
files = [str(one) for one in sorted(root.rglob("*.py")) if one.is_file()]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.perf_counter()
made = RepoMap(root=sys.argv[2], main_model=Model(), io=InputOutput(yes=True, pretty=False), map_tokens=1024)
text = made.get_repo_map([], files) or ""
seconds = time.perf_counter() - begun
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"seconds": seconds, "found": len(text), "grown": grown / 1024}))
"""


def timed(python: str, code: str, root: Path, state: Path) -> dict[str, float]:
    """Run one program in a process of its own; its last line is the result."""
    ended = subprocess.run(
        [python, "-c", code, str(root), str(state)],
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return json.loads(ended.stdout.strip().split("\n")[-1])


def row(name: str, python: str, code: str, root: Path) -> dict[str, dict[str, float]]:
    """Return the best cold and the best warm run, and print them."""
    runs: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="hotlap-bench-") as state:
            runs["cold"].append(timed(python, code, root, Path(state)))
            runs["warm"].append(timed(python, code, root, Path(state)))
    best = {kind: min(found, key=lambda one: one["seconds"]) for kind, found in runs.items()}
    for kind, one in best.items():
        print(f"{name:8} {kind}  {one['seconds']:8.3f} s  {one['found']:8,.0f} found  +{one['grown']:.0f} MB")
    return best


def main() -> None:
    """Print the table, and how many times faster the index is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--aider", help="an interpreter that has aider-chat")
    chosen = parser.parse_args()
    root = chosen.directory.resolve()
    ours = row("hotlap", sys.executable, OURS, root)
    if chosen.aider:
        theirs = row("aider", chosen.aider, AIDER, root)
        for kind in ("cold", "warm"):
            print(f"{kind}: {theirs[kind]['seconds'] / ours[kind]['seconds']:.1f} times faster")


if __name__ == "__main__":
    main()
