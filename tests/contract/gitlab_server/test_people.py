"""Tokens, scopes, ends and levels, as python-gitlab sees them."""

from datetime import timedelta

import gitlab
import pytest
import requests

from tests.gitlab_server import Access


def test_a_token_says_who_it_is_and_what_it_may(shop, client):
    me = client(shop.token.secret)
    me.auth()
    assert me.user.username == shop.bot.username
    own = me.personal_access_tokens.get("self")
    assert own.scopes == ["api", "write_repository"]
    assert own.active


def test_a_wrong_token_is_refused(shop, client):
    with pytest.raises(gitlab.GitlabAuthenticationError) as refused:
        client("glpat-wrong").auth()
    assert refused.value.response_code == 401


@pytest.mark.parametrize(("details", "said"), [({"revoked": True}, "revoked"), ({"days": -1}, "expired")])
def test_a_dead_token_says_why(shop, client, details, said):
    ends = shop.server.clock.today() + timedelta(days=details.pop("days", 30))
    token = shop.server.add_token(shop.owner, expires_at=ends, **details)
    with pytest.raises(gitlab.GitlabAuthenticationError) as refused:
        client(token.secret).auth()
    assert said in refused.value.response_body.decode()


def test_a_token_ends_when_its_day_comes(shop, client):
    token = shop.server.add_token(shop.owner, expires_at=shop.server.clock.today() + timedelta(days=2))
    client(token.secret).auth()
    shop.server.clock.advance(3 * 86400)
    with pytest.raises(gitlab.GitlabAuthenticationError):
        client(token.secret).auth()


def test_a_scope_that_is_missing_is_named(shop, client):
    reader = shop.server.add_token(shop.owner, scopes=("read_api",))
    project = client(reader.secret).projects.get(shop.project.id)
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        project.issues.create({"title": "No"})
    assert refused.value.response_code == 403
    assert "insufficient_scope" in refused.value.response_body.decode()


def test_members_with_inherited_and_ended_ones(shop):
    lead, gone = shop.server.add_user("lena"), shop.server.add_user("gregor")
    shop.server.add_member(shop.project, lead, Access.MAINTAINER, inherited=True)
    shop.server.add_member(shop.project, gone, Access.DEVELOPER, expires_at=shop.server.clock.today())
    assert shop.api.members_all.get(lead.id).access_level == 40
    assert lead.username not in {member.username for member in shop.api.members.list(get_all=True)}
    with pytest.raises(gitlab.GitlabGetError):
        shop.api.members_all.get(gone.id)


def test_a_private_project_is_not_there_for_strangers(shop, client):
    stranger = shop.server.add_token(shop.server.add_user("stella"))
    with pytest.raises(gitlab.GitlabGetError) as refused:
        client(stranger.secret).projects.get("team/shop")
    assert (refused.value.response_code, refused.value.error_message) == (404, "404 Project Not Found")


def test_a_job_token_reads_and_cannot_write(shop, gitlab_server):
    mr = shop.change()
    token = shop.server.add_job_token(shop.project, shop.owner)
    job = gitlab.Gitlab(gitlab_server.url, job_token=token.secret).projects.get(shop.project.id, lazy=True)
    assert job.mergerequests.get(mr.iid).title == "Faster"
    with pytest.raises(gitlab.GitlabError) as refused:
        job.mergerequests.get(mr.iid, lazy=True).notes.create({"body": "No"})
    assert refused.value.response_code == 401


def test_a_job_token_stays_in_its_project_unless_the_other_allows_it(shop, gitlab_server):
    other = gitlab_server.add_project("team/other", shop.owner)
    secret = gitlab_server.add_job_token(shop.project, shop.owner).secret
    commits = f"{gitlab_server.api}/projects/{other.id}/repository/commits"
    refused = requests.get(commits, headers={"JOB-TOKEN": secret}, timeout=5)
    assert refused.status_code == 403
    assert "job token not allowed from team/shop to team/other" in refused.text
    other.job_token_allowlist.add("team/shop")
    assert len(requests.get(commits, headers={"JOB-TOKEN": secret}, timeout=5).json()) == 1


def test_an_archived_project_takes_no_writes(shop):
    shop.project.archived = True
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        shop.api.issues.create({"title": "No"})
    assert refused.value.response_code == 403


def test_lists_come_in_pages(shop):
    for number in range(45):
        shop.server.open_issue(shop.project, shop.owner, f"Issue {number}")
    first = shop.api.issues.list(per_page=20, iterator=True)
    assert (first.total, first.total_pages, first.next_page) == (45, 3, 2)
    assert len({issue.iid for issue in shop.api.issues.list(per_page=20, get_all=True)}) == 45
