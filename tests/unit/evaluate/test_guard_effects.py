"""What a change may not silently stop saying, and state that only readers keep."""

import pytest

from bot.evaluate.guard import effects, state

BASE = b"""\
import logging

logger = logging.getLogger(__name__)


class Shop:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)

    def find(self, key):
        for item in self.items:
            if item.key == key:
                logger.info("found %s", key)
                return item
        raise KeyError(f"no item {key}")
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'                logger.info("found %s", key)\n', b""),
        (b'raise KeyError(f"no item {key}")', b"raise KeyError(key)"),
        (b'raise KeyError(f"no item {key}")', b"return None"),
        (b'raise KeyError(f"no item {key}")', b'raise LookupError(f"no item {key}")'),
    ],
)
def test_what_is_no_longer_said_is_named(old, new):
    assert len(effects.lost(BASE, BASE.replace(old, new))) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"for item in self.items", b"for item in list(self.items)"),
        (b'raise KeyError(f"no item {key}")', b'raise KeyError(f"no item {item}")'),
        (b"import logging\n", b"import bisect\nimport logging\n"),
    ],
)
def test_what_is_still_said_is_not(old, new):
    assert effects.lost(BASE, BASE.replace(old, new)) == []


def test_files_that_do_not_parse_say_nothing():
    assert effects.lost(b"def (", b"def (") == []
    assert effects.lost(None, BASE) == []


def test_a_reader_that_now_keeps_answers_is_named():
    after = BASE.replace(
        b"        for item in self.items", b"        self._known[key] = 1\n        for item in self.items"
    )
    assert any("_known" in phrase for phrase in state.added(BASE, after))


def test_an_index_kept_by_the_writer_is_not_state_between_calls():
    after = BASE.replace(b"        self.items = []\n", b"        self.items = []\n        self._by_key = {}\n").replace(
        b"        self.items.append(item)\n",
        b"        self.items.append(item)\n        self._by_key[item.key] = item\n",
    )
    assert state.added(BASE, after) == []


def test_a_method_that_wrote_through_others_or_removed_is_no_reader():
    before = """
class Book:
    def __init__(self, entries):
        self._entries = list(entries)

    def remove(self, entry):
        self._entries.remove(entry)

    def swap(self, old, new):
        self.remove(old)
        return new
"""
    after = before.replace(
        "        self.remove(old)\n", "        self._entries.remove(old)\n        del self._index[old]\n"
    )
    assert state.added(before.encode(), after.encode()) == []
    through = before.replace("return new", "return self._remembered(new)")
    through = through.replace(
        "    def swap",
        "    def _remembered(self, one):\n        self._seen.add(one)\n        return one\n\n"
        "    def look(self, one):\n        return one\n\n    def swap",
    )
    reading = through.replace(
        "def look(self, one):\n        return one", "def look(self, one):\n        return self._remembered(one)"
    )
    assert any("_seen written by Book.look" in phrase for phrase in state.added(through.encode(), reading.encode()))


@pytest.mark.parametrize("held", ["with self._lock:", "async with LOCK:", "with other, self.lock:"])
def test_a_lock_that_is_no_longer_held_is_named(held):
    before = f"async def f(self):\n    {held}\n        return 1\n".encode()
    after = b"async def f(self):\n    return 1\n"
    assert effects.lost(before, after)
    assert effects.lost(before, before.replace(b"return 1", b"return 2")) == []
    assert effects.lost(b"self.lock.acquire()\n", b"pass\n")


def test_what_is_made_where_it_is_entered_is_no_lock():
    assert effects.lost(b"with open(p) as f:\n    f.read()\n", b"pass\n") == []
