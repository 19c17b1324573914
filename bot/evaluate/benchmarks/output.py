"""The output of tools: text that a benchmark may have written into, and names as the tools' own filters take them."""

import math
import re
from collections.abc import Iterable

from bot.evaluate.benchmarks.program import Reading

_MOST = 16 << 20
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_SPECIAL = re.compile(r"[\\.+*?()|\[{^$]")


def text(output: bytes) -> str:
    """Return what a tool printed as text without colours; ValueError where it is over 16 MiB."""
    if len(output) > _MOST:
        raise ValueError(f"it printed {len(output)} bytes")
    return _ESCAPE.sub("", output.decode("utf-8", "replace"))


def named(names: Iterable[str]) -> tuple[str, ...]:
    """Return `names` in their order, each once, without those that cannot be printed."""
    return tuple(dict.fromkeys(name for name in names if name and name.isprintable()))


def literal(name: str) -> str:
    """Return a regular expression for exactly `name`, as Go, Java, Rust, ECMAScript and POSIX (extended) read it.

    `]` and `}` stand for themselves in all of them, and POSIX forbids to escape them.
    """
    return "^" + _SPECIAL.sub(r"\\\g<0>", name) + "$"


def some(found: dict[str, Reading]) -> dict[str, Reading]:
    """Return `found`; ValueError where it is empty, as each of these tools gives a figure in every run."""
    if not found:
        raise ValueError("there is none in the output")
    return found


def add(found: dict[str, Reading], name: str, seconds: float, iterations: int) -> None:
    """Note one figure; ValueError where it is no time, or where there is one of that name already."""
    if name in found:
        raise ValueError(f"there are two figures for {name}: does the code under test print one?")
    if not (math.isfinite(seconds) and seconds > 0 and iterations > 0):
        raise ValueError(f"the figure for {name} is not a time")
    found[name] = Reading(seconds, iterations)
