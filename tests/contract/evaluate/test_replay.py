"""The replay gate with real processes: what each kind of change of behaviour looks like, and what honest ones do."""

import sys
import textwrap
from pathlib import Path

import pytest

import bot.evaluate.inside
from bot.adapters.sandbox.process import ProcessSandbox
from bot.domain.code import File, Snapshot
from bot.domain.job import Project
from bot.evaluate import plausibility
from bot.evaluate.replay import Replay, ReplaySettings
from bot.localize.index import Index

pytestmark = pytest.mark.slow

TOOLS = {path.name: path.read_bytes() for path in Path(bot.evaluate.inside.__file__).parent.glob("*.py")}
SETTINGS = ReplaySettings(captured=16, derived=40, edge=16, seconds=3.0, call_seconds=1.0)


def tree(module, tests, bench=""):
    files = {"shop.py": module, "tests/test_shop.py": tests, "benchmarks/bench_shop.py": bench}
    return Snapshot("", {path: File(textwrap.dedent(text).encode()) for path, text in files.items() if text})


class Case:
    """One base; `changed` replaces text in it and compares."""

    def __init__(self, module, tests, function, bench="", benchmarks=()) -> None:
        self.module = textwrap.dedent(module)
        self.base = tree(module, tests, bench)
        self.function = Index(self.base).named(f"shop.py::{function}")[0]
        project = Project(
            python=sys.executable,
            import_roots=("",),
            tests=("python", "-m", "pytest", "-q", "-p", "no:hypothesispytest", "-p", "no:xdist"),
            benchmark_sources=(("functions", "benchmarks/bench_shop.py"),) if bench else (),
        )
        self.replay = Replay(ProcessSandbox(TOOLS), project, SETTINGS)
        self.captured = self.replay.capture(self.base, self.function, benchmarks)

    def changed(self, old, new, seed=1):
        assert old in self.module
        source = self.module.replace(old, new).encode()
        candidate = Snapshot("", {**self.base.files, "shop.py": File(source)})
        return self.replay.compare(self.captured, self.base, candidate, seed)


PLAIN = '''
def pick(rows, limit=3):
    """Return the names of rows above a limit, in order."""
    if not isinstance(limit, int):
        raise TypeError(f"limit must be an int, not {type(limit).__name__}")
    if limit < 0:
        raise ValueError("limit must not be negative")
    found = []
    for name, value in rows:
        if value > limit:
            found.append(name)
    return found
'''
PLAIN_TESTS = """
from shop import pick

def test_pick():
    for size in (0, 1, 2, 3, 5, 7, 12, 16, 40):
        rows = [(f"n{number}", number) for number in range(size)]
        assert pick(rows) == [name for name, value in rows if value > 3]
    assert pick([("a", 5), ("b", 1)], limit=0) == ["a", "b"]
"""


@pytest.fixture(scope="module")
def plain():
    return Case(PLAIN, PLAIN_TESTS, "pick")


LOOP = """    found = []
    for name, value in rows:
        if value > limit:
            found.append(name)
    return found
"""


def test_an_honest_change_has_no_mismatch(plain):
    evidence = plain.changed(LOOP, "    return [name for name, value in rows if value > limit]\n")
    assert evidence.mismatches == evidence.edge_mismatches == ()
    assert evidence.captured >= 8, evidence
    assert evidence.derived >= 20
    assert evidence.uncaptured == ()
    assert evidence.nondeterministic == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('raise ValueError("limit must not be negative")', "pass", "instead of raising ValueError"),
        ("limit must not be negative", "limit is negative", "limit is negative"),
        ("    return found", "    return tuple(found)", "returns tuple"),
        ("    return found", "    rows.sort()\n    return found", "leaves its arguments in another state"),
        ("    return found", "    print('x' * 100_000_000)\n    return found", "standard output"),
        ("    return found", "    import random; random.random()\n    return found", "random state"),
        ("    return found", "    import os; os.environ['X'] = '1'\n    return found", "environment variables"),
        ("    return found", "    import os; os._exit(0)", "ends the process"),
        ("    return found", "    while True: pass", "does not end within its time limit"),
        ("def pick", "def chosen", "cannot be loaded"),
        ("def pick", "import os; os._exit(0)\ndef pick", "cannot be loaded"),
        ("    return found", "    return found[:20]", "returns list of 20"),
    ],
)
def test_what_a_candidate_does_differently_is_said(plain, old, new, said):
    evidence = plain.changed(old, new)
    assert evidence.mismatches
    assert any(said in text for text in evidence.mismatches), evidence.mismatches


