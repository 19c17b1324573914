"""Counts what one call allocates: bytes by tracemalloc, and by type the objects that are alive when it returns.

Tracing makes a call several times slower, so that this is never done in a process whose calls are timed.
"""

import gc
import sys
import tracemalloc
import types

MOST_TYPES = 12


def of_call(thunk, finish):
    """Return the figures of one call; `finish` reads an answer to its end, as the timed part does."""
    gc.collect()
    gc.disable()
    try:
        # The list keeps what is there alive, so that no new object gets an old identity.
        before = gc.get_objects()
        known = {id(one) for one in before}
        known.update(id(leaf) for one in before for leaf in gc.get_referents(one))
        tracemalloc.start(1)
        try:
            blocks = sys.getallocatedblocks()
            answer = finish(thunk())
            blocks = sys.getallocatedblocks() - blocks
            kept, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        after = gc.get_objects()  # here, before anything of ours is made
        found = _by_type(_new([*after, answer], known, {id(one) for one in (before, known, after)}))
        return {"peak": peak, "kept": max(kept, 0), "blocks": max(blocks, 0), "types": found}
    finally:
        gc.enable()


def _new(todo, known, skip):
    """Return the objects of `todo`, and what is reachable from them, that were not there before."""
    found = {}
    while todo:
        one = todo.pop()
        if id(one) in known or id(one) in skip or id(one) in found or type(one) is types.FrameType:
            continue
        found[id(one)] = one
        todo.extend(gc.get_referents(one))
    return list(found.values())


def _by_type(objects):
    totals = {}  # type: dict[type, list[int]]
    for one in objects:
        count = totals.setdefault(type(one), [0, 0])
        count[0] += 1
        count[1] += _size(one)
    order = sorted(totals.items(), key=lambda item: -item[1][1])[:MOST_TYPES]
    return [{"name": _name(kind), "count": count, "size": size} for kind, (count, size) in order]


def _size(one):
    try:
        return sys.getsizeof(one)
    except Exception:
        return 0  # a __sizeof__ of the target's own


def _name(kind):
    module = getattr(kind, "__module__", "builtins")
    return kind.__qualname__ if module == "builtins" else "%s.%s" % (module, kind.__qualname__)
