"""What is recorded, as lines of JSON in one file for each part; a part is whole or absent, so that a run can resume."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One recording: `form` is "pairs", "blocks", "long", "whole" or "overhead"; `share` the work of the base arm."""

    form: str
    condition: str
    kind: str
    share: int
    weight: float

    @property
    def name(self) -> str:
        """The file's stem."""
        return f"{self.form}-{self.condition}-{self.kind}-{self.share}"


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair: seconds of a call in each slice of both arms; `at` are seconds since its batch began."""

    batch: int
    at: float
    base: tuple[float, ...]
    candidate: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One process that ran alone: seconds of a call in each of its slices, and seconds with its start."""

    at: float
    slices: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class WholeRow:
    """One whole answer as `hotlap measure` gives it: decision, confirmation, and seconds for both."""

    decision: str
    confirmed: str
    pairs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class OverheadRow:
    """Seconds of one empty request, of slices of k and 2k calls, one after the other."""

    empty: float
    single: float
    double: float


Row = PairRow | ProcessRow | WholeRow | OverheadRow
_ROWS: dict[str, type[Any]] = {
    "pairs": PairRow,
    "blocks": ProcessRow,
    "long": ProcessRow,
    "whole": WholeRow,
    "overhead": OverheadRow,
}


class Recordings:
    """A directory of recordings."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, part: Part) -> Path:
        """Return where a part is kept."""
        return self._directory / f"{part.name}.jsonl"

    def has(self, part: Part) -> bool:
        """Say whether a part was recorded to its end."""
        return self.path(part).exists()

    def write(self, part: Part, rows: Iterator[Row]) -> int:
        """Record a part and return its number of rows; an interrupted one leaves nothing that counts."""
        unfinished = self.path(part).with_suffix(".part")
        count, before, begun = 0, os.getloadavg()[0], time.time()
        with unfinished.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(asdict(row)) + "\n")
                count += 1
            load = {"before": before, "after": os.getloadavg()[0]}
            file.write(json.dumps({"load": load, "begun": begun, "seconds": time.time() - begun}) + "\n")
        unfinished.replace(self.path(part))
        return count

    def rows(self, part: Part) -> list[Any]:
        """Return the rows of a part; none where it was not recorded."""
        return [_ROWS[part.form](**_tuples(line)) for line in self._lines(part)[:-1]]

    def about(self, part: Part) -> dict[str, Any]:
        """Return load averages before and after a part, when it began, and how long it took."""
        lines = self._lines(part)
        return lines[-1] if lines else {}

    def _lines(self, part: Part) -> list[dict[str, Any]]:
        if not self.has(part):
            return []
        return [json.loads(line) for line in self.path(part).read_text(encoding="utf-8").splitlines()]


def _tuples(line: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in line.items()}


def parts(kinds: Sequence[str], others: Sequence[str]) -> list[Part]:
    """Return what a run records, in order; `kinds` get everything, `others` equal arms and 5% only."""
    found = [Part("overhead", "calm", kinds[0], 1000, 0.5)]
    for condition in ("calm", "loaded"):
        found += [Part("pairs", condition, kind, 1000, 4.0) for kind in kinds]
        found += [Part("pairs", condition, kind, 1000, 3.0) for kind in others]
        found += [Part("blocks", condition, kind, 1000, 2.5) for kind in kinds]
        found += [Part("long", condition, kind, 1000, 1.5) for kind in kinds]
        found += [Part("whole", condition, kinds[-1], share, 1.0) for share in (1000, 1050)]
    found += [Part("pairs", "loaded", kind, share, 1.5) for kind in kinds for share in (1020, 1050)]
    return found + [Part("pairs", "loaded", kind, 1050, 1.5) for kind in others]