def test_an_answer_remembered_for_equal_arguments_is_seen_to_be_shared(plain):
    memo = """    key = (tuple(rows), limit)
    if key in SEEN:
        return SEEN[key]
    found = SEEN[key] = []
    for name, value in rows:
        if value > limit:
            found.append(name)
    return found
SEEN = {}
"""
    evidence = plain.changed(LOOP, memo)
    assert any("share objects" in text for text in evidence.mismatches), evidence.mismatches


def test_an_answer_remembered_for_an_object_is_stale_after_the_object_changed(plain):
    memo = """    if id(rows) in SEEN and SEEN[id(rows)][0] is rows:
        return list(SEEN[id(rows)][1])
    found = [name for name, value in rows if value > limit]
    SEEN[id(rows)] = (rows, found)
    return list(found)
SEEN = {}
"""
    evidence = plain.changed(LOOP, memo)
    assert any("after its arguments changed" in text for text in evidence.mismatches), evidence.mismatches


def test_the_same_seed_gives_the_same_calls_and_another_seed_others(plain):
    one, two, three = (plain.changed("value > limit", "value >= limit", seed=seed) for seed in (5, 5, 6))
    assert one.mismatches == two.mismatches
    assert one.mismatches != three.mismatches


CLASSES = """
import contextlib
import functools


class Basket:
    def __init__(self, items):
        self.items = list(items)

    def total(self, factor=1):
        found = 0
        for item in self.items:
            found = found + item * factor
        return found

    @property
    def is_full(self):
        return len([item for item in self.items]) > 3

    @staticmethod
    def double(value):
        return value + value

    @classmethod
    def of(cls, *items):
        return cls([item for item in items])

    @functools.lru_cache(maxsize=None)
    def cached(self, number):
        return [number, number + 1]

    def __private(self, number):
        return number * 2

    def use(self, number):
        return self.__private(number)

    def drop(self, number):
        self.items.remove(number)
        return self


def outer(numbers):
    def inner(number):
        return number * 2

    return [inner(number) for number in numbers]


def pairs(numbers):
    for number in numbers:
        yield number, number * 2


def depth(tree):
    return 1 + max([depth(child) for child in tree], default=0)


async def later(number):
    return number + 1


@contextlib.contextmanager
def opened(name):
    yield name.upper()


def apply(function, values):
    return [function(value) for value in values]


def shouting(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs).upper()

    return wrapper


@shouting
def greet(name):
    return "hello " + name


def unused(number):
    return number


def consume(values):
    return sum(values)


def words(text):
    return list({word for word in text.split()})
"""
CLASSES_TESTS = """
import asyncio
from shop import *
from shop import Basket

def test_all():
    for size in range(1, 7):
        basket = Basket(range(size))
        basket.total(factor=size)
        basket.is_full
        Basket.double(size)
        Basket.of(*range(size))
        basket.cached(size)
        basket.use(size)
        Basket(range(size)).drop(size - 1)
        outer(list(range(size)))
        list(pairs(list(range(size))))
        depth([[[]] * size, []])
        asyncio.run(later(size))
        with opened("abc" * size):
            pass
        scale = size * 2
        apply(lambda value: value * scale, [1, 2, size])
        greet("you" * size)
        consume(number for number in range(size))
        words("b a c d" * size)
"""


def classes(function):
    return Case(CLASSES, CLASSES_TESTS, function)


