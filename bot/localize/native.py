"""Profiles of compiled programs as text: `perf script`, and `go tool pprof -traces` or `-top`."""

import re
from collections.abc import Iterator

from bot.domain.errors import Refused
from bot.localize.frames import Frames
from bot.localize.stacks import BenchmarkProfile, Frame

PERF_FRAME = re.compile(r"^\s+(?P<at>[0-9a-f]+) (?P<symbol>.+?)(?:\+0x[0-9a-f]+)? \((?P<object>\S.*|)\)$")
PERF_LINE = re.compile(r"^\s+(?P<file>\S.*?):(?P<line>\d{1,9})$")
PERF_PERIOD = re.compile(r"\s(?P<period>\d+)\s+\S+:\s*$")
TRACE_BREAK = re.compile(r"^-{5,}\+-{5,}$")
TRACE_FIRST = re.compile(r"^\s*(?P<weight>[\d.]+)(?P<unit>[a-zA-Zµ]*)\s+(?P<symbol>\S.*)$")
TOP_HEAD = re.compile(r"^\s*flat\s+flat%\s+sum%\s+cum\s+cum%\s*$", re.MULTILINE)
TOP_ROW = re.compile(
    r"^\s*(?P<flat>[\d.]+)(?P<flat_unit>[a-zA-Zµ]*)\s+[\d.]+%\s+[\d.]+%\s+"
    r"(?P<cum>[\d.]+)(?P<cum_unit>[a-zA-Zµ]*)\s+[\d.]+%\s+(?P<symbol>\S.*)$"
)
TOP_TOTAL = re.compile(r"% of (?P<total>[\d.]+)(?P<unit>[a-zA-Zµ]*) total")
UNITS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "mins": 60.0, "hrs": 3600.0,
    "": 1.0, "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9,
}  # fmt: skip


def is_perf(text: str) -> bool:
    """Say whether a text is what `perf script` writes."""
    return any(PERF_FRAME.match(line) for line in text.split("\n", 200)[:200])


def is_pprof(text: str) -> bool:
    """Say whether a text is what `go tool pprof -top` or `-traces` writes."""
    return TOP_HEAD.search(text) is not None or any(TRACE_BREAK.match(one) for one in text.split("\n", 50)[:50])


def read_perf(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    """Read the samples of `perf script`, weighted by their periods; source lines are used where they are written."""
    stacks: dict[tuple[Frame, ...], float] = {}
    samples = 0
    for head, lines in _blocks(text):
        stack = tuple(reversed(_perf_stack(lines, frames)))
        if stack:
            samples += 1
            period = PERF_PERIOD.search(head)
            weight = float(period["period"]) if period is not None else 1.0
            stacks[stack] = stacks.get(stack, 0.0) + weight
    return BenchmarkProfile(name, stacks, samples=samples)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each sample's head and its frames' lines."""
    head, lines = "", list[str]()
    for line in text.split("\n"):
        if line[:1] in (" ", "\t"):
            lines.append(line.rstrip())
        elif line.strip() and not line.startswith("#"):
            yield head, lines
            head, lines = line, []
    yield head, lines


def _perf_stack(lines: list[str], frames: Frames) -> list[Frame]:
    """Return the frames of one sample, the innermost first."""
    stack: list[Frame] = []
    symbol = ""
    for line in lines:
        frame, source = PERF_FRAME.match(line), PERF_LINE.match(line)
        if frame is not None:
            symbol = frame["symbol"]
            stack.append(frames.symbol(symbol))
        elif source is not None and stack:
            placed = frames.place(symbol, source["file"], int(source["line"]))
            stack[-1] = placed if placed.path else stack[-1]
    return stack


def read_pprof(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    """Read Go's pprof as text; Refused where it has units that are not known."""
    try:
        return _top(text, frames, name) if TOP_HEAD.search(text) else _traces(text, frames, name)
    except (KeyError, ValueError) as error:
        sentence = f"{name} has a weight that cannot be read: {error}"
        raise Refused(sentence) from error


def _traces(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    stacks: dict[tuple[Frame, ...], float] = {}
    samples = 0
    for block in re.split(r"(?m)^-{5,}\+-{5,}$", text)[1:]:
        lines = [line for line in block.split("\n") if line.strip()]
        start = next((place for place, line in enumerate(lines) if TRACE_FIRST.match(line)), None)
        first = None if start is None else TRACE_FIRST.match(lines[start])
        if first is None or start is None:
            continue
        symbols = [first["symbol"], *(line.strip() for line in lines[start + 1 :])]
        stack = tuple(frames.symbol(one.removesuffix(" (inline)")) for one in reversed(symbols))
        stacks[stack] = stacks.get(stack, 0.0) + _weight(first["weight"], first["unit"])
        samples += 1
    return BenchmarkProfile(name, stacks, samples=samples)


def _top(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    """Read a list of functions with their own and their total weight; what the list leaves out is nobody's."""
    stacks: dict[tuple[Frame, ...], float] = {}
    totals: dict[Frame, float] = {}
    for row in filter(None, map(TOP_ROW.match, text.split("\n"))):
        frame = frames.symbol(row["symbol"].removesuffix(" (inline)"))
        stacks[frame,] = stacks.get((frame,), 0.0) + _weight(row["flat"], row["flat_unit"])
        if frame.path:
            totals[frame] = max(totals.get(frame, 0.0), _weight(row["cum"], row["cum_unit"]))
    total = TOP_TOTAL.search(text)
    shown = sum(stacks.values())
    whole = shown if total is None else _weight(total["total"], total["unit"])
    if whole > shown:
        rest = Frame("", 0, "(left out of the list)")
        stacks[rest,] = whole - shown
    return BenchmarkProfile(name, stacks, samples=len(stacks), totals=totals)


def _weight(number: str, unit: str) -> float:
    return float(number) * UNITS[unit]
