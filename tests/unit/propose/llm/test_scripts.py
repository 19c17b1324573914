import pytest

from bot.domain.errors import ConfigError
from bot.propose.scripted import MOST_BYTES, Line, read


def test_texts_and_mappings():
    data = b"replies:\n  - one\n  - {target: 'a.py::f', reply: two, complete: false}\n"
    assert read(data, "s") == (Line("one"), Line("two", "a.py::f", complete=False))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"replies: []", b"- one", b"replies: [1]", b"replies: [{target: x}]", b"replies: [{reply: x, more: y}]",
        b"replies: [", b"\xff", b"replies: [!!python/object/apply:os.getcwd []]", b"replies: [x]\nmore: 1",
        b" " * (MOST_BYTES + 1),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_place(data):
    with pytest.raises(ConfigError, match=r"^s: "):
        read(data, "s")
