"""A project on the GitLab to test against, and the bot's way to it: the API client and git, with short patience."""

import datetime as dt
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.adapters.gitlab import Address, Patience, connected
from bot.adapters.gitlab.remote import GitRemote
from bot.domain.code import FileChange
from bot.domain.job import EditSet
from bot.domain.publication import Publication
from bot.domain.redact import Redactor
from tests.gitlab_server import Access
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401 - a fixture

BEFORE, AFTER = b"def total(rows):\n    return sum(rows)\n", b"def total(rows):\n    return fsum(rows)\n"
PATIENCE = Patience(attempts=4, total=30.0, longest=0.01, shortest=0.001)


@dataclass
class Shop:
    """One project, its people, and what the bot sees of it; `sleep` stands for every wait."""

    server: Any
    project: Any
    people: dict
    token: Any
    places: Any
    slept: list = field(default_factory=list)

    def sleep(self, seconds):
        self.slept.append(seconds)

    @property
    def address(self):
        return Address(self.server.url, self.token.secret, timeout=30.0)

    @property
    def redactor(self):
        return Redactor((self.token.secret,))

    def forge(self, token=None, timeout=30.0):
        secret = self.token.secret if token is None else token
        address = Address(self.server.url, secret, timeout=timeout)
        today = dt.date.fromtimestamp
        return connected(
            address,
            self.project.path,
            Redactor((secret,)),
            PATIENCE,
            self.sleep,
            lambda: today(self.server.clock.now()),
        )

    def remote(self):
        place = self.places / f"run-{len(list(self.places.iterdir()))}"
        return GitRemote(
            place,
            self.project.url,
            self.address,
            os.environ,
            self.redactor,
            PATIENCE,
            self.sleep,
        )

    def writes(self):
        """What was written so far; fetching over git is a POST as well."""
        return [one for one in self.server.written() if not one.path.endswith("git-upload-pack")]

    def change(self, remote, **others):
        """A proven change in the clone of `remote`, as a job would hand it on."""
        base = remote.fetch("main")
        edits = EditSet((FileChange("src/total.py", BEFORE, others.pop("after", AFTER)),))
        commit = remote.checkout.commit(base, edits, "Make total faster\n")
        facts = {
            "title": "Make total 1.3x faster",
            "description": "It is **1.3x** faster.",
            "changed": ("src/total.py",),
        }
        return Publication("hotlap/src-total-total", "main", base, commit, **(facts | others))


def people(server):
    return {name: server.add_user(name) for name in ("maria", "dev", "guest", "rose", "stranger")}


def stocked(server, people, path, places):
    """A new project with the same people in it, and a token for the bot."""
    files = {"src/total.py": BEFORE.decode(), "README.md": "# Shop\n", "CODEOWNERS": "* @dev\n/docs/ @maria\n"}
    project = server.add_project(path, owner=people["maria"], files=files)
    server.add_member(project, people["dev"], Access.DEVELOPER)
    server.add_member(project, people["rose"], Access.REPORTER)
    server.add_member(project, people["guest"], Access.GUEST)
    scopes = ("api", "write_repository")
    token = server.add_project_token(project, "hotlap", access=Access.DEVELOPER, scopes=scopes)
    places.mkdir()
    return Shop(server, project, people, token, places)


@pytest.fixture
def shop(gitlab_server, tmp_path):  # noqa: F811 - the fixture
    return stocked(gitlab_server, people(gitlab_server), "team/shop", tmp_path / "places")


@pytest.fixture
def more(gitlab_server, tmp_path):  # noqa: F811 - the fixture
    """Makes one new project after the other on the same server."""
    known, number = people(gitlab_server), itertools.count()
    return lambda: stocked(gitlab_server, known, f"team/shop-{(n := next(number))}", tmp_path / f"places-{n}")
