"""Every opportunity that was found and not yet taken: what it may bring, how sure that is, what comes first."""

import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.domain.attempt import Attempt, Tried
from bot.domain.code import Target
from bot.domain.evidence import Outcome
from bot.domain.kind import kinds_of
from bot.domain.pattern import Pattern
from bot.domain.restraint import Restraints
from bot.domain.suggestion import Suggestion, SuggestionState

_USUAL = 1.3
"""How much faster an accepted change makes a function where no pattern says more; docs/demo.md has larger ones."""
_UNKNOWN = 0.3
"""How sure it is that a hot function can be made faster when nothing was tried on it."""
_TOP = math.log(10)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run saw: the ranking, what was tried, and when (ISO 8601)."""

    project: str
    at: str
    targets: Sequence[Target]
    attempts: Sequence[Attempt] = ()


def suggested(seen: Seen, patterns: Sequence[Pattern], restraints: Restraints) -> tuple[Suggestion, ...]:
    """Return the opportunities of one run, the most urgent first: hot functions, and changes that wait for a person."""
    accepted = {str(one.target.function) for one in seen.attempts if one.accepted is not None}
    tried = {str(one.target.function): one for one in seen.attempts if one.tried}
    found: dict[str, Suggestion] = {}
    for one in (*_held(seen), *_hot(seen, patterns, tried)):
        if one.target not in accepted and not _declined(one, restraints):
            found.setdefault(one.id, one)
    return tuple(sorted(found.values(), key=lambda one: (-one.priority, one.id)))


def settled(
    known: Iterable[Suggestion], seen: Seen, restraints: Restraints, functions: Collection[str]
) -> tuple[Suggestion, ...]:
    """Return the open suggestions that are open no more: taken in this run, declined by a lesson, or without a place.

    `functions` are all functions of the tree, as "path::qualified name".
    """
    taken = {str(one.target.function) for one in seen.attempts if one.accepted is not None}
    changed = []
    for one in known:
        if one.state is not SuggestionState.OPEN:
            continue
        if one.target in taken:
            changed.append(replace(one, state=SuggestionState.TAKEN))
        elif _declined(one, restraints):
            changed.append(replace(one, state=SuggestionState.DECLINED))
        elif one.target not in functions:
            changed.append(replace(one, state=SuggestionState.GONE))
    return tuple(changed)


def _held(seen: Seen) -> Iterator[Suggestion]:
    """Yield changes that are proven and wait for a person."""
    for attempt in seen.attempts:
        for tried in attempt.tried:
            if tried.verdict.outcome is Outcome.HELD:
                gain = max((one.ratio.low for one in tried.verdict.comparisons), default=1.0)
                about = f"proven, but a person must look: {tried.verdict.message}"
                yield _suggestion(seen, attempt.target, _kind(tried), about, max(gain, 1.0), 0.9)


def _hot(seen: Seen, patterns: Sequence[Pattern], tried: dict[str, Attempt]) -> Iterator[Suggestion]:
    """Yield hot functions for which no change was accepted; each refusal makes it less likely that there is one."""
    best = max(patterns, key=lambda one: one.confidence * math.log(max(one.improvement, 1.0)), default=None)
    # What worked once elsewhere is discounted by how sure it is.
    local = max(_USUAL, 1 + (best.improvement - 1) * best.confidence) if best is not None else _USUAL
    sure = max(best.confidence, _UNKNOWN) if best is not None else _UNKNOWN
    for target in seen.targets:
        share = target.share_total
        if target.skip is not None or share is None:
            continue
        refused = tried.get(str(target.function))
        count = len(refused.tried) if refused else 0
        # Amdahl: only the function's share of the time gets faster.
        gain = min(1 / (1 - share + share / local), target.bound or math.inf)
        about = f"{target.why or 'hot'}; {count} candidate(s) were refused" if count else target.why or "hot"
        yield _suggestion(seen, target, "", about, gain, sure / (1 + count))


def _kind(tried: Tried) -> str:
    return kinds_of(tried.candidate)[0]


def _suggestion(seen: Seen, target: Target, kind: str, about: str, gain: float, confidence: float) -> Suggestion:
    name = f"{seen.project}\0{target.function}\0{kind}"
    urgent = min(1.0, confidence * math.log(max(gain, 1.0)) / _TOP)
    return Suggestion(
        id=hashlib.sha256(name.encode()).hexdigest()[:12],
        project=seen.project,
        target=str(target.function),
        kind=kind,
        description=about,
        gain=round(gain, 6),
        confidence=round(confidence, 6),
        priority=round(urgent, 6),
        found=seen.at,
    )


def _declined(one: Suggestion, restraints: Restraints) -> bool:
    path, _, name = one.target.partition("::")
    kinds = [lesson.value for lesson in restraints.forbidding if lesson.reach == "kind"]
    return restraints.leaves_alone(path, name) is not None or (bool(one.kind) and one.kind in kinds)
