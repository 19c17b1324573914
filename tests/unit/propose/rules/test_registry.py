# ruff: noqa: E501 - programs stand here as text
import pytest

from bot.propose.rules.registry import Registry

BOOK = '''
import copy
import pickle


class Entry:
    def __init__(self, key, value):
        self.key = key
        self.value = value


class Book:
    """Holds entries."""

    def __init__(self):
        self._entries = []  # oldest first

    def add(self, key, value):
        self._entries.append(Entry(key, value))

    def reset(self):
        self._entries = []

    def __len__(self):
        return len(self._entries)

    def find(self, key):
        # oldest wins
        for entry in self._entries:
            if entry.key == key:
                return entry.value
        raise KeyError(key)
'''
PLAY = """

def look(book, key):
    try:
        return book.find(key)
    except KeyError as error:
        return error.args


def f(steps):
    books = [Book()]
    out = []
    for kind, key in steps:
        book = books[key % len(books)]
        if kind == "add":
            book.add(key, len(out))
        elif kind == "reset":
            book.reset()
        elif kind == "copy":
            books.append(copy.copy(book))
        elif kind == "deep":
            books.append(copy.deepcopy(book))
        elif kind == "bare":
            made = Book.__new__(Book)
            made._ENTRIES = [Entry(key, len(out))]
            books.append(made)
        out.append([look(one, key) for one in books])
    return out
""".replace("made._ENTRIES", "made.__dict__['_ent' + 'ries']")


def steps(random):
    kinds = ["add", "add", "add", "find", "reset", "copy", "deep", "bare"]
    return ([(random.choice(kinds), random.randrange(4)) for _ in range(25)],)


def test_the_index_is_never_stale_whatever_happens_to_the_object(agrees):
    new = agrees(Registry(), BOOK + PLAY, steps, qualname="Book.find")

    assert "_entries_indexed = -1" in new
    assert "for entry in self._entries_by_key.get(key, ()):" in new


def test_only_the_class_changes_and_comments_stay(agrees):
    new = agrees(Registry(), BOOK + PLAY, steps, qualname="Book.find")

    assert new.startswith(BOOK.split("    def __init__(self):\n        self._entries", maxsplit=1)[0].rstrip() + "\n")
    assert new.endswith(PLAY)
    assert "        self._entries = []  # oldest first\n        self._entries_indexed = -1\n" in new


@pytest.mark.parametrize(
    "search",
    [
        "return next((entry.value for entry in self._entries if entry.key == key), None)",
        "return any(entry.key == key for entry in self._entries)",
        "found = None\n        for entry in self._entries:\n            if entry.key == key:\n                found = entry.value\n                break\n        return found",
    ],
)
def test_other_shapes_of_the_search(agrees, search):
    text = BOOK.split("        # oldest wins", maxsplit=1)[0] + "        " + search + "\n" + PLAY

    agrees(Registry(), text, steps, qualname="Book.find")


@pytest.mark.parametrize(
    "method",
    [
        "def drop(self):\n        self._entries.pop()",
        "def drop(self):\n        del self._entries[0]",
        "def swap(self):\n        self._entries[0] = None",
        "def order(self):\n        self._entries.sort()",
        "def entries(self):\n        return self._entries",
        "def take(self, entries):\n        self._entries = entries",
        "def merge(self, other):\n        self._entries.extend(other._entries)",
        "def more(self):\n        self._entries += [1]",
        "def rename(self, entry):\n        entry.key = 3",
        "def __getstate__(self):\n        return self.__dict__",
        "__slots__ = ()",
        "def name(self):\n        return getattr(self, '_entries')",
        "def later(self):\n        return lambda: self._entries",
    ],
)
def test_leaves_a_list_alone_that_changes_otherwise(refuses, method):
    refuses(Registry(), BOOK + "\n    " + method + "\n", qualname="Book.find")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("_entries", "__entries"),
        ("class Book:", "class Book(NamedTuple):"),
        ("class Book:", "@attrs.define\nclass Book:"),
        ("return entry.value", "out.append(entry.value)"),
        ("if entry.key == key:", "if entry.key == key and entry.value:"),
        ("return entry.value", "yield entry.value\n                return"),
        ("def find(self", "@staticmethod\n    def find(this"),
    ],
)
def test_leaves_other_classes_and_searches_alone(refuses, old, new):
    refuses(Registry(), BOOK.replace(old, new), qualname="Book.find")


