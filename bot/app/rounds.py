"""Rounds of revision as the forge remembers them: who asked for one, how many were given, which threads still wait.

A round is a reply of the bot's with a hidden memo. It is there before anything is begun, so that a job that is killed
and started again counts it once; what nobody may ask for gets no memo.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.forge import Access, MergeRequest, MergeState, Note, Noteable, NoteableKind
from bot.domain.marker import memo_of, topic_of
from bot.domain.publication import BRANCHES
from bot.domain.revision import Revision, round_in
from bot.learn.reading.wishes import heard
from bot.ports.forge import Directory, Forge
from bot.triggers.authorise import Policy, Refusal, Refused
from bot.triggers.commands import commands

COMMAND, THREAD = "command/", "revise/"
"""Topics of replies, before the number of the comment: to a command, and to a review thread."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the bot is: `own` as its token knows it, or, for a job with another token, the author of the merge request.

    Such a job takes the author at its word only where a reply of its own has given the round already.
    """

    own: int | None
    author: int | None

    @property
    def number(self) -> int | None:
        """The account whose replies count."""
        return self.author if self.own is None else self.own


def asked(
    forge: Forge,
    policy: Policy,
    at: Noteable,
    about: MergeRequest | None,
    note: Note,
    bot: Account,
    words: tuple[str, Note],
) -> Revision | Refused:
    """Return the round that a comment asks for, or why there is none.

    `words` are those of its command and the comment that holds the others: another one where it is a retry.
    """
    notes = () if about is None else forge.talk.notes(at)
    given = _given(notes, bot.number, note.id)
    ours = about is not None and about.author.id == bot.number and (bot.own is not None or given is not None)
    if about is None or not ours or not about.source_branch.startswith(BRANCHES) or about.from_fork:
        why = "`revise` is for merge requests of Hotlap's own: it asks for another change in place of the one there."
        return Refused(Refusal.REVISE, why)
    number = 1 + used(notes, bot.number, note.id) if given is None else given
    if number > policy.rounds:
        return Refused(Refusal.ROUNDS, exhausted(policy.rounds))
    line, source = words
    said = tuple(dict.fromkeys((*heard(line), *heard(source.body))))
    before = [one for one in notes if one.thread == source.thread and one.id < source.id]
    said = said or spoken(before, forge.directory)
    topic = f"{COMMAND}{note.id}"
    return Revision(
        about.iid, about.source_branch, about.head_sha, note.id, note.thread, topic, said, number, policy.rounds
    )


def exhausted(rounds: int) -> str:
    """Return the sentence that ends the rounds."""
    if not rounds:
        return "`revise: rounds: 0` in .hotlap.yml says that changes are not revised here."
    times = "once" if rounds == 1 else f"{rounds} times"
    return (
        f"another change was tried {times} here, which is as often as `revise: rounds:` allows; the rest is for people."
    )


def used(notes: Sequence[Note], bot: int | None, note: int) -> int:
    """Return how many rounds other comments were given before this one's reply, if it has one, was written."""
    mine = [(one, _answered(one)) for one in notes if one.author.id == bot and round_in(memo_of(one.body)) is not None]
    own = next((one.id for one, number in mine if number == note), None)
    return sum(number != note and (own is None or one.id < own) for one, number in mine)


def spoken(notes: Sequence[Note], directory: Directory) -> tuple[str, ...]:
    """Return what people who may ask say in `notes`; the others are not read."""
    levels: dict[int, Access] = {}
    found: dict[str, None] = {}
    for one in notes:
        if one.system or one.internal or one.author.bot or topic_of(one.body):
            continue
        if one.author.id not in levels:
            levels[one.author.id] = directory.access(one.author.id)
        if levels[one.author.id] >= Access.DEVELOPER:
            found.update(dict.fromkeys(heard(one.body)))
    return tuple(found)


def waiting(forge: Forge, policy: Policy, target_branch: str, mine: Sequence[MergeRequest]) -> Iterator[Revision]:
    """Yield a round for the first thread that waits in each of the bot's open merge requests into a branch.

    It waits while it is not resolved, was begun by somebody who may ask, holds no command, and the bot has not
    answered it. One whose rounds are used up has a `problem`.
    """
    for about in mine:
        if about.state is not MergeState.OPENED or about.target_branch != target_branch or about.from_fork:
            continue
        if about.source_branch.startswith(BRANCHES):
            found = next(_threads(forge, policy, about), None)
            if found is not None:
                yield found


def moved(target_branch: str, mine: Sequence[MergeRequest], label: str) -> Iterator[Revision]:
    """Yield what is to be proven again, because the branch that it goes to has moved: nobody asked, it is no round."""
    for about in mine:
        ours = about.source_branch.startswith(BRANCHES) and not about.from_fork
        if ours and about.state is MergeState.OPENED and about.target_branch == target_branch and label in about.labels:
            yield Revision(about.iid, about.source_branch, about.head_sha, 0, round=0)


def _threads(forge: Forge, policy: Policy, about: MergeRequest) -> Iterator[Revision]:
    notes = forge.talk.notes(Noteable(NoteableKind.MERGE_REQUEST, about.iid))
    threads: dict[str, list[Note]] = {}
    for one in notes:
        threads.setdefault(one.thread, []).append(one)
    for thread, held in threads.items():
        first = held[0]
        if (
            not thread
            or not _waits(held, about.author.id)
            or forge.directory.access(first.author.id) < Access.DEVELOPER
        ):
            continue
        said = spoken(held, forge.directory)
        number = 1 + used(notes, about.author.id, first.id)
        problem = exhausted(policy.rounds) if number > policy.rounds else ""
        if said:
            topic = f"{THREAD}{first.id}"
            yield Revision(
                about.iid, about.source_branch, about.head_sha, first.id, thread, topic, said, number, policy.rounds,
                problem,
            )  # fmt: skip


def _waits(held: Sequence[Note], bot: int) -> bool:
    open_ones = [one for one in held if one.resolvable and not one.resolved]
    first = held[0]
    if not open_ones or first.system or first.internal or first.author.bot or first.author.id == bot:
        return False
    return not any(one.author.id == bot or commands(one.body) for one in held)


def _given(notes: Sequence[Note], bot: int | None, note: int) -> int | None:
    """Return the round that the reply to a comment has written down."""
    mine = (one for one in notes if one.author.id == bot and _answered(one) == note)
    return next((number for one in mine if (number := round_in(memo_of(one.body))) is not None), None)


def _answered(reply: Note) -> int | None:
    """Return the number of the comment that a note of the bot's answers."""
    topic = topic_of(reply.body) or ""
    number = topic.removeprefix(COMMAND).removeprefix(THREAD)
    return int(number) if number.isdigit() and number != topic else None