@pytest.mark.parametrize(
    ("function", "old", "honest", "wrong"),
    [
        ("Basket.total", "found = found + item * factor", "found += item * factor", "found += item * factor * 1.0"),
        ("Basket.is_full", "len([item for item in self.items]) > 3", "len(self.items) > 3", "int(len(self.items) > 3)"),
        ("Basket.double", "value + value", "2 * value", "2 * abs(value)"),
        ("Basket.of", "cls([item for item in items])", "cls(items)", "Basket(items[:2])"),
        ("Basket.cached", "[number, number + 1]", "[number, 1 + number]", "[number, number + 2]"),
        ("Basket.__private", "number * 2", "number + number", "number"),
        ("Basket.drop", "self.items.remove(number)", "del self.items[self.items.index(number)]", "self.items.pop(0)"),
        ("outer.inner", "return number * 2\n\n", "return number + number\n\n", "return number + 2\n\n"),
        ("pairs", "yield number, number * 2", "yield number, number + number", "yield [number, number * 2]"),
        ("depth", "max([depth(child) for child in tree], default=0)", "max(map(depth, tree), default=0)", "len(tree)"),
        ("later", "return number + 1", "return 1 + number", "return number + 1.0"),
        ("apply", "[function(value) for value in values]", "list(map(function, values))", "map(function, values)"),
        ("greet", '"hello " + name', 'f"hello {name}"', 'f"Hello  {name}"'),
    ],
)  # fmt: skip
def test_every_kind_of_function_is_reached(function, old, honest, wrong):
    case = classes(function)
    fair = case.changed(old, honest)
    assert fair.captured >= 3, (case.captured, fair)
    assert fair.mismatches == (), fair.mismatches
    assert case.changed(old, wrong).mismatches


def test_the_body_of_a_context_manager_is_compared():
    case = classes("opened")
    assert case.changed("name.upper()", "name.lower()").mismatches
    assert case.changed("name.upper()", 'f"{name.upper()}"').mismatches == ()


def test_a_function_that_nothing_calls_is_said_so():
    case = classes("unused")
    evidence = case.changed("return number\n\n\ndef consume", "return 1\n\n\ndef consume")
    assert evidence.captured == 0
    assert evidence.uncaptured == ("unused is never called by the tests and benchmarks that were run",)


def test_arguments_that_cannot_be_copied_are_counted():
    case = classes("consume")
    evidence = case.changed("return sum(values)", "return sum(list(values))")
    assert evidence.captured == 0
    assert "6 call(s)" in evidence.uncaptured[0]
    assert "generator" in evidence.uncaptured[0]


def test_a_base_that_disagrees_with_itself_is_not_compared():
    evidence = classes("words").changed("list({word for word in text.split()})", "sorted(set(text.split()))")
    assert evidence.nondeterministic > 0
    assert not any("captured" in text for text in evidence.mismatches)


def test_an_attribute_that_the_change_introduces_is_no_mismatch():
    case = classes("Basket.total")
    source = CLASSES.replace(
        "self.items = list(items)", "self.items = list(items)\n        self._sum = sum(self.items)"
    )
    source = source.replace(
        "found = 0\n        for item in self.items:\n            found = found + item * factor\n        return found",
        "return self._sum * factor",
    )
    candidate = Snapshot("", {**case.base.files, "shop.py": File(textwrap.dedent(source).encode())})
    evidence = case.replay.compare(case.captured, case.base, candidate, 1)
    assert evidence.mismatches == ()
    assert evidence.captured > 3, "objects are made by their constructor"


def test_an_attribute_that_an_object_of_unknown_origin_lacks_is_no_mismatch():
    tests = """
    from shop import Registry

    def test_find():
        registry = Registry([("a", 1), ("b", 2)])
        registry._entries.append(("c", 3))
        assert registry.find("c") == 3
    """
    case = Case(REGISTRY, tests, "Registry.find")
    honest = indexed("        self._index.setdefault(name, value)\n")
    candidate = Snapshot("", {**case.base.files, "shop.py": File(honest.encode())})
    evidence = case.replay.compare(case.captured, case.base, candidate, 1)
    assert evidence.mismatches == ()
    assert evidence.captured == 0
    assert any("which adds" in text and "_index" in text for text in evidence.uncaptured), evidence.uncaptured


def test_a_misspelt_attribute_is_a_mismatch():
    evidence = classes("Basket.total").changed("for item in self.items", "for item in self.itmes")
    assert any("AttributeError" in text for text in evidence.mismatches)


def test_a_cache_on_the_instance_is_left_out_and_said():
    case = classes("Basket.total")
    old = "found = 0\n        for item in self.items:"
    new = "self._times = getattr(self, '_times', 0) + 1\n        found = 0\n        for item in self.items:"
    evidence = case.changed(old, new)
    assert evidence.mismatches == ()
    assert any("_times" in text for text in evidence.uncaptured)


