"""The fixture; a conftest.py imports it."""

import pytest

from tests.gitlab_server.server import GitLabServer


@pytest.fixture
def gitlab_server(tmp_path):
    """A running GitLab; at the end nothing may have crashed in it, and every request must have been valid."""
    with GitLabServer(tmp_path / "gitlab") as server:
        yield server
    assert not server.crashes, "\n".join(server.crashes)
    assert not server.problems, f"GitLab's description does not allow these requests: {server.problems}"
    assert not server.flaws, f"GitLab's description does not allow these answers of the server: {server.flaws}"
