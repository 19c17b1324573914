"""Runs `hotlap measure` on equal revisions of the fixture repositories, and writes what it called each time."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIXTURES = ("coherence", "frames", "glyphs", "population")
GIT = ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "init.defaultBranch=main")


def repository(name: str, out: Path) -> Path:
    """Return a git repository with one commit of the fixture, made where it is not there yet."""
    place = out / name
    if not place.exists():
        shutil.copytree(ROOT / "fixtures" / name, place, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        (place / ".hotlap.yml").write_text("isolation: process\n")
        for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", name)):
            subprocess.run(["git", "-C", place, *GIT, *words], check=True, stdin=subprocess.DEVNULL)
    return place


def measure(place: Path, result: Path) -> dict[str, object]:
    """Compare the repository's commit with itself once; the row for the table."""
    begun = time.monotonic()
    words = ["measure", "--repo", place, "--base", "HEAD", "--candidate", "HEAD", "--json", result, "--python"]
    command = [sys.executable, "-m", "bot", *words, sys.executable]
    # The repository is ours: a job's default branch is none of its branches.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CI_")}
    ended = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, check=False, capture_output=True, env=environment
    )
    answers = json.loads(result.read_text()) if result.exists() else {}
    found = [(one["name"].rpartition("::")[2], one["decision"]) for one in answers.get("benchmarks", ())]
    return {
        "repository": place.name,
        "exit": ended.returncode,
        "decisions": dict(Counter(decision for _, decision in found)),
        "called": [name for name, decision in found if decision in {"faster", "slower"}],
        "seconds": round(time.monotonic() - begun, 1),
    }


def main() -> None:
    """Measure each fixture in turn until there are as many runs as were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("aa-out"))
    parser.add_argument("--runs", type=int, default=20)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(asked.runs):
        place = repository(FIXTURES[number % len(FIXTURES)], asked.out)
        result = asked.out / f"run-{number:02}.json"
        result.unlink(missing_ok=True)
        rows.append(measure(place, result))
        print(json.dumps(rows[-1]), flush=True)
    decisions = sum((Counter(row["decisions"]) for row in rows), Counter())
    called = [row for row in rows if row["called"]]
    print(
        f"{len(rows)} runs, {sum(decisions.values())} comparisons: {dict(decisions)}; runs with a call: {len(called)}"
    )


if __name__ == "__main__":
    main()
