"""Sampling profilers' JSON: pyinstrument's tree, and speedscope's stacks, which py-spy can write too."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.errors import Refused
from bot.localize.frames import Frames
from bot.localize.stacks import BenchmarkProfile, Frame

DEEPEST = 3000
MOST_FRAMES = 5_000_000
"""Of all stacks together: a profile with many deep ones says in megabytes what takes gigabytes to hold."""
LARGEST = 10**15
OWN = "[self]"
Stacks = dict[tuple[Frame, ...], float]


def read(text: str, frames: Frames, name: str) -> BenchmarkProfile:
    """Read pyinstrument's or speedscope's JSON; Refused for anything else."""
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        sentence = f"{name} is no whole JSON: {error}"
        raise Refused(sentence) from error
    try:
        if "root_frame" in raw:
            stacks, samples = _tree(raw["root_frame"], frames), _whole(raw.get("sample_count"))
        elif "shared" in raw and "profiles" in raw:
            stacks = _speedscope(raw, frames)
            samples = sum(len(one.get("samples", one.get("events", ()))) for one in raw["profiles"])
        else:
            sentence = f"{name} is JSON, but neither of pyinstrument nor of speedscope"
            raise Refused(sentence)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        sentence = f"{name} does not hold what a profile of its kind holds ({type(error).__name__}: {error})"
        raise Refused(sentence) from error
    return BenchmarkProfile(name, stacks, samples=max(samples, len(stacks)))


def _tree(root: Any, frames: Frames) -> Stacks:
    """Return the stacks of a tree of frames with inclusive times: a frame's own is what its children leave."""
    stacks: Stacks = {}
    held = 0
    rest: list[tuple[Any, tuple[Frame, ...]]] = [(root, ())] if root else []
    while rest:
        node, outer = rest.pop()
        chain = outer
        if node["function"] != OWN and len(outer) < DEEPEST:
            frame = frames.place(
                str(node["function"]), str(node["file_path"] or ""), _whole(node["line_no"]), exact=True
            )
            chain = (*outer, frame)
        children = node.get("children") or []
        own = float(node["time"]) - sum(float(one["time"]) for one in children)
        if own > 0:
            held = _held(held, chain, stacks)
            stacks[chain] = stacks.get(chain, 0.0) + own
        rest += [(one, chain) for one in children]
    return stacks


def _speedscope(raw: Any, frames: Frames) -> Stacks:
    known = [_frame(one, frames) for one in raw["shared"]["frames"]]
    weights: dict[tuple[int, ...], float] = {}
    held = 0
    for profile in raw["profiles"]:
        for places, weight in _sampled(profile) if profile["type"] == "sampled" else _evented(profile):
            if weight > 0:
                held = _held(held, places, weights)
                weights[places] = weights.get(places, 0.0) + weight
    stacks: Stacks = {}
    for places, weight in weights.items():
        stack = tuple(known[_place(one)] for one in places)
        stacks[stack] = stacks.get(stack, 0.0) + weight
    return stacks


def _held(before: int, stack: tuple[Any, ...], stacks: Mapping[tuple[Any, ...], float]) -> int:
    """Return how many frames all stacks have with this one; ValueError where they are too many."""
    held = before if stack in stacks else before + len(stack)
    if held > MOST_FRAMES:
        message = f"its stacks have more than {MOST_FRAMES:,} frames in all"
        raise ValueError(message)
    return held


def _whole(raw: Any) -> int:
    """Return a count or a line; 0 where there is none, ValueError or OverflowError for one that no file has."""
    value = float(raw or 0)
    if not -LARGEST <= value <= LARGEST:
        message = f"{value} is no count or line"
        raise ValueError(message)
    return int(value)


def _place(raw: Any) -> int:
    if not isinstance(raw, int) or raw < 0:
        message = f"{raw!r} is no frame"
        raise ValueError(message)
    return raw


def _frame(raw: Any, frames: Frames) -> Frame:
    name, file = str(raw["name"]), raw.get("file")
    return frames.place(name, str(file), _whole(raw.get("line"))) if file else frames.symbol(name)


def _sampled(profile: Any) -> Iterator[tuple[tuple[int, ...], float]]:
    for one, weight in zip(profile["samples"], profile["weights"], strict=True):
        yield tuple(one), float(weight)


def _evented(profile: Any) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield the stacks between two events, each an opening or closing of a frame."""
    stack: list[int] = []
    before = float(profile.get("startValue", 0))
    for event in profile["events"]:
        at = float(event["at"])
        if stack:
            yield tuple(stack), at - before
        before = at
        if event["type"] == "O":
            stack.append(event["frame"])
            if len(stack) > DEEPEST:
                message = f"more than {DEEPEST:,} frames are open at once"
                raise ValueError(message)
        elif stack.pop() != event["frame"]:
            message = "frames are closed in another order than they were opened"
            raise ValueError(message)
