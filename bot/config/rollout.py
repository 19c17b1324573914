"""The keys under `rollout:`: how far the bot goes by itself, and for which kinds of change."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bot.config.section import Section
from bot.domain.kind import KINDS
from bot.domain.rollout import Phase
from bot.domain.rollout import Rollout as Value


def _phase(value: Any) -> Any:
    # YAML reads a bare `off` as false.
    return "off" if value is False else value


def _kinds(value: Any) -> Any:
    if isinstance(value, Mapping):
        for name in value:
            if name not in KINDS:
                raise ValueError(f"has no kind of change called '{name}'; there are {', '.join(KINDS)}")
    return {} if value is None else value


_Phase = Annotated[Literal["off", "observe", "suggest", "approve", "auto"], BeforeValidator(_phase)]


class Rollout(Section):
    """How far the bot goes by itself; of the whole section only what the default branch says counts."""

    phase: _Phase = Field(
        default="approve",
        description="'off' does nothing, 'observe' measures only, 'suggest' lists what it found, 'approve' opens merge "
        "requests, 'auto' merges those of the kinds that are set to 'auto' when their pipeline succeeded.",
    )
    kinds: Annotated[Mapping[str, _Phase], BeforeValidator(_kinds)] = Field(
        default_factory=dict,
        description="Kinds of change, such as cache or hoisting, that stop at an earlier phase, or that may go to "
        "'auto'; a kind never goes beyond the phase of the project.",
    )

    @property
    def value(self) -> Value:
        """The section as the rest of the program knows it."""
        return Value(Phase(self.phase), {kind: Phase(phase) for kind, phase in self.kinds.items()})
