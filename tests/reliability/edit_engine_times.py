"""How much CPU time the edit engine takes on a file of 50,000 lines: a script to look at, not a test."""

import sys
import time

from bot.domain.code import File, Snapshot
from bot.propose.edits import engine

LINES = 50_000
ROUNDS = 5


def source():
    """Return many functions that resemble each other, as generated code does."""
    functions = (
        f"def function_{n}(alpha, beta_{n}):\n    # computes beta {n}\n    total = beta_{n} + {n}\n    return total\n"
        for n in range(LINES // 5)
    )
    return "\n".join(functions).split("\n")


def searches(lines, size):
    """Yield what a block may search for: text that is there, nearly there, and not there at all."""
    there = lines[30_002 : 30_002 + size]
    yield "exact", there
    yield "indented", ["    " + line if line else line for line in there]
    yield "inner blanks", [line.replace(" + ", "  +  ") for line in there]
    yield "stale", [line.replace("total", "sum") for line in there]
    yield "foreign", [f"qqq {n} zzz" for n in range(size)]


def main():
    lines = source()
    trees = {
        "ascii": lines,
        "unicode": ["# \u2013", *lines],
        "one line repeated": ["x = 1"] * LINES,
    }
    for name, content in trees.items():
        tree = Snapshot("", {"big.py": File(("\n".join(content) + "\n").encode())})
        for size in (3, 60):
            for kind, search in searches(content, size):
                block = [
                    "big.py",
                    "<<<<<<< SEARCH",
                    *search,
                    "=======",
                    *search[:-1],
                    "    changed = 1",
                    ">>>>>>> REPLACE",
                    "",
                ]
                seconds = []
                for _ in range(ROUNDS):
                    start = time.process_time()
                    answer = engine.apply("\n".join(block), tree)
                    seconds.append(time.process_time() - start)
                result = answer.blocks[0]
                row = f"{name:18} {size:3} lines  {kind:13} {result.result:10} {result.rung:13}"
                sys.stdout.write(f"{row} {min(seconds) * 1000:6.1f} to {max(seconds) * 1000:6.1f} ms\n")


if __name__ == "__main__":
    main()
