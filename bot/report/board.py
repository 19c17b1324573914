"""The part of the dashboard that remembers: lessons that wait for a tick, and opportunities, the most urgent first.

A box counts only while its text is the one that was written here: whoever reads a sentence and ticks it must get that
sentence.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.lesson import Lesson, LessonState, Polarity, Reach
from bot.domain.suggestion import Suggestion, SuggestionState
from bot.report import numbers
from bot.report.escape import code, text

_LESSONS, _OPPORTUNITIES = 20, 20
_ITEM = re.compile(r"^- \[[xX]\] +(?P<text>Lesson `(?P<id>[0-9a-f]{10})`.*)$", re.MULTILINE)
_DONE = re.compile(
    r"marked the (?:checklist item|task) \*\*(?P<text>.+)\*\* as (?P<state>completed|incomplete)", re.DOTALL
)
_ASKS = {
    Polarity.AVOID: "avoid",
    Polarity.PREFER: "prefer",
    Polarity.REQUIRE: "require",
    Polarity.INFO: "know",
}


@dataclass(frozen=True, slots=True)
class Board:
    """What the dashboard shows of the memory.

    `remarks` say by lesson why a tick did not count; `ticked` are lessons whose tick is to stay. `notes` are about the
    memory itself.
    """

    lessons: tuple[Lesson, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    remarks: Mapping[str, str] = field(default_factory=dict)
    ticked: Collection[str] = ()
    notes: tuple[str, ...] = ()

    @property
    def waiting(self) -> tuple[Lesson, ...]:
        """The lessons of reviewers that nobody with the right to do so has agreed to."""
        proposed = (one for one in self.lessons if one.state is LessonState.PROPOSED or one.id in self.ticked)
        return tuple(one for one in proposed if one.reach != Reach.CANDIDATE)[:_LESSONS]

    @property
    def opportunities(self) -> tuple[Suggestion, ...]:
        """The open suggestions, the most urgent first."""
        opened = (one for one in self.suggestions if one.state is SuggestionState.OPEN)
        return tuple(sorted(opened, key=lambda one: (-one.priority, one.id)))[:_OPPORTUNITIES]


def ticked_lessons(description: str) -> Mapping[str, str]:
    """Return the text of each ticked box for a lesson, by the lesson's name: nothing says yet who ticked it."""
    return {found["id"]: found["text"] for found in _ITEM.finditer(description.replace("\r", ""))}


def marked(note: str) -> tuple[str, bool] | None:
    """Return which box a system note of GitLab is about, by its text, and whether it was ticked; None for another."""
    found = _DONE.fullmatch(note.strip())
    return None if found is None else (found["text"], found["state"] == "completed")


def same_text(one: str, other: str) -> bool:
    """Say whether two texts of boxes have the same letters and digits in the same order."""
    return _letters(one) == _letters(other)


def item(lesson: Lesson) -> str:
    """Return the text of a lesson's box, one line."""
    where = f"{lesson.reach} {lesson.value}".strip()
    return f"Lesson {code(lesson.id)} ({_ASKS[lesson.polarity]}, {code(where, 120)}): {text(lesson.sentence, 400)}"


def lessons(board: Board) -> Iterator[str]:
    """Yield the lines about lessons; none where no lesson waits."""
    if not board.waiting:
        return
    yield "\n### Lessons that wait for a maintainer\n"
    yield "Tick one to have it count from the next sweep on; only the tick of a Maintainer or Owner does.\n"
    for one in board.waiting:
        yield f"- [{'x' if one.id in board.ticked else ' '}] {item(one)}"
        yield f"  - said in {', '.join(code(link) for link in one.evidence[:3]) or 'a discussion'}"
        if one.id in board.remarks:
            yield f"  - {text(board.remarks[one.id])}"


def opportunities(suggestions: Sequence[Suggestion]) -> Iterator[str]:
    """Yield a box for each opportunity, with what it may bring and how sure that is."""
    for one in suggestions:
        kind = f" ({text(one.kind)})" if one.kind else ""
        gain = f"{numbers.times(one.gain)}, confidence {one.confidence:.0%}"
        yield f"- [ ] {code(one.target, 400)}{kind}: {gain}; {text(one.description, 200)}"


def _letters(line: str) -> str:
    return re.sub(r"[\W_]+", "", line).casefold()
