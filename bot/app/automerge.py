"""Merges by itself what a project has opted in to: a proven change, at the very commit that was proven and is green.

Everything else is left for people, and the reason is said once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.app.publish import OUTDATED
from bot.domain.command import Verb
from bot.domain.errors import ForgeError
from bot.domain.forge import Access, HeadPipeline, MergeRequest, Note, Noteable, NoteableKind
from bot.domain.ledger import LedgerEntry
from bot.domain.lesson import Lesson, Reach
from bot.domain.publication import BRANCHES, Move, move
from bot.domain.restraint import Restraints
from bot.domain.rollout import Phase, Rollout
from bot.evaluate.guard.lessons import banned
from bot.ports.forge import Forge, History, Lineage, Remote
from bot.report.escape import code, text
from bot.triggers.commands import commands

TOPIC = "auto-merge"
_DOUBTED = "it was judged again and not accepted"
_SUCCESS = "success"
_ENDED = frozenset({"failed", "canceled", "skipped", "manual"})


@dataclass(frozen=True, slots=True)
class Left:
    """Why a merge request is left, as a clause; `passes` where that may change without anybody doing anything."""

    why: str
    passes: bool = False


@dataclass(frozen=True, slots=True)
class Clone:
    """The bot's own clone as it is asked here."""

    remote: Remote
    history: History
    lineage: Lineage


class AutoMerge:
    """Looks after the bot's open merge requests onto the default branch.

    `claims` are what the bot itself remembers of them, from the job that had the evidence: only accepted changes have
    one. `restraints` are what reviewers forbid by now.
    """

    def __init__(
        self, forge: Forge, clone: Clone, rollout: Rollout, restraints: Restraints, claims: Sequence[LedgerEntry]
    ) -> None:
        self._forge = forge
        self._remote = clone.remote
        self._history = clone.history
        self._lineage = clone.lineage
        self._rollout = rollout
        self._restraints = restraints
        self._claims = {one.mr: one for one in claims if not one.landed and not one.note}

    def tend(self, doubted: Collection[str] = ()) -> tuple[int, ...]:
        """Merge what may be, and return the numbers; `doubted` are branches whose change was not accepted this time."""
        if self._rollout.phase is not Phase.AUTO:
            return ()
        me, branch = self._forge.directory.me().id, self._forge.directory.project().default_branch
        merged = []
        for one in self._forge.merge_requests.opened_by(me):
            claim = self._claims.get(one.iid)
            ours = one.source_branch.startswith(BRANCHES) and one.target_branch == branch
            if claim is None or not ours or self._rollout.of(claim.kinds) is not Phase.AUTO:
                continue
            left = Left(_DOUBTED) if one.source_branch in doubted or not claim.head else self._left(claim)
            if left is None:
                merged.append(one.iid)
            elif not left.passes:
                self._say(one.iid, f"Not merged by itself: {text(left.why)}.")
        return tuple(merged)

    def _left(self, claim: LedgerEntry) -> Left | None:
        """Merge, or return why not; the merge request is read again, because lists do not tell its pipeline."""
        request = self._forge.merge_requests.get(claim.mr)
        if request is None:
            return Left("it is gone", passes=True)
        try:
            left = self._not_ready(request, claim) or _not_green(request.pipeline, request.head_sha)
        except ForgeError as error:
            if error.retryable:
                raise
            return Left(f"its branch cannot be read: {error}", passes=True)
        left = left or self._forbidden(claim) or self._open(request)
        if left is not None:
            return left
        pipeline = request.pipeline
        if pipeline is None or not self._rollout.merges(
            claim.kinds,
            proven=claim.head == request.head_sha,
            pipeline_sha=pipeline.sha,
            head_sha=request.head_sha,
            succeeded=pipeline.status == _SUCCESS,
        ):
            return Left("it is not what was opted in to")
        try:
            self._forge.merge_requests.merge(request.iid, claim.head)
        except ForgeError as error:
            if error.retryable:
                raise
            return Left(f"GitLab refuses: {error}", passes=error.status == 409)
        kinds = ", ".join(str(code(one)) for one in claim.kinds)
        said = f"the default branch's `rollout:` says `auto` for {kinds}, and pipeline {pipeline.id} of it succeeded"
        self._say(request.iid, f"Merged without a person at {code(claim.head)}: {said}.")
        return None

    def _not_ready(self, request: MergeRequest, claim: LedgerEntry) -> Left | None:
        if request.draft:
            return Left("it is a draft")
        if request.head_sha != claim.head:
            return Left("its branch holds another commit than the one that was proven")
        self._remote.fetch(request.source_branch)
        if self._history.strangers(claim.before, claim.head):
            return Left("its branch holds commits of others")
        tip = self._remote.fetch(request.target_branch)
        if OUTDATED in request.labels or move(self._history.touched(claim.before, tip), ()) is not Move.NOTHING:
            return Left("its base has moved, and it waits for a new proof", passes=True)
        return None

    def _forbidden(self, claim: LedgerEntry) -> Left | None:
        """Return the lesson for whose sake a person must look: it may be younger than the change."""
        path, _, qualname = claim.target.partition("::")
        lesson = self._restraints.leaves_alone(path, qualname)
        lesson = lesson or next((one for one in self._restraints.forbidding if _may_be_meant(one, claim)), None)
        if lesson is not None:
            return Left(f"a lesson may speak against it: {lesson.sentence}")
        for change in self._lineage.changes(claim.before, claim.head):
            for sentence in banned(change, self._restraints):
                return Left(sentence)
        return None

    def _open(self, request: MergeRequest) -> Left | None:
        """Return who waits for something; what is said by people who are no developers here stops nothing."""
        here = Noteable(NoteableKind.MERGE_REQUEST, request.iid)
        threads: dict[str, list[Note]] = {}
        for note in self._forge.talk.notes(here):
            threads.setdefault(note.thread, []).append(note)
        waiting = [notes for notes in threads.values() if any(one.resolvable and not one.resolved for one in notes)]
        unresolved = {one.author for notes in waiting for one in notes if not one.system and not one.author.bot}
        asked = {one.author for notes in threads.values() for one in notes if _asks_otherwise(one)}
        me = self._forge.directory.me().id
        for author in sorted(unresolved | asked, key=lambda one: one.id):
            if author.id != me and self._forge.directory.access(author.id) >= Access.DEVELOPER:
                what = "a thread of {} is not resolved" if author in unresolved else "{} asked for another change here"
                return Left(what.format(author.username))
        return None

    def _say(self, iid: int, sentence: str) -> None:
        self._forge.talk.say(Noteable(NoteableKind.MERGE_REQUEST, iid), TOPIC, sentence)


def _asks_otherwise(note: Note) -> bool:
    """Say whether a comment asks for another change; whether that was made is for a person to see."""
    if note.system or note.author.bot:
        return False
    return any(one.verb is Verb.REVISE for one in commands(note.body))


def _may_be_meant(lesson: Lesson, claim: LedgerEntry) -> bool:
    """Say whether a lesson about a kind or a rule may be about a change; which rule made it is not remembered."""
    return lesson.reach == Reach.RULE or (lesson.reach == Reach.KIND and lesson.value in claim.kinds)


def _not_green(pipeline: HeadPipeline | None, head: str) -> Left | None:
    if pipeline is None:
        return Left("it has no pipeline", passes=True)
    if pipeline.sha != head:
        return Left("its pipeline ran on another commit", passes=True)
    if pipeline.status in _ENDED:
        return Left(f"its pipeline ended as {pipeline.status}")
    return None if pipeline.status == _SUCCESS else Left("its pipeline is not done", passes=True)
