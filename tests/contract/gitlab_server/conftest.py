"""A shop with its people, and python-gitlab as its bot: the first of the two foreign clients."""

from dataclasses import dataclass
from typing import Any

import gitlab
import pytest

from tests.gitlab_server import Access, GitLabServer
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

FILES = {"README.md": "# Shop\n", "core.py": "".join(f"line_{number} = {number}\n" for number in range(1, 31))}


@dataclass
class Shop:
    server: GitLabServer
    project: Any
    owner: Any
    guest: Any
    token: Any
    api: Any

    @property
    def bot(self):
        return self.token.user

    def change(self, branch="hotlap/core", title="Faster", **details):
        """A merge request of the bot with one changed line, as python-gitlab has it."""
        self.server.push(
            self.project, self.bot, branch, {"core.py": FILES["core.py"].replace("line_5 = 5", "line_5 = 6")}
        )
        return self.api.mergerequests.create(
            {"source_branch": branch, "target_branch": "main", "title": title, **details}
        )


@pytest.fixture
def client(gitlab_server):  # noqa: F811
    """Make a client for a secret; it does not repeat calls by itself."""

    def made(secret, **details):
        return gitlab.Gitlab(gitlab_server.url, private_token=secret, timeout=10, **details)

    return made


@pytest.fixture
def shop(gitlab_server, client):  # noqa: F811
    owner = gitlab_server.add_user("maria")
    guest = gitlab_server.add_user("gustav")
    project = gitlab_server.add_project("team/shop", owner, FILES)
    gitlab_server.add_member(project, guest, Access.GUEST)
    token = gitlab_server.add_project_token(project, "hotlap", Access.DEVELOPER, ("api", "write_repository"))
    api = client(token.secret).projects.get("team/shop")
    return Shop(gitlab_server, project, owner, guest, token, api)
