"""The onboarding merge request: what `hotlap init` found, proposed once, on a GitLab with real git."""

import pytest

from bot.app.init import Plan
from bot.config import parse
from bot.domain.errors import Refused
from bot.wiring.onboarding import onboard
from tests.gitlab_server import Access
from tests.gitlab_server.fixtures import gitlab_server  # noqa: F401

pytestmark = pytest.mark.slow
PLAN = Plan(((".hotlap.yml", "version: 1\n"),), ("tests: python -m pytest -q", "import roots: /merge @all"), ())


@pytest.fixture
def project(gitlab_server, monkeypatch):  # noqa: F811
    maria = gitlab_server.add_user("maria")
    made = gitlab_server.add_project("team/shop", maria, {"shop.py": "x = 1\n"})
    token = gitlab_server.add_project_token(made, "hotlap", Access.DEVELOPER, ("api", "write_repository"))
    for name, value in (("URL", gitlab_server.url), ("TOKEN", token.secret), ("PROJECT", "team/shop")):
        monkeypatch.setenv(f"HOTLAP_GITLAB_{name}", value)
    return made


def test_the_merge_request_holds_a_valid_configuration_and_is_opened_once(gitlab_server, project):  # noqa: F811
    for _ in range(2):
        onboard(PLAN)
    (request,) = project.merge_requests.values()
    assert (request.title, request.source_branch) == ("Draft: Begin with Hotlap", "hotlap/onboarding")
    parse(project.repository.read("hotlap/onboarding", ".hotlap.yml"))
    assert "python -m pytest -q" in request.description
    assert (gitlab_server.executed, gitlab_server.mentions) == ([], [])


def test_a_merge_request_that_people_closed_is_not_opened_again(gitlab_server, project):  # noqa: F811
    onboard(PLAN)
    (request,) = project.merge_requests.values()
    gitlab_server.close(request, project.creator)
    assert onboard(PLAN).how == "publish.rejected-before"
    assert len(project.merge_requests) == 1


def test_a_project_that_has_a_configuration_gets_none(gitlab_server, project):  # noqa: F811
    gitlab_server.push(project, project.creator, "main", {".hotlap.yml": "version: 1\n"})
    with pytest.raises(Refused, match="is on main already"):
        onboard(PLAN)
