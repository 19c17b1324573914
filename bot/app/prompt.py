"""The story of `hotlap prompt`: a name in, exactly what a language model would be told about that function out."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.code import Snapshot, Target
from bot.domain.errors import Refused
from bot.domain.job import Project
from bot.localize.index import Index
from bot.localize.select import select
from bot.ports import Store
from bot.propose.llm.prompt import Prompt, Prompts


class Shop(Protocol):
    """What this story needs of a workshop."""

    project: Project

    def targets(self, tree: Snapshot, wanted: Sequence[str] = ()) -> tuple[Target, ...]:
        """Return the wanted functions with what the benchmarks show of them."""


def shown(shop: Shop, store: Store, tree: Snapshot, wanted: str, prompts: Prompts, *, profile: bool) -> Prompt:
    """Return the first prompt about the one function that `wanted` names; Refused where it names another number.

    Without `profile`, or without a benchmark that can be profiled, no code is run and no shares are told.
    """
    if profile and shop.project.python_sources:
        found = shop.targets(tree, [wanted])
    else:
        found = tuple(Target(one) for one in select(Index(tree), [wanted]))
    if len(found) != 1:
        names = ", ".join(str(one.function) for one in found[:5])
        raise Refused(f"{wanted!r} names {len(found)} functions ({names}): say which one")
    return prompts.write(found[0], tree, store.lessons())