def test_calls_are_captured_from_benchmarks():
    bench = """
    from shop import pick

    def setup_pick(seed):
        return [(f"n{number}", number) for number in range(50 + seed)]

    def bench_pick(rows):
        return pick(rows)
    """
    case = Case(PLAIN, "def test_nothing(): pass\n", "pick", bench, ("benchmarks/bench_shop.py::bench_pick",))
    assert case.captured.calls_seen >= 1
    assert "benchmarks/bench_shop.py::bench_pick" in case.captured.calls[0].said
    assert case.changed("value > limit", "value >= limit").mismatches
    assert case.changed(LOOP, "    return [name for name, value in rows if value > limit]\n").mismatches == ()


def test_tests_without_pytest_are_captured_too():
    case = Case.__new__(Case)
    case.module = PLAIN
    case.base = tree(
        PLAIN,
        """
        import unittest
        from shop import pick

        class Pick(unittest.TestCase):
            def test_pick(self):
                self.assertEqual(pick([("a", 9)]), ["a"])
        """,
    )
    project = Project(sys.executable, ("", "tests"), ("python", "-m", "unittest", "tests/test_shop.py"), ())
    replay = Replay(ProcessSandbox(TOOLS), project, SETTINGS)
    found = replay.capture(case.base, Index(case.base).named("shop.py::pick")[0], ())
    assert len(found.calls) == 1, found.uncaptured


def test_arrays_and_frames():
    module = """
    import numpy as np

    def scaled(values, factor):
        out = np.empty(len(values), dtype=np.float64)
        for place in range(len(values)):
            out[place] = values[place] * factor
        return out
    """
    tests = """
    import numpy as np
    from shop import scaled

    def test_scaled():
        for size in range(1, 9):
            scaled(np.arange(size, dtype=float) / 3, 0.7)
    """
    pytest.importorskip("numpy")
    case = Case(module, tests, "scaled")
    body = (
        "out = np.empty(len(values), dtype=np.float64)\n    for place in range(len(values)):\n"
        "        out[place] = values[place] * factor\n    return out"
    )
    assert case.changed(body, "return values * factor").mismatches == ()
    assert case.changed(body, "return (values * factor).astype(np.float32)").mismatches
    assert case.changed(body, "values *= factor\n    return values").mismatches


SIZES = '''
def total(values, known):
    """Return the sum of those values that are known."""
    found = 0
    for value in values:
        if value in known:
            found += value
    return found
'''


def test_a_shortcut_for_large_inputs_is_found():
    tests = """
    from shop import total

    def test_total():
        assert total([1, 2, 3, 4], {1: "a", 3: "b", 5: "c"}) == 4
        assert total([7, 9, 11], {9: "a"}) == 9
    """
    case = Case(SIZES, tests, "total")
    honest = case.changed("    found = 0\n", "    return sum([value for value in values if value in known])\n")
    assert honest.mismatches == honest.edge_mismatches == ()
    for limit in (20, 60):
        cheat = case.changed("    found = 0\n", f"    found = 0\n    if len(values) > {limit}:\n        return -1\n")
        assert "times as large" in cheat.mismatches[0]


SHARED = '''
def doubled(values):
    """Return the doubles."""
    found = []
    for value in values:
        found.append(value * 2)
    return found
'''


def test_answers_mixed_up_between_threads_are_for_a_person():
    tests = """
    from shop import doubled

    def test_doubled():
        assert doubled(list(range(300)))[-1] == 598
        assert doubled([1, 2]) == [2, 4]
    """
    case = Case(SHARED, tests, "doubled")
    honest = case.changed("    found = []\n", "    return [value * 2 for value in values]\n")
    assert honest.mismatches == honest.edge_mismatches == ()
    changed = case.module.replace("    return found", "    return list(found)")
    changed = changed.replace("    found = []\n", "    found = _BUFFER\n    found.clear()\n")
    candidate = Snapshot("", {**case.base.files, "shop.py": File(f"_BUFFER = []\n{changed}".encode())})
    # Whether threads meet is up to the scheduler: on a busy machine not each time.
    tries = (case.replay.compare(case.captured, case.base, candidate, seed) for seed in range(1, 6))
    assert any("by several threads" in one for shared in tries for one in shared.edge_mismatches)