@pytest.mark.parametrize("other", ["import m\nm.Book()._entries.pop()\n", "def f(entry):\n    entry.key = 3\n"])
def test_leaves_a_list_alone_that_another_file_touches(refuses, other):
    refuses(Registry(), BOOK, qualname="Book.find", files={"other.py": other})


PUBLIC = (BOOK + PLAY).replace("_entries", "entries").replace("'_ent'", "'ent'")
LABEL = frozenset({"relies on a public list being only appended to"})
ELSEWHERE = """
class Shelf:
    def __init__(self):
        self.entries = []

    def drop(self):
        self.entries.pop()


def f(book, other):
    book.entries.append(other)
    for entry in book.entries:
        print(entry, len(book.entries), book.entries[0], list(other.entries or ()), other.entries())
    if not book.entries or other in book.entries:
        return sorted(book.entries)
"""


def test_a_public_list_is_labelled(agrees, rewrites_of):
    files = {"other.py": ELSEWHERE, "tests/test_m.py": "def test(book):\n    book.entries.pop()\n"}

    new = agrees(Registry(), PUBLIC, steps, qualname="Book.find", tries=15)

    assert "for entry in self._entries_by_key.get(key, ()):" in new
    assert [labels for _, _, labels in rewrites_of(Registry(), PUBLIC, "Book.find", files)] == [LABEL]


def test_a_public_list_that_shrank_all_the_same_is_read_again(agrees):
    text = PUBLIC.replace(
        "        elif ", "        elif kind == 'drop':\n            del vars(book)['entries'][-1:]\n        elif ", 1
    )

    def drops(random):
        return ([one for step in steps(random)[0] for one in (step, ("drop", step[1]))],)

    assert "vars(book)" in text
    agrees(Registry(), text, drops, qualname="Book.find", tries=15)


def test_a_field_of_a_dataclass(agrees, rewrites_of):
    text = PUBLIC.replace("class Book:", "@dataclass\nclass Book:").replace(
        "    def __init__(self):\n        self.entries = []  # oldest first\n",
        "    entries: list = field(default_factory=list)\n",
    )
    text = text.replace("import copy", "import copy\nfrom dataclasses import dataclass, field").replace(
        '"bare":\n            made = Book.__new__(Book)', '"bare":\n            made = Book([])'
    )

    agrees(Registry(), text, steps, qualname="Book.find", tries=15)

    private = text.replace(".entries", "._entries").replace(" entries:", " _entries:")
    assert [labels for _, _, labels in rewrites_of(Registry(), private, "Book.find")] == [LABEL]


@pytest.mark.parametrize(
    "other",
    [
        "def f(book):\n    book.entries.sort()\n",
        "def f(book):\n    book.entries = []\n",
        "def f(book):\n    del book.entries[0]\n",
        "def f(book):\n    book.entries[0] = 1\n",
        "def f(book):\n    book.entries += [1]\n",
        "def f(book):\n    change(book.entries)\n",
        "def f(book):\n    return book.entries\n",
        "def f(book):\n    return lambda: book.entries\n",
        "def f(book):\n    entries = book.entries or []\n    entries.clear()\n",
        "def f(book):\n    setattr(book, 'entries', [])\n",
        "def f(book):\n    return getattr(book, 'entries')\n",
        "class More(Book):\n    def drop(self):\n        self.entries.pop()\n",
        "def f(book)\n    book.entries\n",
    ],
)
def test_leaves_a_public_list_alone_that_the_tree_changes(refuses, other):
    refuses(Registry(), PUBLIC, qualname="Book.find", files={"other.py": other})
