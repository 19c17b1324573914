"""A proposer that heeds what people say about a change: neither that one again, nor what their comment rules out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.app.ci.criticised import Criticised, refused
from bot.domain.code import Snapshot, Target
from bot.domain.job import Candidate
from bot.domain.lesson import Lesson
from bot.domain.restraint import Restraints
from bot.evaluate.guard.lessons import banned
from bot.ports import Proposer

_SAME, _RULED_OUT = "that stood here before", "that the comment rules out"


class Heeding:
    """Implements `ports.Proposer` around another one; functions that nobody criticised pass through.

    `criticised` is by function ("path::qualname").
    """

    def __init__(self, proposer: Proposer, criticised: Mapping[str, Criticised]) -> None:
        self.name = proposer.name
        self._proposer = proposer
        self._criticised = criticised
        self._left_out: dict[str, Counter[str]] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """How many candidates were left out and why, one sentence a function."""
        return tuple(
            f"{name}: not tried were " + ", ".join(f"{count} {why}" for why, count in sorted(found.items()))
            for name, found in self._left_out.items()
        )

    def propose(self, target: Target, tree: Snapshot, lessons: Sequence[Lesson]) -> Iterator[Candidate]:
        """Yield what the other proposer does, without what is ruled out; where a change stands, it alone."""
        name = str(target.function)
        about = self._criticised.get(name)
        if about is None:
            yield from self._proposer.propose(target, tree, lessons)
            return
        standing = about.resumed(target, tree.commit)
        if standing is not None:
            yield standing
            return
        restraints = Restraints.of((*lessons, *about.banned))
        for candidate in self._proposer.propose(target, tree, (*lessons, *about.banned)):
            why = _why_not(candidate, about, restraints)
            if why:
                self._left_out.setdefault(name, Counter())[why] += 1
            else:
                yield candidate


def _why_not(candidate: Candidate, about: Criticised, restraints: Restraints) -> str:
    if refused(about, candidate):
        return _SAME
    python = (one for one in candidate.edits.changes if one.path.endswith(".py"))
    if restraints.refuses(candidate) or any(any(banned(one, restraints)) for one in python):
        return _RULED_OUT
    return ""
