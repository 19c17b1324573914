"""From a proven change to one branch and one merge request, however often it is tried and wherever it is interrupted.

Every step looks at what is there before it writes. What people did goes first: a merge request that they closed stays
closed, a branch that they pushed to is theirs.
"""

from collections.abc import Callable

from bot.app import description
from bot.domain.codeowners import PLACES, owners
from bot.domain.errors import ForgeError, Moved, Refused
from bot.domain.forge import (
    Access,
    ForgeProject,
    MergeRequest,
    MergeRequestEdit,
    MergeState,
    NewMergeRequest,
    Noteable,
    NoteableKind,
)
from bot.domain.publication import Move, Publication, Published, PublishedAs, move
from bot.ports.forge import Forge, History, Remote

LABEL = "hotlap"
SUPERSEDED = "hotlap-superseded"
OUTDATED = "hotlap-outdated"
_MOST_REVIEWERS = 2


class Publisher:
    """Publishes changes of one project; `remote` and `history` are of the clone that holds their commits."""

    def __init__(self, forge: Forge, remote: Remote, history: History) -> None:
        self._forge = forge
        self._remote = remote
        self._history = history

    def publish(self, change: Publication) -> Published:
        """Bring a change to the forge, or say why not; Refused and ForgeError where nothing can be written at all."""
        project = writable(self._forge.directory.project())
        stale = self._stale(change)
        if stale is not None:
            return stale
        known = self._forge.merge_requests.of_branch(change.branch)
        opened = next((one for one in known if one.state is MergeState.OPENED), None)
        if opened is None and known and _rejected(known[0]) and not change.asked_for:
            number = known[0].iid
            sentence = f"!{number} from the same branch was closed, which means that the change is not wanted"
            return Published(PublishedAs.REJECTED_BEFORE, sentence, known[0])
        if opened is not None and opened.author.id != self._forge.directory.me().id:
            return Published(PublishedAs.TAKEN_OVER, f"!{opened.iid} from this branch is somebody else's", opened)
        if opened is None and change.onto:
            return Published(PublishedAs.CLOSED, f"the merge request from {change.branch} is not open any more")
        taken = self._pushed(change, opened)
        if taken is not None:
            return taken
        return self._proposed(change, opened, project)

    def supersede(self, old: int, by: int) -> None:
        """Close an open merge request of the bot in favour of another one, and say so there."""
        found = self._forge.merge_requests.get(old)
        ours = found is not None and found.author.id == self._forge.directory.me().id
        if found is None or not ours or found.state is not MergeState.OPENED or old == by:
            return
        here = Noteable(NoteableKind.MERGE_REQUEST, old)
        self._forge.talk.say(here, "superseded", f"Closed because !{by} takes the place of this merge request.")
        self._forge.merge_requests.update(old, MergeRequestEdit(add_labels=(SUPERSEDED,), close=True))

    def _stale(self, change: Publication) -> Published | None:
        """Say that the proof is of a base that is no longer there."""
        tip = self._forge.contents.tip(change.target_branch)
        if tip is None:
            raise Refused(f"the branch {change.target_branch} is gone: there is nothing to merge into")
        if tip == change.base:
            return None
        self._remote.fetch(change.target_branch)
        if move(self._history.touched(change.base, tip), change.changed) is Move.NOTHING:
            return None
        sentence = f"{change.target_branch} moved to {tip[:10]} since the proof on {change.base[:10]}: prove it again"
        return Published(PublishedAs.STALE, sentence)

    def _pushed(self, change: Publication, opened: MergeRequest | None) -> Published | None:
        """Move the branch to the change, unless it holds what somebody else did; then say so instead."""
        for _ in range(2):
            tip = self._remote.tip(change.branch)
            if tip is not None:
                self._remote.fetch(change.branch)
                if self._history.strangers(change.base, tip):
                    break
                if tip == change.commit or self._history.same_change(tip, change.commit):
                    return None
            if (change.onto or tip) != tip:
                said = f"{change.branch} was pushed to since this was begun: look at it and ask again"
                return Published(PublishedAs.STALE, said, opened)
            try:
                self._remote.push(change.branch, change.commit, tip)
            except Moved:
                continue
            return None
        return self._taken_over(change, opened)

    def _taken_over(self, change: Publication, opened: MergeRequest | None) -> Published:
        sentence = f"somebody pushed to {change.branch}: it is theirs now, and was left as it is"
        if opened is not None:
            here = Noteable(NoteableKind.MERGE_REQUEST, opened.iid)
            said = "There are commits of others on this branch, so Hotlap does not push to it any more."
            self._forge.talk.say(here, "taken-over", said)
        return Published(PublishedAs.TAKEN_OVER, sentence, opened)

    def _proposed(self, change: Publication, opened: MergeRequest | None, project: ForgeProject) -> Published:
        before = "" if opened is None else opened.description
        text = description.composed(change, before, self._picture)
        labels = (LABEL, *change.labels)
        here = opened
        if here is None:
            title = description.title(change.title, draft=change.draft)
            reviewers = self._reviewers(change, project)
            here = self._forge.merge_requests.create(
                NewMergeRequest(change.branch, change.target_branch, title, text, labels, reviewers)
            )
        if description.digest_in(here.description) != description.digest_in(text):
            title = description.title(change.title, draft=here.draft)
            edit = MergeRequestEdit(title=title, description=text, add_labels=labels, remove_labels=(OUTDATED,))
            here = self._forge.merge_requests.update(here.iid, edit)
        for old in change.supersedes:
            self.supersede(old, here.iid)
        how = PublishedAs.OPENED if opened is None else PublishedAs.UPDATED
        return Published(how, f"!{here.iid} {'opened' if opened is None else 'brought up to date'}", here)

    def _picture(self, name: str, data: bytes) -> str:
        try:
            return self._forge.uploads.upload(name, data)
        except ForgeError as error:
            if error.retryable:
                raise
            # Uploads may be switched off; the report stands without a picture.
            return f"(the plot {name} could not be stored)"

    def _reviewers(self, change: Publication, project: ForgeProject) -> tuple[int, ...]:
        """Return who may review: whom lessons want asked, then owners of the files as the default branch names them."""
        files = (self._forge.contents.file(place, project.default_branch) for place in PLACES)
        text = next((data.decode("utf-8", "replace") for data in files if data is not None), "")
        names = (*change.reviewers, *owners(text, change.changed))
        return tuple(_first(_MOST_REVIEWERS, names, self._reviewer))

    def _reviewer(self, name: str) -> int | None:
        user = self._forge.directory.named(name)
        if user is None or user.bot or user.id == self._forge.directory.me().id:
            return None
        return user.id if self._forge.directory.access(user.id) >= Access.DEVELOPER else None


def writable(project: ForgeProject) -> ForgeProject:
    """Return the project, or refuse with what would have to be changed first."""
    if project.archived:
        raise Refused(f"{project.path} is archived: unarchive it, or take Hotlap out of its pipelines")
    if not project.merge_requests_enabled:
        raise Refused(f"merge requests are disabled in {project.path}: enable them under Settings, General, Visibility")
    return project


def _rejected(one: MergeRequest) -> bool:
    """Say whether people closed it; what the bot itself closed was not refused."""
    return one.state is MergeState.CLOSED and SUPERSEDED not in one.labels


def _first(most: int, names: tuple[str, ...], read: Callable[[str], int | None]) -> list[int]:
    """Return what the first `most` names that count stand for; no more are looked up than it takes."""
    found: list[int] = []
    for name in names[:20]:
        if len(found) == most:
            break
        one = read(name)
        found += [] if one is None or one in found else [one]
    return found
