"""Merge requests of one project: opened once for a branch, changed in place, labels one by one."""

from typing import Any

from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.adapters.gitlab.outgoing import Outgoing
from bot.domain.errors import ForgeError
from bot.domain.forge import MergeRequest, MergeRequestEdit, MergeState, NewMergeRequest

TOPIC = "merge-request"


class GitLabMergeRequests:
    """Implements `ports.forge.MergeRequests`."""

    def __init__(self, client: Client, project: str, outgoing: Outgoing) -> None:
        self._client = client
        self._path = f"{project}/merge_requests"
        self._outgoing = outgoing

    def get(self, iid: int) -> MergeRequest | None:
        """Return one merge request."""
        found = self._client.find(f"{self._path}/{iid}")
        return None if found is None else objects.read(objects.merge_request, found)

    def of_branch(self, source_branch: str) -> tuple[MergeRequest, ...]:
        """Return those from a branch of this project; a branch of the same name in a fork is another one."""
        listed = self._listed(source_branch=source_branch, state="all")
        return tuple(one for one in listed if not one.from_fork)

    def opened_by(self, author: int) -> tuple[MergeRequest, ...]:
        """Return the open ones of an account."""
        return self._listed(author_id=author, state="opened")

    def labelled(self, label: str) -> tuple[MergeRequest, ...]:
        """Return the open ones with a label."""
        return self._listed(labels=label, state="opened")

    def create(self, new: NewMergeRequest) -> MergeRequest:
        """Open a merge request; GitLab may need a moment to see the branch that was just pushed."""

        def look() -> MergeRequest | None:
            return next((one for one in self.of_branch(new.source_branch) if _same(one, new)), None)

        found = look()
        if found is not None:
            return found
        try:
            return self._client.create(self._path, self._body(new), _read, look, soon=_branch_is_new)
        except ForgeError as error:
            # "Another open merge request already exists for this source branch": somebody was faster.
            found = look() if error.status == 409 else None
            if found is None:
                raise
            return found

    def update(self, iid: int, edit: MergeRequestEdit) -> MergeRequest:
        """Change what `edit` names."""
        body: dict[str, Any] = {}
        if edit.title is not None:
            body["title"] = self._outgoing.title(edit.title)
        if edit.description is not None:
            body["description"] = self._outgoing.body(edit.description, TOPIC)
        if edit.add_labels:
            body["add_labels"] = ",".join(edit.add_labels)
        if edit.remove_labels:
            body["remove_labels"] = ",".join(edit.remove_labels)
        if edit.close:
            body["state_event"] = "close"
        return _read(self._client.put(f"{self._path}/{iid}", body))

    def merge(self, iid: int, sha: str) -> MergeRequest:
        """Merge at once; what a lost answer leaves open is looked up."""
        body = {"sha": sha, "merge_when_pipeline_succeeds": False}
        try:
            return _read(self._client.put(f"{self._path}/{iid}/merge", body))
        except ForgeError:
            found = self.get(iid)
            if found is None or found.state is not MergeState.MERGED:
                raise
            return found

    def _listed(self, **query: Any) -> tuple[MergeRequest, ...]:
        pages = self._client.pages(self._path, scope="all", order_by="created_at", sort="desc", **query)
        return tuple(_read(one) for one in pages)

    def _body(self, new: NewMergeRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "source_branch": new.source_branch,
            "target_branch": new.target_branch,
            "title": self._outgoing.title(new.title),
            "description": self._outgoing.body(new.description, TOPIC),
            "remove_source_branch": True,
        }
        if new.labels:
            body["labels"] = ",".join(new.labels)
        if new.reviewers:
            body["reviewer_ids"] = list(new.reviewers)
        return body


def _read(data: Any) -> MergeRequest:
    return objects.read(objects.merge_request, data)


def _same(one: MergeRequest, new: NewMergeRequest) -> bool:
    return one.state is MergeState.OPENED and one.target_branch == new.target_branch


def _branch_is_new(error: ForgeError) -> bool:
    return error.status == 400 and "source_branch" in str(error) and "exist" in str(error)
