"""The check against GitLab's API description: it sees what is wrong, and the fixture asks it after every test."""

import pytest
import requests

from tests.gitlab_server import conformance

pytestmark = pytest.mark.skipif(
    conformance.known() is None, reason="GitLab's API description is not beside this checkout"
)


def problems(shop, method, path, **details):
    """What the description says about one request; the fixture shall not see it again."""
    headers = {"PRIVATE-TOKEN": shop.token.secret}
    requests.request(method, shop.server.api + path, headers=headers, timeout=10, **details)
    said = list(shop.server.problems)
    shop.server.problems.clear()
    return said


@pytest.mark.parametrize(
    ("method", "path", "details"),
    [
        ("GET", "/projects/1/merge_requests", {"params": {"state": "opened", "per_page": 5, "labels": "a,b"}}),
        ("POST", "/projects/1/issues", {"json": {"title": "x", "labels": ["a"], "confidential": False}}),
        ("POST", "/projects/1/issues", {"data": {"title": "x", "labels": "a"}}),
        ("POST", "/projects/1/uploads", {"files": {"file": ("a.png", b"x")}}),
    ],
)
def test_what_is_allowed(shop, method, path, details):
    assert problems(shop, method, path, **details) == []


@pytest.mark.parametrize(
    ("method", "path", "details", "said"),
    [
        ("GET", "/projects/1/merge_requests", {"params": {"stat": "opened"}}, "stat"),
        ("GET", "/projects/1/merge_requests", {"params": {"author_id": "maria"}}, "author_id"),
        ("POST", "/projects/1/issues", {"json": {"title": ["x"]}}, "title"),
        ("POST", "/projects/1/issues", {"json": {"title": "x", "body": "y"}}, "body"),
        ("GET", "/projects/1/nonsense", {}, "not in GitLab's description"),
    ],
)
def test_what_is_not(shop, method, path, details, said):
    assert any(said in one for one in problems(shop, method, path, **details))
