"""JSON of users, members, tokens, projects and what belongs to a project's settings."""

from tests.gitlab_server.clock import stamp
from tests.gitlab_server.state import Access


def user(world, one):
    """The short form that stands wherever somebody is named, or None."""
    if one is None:
        return None
    return {
        "id": one.id, "username": one.username, "public_email": None, "name": one.name, "state": one.state,
        "locked": False, "avatar_url": None, "web_url": f"{world.base}/{one.username}",
    }  # fmt: skip


def me(world, one):
    return {
        **user(world, one), "email": one.email, "created_at": stamp(world.now()), "bio": "", "bot": one.bot,
        "is_admin": one.admin, "commit_email": one.email, "can_create_project": True, "two_factor_enabled": False,
        "external": False, "private_profile": False, "projects_limit": 100000, "identities": [],
    }  # fmt: skip


def member(world, one):
    return {
        **user(world, one.user), "access_level": int(one.access), "created_at": stamp(world.now()),
        "expires_at": one.expires_at.isoformat() if one.expires_at else None, "membership_state": one.state,
        "created_by": None,
    }  # fmt: skip


def token(one):
    return {
        "id": one.id, "name": one.name, "revoked": one.revoked, "created_at": stamp(one.created_at),
        "description": None, "scopes": list(one.scopes), "user_id": one.user.id, "last_used_at": None,
        "active": not one.revoked, "expires_at": one.expires_at.isoformat() if one.expires_at else None,
    }  # fmt: skip


def project_basic(world, one):
    return {
        "id": one.id, "description": None, "name": one.name, "name_with_namespace": one.path.replace("/", " / "),
        "path": one.name, "path_with_namespace": one.path, "created_at": stamp(one.created_at),
        "default_branch": one.default_branch, "tag_list": [], "topics": [], "ssh_url_to_repo": "",
        "http_url_to_repo": one.url, "web_url": one.web_url, "readme_url": None, "forks_count": 0, "avatar_url": None,
        "star_count": 0, "last_activity_at": stamp(world.now()), "visibility": one.visibility,
        "namespace": {
            "id": 1, "name": one.namespace, "path": one.namespace, "kind": "group", "full_path": one.namespace,
            "parent_id": None, "avatar_url": None, "web_url": f"{world.base}/groups/{one.namespace}",
        },
    }  # fmt: skip


def project(world, one, asks=None):
    """A project as `asks` sees it: with the permissions of that user."""
    access = world.access(one, asks)
    on = {True: "enabled", False: "disabled"}
    return {
        **project_basic(world, one),
        "archived": one.archived, "empty_repo": not one.repository.branches(), "creator_id": one.creator.id,
        "merge_requests_enabled": one.merge_requests_enabled, "issues_enabled": one.issues_enabled,
        "merge_requests_access_level": on[one.merge_requests_enabled], "snippets_enabled": False,
        "issues_access_level": on[one.issues_enabled], "jobs_enabled": True, "builds_access_level": "enabled",
        "wiki_enabled": False, "container_registry_enabled": False, "merge_method": one.merge_method,
        "squash_option": "never",
        "only_allow_merge_if_pipeline_succeeds": one.only_allow_merge_if_pipeline_succeeds,
        "remove_source_branch_after_merge": True,
        "only_allow_merge_if_all_discussions_are_resolved": one.only_allow_merge_if_all_discussions_are_resolved,
        "ci_config_path": "", "shared_with_groups": [],
        "ci_push_repository_for_job_token_allowed": one.job_token_push, "resolve_outdated_diff_discussions": False,
        "forked_from_project": project_basic(world, one.forked_from) if one.forked_from else None,
        "permissions": {
            "project_access": {"access_level": int(access), "notification_level": 3} if access > Access.NONE else None,
            "group_access": None,
        },
    }  # fmt: skip


def label(one, project):
    return {
        "id": one.id, "name": one.name, "description": one.description, "description_html": one.description or "",
        "text_color": "#FFFFFF", "color": one.color, "subscribed": False, "priority": None, "is_project_label": True,
        "open_issues_count": sum(one.name in issue.labels for issue in project.issues.values()),
        "closed_issues_count": 0, "open_merge_requests_count": 0,
    }  # fmt: skip


def hook(one, project):
    return {
        "id": one.id, "url": one.url, "name": one.name, "description": None, "project_id": project.id,
        "created_at": stamp(one.created_at), "push_events": "push" in one.events, "tag_push_events": False,
        "merge_requests_events": "merge_requests" in one.events, "repository_update_events": False,
        "enable_ssl_verification": True, "note_events": "note" in one.events, "issues_events": False,
        "emoji_events": "emoji" in one.events, "job_events": False, "pipeline_events": False, "url_variables": [],
        "confidential_note_events": "note" in one.events, "custom_webhook_template": one.template,
        "custom_headers": [], "alert_status": "executable", "disabled_until": None,
        "token_present": one.token is not None, "signing_token_present": one.signing_token is not None,
    }  # fmt: skip
