"""The story of the harvest: what people did with the bot's merge requests since the last time becomes lessons.

It may be repeated and interrupted at any point: merge requests are taken one by one, the one that changed first first,
and what a note teaches is written before the mark up to which GitLab need not be asked again.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from bot.app.learn import harvest
from bot.domain.feedback import Change
from bot.domain.kind import kind_of
from bot.domain.publication import BRANCHES
from bot.domain.review import Json, Review
from bot.learn.feedback import Record, since
from bot.learn.replay import Learned, change
from bot.ports.forge import Forge
from bot.ports.store import LessonBook, Memory

_LONGEST_DIFF = 20_000
_REVERTS = f"{BRANCHES}revert"


def harvested(
    forge: Forge, project: str, memory: Memory, book: LessonBook, *, opened: bool = False
) -> Iterator[Learned]:
    """Yield what told something new, as soon as it is remembered; ForgeError where GitLab cannot be asked.

    `project` is the name under which the project is remembered. With `opened` the open merge requests are read in any
    case: reactions need not count as a change.
    """
    members = forge.reviews.members()
    for one in _listed(forge, since(memory.feedback()), opened=opened):
        found = record(forge.reviews.of(one), project, members)
        yield from harvest([found], memory, book)


def record(review: Review, project: str, members: Sequence[Json]) -> Record:
    """Return a merge request as `bot.learn` reads it."""
    return Record(
        project=project,
        mr=review.mr,
        change=_change(review),
        members=members,
        discussions=review.discussions,
        awards=review.awards,
        approvals=review.approvals,
        commits=review.commits,
    )


def _listed(forge: Forge, mark: str, *, opened: bool) -> list[Json]:
    me = forge.directory.me().id
    found = {one["iid"]: one for one in forge.reviews.changed(me, mark)}
    for one in forge.reviews.opened(me) if opened else ():
        found.setdefault(one["iid"], one)
    ours = (one for one in found.values() if str(one.get("source_branch", "")).startswith(BRANCHES))
    return sorted(ours, key=lambda one: str(one.get("updated_at") or ""))


def _change(review: Review) -> Change:
    """Return what a merge request changes: its first file, the function and the rules that its description names."""
    path = next((str(one.get("new_path") or "") for one in review.diffs), "")
    text = str(review.mr.get("description") or "")
    named = re.search(rf"(?<![\w./-]){re.escape(path)}::([\w.]+)", text) if path else None
    diff = "".join(str(one.get("diff") or "") for one in review.diffs)[:_LONGEST_DIFF]
    language = "python" if PurePosixPath(path).suffix == ".py" else ""
    about = {"path": path, "function": named[1] if named else "", "language": language, "diff": diff}
    if str(review.mr.get("source_branch", "")).startswith(_REVERTS):
        # Whoever takes back an optimisation says nothing for the rule that made it.
        return change(about, {})
    rules = change(about, review.mr).rules
    return change(about | {"kind": kind_of(rules[0]) if rules else ""}, review.mr)
