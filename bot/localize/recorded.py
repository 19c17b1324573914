"""Profiles that somebody else recorded: which kind a file is, and what is in it as a profile of a tree."""

import math
import re

from bot.domain.errors import Refused
from bot.localize import collapsed, cprofile, native, samples
from bot.localize.frames import Frames
from bot.localize.index import Index
from bot.localize.stacks import BenchmarkProfile, Profile

MOST_BYTES = 200_000_000
CPROFILE_TABLE = re.compile(
    r"^\s+ncalls\s+tottime\s+percall\s+cumtime\s+percall\s+filename:lineno\(function\)\s*$", re.MULTILINE
)
NO_CALLERS = "{} lists functions without their callers: time in libraries is not attributed to who calls them"


def read_profile(data: bytes, index: Index, *, name: str = "profile") -> Profile:
    """Read a recorded profile; Refused, in a sentence, for what is none.

    Known are cProfile's files and printed tables, pyinstrument's JSON, speedscope (py-spy, pyinstrument), collapsed
    stacks (py-spy's raw format, perf, async-profiler), `perf script`, and `go tool pprof` with -top or -traces. Files
    are matched to the tree by their path's end, symbols by their name with namespace, package or module.
    """
    if len(data) > MOST_BYTES:
        sentence = f"{name} has more than {MOST_BYTES // 1_000_000} MB"
        raise Refused(sentence)
    frames = Frames(index)
    found = _read(data, frames, name)
    weight = sum(found.stacks.values())
    if not math.isfinite(weight):
        sentence = f"{name} holds a weight that is no number or too large"
        raise Refused(sentence)
    if not weight:
        sentence = f"{name} holds no samples"
        raise Refused(sentence)
    notes = list(frames.notes(name))
    if found.totals:
        notes.append(NO_CALLERS.format(name))
    if not any(frame.path for stack in found.stacks for frame in stack):
        notes.append(f"{name} has no frame in this repository's files")
    return Profile((found,), tuple(notes))


def _read(data: bytes, frames: Frames, name: str) -> BenchmarkProfile:
    if data[:1] == b"\xfb" or (data[:1] == b"{" and data[1:2] not in (b'"', b" ", b"\n", b"\r", b"\t", b"}", b"")):
        return cprofile.read(data, frames, name)
    text = _text(data, name)
    if text.lstrip()[:1] == "{":
        return samples.read(text, frames, name)
    if CPROFILE_TABLE.search(text):
        return cprofile.read_table(text, frames, name)
    if native.is_pprof(text):
        return native.read_pprof(text, frames, name)
    if native.is_perf(text):
        return native.read_perf(text, frames, name)
    return collapsed.read(text, frames, name)


def _text(data: bytes, name: str) -> str:
    if data[:2] == b"\x1f\x8b":
        sentence = f"{name} is compressed: unpack it, or write Go's profiles as text (go tool pprof -traces)"
        raise Refused(sentence)
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        sentence = f"{name} is neither collapsed stacks nor any other text"
        raise Refused(sentence) from None
