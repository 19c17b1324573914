"""How well remarks of reviewers are read: precision and recall on every labelled set, `make bench-lessons`.

A lesson counts as right where scope, value and polarity are the labelled ones. `--wrong` prints the disagreements.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.domain.feedback import Change
from tests.fakes.remarks import drawn

SETS = Path(__file__).parents[1] / "unit" / "learn" / "histories" / "remarks"


@dataclass(frozen=True)
class Score:
    """Lessons that were right, drawn and labelled; remarks without one, and those of them that were taken for one."""

    right: int = 0
    drawn: int = 0
    labelled: int = 0
    quiet: int = 0
    taken: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(*(mine + theirs for mine, theirs in zip(self.all, other.all, strict=True)))

    @property
    def all(self) -> tuple[int, ...]:
        """The counts in their order."""
        return self.right, self.drawn, self.labelled, self.quiet, self.taken

    @property
    def precision(self) -> float:
        """The share of right ones among those drawn."""
        return self.right / max(self.drawn, 1)

    @property
    def recall(self) -> float:
        """The share of labelled ones that were drawn."""
        return self.right / max(self.labelled, 1)


def remarks(name: str) -> Iterator[dict]:
    """Yield the labelled remarks of a set."""
    for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def read(remark: dict) -> list[tuple[str, str]]:
    """Return what is drawn from a remark: scope with value, and polarity."""
    about = remark["change"]
    change = Change(about["path"], about["function"], "python", about["kind"], "", tuple(about.get("rules", ())))
    return drawn(remark["body"], change)


def labels(remark: dict) -> list[tuple[str, str]]:
    """Return what a person says that a remark teaches."""
    return [(f"{one['scope']}:{one['value']}", one["polarity"]) for one in remark["expected"]]


def scored(remark: dict) -> Score:
    """Return the counts of one remark."""
    found, left = read(remark), labels(remark)
    right = 0
    for one in found:
        if one in left:
            left.remove(one)
            right += 1
    wanted = len(labels(remark))
    return Score(right, len(found), wanted, not wanted, bool(found) and not wanted)


def total(name: str) -> Score:
    """Return the counts of a set."""
    return sum(map(scored, remarks(name)), Score())


def main() -> None:
    """Print a line for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true")
    asked = parser.parse_args()
    print("| set | lessons right | drawn | labelled | precision | recall | taken for a lesson |")
    print("|---|---|---|---|---|---|---|")
    for name in sorted(place.stem for place in SETS.glob("*.jsonl")):
        one = total(name)
        counts = f"{one.right} | {one.drawn} | {one.labelled} | {one.precision:.2f} | {one.recall:.2f}"
        print(f"| {name} | {counts} | {one.taken} of {one.quiet} |")
        for remark in remarks(name) if asked.wrong else ():
            if sorted(read(remark)) != sorted(labels(remark)):
                print(f"\n{remark['id']}: {remark['body']}\n  labelled {labels(remark)}\n  drawn    {read(remark)}")


if __name__ == "__main__":
    main()
