"""The fixes of a linter's performance rules as one more source of rewrites, cut down to the target function."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from bot.propose.rules.rule import Rewrite, Source

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("PERF", ("PERF",)),
    ("C4", ("C4",)),
    (
        "FURB",
        (
            "FURB110", "FURB113", "FURB116", "FURB118", "FURB122", "FURB129", "FURB131", "FURB132", "FURB136",
            "FURB140", "FURB142", "FURB145", "FURB148", "FURB156", "FURB161", "FURB166", "FURB171", "FURB187",
            "FURB188", "FURB192",
        ),
    ),
    ("SIM", ("SIM101", "SIM109", "SIM110", "SIM118", "SIM401", "SIM905", "SIM910", "SIM911")),
)  # fmt: skip


class Fixer(Protocol):
    """A linter that rewrites text."""

    def fix(self, path: str, text: str, families: Sequence[str]) -> str:
        """Return `text` with the fixes of these rules; the same text where there are none or the linter failed."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines `start`..`stop` (0-based, half-open) of the old text and what stands there in the new one."""

    start: int
    stop: int
    lines: tuple[str, ...]

    @property
    def imports(self) -> bool:
        """Say whether it only adds import lines."""
        added = [line for line in self.lines if line.strip()]
        return self.start == self.stop and bool(added) and all(re.match(r"(import|from) ", line) for line in added)


class LinterFixes:
    """What ruff's PERF, C4, FURB and SIM rules would change in the function."""

    name = "linter-fixes"
    precondition = (
        "The linter offers the fix, its unsafe ones included: that they keep behaviour is for the judge to find out. "
        "Changes outside of the function are dropped, but for imports that a change inside needs."
    )

    def __init__(self, fixer: Fixer) -> None:
        self._fixer = fixer

    def rewrites(self, source: Source) -> Iterator[Rewrite]:
        """Yield for each family all of its changes together, then each hunk that can stand alone."""
        text = source.module.code
        first, last = _lines(source)
        for family, rules in FAMILIES:
            fixed = self._fixer.fix(source.path, text, rules)
            hunks = _hunks(text, fixed)
            inside = [one for one in hunks if first <= one.start and one.stop <= last and one.start != one.stop]
            imports = [one for one in hunks if one.imports and not first <= one.start < last]
            groups = [inside] if inside else []
            if len(inside) > 1:
                groups += [[one] for one in inside if one.lines]
            for group in groups:
                module = _applied(text, group, imports)
                if module is not None:
                    yield Rewrite(module, f"A fix of the linter's {family} rules.")


def _lines(source: Source) -> tuple[int, int]:
    """Return the function's lines, decorators included, 0-based and half-open."""
    places = MetadataWrapper(source.module, unsafe_skip_copy=True).resolve(PositionProvider)
    nodes: list[cst.CSTNode] = [source.function, *source.function.decorators]
    spans = [place for node in nodes if isinstance(place := places[node], CodeRange)]
    return min(one.start.line for one in spans) - 1, max(one.end.line for one in spans)


def _hunks(old: str, new: str) -> list[Hunk]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [Hunk(a, b, tuple(after[c:d])) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def _applied(text: str, hunks: Sequence[Hunk], imports: Sequence[Hunk]) -> cst.Module | None:
    added = "".join(line for hunk in hunks for line in hunk.lines)
    needed = [one for one in imports if set(re.findall(r"\w+", "".join(one.lines))) & set(re.findall(r"\w+", added))]
    lines = text.splitlines(keepends=True)
    for hunk in sorted([*hunks, *needed], key=lambda one: one.start, reverse=True):
        lines[hunk.start : hunk.stop] = hunk.lines
    try:
        return cst.parse_module("".join(lines))
    except cst.ParserSyntaxError:
        return None
