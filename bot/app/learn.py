"""The story of `hotlap learn`: merge requests as GitLab tells them in, feedback and lessons out."""

from collections.abc import Iterable, Sequence

from bot.learn.feedback import Record, news
from bot.learn.replay import Learned, learned, record
from bot.ports.store import LessonBook, Memory


def replayed(lines: Iterable[str], where: str) -> tuple[Learned, ...]:
    """Return what an export teaches, line by line; ConfigError with file and line where one cannot be read."""
    found = (record(line, where, number) for number, line in enumerate(lines, 1))
    return tuple(learned(one, name) for name, one in filter(None, found))


def harvest(records: Iterable[Record], memory: Memory, book: LessonBook) -> tuple[Learned, ...]:
    """Remember what merge requests teach and return those with new feedback; harvesting twice changes nothing."""
    found = tuple(learned(one, f"{one.project}!{one.mr.get('iid')}") for one in records)
    fresh = {one.key for one in news(memory.feedback(), [one.feedback for one in found])}
    kept: Sequence[Learned] = [one for one in found if one.feedback.key in fresh]
    # Lessons first: whoever is interrupted in between must not find the feedback and take the notes for read. They may
    # be new where nothing else is, and learning what is known already changes nothing.
    book.learn([lesson for one in found for lesson in one.lessons])
    memory.keep_feedback([one.feedback for one in kept])
    return tuple(kept)