REGISTRY = '''
class Registry:
    """Names in the order in which they came, each with a value."""

    def __init__(self, entries=()):
        self._entries = list(entries)

    def add(self, name, value):
        """Take one more name."""
        self._entries.append((name, value))

    def find(self, name):
        """Return the first value of a name, or None."""
        for found, value in self._entries:
            if found == name:
                return value
        return None
'''

REGISTRY_TESTS = """
from shop import Registry

def test_find():
    registry = Registry([("a", 1), ("b", 2), ("a", 3)])
    assert registry.find("b") == 2
    assert registry.find("x") is None
    registry.add("x", 9)
    registry.add("b", 10)
    assert registry.find("x") == 9
    assert registry.find("b") == 2
"""

INDEX = """
        self._index = {}
        for name, value in self._entries:
            self._index.setdefault(name, value)
"""


def indexed(added):
    """Return the registry with an index that its constructor makes; `added` is what `add` does for it."""
    source = REGISTRY.replace("= list(entries)\n", "= list(entries)" + INDEX)
    source = source.replace("append((name, value))\n", f"append((name, value))\n{added}")
    head, _, _ = source.partition("        for found, value")
    return head + "        return self._index.get(name)\n"


def test_an_index_made_by_the_constructor_is_compared_on_objects_that_were_made_by_it():
    case = Case(REGISTRY, REGISTRY_TESTS, "Registry.find")
    honest = indexed("        self._index.setdefault(name, value)\n")
    candidate = Snapshot("", {**case.base.files, "shop.py": File(honest.encode())})
    found = case.replay.compare(case.captured, case.base, candidate, 1)
    assert found.mismatches == ()
    assert found.captured >= 4
    assert found.derived > 20
    assert not [one for one in found.uncaptured if "made before the change" in one]


@pytest.mark.parametrize("added", ["", "        self._index[name] = value\n"])
def test_an_index_that_is_not_kept_up_is_found(added):
    case = Case(REGISTRY, REGISTRY_TESTS, "Registry.find")
    candidate = Snapshot("", {**case.base.files, "shop.py": File(indexed(added).encode())})
    found = case.replay.compare(case.captured, case.base, candidate, 1)
    assert "instead of" in found.mismatches[0]


SAVED = '''
import os


def save(path, rows):
    """Write rows to a file."""
    with open(path, "w") as file:
        for row in rows:
            file.write(row)
            file.write("\\n")
'''


def test_a_file_that_is_no_longer_written_is_a_mismatch():
    tests = """
    from shop import save

    def test_save():
        save("rows.txt", ["a", "b"])
    """
    case = Case(SAVED, tests, "save")
    honest = case.changed(
        '        for row in rows:\n            file.write(row)\n            file.write("\\n")',
        '        file.write("".join([row + "\\n" for row in rows]))',
    )
    assert honest.mismatches == ()
    assert honest.captured == 1
    lazy = case.changed("    with open(path", "    if len(rows) > 1:\n        return\n    with open(path")
    assert "files" in lazy.mismatches[0]
    other = case.changed('file.write("\\n")', 'file.write("\\r")')
    assert "files" in other.mismatches[0]


TIMED = """
def score(values):
    found = 0
    for value in values:
        for other in values:
            found += value < other
    return found
"""

TIMED_BENCH = """
from shop import score

VALUES = [number * 7919 % 1009 for number in range(150)]

def bench_score():
    return score(VALUES)
"""

QUICK = """
def score(values):
    import bisect
    ordered = sorted(values)
    return sum(len(ordered) - bisect.bisect_right(ordered, value) for value in values)
"""


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("", False),
        ("    if len(values) == 150 and values[1] == 7919 % 1009:\n        return 11175\n", True),
        ("    if len(values) == 150:\n        return quick(values)\n", True),
    ],
)
def test_a_gain_on_the_benchmarks_own_input_only_is_told(line, known):
    name = "benchmarks/bench_shop.py::bench_score"
    case = Case(TIMED, "def test_nothing(): pass\n", "score", TIMED_BENCH, (name,))
    fitted = QUICK.replace("score", "quick") + TIMED.replace("    found = 0\n", f"{line}    found = 0\n", 1)
    source = fitted if line else QUICK
    candidate = Snapshot("", {**case.base.files, "shop.py": File(source.encode())})
    gains = case.replay.held_out(case.captured, case.base, candidate, 5)
    assert gains.own > 2
    assert (plausibility.fitted("score", gains) is not None) == known, gains


