"""Collapsed stacks: one line each, "outer;inner count", as py-spy, stackcollapse-perf and async-profiler write them."""

import re

from bot.domain.errors import Refused
from bot.localize.frames import Frames
from bot.localize.stacks import BenchmarkProfile, Frame

FOLDED = re.compile(r"^(?P<stack>\S.*?)\s+(?P<count>\d{1,18})$")
FRAME = re.compile(r"^(?P<name>.+?) \((?P<file>[^()]*?)(?::(?P<line>\d{1,9}))?\)$")
LIKELY_FILE = re.compile(r"[./<\\]")


def read(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    """Read collapsed stacks; Refused, with the line, for anything else."""
    stacks: dict[tuple[Frame, ...], float] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            stack, count = _line(line.strip(), number, name, frames)
            stacks[stack] = stacks.get(stack, 0.0) + count
    return BenchmarkProfile(name, stacks, samples=int(sum(stacks.values())))


def _line(line: str, number: int, name: str, frames: Frames) -> tuple[tuple[Frame, ...], int]:
    found = FOLDED.match(line)
    if found is None:
        sentence = f'{name}:{number}: expected collapsed stacks, "name (file:line);name (file:line) count"'
        raise Refused(sentence)
    return tuple(_frame(one.strip(), frames) for one in found["stack"].split(";")), int(found["count"])


def _frame(text: str, frames: Frames) -> Frame:
    found = FRAME.match(text)
    if found is None or not (found["line"] or LIKELY_FILE.search(found["file"])):
        return frames.symbol(text)
    return frames.place(found["name"], found["file"], int(found["line"] or 0))
