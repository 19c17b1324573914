"""Which edit format a model is asked for: blocks, until its own record says that it cannot keep to them."""

from enum import StrEnum
from typing import Protocol

_ENOUGH = 6
_WELL_FORMED = 0.7


class Format(StrEnum):
    """How a reply says what to change; docs/models.md."""

    BLOCKS = "blocks"
    FUNCTION = "function"


class Record(Protocol):
    """What is known of models and formats."""

    def add(self, model: str, form: str, *, good: bool) -> None:
        """Remember whether a first reply could be applied."""

    def outcomes(self, model: str, form: str) -> tuple[bool, ...]:
        """Return the last outcomes, oldest first."""


def choose(record: Record, model: str, language: str) -> Format:
    """Return the format for a model's next first reply.

    Blocks are the smaller reply and the only one for languages whose functions are not parsed here. A model of which
    fewer than 70% of at least six first replies in blocks could be applied is asked for whole functions.
    """
    seen = record.outcomes(model, Format.BLOCKS)
    weak = len(seen) >= _ENOUGH and sum(seen) < _WELL_FORMED * len(seen)
    return Format.FUNCTION if weak and language == "python" else Format.BLOCKS
