"""A command once more, by a job that may only read: what it may do is asked of GitLab again, never of another job."""

from dataclasses import dataclass, replace

from bot.app.ci.environment import Job
from bot.app.ci.orders import of_command
from bot.app.comment import Heard, Listener
from bot.app.request import Clerk
from bot.config import Config
from bot.domain.command import RUNS
from bot.domain.exchange import Order
from bot.domain.forge import MergeRequest, NoteableKind
from bot.ports.forge import Forge
from bot.triggers.authorise import Policy, allowed
from bot.triggers.commands import commands
from bot.triggers.payload import Hint


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a comment: a sentence for the log, and the order where a run is to be started.

    `left` is the order of a job before this one that is not carried out after all.
    """

    sentence: str
    order: Order | None = None
    left: Order | None = None


def policy(config: Config) -> Policy:
    """Return what the configuration allows in commands."""
    names, rounds = tuple(one.name for one in config.hardware), config.revise.rounds
    seconds = config.budget.seconds
    return (
        Policy(hardware=names, rounds=rounds)
        if seconds is None
        else Policy(budget=seconds, longest=max(seconds, 1800.0), hardware=names, rounds=rounds)
    )


def take(listener: Listener, forge: Forge, hint: Hint, job: Job, config: Config) -> Taken:
    """Answer a comment, and return the order where it asks for a run that may be started."""
    heard = listener.hear(hint)
    if heard.trigger is None:
        return Taken(heard.sentence)
    return Taken(heard.sentence, of_command(heard, hint.at, _about(forge, hint), job, config))


def again(forge: Forge, hint: Hint, job: Job, config: Config) -> Taken:
    """Return the order of a comment as GitLab has it now; nothing is answered, because another job did that."""
    note, project = forge.talk.note(hint.at, hint.note), forge.directory.project()
    found = () if note is None or project.id != hint.project else commands(note.body)
    if note is None or len(found) != 1 or found[0].verb not in RUNS:
        return Taken("no run was asked for")
    request = Clerk(forge, policy(config)).request(hint.at, note, found[0], hint.head)
    if request is None:
        return Taken("the merge request is gone")
    if request.refused is not None:
        return Taken(f"{request.refused.code}: {request.refused.sentence}")
    seconds = allowed(request.command, policy(config))
    heard = Heard("a run was asked for", request.trigger(forge), seconds, request.revision)
    return Taken(heard.sentence, of_command(heard, hint.at, request.about, job, config))


def confirmed(left: Order, found: Taken) -> Taken:
    """Return what GitLab says now, where the job that answered the comment took on just that.

    What that job left decides about nothing but this, and about where it is said that nothing will be done.
    """
    if found.order is None:
        return replace(found, left=left)
    now, then = found.order.trigger, left.trigger
    if now.merge_request is None:
        now = replace(now, head_sha=then.head_sha)  # the default branch may go on: what was surveyed counts
    if now != then:
        return Taken("the comment or the branch was changed after the comment had been taken on: ask again", left=left)
    return replace(found, order=replace(found.order, trigger=now))


def _about(forge: Forge, hint: Hint) -> MergeRequest | None:
    return forge.merge_requests.get(hint.at.iid) if hint.at.kind is NoteableKind.MERGE_REQUEST else None
