"""What a rewrite rule is: a function of one parsed module and one function in it, yielding rewritten modules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import libcst as cst

from bot.domain.code import Snapshot


@dataclass(frozen=True, slots=True)
class Source:
    """The function that a rule may rewrite, in its module.

    `module` is the parsed file at `path`; `function` is a node of `module` (identity holds); `qualname` is
    dotted without `<locals>`. `tree` is the whole repository, for preconditions that reach further than a file.
    """

    path: str
    module: cst.Module
    function: cst.FunctionDef
    qualname: str
    tree: Snapshot


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A rewritten module, one sentence on what changed and why it should pay, and side conditions."""

    module: cst.Module
    why: str
    labels: frozenset[str] = field(default_factory=frozenset)


class Rule(Protocol):
    """One general rewrite.

    `name` is stable and kebab-case. `precondition` is the sentence under which the rewrite keeps behaviour: what
    the rule checks, and what it leaves to the judge.
    """

    name: str
    precondition: str

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield rewrites of `source.function`; nothing where the precondition does not hold."""
