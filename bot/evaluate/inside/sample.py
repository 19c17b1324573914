"""Which of a function's calls are kept: different ones, from different callers, of different sizes, within bounds."""

from __future__ import annotations

import collections
import hashlib
import itertools
import re
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple

from . import pickling

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_EACH = 16
_INNER = 6


class Kept:
    """One kept call: the pickle of (args, kwargs), where it came from, and the bucket in which it competes.

    `recipe` tells how the object that it was called on can be made again, if that is known.
    """

    def __init__(self, data: bytes, origin: str, bucket: Tuple[Any, ...], recipe: Optional[bytes]) -> None:
        self.data = data
        self.recipe = recipe
        self.origin = origin
        self.bucket = bucket


class Sample:
    """Collects pickled calls; `origin` is set from outside to what is being run, a benchmark or a test."""

    def __init__(
        self, call_bytes: int, total_bytes: int, seconds: float, recipe: Callable[[Any], Optional[bytes]]
    ) -> None:
        self._recipe = recipe
        self.origin = ""
        self.calls = 0
        self.kept: List[Kept] = []
        self.refused: Dict[str, int] = collections.Counter()
        self._call_bytes = call_bytes
        self._left = total_bytes
        self._seconds = seconds
        self._met: Dict[Any, int] = {}
        self._digests: Set[bytes] = set()
        self._inner = 0

    def wants(self, caller: Any, depth: int) -> bool:
        """Say, cheaply, whether this call should be offered: the first few of each caller, then ever fewer."""
        self.calls += 1
        if depth:
            if self._inner >= _INNER or self.calls & (self.calls - 1):
                return False
            self._inner += 1
            return self._seconds > 0
        key = (self.origin, caller)
        count = self._met.get(key, 0) + 1
        self._met[key] = count
        return (count <= _EACH or not count & (count - 1)) and self._seconds > 0

    def offer(self, args: Tuple[Any, ...], kwargs: Dict[str, Any], caller: Any) -> None:
        """Pickle the arguments of a call that is about to be made, and keep them if they are new."""
        started = time.perf_counter()
        data = self._pickled(args, kwargs)
        if data is not None:
            digest = hashlib.sha256(data).digest()
            if digest not in self._digests:
                self._digests.add(digest)
                self._left -= len(data)
                bucket = (getattr(caller, "co_name", ""), len(data).bit_length() // 2)
                recipe = self._recipe(args[0]) if args else None
                self.kept.append(Kept(data, self.origin, bucket, recipe))
        self._seconds -= time.perf_counter() - started

    def chosen(self, count: int) -> Iterator[Kept]:
        """Yield at most `count` of the kept calls, taking turns between buckets."""
        buckets: Dict[Any, List[Kept]] = {}
        for one in self.kept:
            buckets.setdefault(one.bucket, []).append(one)
        turns = itertools.chain.from_iterable(itertools.zip_longest(*buckets.values()))
        return itertools.islice((one for one in turns if one is not None), count)

    def _pickled(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Optional[bytes]:
        if self._left <= 0:
            self.refused["the sample is full"] += 1
            return None
        try:
            return pickling.dumps((args, kwargs), min(self._call_bytes, self._left))
        except pickling.TooManyBytes:
            self.refused[f"the arguments have more than {self._call_bytes >> 20} MB"] += 1
        except RecursionError:
            self.refused["the arguments are nested too deeply to be copied"] += 1
        except Exception as error:
            self.refused[_reason(error)] += 1
        return None


def _reason(error: Exception) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    return _ADDRESS.sub("0x...", f"the arguments cannot be copied ({type(error).__name__}: {text})")[:240]
