"""What the author of a refused reply is told: enough to mend it, and never more than fits a prompt."""

import pytest

from bot.domain.errors import EditError
from bot.propose.edits import engine, feedback, render
from bot.propose.edits.index import Index

FILE = "\n".join(f"def function_{n}(value):\n    return value * {n}\n" for n in range(200))


def test_the_nearest_lines_come_with_their_numbers(reply):
    text = "f.py\n" + reply.block("def function_77(value):\n    return value + 77\n", "x\n")
    answer = reply.apply({"f.py": FILE}, text)
    assert "   232 | def function_77(value):" in answer.feedback
    assert "-    return value + 77" in answer.feedback
    assert "+    return value * 77" in answer.feedback


def test_nearest_lines_are_found_by_words_where_no_line_is_the_same(reply):
    index = Index(FILE.splitlines())
    assert feedback.nearest(index, ["async def function_150(self, value):", "    yield value"]) == 450
    assert feedback.nearest(index, ["zzz"]) is None
    answer = reply.apply({"f.py": FILE}, "f.py\n" + reply.block("zzz\n", "x\n"))
    assert "No line of the file resembles" in answer.feedback


def test_all_places_of_an_ambiguous_block_are_listed(reply):
    answer = reply.apply({"f.py": "a\nb\n" * 30}, "f.py\n" + reply.block("b\n", "c\n"))
    assert "stands at 30 places" in answer.feedback
    assert "lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 and 18 more" in answer.feedback


def test_it_is_said_when_the_change_is_already_there(reply):
    answer = reply.apply({"f.py": "a\nnew\nb\n"}, "f.py\n" + reply.block("old\n", "new\n"))
    assert "REPLACE text is already in the file, at line 2" in answer.feedback


def test_long_feedback_is_cut(reply):
    blocks = "".join(reply.block(f"missing {n} " + "x" * 5000 + "\n", "y\n") for n in range(50))
    answer = reply.apply({"f.py": FILE + "missing 1 " + "x" * 4000}, "f.py\n" + blocks)
    assert len(answer.feedback) < feedback.LONGEST + 20
    assert "50 of 50 blocks failed" in answer.feedback


def test_an_edit_set_or_an_error_with_the_same_words(reply):
    tree = reply.tree({"f.py": "a\n"})
    text = "f.py\n" + reply.block("a\n", "b\n")
    edits = engine.edit_set(text, tree)
    assert (edits.reply, edits.changes[0].after) == (text, b"b\n")
    with pytest.raises(EditError) as caught:
        engine.edit_set("f.py\n" + reply.block("zz\n", "b\n"), tree)
    assert caught.value.reason == "not-found"
    assert caught.value.feedback.startswith("Nothing was applied")
    with pytest.raises(EditError) as caught:
        engine.edit_set("nothing", tree)
    assert caught.value.reason == "no-blocks"


@pytest.mark.parametrize(
    ("before", "after"), [("a\n", "a\r\n"), ("a\n", "\ufeffa\n"), ("a\n", "\0\n"), ("a\n", "\ud800\n")]
)
def test_what_blocks_cannot_say_is_not_rendered(before, after):
    with pytest.raises(EditError):
        render.blocks("f.py", before, after)


def test_rendered_blocks_are_small_and_carry_enough_context():
    changed = FILE.replace("return value * 77\n", "return 77 * value\n").replace("value * 190\n", "190 * value\n")
    reply = render.blocks("f.py", FILE, changed)
    assert reply.count("<<<<<<< SEARCH") == 2
    assert len(reply.splitlines()) < 40
    same = "x = 1\n" * 20
    middle = "x = 1\n" * 10 + "y = 2\n" + "x = 1\n" * 10
    assert render.blocks("f.py", same, middle).count("<<<<<<< SEARCH") == 1
