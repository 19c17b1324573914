"""A stateful GitLab to test against; README.md says what it offers."""

from tests.gitlab_server.faults import Fault
from tests.gitlab_server.server import GitLabServer
from tests.gitlab_server.state import Access

__all__ = ["Access", "Fault", "GitLabServer"]
