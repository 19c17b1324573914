"""Runs the rules over one function and turns every rewritten module into a candidate: no model, no cost."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from bot.domain.code import Snapshot, Target
from bot.domain.errors import EditError
from bot.domain.job import Candidate
from bot.domain.lesson import Lesson
from bot.propose.edits import engine, render
from bot.propose.rules.catalogue import POLISH
from bot.propose.rules.locate import definitions, locate
from bot.propose.rules.rule import Rewrite, Rule, Source

log = logging.getLogger(__name__)

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A function after one or more rules: the names of the rules, their sentences and their labels."""

    source: Source
    names: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The source of the module."""
        return self.source.module.code


class RuleProposer:
    """Implements `ports.Proposer` with rewrite rules; `fixes` are rules that stay out of the combined candidate."""

    name = "rules"

    def __init__(self, rules: Sequence[Rule], fixes: Sequence[Rule] = (), protected: Sequence[str] = ()) -> None:
        self._rules = tuple(rules)
        self._fixes = tuple(fixes)
        self._protected = tuple(protected)

    def propose(self, target: Target, tree: Snapshot, lessons: Sequence[Lesson]) -> Iterator[Candidate]:  # noqa: ARG002
        """Yield what changes the amount of work, together and alone, then what polishes; equal results come once."""
        try:
            yield from self._candidates(target, tree)
        except RecursionError:
            log.info("no more candidates: %s is nested too deeply", target.function.path)

    def _candidates(self, target: Target, tree: Snapshot) -> Iterator[Candidate]:
        source = locate(target, tree)
        if source is None:
            return
        seen = {source.module.code}
        for found in self._found(source):
            candidate = self._candidate(target, source, found) if found.text not in seen else None
            seen.add(found.text)
            if candidate is not None:
                yield candidate

    def _found(self, source: Source) -> Iterator[Rewritten]:
        growth = tuple(rule for rule in self._rules if rule.name not in POLISH)
        polish = (*(rule for rule in self._rules if rule.name in POLISH), *self._fixes)
        combined = self._combined(source, growth)
        yield combined
        yield from _alone(source, growth)
        # One rule that does not hold here spoils the combination: the rest of it is worth a try without that one.
        for name in dict.fromkeys(combined.names if len(set(combined.names)) > 2 else ()):
            yield self._combined(source, growth, without=name)
        yield from _alone(source, polish)
        yield self._combined(source, self._rules)

    def _combined(self, source: Source, rules: Sequence[Rule], without: str = "") -> Rewritten:
        """Apply every rule until it finds no more, in the order of the catalogue; side conditions stay out."""
        state = Rewritten(source)
        for rule in rules:
            state = state if rule.name == without else exhaust(state, rule)
        return state

    def _candidate(self, target: Target, source: Source, found: Rewritten) -> Candidate | None:
        """Return the candidate; None, with the reason logged, where the file must not be edited like this."""
        try:
            reply = render.blocks(source.path, source.module.code, found.text)
            edits = engine.edit_set(reply, source.tree, spans=(target.function.span,), protected=self._protected)
        except EditError as error:
            log.info("no candidate from %s for %s: %s", "+".join(found.names), target.function, error)
            return None
        return Candidate(
            edits=edits,
            base=source.tree.commit,
            rationale=" ".join(dict.fromkeys(found.why)),
            proposer="rules/" + "+".join(dict.fromkeys(found.names)),
            target=target,
            labels=found.labels,
            polish=not POLISH.isdisjoint(found.names),
        )


def _alone(source: Source, rules: Sequence[Rule]) -> Iterator[Rewritten]:
    """Yield what each rule finds by itself: as often as it can, then each place."""
    for rule in rules:
        found = rewrites(rule, source)
        if len(found) > 1:
            yield exhaust(Rewritten(source), rule)
        for rewrite in found:
            yield after(Rewritten(source), rule, rewrite)


def rewrites(rule: Rule, source: Source) -> tuple[Rewrite, ...]:
    """Return what one rule finds; a rule that fails on unforeseen code proposes nothing, and the log says why.

    This is where the boundary around each candidate begins: one rule's mistake must not end a run on other functions.
    """
    try:
        return tuple(rule.rewrites(source))
    except RecursionError:
        raise
    except Exception:
        log.exception("rule %s failed on %s::%s", rule.name, source.path, source.qualname)
        return ()


def after(state: Rewritten, rule: Rule, rewrite: Rewrite) -> Rewritten:
    """Return the state with one rewrite made; the module is parsed anew, so that no node stands in it twice."""
    module = cst.parse_module(rewrite.module.code)
    same_name = definitions(state.source.module, state.source.qualname)
    place = next(index for index, node in enumerate(same_name) if node is state.source.function)
    function = definitions(module, state.source.qualname)[place]
    return Rewritten(
        replace(state.source, module=module, function=function),
        (*state.names, rule.name),
        (*state.why, rewrite.why),
        state.labels | rewrite.labels,
    )


def exhaust(state: Rewritten, rule: Rule, rounds: int = ROUNDS) -> Rewritten:
    """Apply one rule's first rewrite without side conditions again and again, up to `rounds` times."""
    for _ in range(rounds):
        free = (rewrite for rewrite in rewrites(rule, state.source) if not rewrite.labels)
        rewrite = next(free, None)
        if rewrite is None or rewrite.module.code == state.text:
            break
        state = after(state, rule, rewrite)
    return state
