"""What a comment comes to, by GitLab's word of this moment: its command, the comment that holds its words, its round.

Two jobs ask this of GitLab, each by itself: the one that answers, and the one that proposes.
"""

from dataclasses import dataclass, replace

from bot.app import rounds
from bot.domain.command import RUNS, Command, Verb
from bot.domain.errors import Refused as Impossible
from bot.domain.forge import MergeRequest, Note, Noteable, NoteableKind
from bot.domain.job import Trigger, TriggerKind
from bot.domain.revision import Revision
from bot.ports.forge import Forge
from bot.triggers import authorise
from bot.triggers.authorise import Policy, Refusal, Refused
from bot.triggers.commands import commands

_AGAIN = frozenset({Verb.RUN, Verb.REVISE})


@dataclass(frozen=True, slots=True)
class Request:
    """A command that may be carried out, or `refused`; for `retry` it is that of the last order, with its words."""

    command: Command
    note: Note
    at: Noteable
    about: MergeRequest | None = None
    revision: Revision | None = None
    refused: Refused | None = None

    def trigger(self, forge: Forge) -> Trigger:
        """Return what is to be run; Refused where the branch that it would be for is gone."""
        revision, about, project = self.revision, self.about, forge.directory.project()
        if about is not None and revision is not None:
            head, number = _tip(forge, about.target_branch), revision.stacked_on
        elif about is not None:
            head, number = about.head_sha, about.iid
        else:
            head, number = _tip(forge, project.default_branch), None
        commit = authorise.named_commit(self.command)
        wanted = () if revision or self.command.target in {None, commit} else (str(self.command.target),)
        actor, note, thread = self.note.author.username, self.note.id, self.note.thread
        return Trigger(TriggerKind.COMMAND, actor, project.path, head, wanted, number, note, thread, self.command)


@dataclass(frozen=True, slots=True)
class Clerk:
    """Reads requests of one project; `bot` is the number of the bot's account, None in a job that is another one."""

    forge: Forge
    policy: Policy
    bot: int | None = None

    def request(self, at: Noteable, note: Note, command: Command, hinted: str) -> Request | None:
        """Return what `note` comes to; None where its merge request is gone."""
        about = self.forge.merge_requests.get(at.iid) if at.kind is NoteableKind.MERGE_REQUEST else None
        if about is None and at.kind is NoteableKind.MERGE_REQUEST:
            return None
        access = self.forge.directory.access(note.author.id)
        found = Request(command, note, at, about)
        refused = authorise.decide(command, access, about, hinted, self.policy)
        if refused is not None:
            return replace(found, refused=refused)
        words = note
        if command.verb is Verb.RETRY:
            last = self._last(at, note, about)
            if last is None:
                why = "nothing that could be tried again was asked for here before."
                return replace(found, refused=Refused(Refusal.NOTHING, why))
            words, command = last[0], merged(command, last[1])
            found = replace(found, command=command, refused=authorise.decide(command, access, about, "", self.policy))
        if found.refused is not None or command.verb is not Verb.REVISE:
            return found
        said = (command.text or "", words)
        revision = rounds.asked(self.forge, self.policy, at, about, note, self._bot(about), said)
        return replace(found, refused=revision) if isinstance(revision, Refused) else replace(found, revision=revision)

    def _bot(self, about: MergeRequest | None) -> rounds.Account:
        return rounds.Account(self.bot, None if about is None else about.author.id)

    def _last(self, at: Noteable, note: Note, about: MergeRequest | None) -> tuple[Note, Command] | None:
        """Return the last order before `note` by somebody who may still give it, and the comment that gave it."""
        for one in sorted(self.forge.talk.notes(at), key=lambda one: -one.id):
            found = commands(one.body) if one.id < note.id and not one.system and not one.author.bot else ()
            if len(found) == 1 and found[0].verb in _AGAIN and one.author.id != self.bot:
                access = self.forge.directory.access(one.author.id)
                if authorise.decide(found[0], access, about, "", self.policy) is None:
                    return one, found[0]
        return None


def merged(retry: Command, last: Command) -> Command:
    """Return the last order again, with what the one who retries says otherwise."""
    return replace(
        last,
        target=retry.target or last.target,
        hardware=retry.hardware or last.hardware,
        budget=retry.budget or last.budget,
        strategy=retry.strategy or last.strategy,
        text=retry.text or last.text,
    )


def runs(request: Request) -> bool:
    """Say whether a request starts a run."""
    return request.refused is None and request.command.verb in RUNS


def _tip(forge: Forge, branch: str) -> str:
    found = forge.contents.tip(branch)
    if found is None:
        raise Impossible(f"the branch {branch} is gone or has no commit")
    return found
