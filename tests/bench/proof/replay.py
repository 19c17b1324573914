"""The rules of other tools over recorded processes: contiguous windows whose first half is called base."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.proof.recordings import ProcessRow
from tests.bench.proof.rules import Rule

PROCESSES = {"blocks": 20, "long": 1}
_STEPS = {"blocks": 5, "long": 1}


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a rule called faster, slower or nothing; `independent` windows share no process."""

    faster: int
    slower: int
    trials: int
    independent: int
    seconds: float

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.faster + other.faster,
            self.slower + other.slower,
            self.trials + other.trials,
            self.independent + other.independent,
            self.seconds + other.seconds,
        )


NOTHING = Tally(0, 0, 0, 0, 0.0)


def replay(rule: Rule, rows: Sequence[ProcessRow], gain: float = 1.0) -> Tally:
    """Lay base and candidate over equal processes, one after the other, with a candidate `gain` times as fast.

    Windows start at every fifth process (every one of long ones), so that they overlap; `seconds` sums up what
    they took. Which half is the base does not matter to any rule's two-sided count, so it alternates.
    """
    each = PROCESSES[rule.form]
    source, found = random.Random(3), NOTHING  # noqa: S311 - a repeatable choice of halves
    for start in range(0, len(rows) - 2 * each + 1, _STEPS[rule.form]):
        window = [row.slices for row in rows[start : start + 2 * each]]
        base, candidate = window[:each], window[each:]
        if source.random() < 0.5:
            base, candidate = candidate, base
        call = rule.decide(base, [[one / gain for one in values] for values in candidate])
        began = rows[start - 1].at if start else 0.0
        found += Tally(int(call > 0), int(call < 0), 1, 0, rows[start + 2 * each - 1].at - began)
    return found + Tally(0, 0, 0, len(rows) // (2 * each), 0.0)
