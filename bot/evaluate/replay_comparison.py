"""What the base does on a list of calls, and what a candidate does differently on them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.evidence import ReplayEvidence
from bot.evaluate import replay_rules
from bot.evaluate.replay_calls import Call, Captured, How, Kind, Observation, State

_MESSAGES = 8
_UNANSWERED = 3


@dataclass(frozen=True, slots=True)
class Expected:
    """What the base does: its calls with the first run's observations and the effects both runs agree on."""

    calls: tuple[tuple[Call, Observation, Mapping[str, str]], ...]
    unusable: Counter[str]
    nondeterministic: int
    before: State
    after: State
    twin: State
    notes: tuple[str, ...] = ()
    underived: str = ""
    start_seconds: float = 0.0


def agreed(
    first: list[tuple[Call, Observation]],
    second: list[Observation],
    states: tuple[State, State, State],
    notes: tuple[str, ...],
) -> Expected:
    """Keep the calls on which two runs of the base, `first` and `second`, agree; count the others."""
    kept, unusable, nondeterministic = [], Counter[str](), 0
    for (call, seen), twin in zip(first, second, strict=True):
        if not replay_rules.is_usable(seen) or not replay_rules.is_usable(twin):
            if call.kind is Kind.CAPTURED and call.how is How.ONCE:
                why = seen if not replay_rules.is_usable(seen) else twin
                unusable[f"the base does not answer it ({why.status}{': ' if why.message else ''}{why.message})"] += 1
        elif not replay_rules.agrees(seen, twin):
            nondeterministic += 1
        elif not replay_rules.is_ignored(call, seen):
            # What threads print or log comes in any order.
            effects = {} if call.how is How.THREADS else replay_rules.stable_effects(seen, twin)
            kept.append((call, seen, effects))
    return Expected(tuple(kept), unusable, nondeterministic, *states, notes)


class Comparison:
    """Collects what a candidate does differently."""

    def __init__(self, expected: Expected, added: frozenset[str]) -> None:
        self.expected = expected
        self.mismatches: list[str] = []
        self.edge_mismatches: list[str] = []
        self._added = added
        self._by_call = {id(call): (seen, effects) for call, seen, effects in expected.calls}
        self._differing: set[int] = set()
        self._compared: dict[int, Call] = {}
        self._outdated: dict[int, str] = {}
        self._unanswered = self._wrong = 0
        self._notes: set[str] = set()

    def known(self) -> dict[str, tuple[str, ...]]:
        """Return the attribute names that instances have on the base, by class."""
        merged: dict[str, set[str]] = {}
        for state in (self.expected.after, self.expected.twin):
            for name, found in state.attributes.items():
                merged.setdefault(name, set()).update(found)
        return {name: tuple(sorted(found)) for name, found in merged.items()}

    @property
    def is_settled(self) -> bool:
        """Whether enough differs that further calls would only take time."""
        return self._wrong >= _MESSAGES or self._unanswered >= _UNANSWERED

    def add(self, call: Call, candidate: Observation) -> None:
        """Take one of the candidate's observations of a call."""
        base, effects = self._by_call[id(call)]
        self._notes |= {f"left out of the comparison: {name}, which only the change has" for name in candidate.extra}
        self._notes |= {f"the content of {name} in answers is not compared" for name in base.opaque}
        why = replay_rules.introduced_attribute(candidate, self.expected.after.attributes, self._added)
        if why is not None:
            self._outdated[id(call)] = why
            return
        self._compared[id(call)] = call
        self._unanswered += not replay_rules.is_usable(candidate)
        said = replay_rules.difference(call, base, effects, candidate)
        if said is not None and id(call) not in self._differing:
            self._differing.add(id(call))
            is_doubtful = replay_rules.is_doubtful(call, base, candidate)
            self._wrong += not is_doubtful
            told = self.edge_mismatches if is_doubtful else self.mismatches
            if f"{call}: {said}" not in told:
                told.append(f"{call}: {said}")

    def add_state(self, before: State, after: State) -> None:
        """Take what the candidate's process tells before and after its calls."""
        names = replay_rules.changed_globals(
            self.expected.before, self.expected.after, self.expected.twin, before, after
        )
        for name in names:
            said = f"the calls leave the module global {name} in another state"
            if said not in self.mismatches:
                self.mismatches.append(said)

    def evidence(self, captured: Captured, seconds: float) -> ReplayEvidence:
        """Return what was found."""
        compared = [call for key, call in self._compared.items() if key not in self._outdated]
        counts = Counter(call.kind if call.how is How.ONCE else Kind.DERIVED for call in compared)
        outdated = [
            f"{count} call(s): the instances were made before the change, which adds {name}"
            for name, count in sorted(Counter(self._outdated.values()).items())
        ]
        unusable = [f"{count} call(s): {why}" for why, count in sorted(self.expected.unusable.items())]
        return ReplayEvidence(
            captured=counts[Kind.CAPTURED],
            derived=counts[Kind.DERIVED] + counts[Kind.GROWN],
            edge=counts[Kind.EDGE],
            mismatches=_shortened(self.mismatches),
            edge_mismatches=_shortened(self.edge_mismatches),
            uncaptured=(*captured.uncaptured, *outdated, *unusable, *self.expected.notes, *sorted(self._notes)),
            nondeterministic=self.expected.nondeterministic,
            underived=self.expected.underived,
            seconds=seconds,
        )


def _shortened(messages: list[str]) -> tuple[str, ...]:
    if len(messages) <= _MESSAGES:
        return tuple(messages)
    return (*messages[:_MESSAGES], f"and {len(messages) - _MESSAGES} more")
