"""After a run: what it found and did not take is remembered, for the sweep and the dashboard."""

from collections.abc import Mapping, Sequence

from bot.domain.code import Snapshot
from bot.domain.lesson import Lesson
from bot.domain.restraint import Restraints
from bot.domain.suggestion import Suggestion, SuggestionState
from bot.learn.patterns import edit_patterns, joined, members_of
from bot.learn.suggestions import Seen, settled, suggested
from bot.localize.index import Index
from bot.ports.store import Memory


def remember(seen: Seen, tree: Snapshot, lessons: Sequence[Lesson], memory: Memory) -> tuple[Suggestion, ...]:
    """Keep the opportunities and the shapes of edits of a run, settle what is none any more; return the open ones.

    `tree` is what the run left: a function that is not in it is gone.
    """
    restraints = Restraints.of(lessons)
    known = memory.suggestions()
    memory.keep_suggestions(settled(known, seen, restraints, _functions(tree, known)))
    memory.keep_patterns(joined(memory.patterns(), edit_patterns(members_of(seen.attempts, seen.at), least=1)))
    memory.keep_suggestions(suggested(seen, memory.patterns(), restraints))
    return tuple(one for one in memory.suggestions() if one.state is SuggestionState.OPEN)


def urgency(seen: Seen, lessons: Sequence[Lesson], memory: Memory) -> Mapping[str, float]:
    """Return how urgent each function of a ranking is, 0 to 1: less so where changes of it were refused before."""
    fresh = suggested(seen, memory.patterns(), Restraints.of(lessons))
    known = {one.id: one.priority for one in memory.suggestions() if one.state is SuggestionState.OPEN}
    return {one.target: min(one.priority, known.get(one.id, one.priority)) for one in fresh}


def _functions(tree: Snapshot, known: Sequence[Suggestion]) -> frozenset[str]:
    """Return the functions of those files that suggestions are about."""
    index = Index(tree)
    paths = {one.target.partition("::")[0] for one in known} & tree.files.keys()
    return frozenset(str(function) for path in paths for function in index.functions(path))
