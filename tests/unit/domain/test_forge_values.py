import pytest

from bot.domain.codeowners import owners
from bot.domain.marker import marker, memo_of, topic_of
from bot.domain.publication import Move, move

OWNERS = """\
# who looks at what
*            @everybody
*.py         @py @group/sub mail@example.com
/src/        @src
!src/skip.py
docs/**/a.md @docs
file\\ name.c @blank # with a remark
config.yml

[Databases][2] @db
*.sql
/src/sql/    @sql @@developer

^[Optional]
*.sql        @optional
"""


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("README", ["everybody"]),
        ("a/b.py", ["py"]),
        ("src/b.py", ["src"]),
        ("lib/src/b.c", ["everybody"]),
        ("src/skip.py", []),
        ("docs/x/y/a.md", ["docs"]),
        ("docs/a.md", ["docs"]),
        ("file name.c", ["blank"]),
        ("config.yml", []),
        ("x.sql", ["everybody", "db", "optional"]),
        ("src/sql/x.sql", ["src", "sql", "optional"]),
    ],
)
def test_the_last_rule_of_each_section_counts(path, names):
    assert list(owners(OWNERS, [path])) == names


def test_owners_of_several_files_come_once():
    assert owners("* @a @b", ["x", "y"]) == ("a", "b")
    assert owners("", ["x"]) == ()


@pytest.mark.parametrize(
    ("touched", "answer"),
    [
        ({}, Move.NOTHING),
        ({"README.md": True, "docs/guide/a.rst": True, "CODEOWNERS": True, "LICENSE": False}, Move.NOTHING),
        ({"src/b.py": True}, Move.VERIFY),
        ({"src/a.py": True}, Move.VERIFY),
        ({"tests/data/x.md": True}, Move.VERIFY),
        ({"requirements.txt": True}, Move.VERIFY),
        ({"src/b.py": False}, Move.VERIFY),
        ({"src/a.py": False, "README.md": True}, Move.CLOSE),
    ],
)
def test_what_a_base_that_moved_asks_for(touched, answer):
    assert move(touched, ["src/a.py"]) is answer


def test_a_marker_is_found_on_the_first_line_only():
    line = marker("command/5", "run=7 user=1")
    assert (topic_of(f"{line}\n\ntext"), memo_of(f"{line}\r\ntext")) == ("command/5", "run=7 user=1")
    assert topic_of(f"text\n{line}") is None
    assert topic_of(f"> {line}") is None
    assert (topic_of(""), memo_of("")) == (None, "")


@pytest.mark.parametrize("topic", ["", "a b", "a-->b", "a--b", "-a", "a" * 200, "a\nb", "<x>"])
def test_what_would_end_a_marker_is_no_topic(topic):
    with pytest.raises(ValueError, match="marker"):
        marker(topic)