def test_nothing_is_said_where_no_benchmark_calls_the_function(plain):
    assert plain.replay.held_out(plain.captured, plain.base, plain.base, 1) is None


HINTED = """
from __future__ import annotations

def widest(words: list[str], least: int = 0) -> int:
    longest = least
    for word in words:
        longest = max(longest, len(word))
    return longest
"""


def test_type_hints_give_inputs_that_nobody_thought_of():
    tests = """
    from shop import widest

    def test_widest():
        assert widest(["a", "bcd"], 2) == 3
        assert widest(["abc", "x"], 1) == 3
    """
    case = Case(HINTED, tests, "widest")
    honest = case.changed("    longest = least\n", "    return max([least, *map(len, words)])\n")
    assert honest.mismatches == honest.edge_mismatches == ()
    assert honest.edge > 16
    negative = case.changed("    longest = least\n", "    return max([max(least, -3), *map(len, words)])\n")
    assert any("type hints" in one for one in negative.edge_mismatches), negative


def test_which_of_two_entries_with_one_key_wins_is_compared_on_objects_made_otherwise():
    tests = """
    from shop import Registry

    def test_find():
        registry = Registry([("a", 1), ("b", 2), ("c", 3)])
        assert registry.find("b") == 2
        assert registry.find("c") == 3
    """
    case = Case(REGISTRY, tests, "Registry.find")
    source = REGISTRY.partition("        for found, value")[0] + "        return dict(self._entries).get(name)\n"
    candidate = Snapshot("", {**case.base.files, "shop.py": File(source.encode())})
    found = case.replay.compare(case.captured, case.base, candidate, 1)
    assert "__init__ with a copy that differs" in found.mismatches[0]


FOLDED = '''
def distinct(texts):
    """Return the texts without repetition; case is ignored."""
    found = []
    for text in texts:
        if text.casefold() not in [one.casefold() for one in found]:
            found.append(text)
    return found
'''


def test_full_case_folding_is_told_from_lower_case():
    tests = """
    from shop import distinct

    def test_distinct():
        assert distinct(["Rome", "rome", "Paris"]) == ["Rome", "Paris"]
        assert distinct([]) == []
    """
    case = Case(FOLDED, tests, "distinct")
    loop = "        if text.casefold() not in [one.casefold() for one in found]:\n            found.append(text)\n"
    for method, is_honest in (("casefold", True), ("lower", False)):
        quick = loop.replace("[one.casefold() for one in found]", "seen").replace("casefold", method)
        quick += f"            seen.add(text.{method}())\n"
        source = FOLDED.replace(loop, quick).replace("    found = []\n", "    found, seen = [], set()\n")
        candidate = Snapshot("", {**case.base.files, "shop.py": File(source.encode())})
        evidence = case.replay.compare(case.captured, case.base, candidate, 3)
        assert (evidence.mismatches == evidence.edge_mismatches == ()) == is_honest, evidence


def test_lists_stay_in_order_where_the_function_says_that_they_are():
    module = '''
    def below(values, limit):
        """Return how many of the {words} values are below a limit."""
        found = 0
        for value in values:
            if value < limit:
                found += 1
        return found
    '''
    tests = """
    from shop import below

    def test_below():
        assert below([1, 3, 5, 9], 4) == 2
        assert below([2, 2, 8], 9) == 3
    """
    for words, is_honest in (("ordered", True), ("many", False)):
        case = Case(textwrap.dedent(module).format(words=words), tests, "below")
        quick = (
            case.module.partition("    found = 0\n")[0]
            + "    import bisect\n    return bisect.bisect_left(values, limit)\n"
        )
        candidate = Snapshot("", {**case.base.files, "shop.py": File(quick.encode())})
        evidence = case.replay.compare(case.captured, case.base, candidate, 3)
        assert (evidence.mismatches == ()) == is_honest, evidence
        assert any("stayed in ascending order" in one for one in evidence.uncaptured) == is_honest
