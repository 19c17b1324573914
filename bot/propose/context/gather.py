"""From a target to the slice that a model is shown: parts in a fixed order, cleaned of what must not leave."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.domain.code import Snapshot, Span, Target
from bot.domain.errors import Refused
from bot.propose.context.denied import denied, unhidden
from bot.propose.context.python import surroundings
from bot.propose.context.slice import Kind, Part, Slice, fit
from bot.propose.context.source import DEFINITIONS, Definition, Source, Sources, named

_MOST_TESTS = 4
_MOST_BENCHMARKS = 2
_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$|(^|/)tests?/")
_HEAD = 60


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Makes slices of at most `budget` tokens; `redact` takes secrets out of text."""

    redact: Callable[[str], str]
    budget: int

    def slice(self, target: Target, tree: Snapshot) -> Slice:
        """Return what a model is shown of `target`; Refused where the function itself must not or cannot be shown."""
        sources = Sources(tree)
        own = self._target(target, sources)
        if own.tokens > self.budget:
            raise Refused(
                f"{target.function} alone has about {own.tokens:,} tokens, "
                f"and HOTLAP_MODEL_CONTEXT_TOKENS is {self.budget:,}"
            )
        return fit((own, *self._others(target, sources)), self.budget)

    def _target(self, target: Target, sources: Sources) -> Part:
        span = target.function.span
        source = None if denied(span.path) else sources.get(span.path)
        if source is None:
            raise Refused(
                f"{span.path} is not shown to a model: it is not text, too large, or of a kind that holds secrets"
            )
        part = Part(Kind.TARGET, span, source.text(span.start, span.end), writable=True)
        if self._clean(part).text != part.text:
            raise Refused(
                f"{target.function} is not shown to a model: it holds what looks like a credential, "
                "or characters that nobody sees"
            )
        return part

    def _others(self, target: Target, sources: Sources) -> Iterator[Part]:
        for part in self._raw(target, sources):
            clean = self._clean(part)
            # What is not shown as it stands in the file cannot be searched for there.
            yield replace(clean, writable=part.writable and clean.text == part.text)

    def _raw(self, target: Target, sources: Sources) -> Iterator[Part]:
        around = surroundings(sources, target.function)
        if around is None:
            yield from _head(target, sources)
        else:
            yield from around.imports()
            yield from around.enclosing()
            yield from around.constants()
            yield from around.callees()
            yield from around.types()
            yield from around.callers()
        yield from _benchmarks(target, sources)
        yield from _tests(target, sources)

    def _clean(self, part: Part) -> Part:
        return replace(part, text=self.redact(unhidden(part.text)), short=self.redact(unhidden(part.short)))


def _head(target: Target, sources: Sources) -> Iterator[Part]:
    """Yield the first lines of a file whose syntax is not known here: its imports and declarations."""
    source = sources.get(target.function.path)
    end = min(_HEAD, target.function.span.start - 1)
    if source is not None and end > 0:
        yield Part(Kind.HEAD, Span(source.path, 1, end), source.text(1, end))


def _benchmarks(target: Target, sources: Sources) -> Iterator[Part]:
    for name in target.benchmarks[:_MOST_BENCHMARKS]:
        path, _, inner = name.partition("::")
        source = sources.get(path)
        function = re.split(r"[.\[(:]", inner)[-1 if "[" not in inner else 0]
        node = named(source.module.body, function) if source is not None and source.module is not None else None
        if source is not None and node is not None:
            yield _whole(Kind.BENCHMARK, source, node)


def _tests(target: Target, sources: Sources) -> Iterator[Part]:
    name, given = target.function.qualname.rpartition(".")[2], 0
    for source in sources.naming(name, 20):
        if not _TEST.search(source.path) or source.module is None:
            continue
        for node in ast.walk(source.module):
            if isinstance(node, DEFINITIONS) and not isinstance(node, ast.ClassDef) and _names(node, name):
                if given == _MOST_TESTS:
                    return
                given += 1
                yield _whole(Kind.TEST, source, node)


def _names(node: Definition, name: str) -> bool:
    words = {getattr(one, "id", None) or getattr(one, "attr", None) for one in ast.walk(node)}
    return node.name.startswith("test") and name in words


def _whole(kind: Kind, source: Source, node: Definition) -> Part:
    span = source.span(node)
    return Part(kind, span, source.text(span.start, span.end))
