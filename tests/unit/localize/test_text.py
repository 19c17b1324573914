import pytest

from bot.domain.code import File, Snapshot
from bot.localize.index import Index
from bot.localize.text import Position, Question, resolve

FILES = {
    "src/pkg/core.py": (
        "class Ranks:\n    def total(self): pass\n    @property\n    def size(self): pass\n"
        "    @size.setter\n    def size(self, v): pass\n"
        "def normalize(): pass\ndef merge_sorted(): pass\ndef run(): pass\n"
    ),
    "src/pkg/more.py": "class Other:\n    def total(self): pass\ndef load(): pass\ndef parseRow(): pass\n",
    "src/third.py": "def load(): pass\ndef only(): pass\n",
}


@pytest.fixture
def index():
    return Index(Snapshot("", {path: File(body.encode()) for path, body in FILES.items()}))


def found(answer):
    assert not isinstance(answer, Question), answer
    return [str(one) for one in answer]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("please look at src/pkg/core.py:2, it is slow", ["src/pkg/core.py::Ranks.total"]),
        ("see https://gitlab.example/x/-/blob/main/README and src/third.py#L2", ["src/third.py::only"]),
        ("/optimize src/third.py::load.", ["src/third.py::load"]),
        ("`pkg.core.Ranks.total` costs most", ["src/pkg/core.py::Ranks.total"]),
        ("`Ranks.total` costs most", ["src/pkg/core.py::Ranks.total"]),
        ("`normalize()` and `only(x, y)`", ["src/pkg/core.py::normalize", "src/third.py::only"]),
        ("pkg.core.Ranks.total costs most", ["src/pkg/core.py::Ranks.total"]),
        ("merge_sorted is slow", ["src/pkg/core.py::merge_sorted"]),
        ("parseRow is slow", ["src/pkg/more.py::parseRow"]),
        ("why is normalize so slow?", ["src/pkg/core.py::normalize"]),
        ("`only` twice: `only`, see example.com", ["src/third.py::only"]),
        ("`x = [i for i in y]` in merge_sorted", ["src/pkg/core.py::merge_sorted"]),
        ("the `list` in merge_sorted", ["src/pkg/core.py::merge_sorted"]),
    ],
)
def test_names_are_found(index, text, expected):
    assert found(resolve(text, index)) == expected


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("`total` is slow", ["src/pkg/core.py::Ranks.total", "src/pkg/more.py::Other.total"]),
        ("load is slow", ["src/pkg/more.py::load", "src/third.py::load"]),
        ("`Ranks.size`", ["src/pkg/core.py::Ranks.size", "src/pkg/core.py::Ranks.size"]),
        ("run only this", ["src/pkg/core.py::run", "src/third.py::only"]),
        ("`normalise` is slow", []),
        ("`Rank.total`", []),
        ("src/pkg/nothing.py:3", []),
        ("src/third.py::lod", []),
        ("make it faster", []),
        ("", []),
        ("`" * 500, []),
    ],
)
def test_what_is_not_clear_is_asked_back(index, text, candidates):
    answer = resolve(text, index)
    assert isinstance(answer, Question)
    assert [str(one) for one in answer.candidates] == candidates
    assert answer.sentence


def test_a_near_miss_is_never_taken_even_where_the_comment_stands_in_a_function(index):
    answer = resolve("`normalise` is slow", index, Position("src/third.py", 2))
    assert answer == Question("there is no function `normalise` here")


def test_the_position_answers_a_text_without_names(index):
    assert found(resolve("this could run faster", index, Position("src/third.py", 2))) == ["src/third.py::only"]


def test_the_position_decides_among_functions_of_one_name(index):
    assert found(resolve("`total` is slow", index, Position("src/pkg/more.py", 2))) == ["src/pkg/more.py::Other.total"]
    assert found(resolve("`load` is slow", index, Position("src/pkg/more.py", 1))) == ["src/pkg/more.py::load"]
    assert found(resolve("`Ranks.size`", index, Position("src/pkg/core.py", 6))) == ["src/pkg/core.py::Ranks.size"]
    assert isinstance(resolve("`Ranks.size`", index, Position("src/pkg/core.py", 9)), Question)


def test_a_position_outside_of_functions_is_a_question(index):
    assert isinstance(resolve("make this faster", index, Position("src/pkg/core.py", 1)), Question)


def test_a_very_long_text_is_read_in_part(index):
    assert isinstance(resolve("x " * 100_000 + "`only`", index), Question)


OTHERS = {
    "src/tree.cpp": "namespace ns { struct Tree { int get() { return 1; } }; }\nint free_one() { return 2; }\n",
    "store/store.go": "package store\nfunc (s *Store) Get() {}\nfunc Open() {}\n",
    "src/lib.rs": "impl Node {\n    fn walk(&self) {}\n}\n",
    "web/api.tsx": "export function loadAll() {}\nexport const $view = () => 1\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see src/tree.cpp:2, please", "src/tree.cpp::free_one"),
        ("see src/lib.rs#L2", "src/lib.rs::Node.walk"),
        ("web/api.tsx:1 is slow", "web/api.tsx::loadAll"),
        ("`src/tree.cpp::ns::Tree::get` is slow", "src/tree.cpp::ns.Tree.get"),
        ("`ns::Tree::get()` is slow", "src/tree.cpp::ns.Tree.get"),
        ("Tree::get is slow", "src/tree.cpp::ns.Tree.get"),
        ("(*Store).Get is slow", "store/store.go::Store.Get"),
        ("`(*Store).Get` is slow", "store/store.go::Store.Get"),
        ("store.Open allocates", "store/store.go::Open"),
        ("crate::Node::walk", "src/lib.rs::Node.walk"),
        ("why is loadAll slow?", "web/api.tsx::loadAll"),
        ("`$view` renders too often", None),
    ],
)
def test_names_of_other_languages_are_found(text, expected):
    index = Index(Snapshot("", {path: File(body.encode()) for path, body in OTHERS.items()}))
    answer = resolve(text, index)
    assert ("question" if isinstance(answer, Question) else str(answer[0])) == (expected or "question")


def test_the_line_of_a_discussion_decides_in_other_languages():
    index = Index(Snapshot("", {path: File(body.encode()) for path, body in OTHERS.items()}))
    assert found(resolve("this is slow", index, Position("src/lib.rs", 2))) == ["src/lib.rs::Node.walk"]
