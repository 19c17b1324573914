"""Pictures in the project's uploads."""

import re
from pathlib import PurePosixPath

from bot.adapters.gitlab.client import Client
from bot.domain.errors import ForgeError

_KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".gif": "image/gif"}


class GitLabUploads:
    """Implements `ports.forge.Uploads`."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._path = f"{project}/uploads"

    def upload(self, name: str, data: bytes) -> str:
        """Store a file under a harmless form of its name."""
        safe = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePosixPath(name).name).strip("-.") or "file"
        kind = _KINDS.get(PurePosixPath(safe).suffix.lower(), "application/octet-stream")
        answer = self._client.upload(self._path, safe, data, kind)
        shown = answer.get("markdown") if isinstance(answer, dict) else None
        if not isinstance(shown, str):
            raise ForgeError(f"GitLab did not say how to show the upload {safe}")
        return shown
