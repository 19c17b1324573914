"""Runs `hotlap optimize` on pinned source distributions and writes one JSON file and one table line for each."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

HERE = Path(__file__).parent
PYTEST = ("pytest==9.2.0", "pytest-benchmark==5.3.1")
PACKAGES = {
    "sqlparse": ("0.6.1", ()),
    "tabulate": ("0.10.0", ("numpy==2.4.6", "wcwidth==0.9.4")),
    "intervaltree": ("3.2.1", ("sortedcontainers==2.4.0",)),
    "croniter": ("7.0.0", ("python-dateutil==4.0.0", "pytz==2026.6", "tzlocal==5.4.5", "freezegun==1.5.5")),
    "diff_match_patch": ("20241021", ()),
    "base58": ("2.1.1", ("PyHamcrest==2.1.0",)),
}


def prepare(name: str, out: Path) -> tuple[Path, Path]:
    """Return a git repository of the package with our benchmark, and the interpreter that runs its tests."""
    version, needs = PACKAGES[name]
    place = out / name
    python = out / f"{name}-venv" / "bin" / "python"
    if place.exists():
        return place, python
    sources = out / "sdists"
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", sources)
    call(*pip, f"{name}=={version}")
    (archive,) = sources.glob(f"{name}-{version}*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(out / f"{name}-unpacked", filter="data")
    (unpacked,) = (out / f"{name}-unpacked").iterdir()
    shutil.move(unpacked, place)
    (place / "benchmarks").mkdir(exist_ok=True)
    shutil.copy(HERE / "benchmarks" / f"bench_{name}.py", place / "benchmarks")
    (place / ".hotlap.yml").write_text("isolation: process\n")
    call(sys.executable, "-m", "venv", python.parent.parent)
    call(python, "-m", "pip", "install", "--quiet", *PYTEST, *needs)
    git = ("git", "-C", place, "-c", "user.name=field", "-c", "user.email=field@example.org")
    call(*git, "init", "--quiet")
    call(*git, "add", "--all", "--force")
    call(*git, "commit", "--quiet", "-m", f"{name} {version} as published, with a benchmark")
    return place, python


def call(*words: object) -> None:
    """Run a program to its end; an exception where it fails."""
    subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL)


def line(name: str, code: int, seconds: float, result: Path) -> str:
    """Return one row of the table in docs/field-notes.md."""
    version = PACKAGES[name][0]
    if not result.exists():
        return f"| {name} {version} | exit {code} | | | | {seconds:.0f} s |"
    run = json.loads(result.read_text())
    tried = [one for worked in run["worked"] for one in worked["tried"]]
    reasons: dict[str, int] = {}
    for one in tried:
        reasons[one["verdict"]["reason"]] = reasons.get(one["verdict"]["reason"], 0) + 1
    gains = []
    for worked in run["worked"]:
        kept = [one for one in worked["tried"] if one["id"] == worked["accepted"]]
        for one in kept:
            best = max(one["verdict"]["comparisons"], key=lambda each: each["ratio"]["estimate"])
            ratio = best["ratio"]
            figures = f"{ratio['estimate']:.2f}x ({ratio['low']:.2f} to {ratio['high']:.2f})"
            gains.append(f"`{worked['target']['function']['qualname']}` {figures} by {one['proposer']}")
    verdicts = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    reached = sum(target["skip"] is None for target in run["ranked"])
    return (
        f"| {name} {version} | {reached} | {len(tried)} | {verdicts or '-'} | {'; '.join(gains) or 'none'} "
        f"| {seconds:.0f} s |"
    )


def main() -> None:
    """Run the packages named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(PACKAGES))
    parser.add_argument("--out", type=Path, default=Path("field-out"))
    parser.add_argument("--budget", default="6m")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    rows = ["| package | targets | tried | verdicts | confirmed gains | time |", "|---|---|---|---|---|---|"]
    for name in given.names:
        place, python = prepare(name, given.out.resolve())
        result = given.out / f"{name}.json"
        result.unlink(missing_ok=True)
        words = ("optimize", "--repo", place, "--python", python, "--budget", given.budget, "--json", result)
        # The repository is ours: a job's default branch is none of its branches.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CI_")}
        started = time.monotonic()
        with (given.out / f"{name}.log").open("w") as log:
            done = subprocess.run(
                [sys.executable, "-m", "bot", *map(str, words)],
                stdout=log, stderr=subprocess.STDOUT, env={**environment, "CI": "true"}, check=False,
            )  # fmt: skip
        rows.append(line(name, done.returncode, time.monotonic() - started, result))
        sys.stdout.write("\n".join(rows) + "\n")
        rows = []


if __name__ == "__main__":
    main()
