"""Properties of the engine: what is rendered applies to the byte, and damage never applies to something else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.code import File, Snapshot
from bot.propose.edits import engine, render

LINES = st.one_of(
    st.sampled_from(
        [
            "", "    ", "x = 1", "    x = 1", "        x = 1", "\tx = 1", "x  =  1", "return", "...", "    ...",
            "=======", "=====", "    =======", "\\=======", "\\\\=======", "\\ No newline at end of file",
            "<<<<<<< SEARCH", "<<<<<<< SEARCH now", "<<<<<<< ORIGINAL", "<<<<<<< HEAD",
            ">>>>>>> REPLACE", "    >>>>>>> REPLACE", ">>>>>>> UPDATED", ">>>>>>> branch",
            "*** Delete File: a.py", "a.py", "b.py", "```", "1 | x = 1", '"q"', "\u201cq\u201d",
            "\ufeff", "caf\u00e9", "cafe\u0301", "a\fb", "a\u2028b", "\x85",
        ]
    ),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r\n"), max_size=6),
)  # fmt: skip


@st.composite
def texts(draw, end="\n"):
    lines = draw(st.lists(LINES, max_size=12))
    return end.join(lines) + draw(st.sampled_from(["", end]))


@st.composite
def pairs(draw):
    """Two texts, the second one often a small change of the first."""
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    before = draw(texts(end))
    if draw(st.booleans()):
        return before, draw(texts(end))
    lines = before.split(end)
    at = draw(st.integers(0, len(lines)))
    lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINES, max_size=3))
    return before, end.join(lines)


def applied(reply, before, path="a.py", spans=()):
    return engine.apply(reply, Snapshot("", {path: File(before.encode()), "b.py": File(b"x = 1\n")}), spans)


def expressible(before, after):
    # A byte order mark stays as it was; a text without any line end does not say which one new lines should have.
    return before.startswith("\ufeff") == after.startswith("\ufeff") and ("\r\n" not in after or "\r\n" in before)


@settings(max_examples=80, deadline=None)
@given(pairs())
def test_rendered_blocks_apply_to_the_byte(pair):
    before, after = pair
    if not expressible(before, after):
        return
    reply = render.blocks("a.py", before, after)
    if before == after:
        assert reply == ""
        return
    answer = applied(reply, before)
    assert answer.applied, answer.feedback
    assert [(one.path, one.after) for one in answer.changes] == [("a.py", after.encode())]


def spots(reply):
    """Return the offsets of a reply outside of REPLACE texts and line ends: paths, markers and SEARCH texts.

    A line of one character is left out: without it the line is blank, which SEARCH may be more than the file.
    """
    found, inside, at = [], False, 0
    for line in reply.split("\n"):
        if line == ">>>>>>> REPLACE":
            inside = False
        if not inside and len(line.strip()) > 1:
            found += range(at, at + len(line))
        if line == "=======":
            inside = True
        at += len(line) + 1
    return found


@settings(max_examples=60, deadline=None)
@given(pairs(), st.data())
def test_a_damaged_character_is_refused_or_harmless(pair, data):
    before, after = pair
    if not expressible(before, after) or before == after or not before.removeprefix("\ufeff").strip():
        return
    reply = render.blocks("a.py", before, after)
    at = data.draw(st.sampled_from(spots(reply)))
    damaged = reply[:at] + data.draw(st.sampled_from(["", "#", "z", " ", "<", ">", "=", "\\"])) + reply[at + 1 :]
    answer = applied(damaged, before)
    if answer.applied:
        assert [(one.path, one.after) for one in answer.changes] == [("a.py", after.encode())], damaged


FRAGMENTS = st.one_of(
    LINES,
    st.sampled_from(
        ["a.py", "b.py", "x = 1", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "*** Move to: c.py", "```"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS, max_size=25))
def test_whatever_comes_there_is_an_answer(lines):
    answer = applied("\n".join(lines), "x = 1\n")
    assert answer.applied is bool(answer.changes)
    assert answer.applied is not bool(answer.feedback)
    assert {one.path for one in answer.changes} <= {line.strip() for line in lines} | {"a.py", "b.py", "c.py"}
