"""The parts of a prompt's code under a budget of tokens: the most telling first, equal input giving equal bytes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.code import Span
from bot.domain.conversation import count

_FRAME = 40
"""Tokens of the two lines around a part."""


class Kind(StrEnum):
    """What a part is, in the order in which parts are taken."""

    TARGET = "the function"
    IMPORTS = "imports of its file"
    CLASS = "its class"
    CONSTANTS = "names that it uses"
    CALLEE = "it calls this"
    TYPE = "a type that it names"
    CALLER = "a place that calls it"
    BENCHMARK = "the benchmark"
    TEST = "a test that names it"
    HEAD = "the head of its file"


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of one file; `short` is a smaller version for when room is scarce, "" where there is none.

    Only lines of a `writable` part may be changed, and these stand exactly as in the file.
    """

    kind: Kind
    span: Span
    text: str
    writable: bool = False
    short: str = ""

    @property
    def tokens(self) -> int:
        """The estimated tokens with the frame."""
        return count(self.text) + _FRAME


@dataclass(frozen=True, slots=True)
class Slice:
    """What is shown, in its order, and what there was no room for."""

    parts: tuple[Part, ...]
    left_out: tuple[Part, ...]

    @property
    def tokens(self) -> int:
        """The estimated tokens of all parts."""
        return sum(one.tokens for one in self.parts)

    @property
    def writable(self) -> tuple[Span, ...]:
        """The lines that may be changed."""
        return tuple(one.span for one in self.parts if one.writable)


def fit(parts: Iterable[Part], budget: int) -> Slice:
    """Take parts in their order as long as there is room: whole, else shortened, else not at all.

    A part inside one that is already taken is dropped; nothing is shown twice.
    """
    taken: list[Part] = []
    left_out: list[Part] = []
    room = budget
    for part in parts:
        if any(_inside(part.span, one.span) for one in taken):
            continue
        small = replace(part, text=part.short) if part.short else part
        fitting = next((one for one in (part, small) if one.tokens <= room), None)
        if fitting is None:
            left_out.append(part)
        else:
            taken.append(fitting)
            room -= fitting.tokens
    return Slice(tuple(taken), tuple(left_out))


def _inside(one: Span, other: Span) -> bool:
    return one.path == other.path and other.start <= one.start and one.end <= other.end
