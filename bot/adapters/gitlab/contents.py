"""Files and branches as GitLab serves them: configuration and CODEOWNERS are read here, without a clone."""

from urllib.parse import quote

from bot.adapters.gitlab.client import Client
from bot.domain.errors import ForgeError


class GitLabContents:
    """Implements `ports.forge.Contents`."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._path = f"{project}/repository"

    def file(self, path: str, ref: str) -> bytes | None:
        """Return the bytes of one file."""
        return self._client.raw(f"{self._path}/files/{quote(path, safe='')}/raw", ref=ref)

    def tip(self, branch: str) -> str | None:
        """Return the SHA of a branch."""
        found = self._client.find(f"{self._path}/branches/{quote(branch, safe='')}")
        if found is None:
            return None
        try:
            return str(found["commit"]["id"])
        except (KeyError, TypeError):
            raise ForgeError(f"GitLab says nothing of the commit of branch {branch}") from None
