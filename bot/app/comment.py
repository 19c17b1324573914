"""One comment: whether it is for the bot, whether its author may ask for that, and what is to be done.

The event is a hint; note, author, merge request and rights are asked of GitLab now. The reply is also the lock: a
comment has one, it holds the number of the pipeline that took it on, and a second delivery finds it.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.app.request import Clerk, Request, runs
from bot.app.rounds import COMMAND
from bot.domain import revision
from bot.domain.command import RUNS, Command, Verb
from bot.domain.forge import Note, Noteable
from bot.domain.job import Trigger
from bot.domain.marker import memo_of, topic_of
from bot.domain.revision import Revision
from bot.ports.forge import Forge
from bot.report.escape import text
from bot.triggers import authorise
from bot.triggers.commands import commands
from bot.triggers.limits import Limits, exceeded
from bot.triggers.payload import Hint

HEARD, REFUSED = "eyes", "no_entry_sign"
_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_RUN = re.compile(r".*\brun=(\d{1,18})\b.*")
_OVER = frozenset({"failed", "canceled", "skipped", None})
_STOPPED = "Stopped, as was asked for."
_LOOKING = "Looking at it."
_STARTED = "Started. What comes of it will stand here."
_HELP = """\
- `/optimize [target] [--hardware NAME] [--budget 10m] [--strategy NAME] [what you want]` starts a run
- `/optimize status` says how runs stand, `/optimize stop` ends them, `/optimize retry` starts the last one again
- `/optimize revise what to do otherwise`, in a merge request of Hotlap's own, asks for another change in its place
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a comment: a trigger where a run is to be started, and a sentence for the log in any case."""

    sentence: str
    trigger: Trigger | None = None
    seconds: float = 0.0
    revision: Revision | None = None


def topic(note: int) -> str:
    """Return the topic of the reply to a comment, in which progress is shown as well."""
    return f"{COMMAND}{note}"


class Listener:
    """Answers comments of one project in the pipeline `run`; `broken` says why none can be started at all."""

    def __init__(
        self,
        forge: Forge,
        policy: authorise.Policy,
        limits: Limits,
        run: int,
        now: Callable[[], dt.datetime],
        broken: str = "",
    ) -> None:
        self._forge = forge
        self._broken = broken
        self._policy = policy
        self._limits = limits
        self._run = run
        self._now = now

    def hear(self, hint: Hint) -> Heard:
        """Look at what an event points to, and answer it where it is a command."""
        note, project = self._forge.talk.note(hint.at, hint.note), self._forge.directory.project()
        if project.id != hint.project:
            return Heard("the event is of another project")
        if note is None:
            return Heard("the comment is gone")
        me = self._forge.directory.me()
        if note.system or note.author.bot or note.author.id == me.id:
            return Heard("the comment is not a person's")
        found = commands(note.body)
        if not found:
            return Heard("the comment holds no command")
        if len(found) > 1:
            found = (replace(found[0], problem="a comment may hold one command"),)
        return self._asked(hint, note, found[0])

    def failed(self, hint: Hint, pipeline: str) -> Heard:
        """Say that the run of a comment came to no result, where it was this pipeline's; `pipeline` is its address.

        A result that stands there already stays, whatever has failed afterwards.
        """
        me, mine = self._forge.directory.me().id, topic(hint.note)
        notes = [one for one in self._forge.talk.notes(hint.at) if one.author.id == me and topic_of(one.body) == mine]
        if not notes or _holder(notes[0]) != self._run or _shown(notes[0].body) not in {_LOOKING, _STARTED}:
            return Heard("nobody waits for this pipeline")
        where = f"[The pipeline]({pipeline})" if pipeline else f"Pipeline {self._run}"
        said = f"The run has failed before it came to a result. {where} says why; `/optimize retry` starts it again."
        self._forge.talk.say(hint.at, mine, said, notes[0].thread)
        return Heard("it was said that the run has failed")

    def _asked(self, hint: Hint, note: Note, command: Command) -> Heard:
        clerk = Clerk(self._forge, self._policy, self._forge.directory.me().id)
        request = clerk.request(hint.at, note, command, hint.head)
        if request is None:
            return Heard("the merge request is gone")
        refused = self._refused(request)
        if not self._mine(request, refused):
            return Heard("another pipeline has taken this comment on")
        if refused is not None:
            self._say(hint.at, note, f"Not done: {text(refused.sentence)}")
            self._forge.reactions.react(hint.at, note.id, REFUSED)
            return Heard(f"{refused.code}: {refused.sentence}")
        return self._carried_out(request)

    def _refused(self, request: Request) -> authorise.Refused | None:
        refused, command = request.refused, request.command
        if self._broken and command.verb in RUNS and (refused is None or refused.code is authorise.Refusal.HARDWARE):
            return authorise.Refused(authorise.Refusal.CONFIG, f"{self._broken}: mend that first, and ask again.")
        return self._too_much(request.note, command) if runs(request) else refused

    def _too_much(self, note: Note, command: Command) -> authorise.Refused | None:
        # A run that goes on after it was killed is in the list itself.
        others = [one for one in self._forge.asks.recent() if one.note != note.id]
        seconds = authorise.allowed(command, self._policy)
        sentence = exceeded(self._limits, others, note.author.id, seconds, self._now())
        return None if sentence is None else authorise.Refused(authorise.Refusal.LIMIT, sentence)

    def _mine(self, request: Request, refused: authorise.Refused | None) -> bool:
        """Take the comment on; False where another pipeline has it, unless that one ended without an answer.

        Limits and rounds count what is written down here, which is why a request that is refused leaves neither:
        somebody who may not ask could use up what others may.
        """
        at, note, command = request.at, request.note, request.command
        self._forge.reactions.react(at, note.id, HEARD)
        memo = f"run={self._run}"
        if refused is None and command.verb in RUNS:
            memo += f" user={note.author.id} seconds={authorise.allowed(command, self._policy):.0f}"
        if refused is None and request.revision is not None:
            memo += f" {revision.memo(request.revision.round)}"
        claimed = self._forge.talk.claim(at, topic(note.id), _LOOKING, note.thread, memo)
        holder = _holder(claimed)
        if holder is None:
            return False
        if holder != self._run and (_STOPPED in claimed.body or self._forge.pipelines.state(holder) not in _OVER):
            return False
        if memo_of(claimed.body) != memo:
            self._forge.talk.say(at, topic(note.id), _LOOKING, note.thread, memo)
        return True

    def _carried_out(self, request: Request) -> Heard:
        at, note, command = request.at, request.note, request.command
        if command.verb is Verb.HELP:
            self._say(at, note, _HELP)
            return Heard("help was given")
        if command.verb is Verb.STATUS:
            self._say(at, note, self._status(at))
            return Heard("the status was given")
        if command.verb is Verb.STOP:
            return self._stopped(at, note)
        trigger = request.trigger(self._forge)
        self._say(at, note, _STARTED)
        seconds = authorise.allowed(command, self._policy)
        return Heard("a run is to be started", trigger, seconds, request.revision)

    def _stopped(self, at: Noteable, note: Note) -> Heard:
        ended = {*_OVER, "success"}
        running = {run: one for run, one in self._runs(at).items() if self._forge.pipelines.state(run) not in ended}
        for run, reply in running.items():
            # First the word, so that an event which comes again does not begin anew what is to be stopped.
            self._forge.talk.say(at, topic_of(reply.body) or "", _STOPPED, reply.thread)
            self._forge.pipelines.cancel(run)
        said = (
            f"Stopped {len(running)} {'run' if len(running) == 1 else 'runs'}." if running else "Nothing was running."
        )
        self._say(at, note, said)
        return Heard(said)

    def _status(self, at: Noteable) -> str:
        lines = [f"- pipeline {run}: {text(self._forge.pipelines.state(run) or 'gone')}" for run in self._runs(at)]
        return "\n".join(lines) or "Nothing was asked for here before."

    def _runs(self, at: Noteable) -> dict[int, Note]:
        """Return the pipelines of other commands here with their replies, oldest first."""
        me = self._forge.directory.me().id
        notes = self._forge.talk.notes(at)
        replies = (one for one in notes if one.author.id == me and (topic_of(one.body) or "").startswith(topic(0)[:-1]))
        return {run: one for one in replies if (run := _holder(one)) is not None and run != self._run}

    def _say(self, at: Noteable, note: Note, said: str) -> None:
        self._forge.talk.say(at, topic(note.id), said, note.thread)


def _shown(body: str) -> str:
    """Return what a person sees of a reply of the bot."""
    return _HIDDEN.sub("", body).strip()


def _holder(reply: Note) -> int | None:
    """Return the pipeline that a reply of the bot names."""
    found = _RUN.fullmatch(memo_of(reply.body))
    return None if found is None else int(found[1])
