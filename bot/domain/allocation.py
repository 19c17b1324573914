"""What one call of a benchmark allocates, by type; counted apart from all timing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfType:
    """Objects of one type that a call made and that are alive when it returns, with their shallow bytes."""

    name: str
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """One call in one arm.

    `peak` and `kept` are bytes traced above the level before the call, at most and when it returns; `blocks` the
    blocks of memory that it leaves; `types` the types that hold most of `kept`, largest first. `reason` says why
    nothing was counted.
    """

    peak: int = 0
    kept: int = 0
    blocks: int = 0
    types: tuple[OfType, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Allocation:
    """One benchmark in both arms."""

    benchmark: str
    base: Allocated
    candidate: Allocated
