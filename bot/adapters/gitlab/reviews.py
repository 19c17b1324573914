"""What people did with the bot's merge requests: lists of GitLab's objects as they are, read and never written."""

from collections.abc import Iterator
from typing import Any

from bot.adapters.git import AUTHOR
from bot.adapters.gitlab import objects
from bot.adapters.gitlab.client import Client
from bot.domain.review import Json, Review

_PAGE = 100


class GitLabReviews:
    """Implements `ports.forge.Reviews`; `page` is how many merge requests are asked for at once, 100 at most."""

    def __init__(self, client: Client, project: str, page: int = _PAGE) -> None:
        self._client = client
        self._page = page
        self._project = project
        self._path = f"{project}/merge_requests"

    def changed(self, author: int, since: str = "") -> Iterator[Json]:
        """Yield merge requests by the time of their last change.

        Pages are asked for by that time and not by number: what changes meanwhile moves to the end of the list, and
        all others would move up by one past the edge of a page.
        """
        seen: set[int] = set()
        while True:
            asked = {"updated_after": since} if since else {}
            page = self._client.get(
                self._path, scope="all", state="all", author_id=author, order_by="updated_at", sort="asc",
                per_page=self._page, **asked,
            )  # fmt: skip
            new = [one for one in objects.read(_listed, page) if one["iid"] not in seen]
            yield from new
            if not new or len(page) < self._page:
                return
            seen.update(one["iid"] for one in new)
            since = str(new[-1]["updated_at"])

    def opened(self, author: int) -> tuple[Json, ...]:
        """Return the open merge requests of an account."""
        listed = self._client.pages(self._path, scope="all", state="opened", author_id=author)
        return tuple(objects.read(_listed, list(listed)))

    def members(self) -> tuple[Json, ...]:
        """Return all members, each with a role."""
        return tuple(self._client.pages(f"{self._project}/members/all"))

    def of(self, merge_request: Json) -> Review:
        """Return what hangs on a merge request."""
        here = f"{self._path}/{merge_request['iid']}"
        approvals = self._client.find(f"{here}/approvals")
        commits = (one for one in self._client.pages(f"{here}/commits") if one.get("author_email") != AUTHOR[1])
        diffs = tuple(self._client.pages(f"{here}/diffs"))
        return Review(
            mr=merge_request,
            discussions=tuple(self._client.pages(f"{here}/discussions")),
            awards=tuple(self._client.pages(f"{here}/award_emoji")),
            approvals=tuple((approvals or {}).get("approved_by") or ()),
            commits=(*commits, *self._reverts(merge_request, diffs)),
            diffs=diffs,
        )

    def _reverts(self, merge_request: Json, diffs: tuple[Json, ...]) -> Iterator[Json]:
        """Yield the commits that say they revert a merge request: of those since the merge that touch its file."""
        merged = merge_request.get("merged_at")
        if merge_request.get("state") != "merged" or not merged or not diffs:
            return
        shas = [merge_request.get(name) for name in ("merge_commit_sha", "squash_commit_sha", "sha")]
        known = [f"This reverts commit {sha}" for sha in shas if sha]
        known.append(f"This reverts merge request !{merge_request['iid']}")
        query = {"ref_name": merge_request.get("target_branch"), "since": merged, "path": diffs[0].get("new_path")}
        for one in self._client.get(f"{self._project}/repository/commits", per_page=_PAGE, **query):
            message = str(one.get("message") or "")
            if any(_says(message, words) for words in known):
                yield one


def _says(message: str, words: str) -> bool:
    """Say whether a message holds these words and not a longer number."""
    _, found, rest = message.partition(words)
    return bool(found) and not rest[:1].isalnum()


def _listed(data: Any) -> list[Json]:
    """Read a list of merge requests; KeyError, and so a ForgeError, where one has no number or time."""
    return [one for one in data if isinstance(one["iid"], int) and str(one["updated_at"])]
