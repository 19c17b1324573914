"""What happens to merge requests and issues: opened, updated, pushed to, approved, merged, closed."""

import re

from tests.gitlab_server import hooks
from tests.gitlab_server.repository import MissingError
from tests.gitlab_server.state import Access
from tests.gitlab_server.talk import Issue, MergeRequest, Note, Version
from tests.gitlab_server.world import RefusalError, forbidden

LONGEST = 1_048_576


def open_mr(world, project, user, source_project, source, target, title, description=""):
    """Open a merge request. Raises RefusalError 400, 403 or 409 as GitLab does."""
    if not project.merge_requests_enabled or world.access(source_project, user) < Access.DEVELOPER:
        raise forbidden()
    _check_branches(world, project, source_project, source, target)
    check_text(title, description)
    now = world.now()
    mr = MergeRequest(
        world.next("merge_request"), world.next(f"merge_request {project.id}"), project, user, title, description,
        now, now, source_project=source_project, source_branch=source, target_branch=target,
    )  # fmt: skip
    project.merge_requests[mr.iid] = mr
    refresh(world, mr)
    hooks.merge_request(world, mr, user, "open")
    return mr


def _check_branches(world, project, source_project, source, target):
    if source_project is project and source == target:
        raise RefusalError(409, {"message": ["You can't use same project/branch for source and target"]})
    if not source_project.repository.has(f"refs/heads/{source}") or world.late.refuses_branch(source_project, source):
        raise RefusalError(400, {"message": {"source_branch": ["does not exist"]}})
    if not project.repository.has(f"refs/heads/{target}"):
        raise RefusalError(400, {"message": {"target_branch": ["does not exist"]}})
    for other in project.merge_requests.values():
        wanted = (source_project, source, target, "opened")
        if (other.source_project, other.source_branch, other.target_branch, other.state) == wanted:
            said = f"Another open merge request already exists for this source branch: !{other.iid}"
            raise RefusalError(409, {"message": [said]})


def check_text(title, description):
    """Refuse a title or description that GitLab would not store."""
    if title is not None and not 0 < len(title.strip()) <= 255:
        wrong = "is too long (maximum is 255 characters)" if title.strip() else "can't be blank"
        raise RefusalError(400, {"message": {"title": [wrong]}})
    if description is not None and len(description) > LONGEST:
        raise RefusalError(400, {"message": {"description": [f"is too long (maximum is {LONGEST} characters)"]}})


def open_issue(world, project, user, title, description=""):
    if not project.issues_enabled:
        raise RefusalError(404, "404 Project Not Found")
    check_text(title, description)
    now = world.now()
    number = world.next(f"issue {project.id}")
    issue = Issue(world.next("issue"), number, project, user, title, description, now, now)
    project.issues[issue.iid] = issue
    return issue


def system_note(world, thing, user, body):
    now = world.now()
    note = Note(world.next("note"), thing, discussion_id(world), user, body, now, now, system=True)
    thing.notes.append(note)
    thing.updated_at = now
    return note


def discussion_id(world):
    return f"{world.next('discussion'):040x}"


def refresh(world, mr):
    """Take up what was pushed: a new diff version where the head moved; returns whether it did."""
    try:
        head = mr.source_project.repository.sha(f"refs/heads/{mr.source_branch}")
    except MissingError:
        return False
    if mr.source_project is not mr.project:
        mr.project.repository.git("fetch", "-q", str(mr.source_project.repository.path), head)
    start = mr.project.repository.sha(f"refs/heads/{mr.target_branch}")
    if mr.sha == head:
        return False
    try:
        base = mr.project.repository.merge_base(start, head)
    except MissingError:
        base = start
    mr.project.repository.git("update-ref", f"refs/merge-requests/{mr.iid}/head", head)
    mr.versions.append(Version(world.next("version"), base, start, head, world.now()))
    mr.approvals.clear()
    mr.reads = 0
    return True


def pushed(world, project, user):
    """Let the merge requests of every project see what was pushed to this one."""
    for target in world.projects.values():
        for mr in target.merge_requests.values():
            if mr.source_project is not project or mr.state != "opened":
                continue
            if not project.repository.has(f"refs/heads/{mr.source_branch}"):
                close(world, mr, user)
            elif refresh(world, mr):
                system_note(world, mr, user, f"added 1 commit\n\n<ul><li>{mr.sha[:8]}</li></ul>")
                hooks.merge_request(world, mr, user, "update")


def approve(world, mr, user, sha=None):
    """Approve. Raises RefusalError 409 where `sha` is not the head, 401 where the user may not."""
    if sha is not None and sha != mr.sha:
        raise RefusalError(409, {"message": "SHA does not match HEAD of source branch: " + mr.sha})
    if user in mr.approvals or world.access(mr.project, user) < Access.DEVELOPER:
        raise RefusalError(401, "401 Unauthorized")
    mr.approvals.append(user)
    system_note(world, mr, user, "approved this merge request")
    hooks.merge_request(world, mr, user, "approved")


def close(world, thing, user):
    if thing.state == "opened":
        thing.state, thing.closed_by, thing.closed_at = "closed", user, world.now()
        system_note(world, thing, user, "closed")
        hooks.merge_request(world, thing, user, "close")


def reopen(world, thing, user):
    if thing.state != "closed":
        return
    if thing.kind == "MergeRequest":
        if not thing.source_project.repository.has(f"refs/heads/{thing.source_branch}"):
            return
        _check_branches(world, thing.project, thing.source_project, thing.source_branch, thing.target_branch)
        refresh(world, thing)
    thing.state, thing.closed_by, thing.closed_at = "opened", None, None
    system_note(world, thing, user, "reopened")
    hooks.merge_request(world, thing, user, "reopen")


def conflicts(mr) -> bool:
    """Whether the merge request cannot be merged; found out once for a pair of commits."""
    if not mr.project.repository.has(f"refs/heads/{mr.target_branch}"):
        return True
    pair = (mr.project.repository.sha(f"refs/heads/{mr.target_branch}"), mr.sha)
    if pair not in mr.conflicts:
        try:
            mr.project.repository.git("merge-tree", "--write-tree", *pair)
            mr.conflicts[pair] = False
        except MissingError:
            mr.conflicts[pair] = True
    return mr.conflicts[pair]


def merge(world, mr, user, sha=None):
    """Merge as the project says. Raises RefusalError 401, 405, 409 or 422 as GitLab does."""
    if not world.may_merge(mr.project, user, mr.target_branch):
        raise RefusalError(401, "401 Unauthorized")
    if mr.state != "opened" or mr.draft or not _allowed(mr):
        raise RefusalError(405, "405 Method Not Allowed")
    if sha is not None and sha != mr.sha:
        raise RefusalError(409, f"SHA does not match HEAD of source branch: {mr.sha}")
    if conflicts(mr):
        raise RefusalError(422, "Branch cannot be merged")
    _to_target(mr, user)
    mr.state, mr.merged_by, mr.merged_at = "merged", user, world.now()
    if mr.remove_source_branch:
        mr.source_project.repository.delete_branch(mr.source_branch)
    system_note(world, mr, user, "merged")
    _close_issues(world, mr, user)
    hooks.merge_request(world, mr, user, "merge")


def _allowed(mr):
    """Whether the project's own conditions hold: a pipeline of the head that succeeded, no open threads."""
    project, last = mr.project, mr.pipelines[-1] if mr.pipelines else None
    if project.only_allow_merge_if_pipeline_succeeds and (
        last is None or (last.sha, last.status) != (mr.sha, "success")
    ):
        return False
    waiting = any(note.kind is not None and not note.system and not note.resolved for note in mr.notes)
    return not (project.only_allow_merge_if_all_discussions_are_resolved and waiting)


def _to_target(mr, user):
    """Bring the commits to the target branch: by a merge commit, by one squashed commit, or by moving the branch."""
    git, repository = mr.project.repository.git, mr.project.repository
    target = repository.sha(f"refs/heads/{mr.target_branch}")
    person = ("-c", f"user.name={user.name}", "-c", f"user.email={user.email}")
    tree = git("merge-tree", "--write-tree", target, mr.sha).split()[0]
    head = mr.sha
    if mr.squash:
        head = mr.squash_commit = git(*person, "commit-tree", tree, "-p", target, "-m", mr.title)
    if mr.project.merge_method == "ff":
        if repository.merge_base(target, head) != target:
            raise RefusalError(405, "405 Method Not Allowed")
        commit = head
    else:
        text = f"Merge branch '{mr.source_branch}' into '{mr.target_branch}'\n\n{mr.title}\n"
        commit = mr.merge_commit = git(*person, "commit-tree", tree, "-p", target, "-p", head, "-m", text)
    git("update-ref", f"refs/heads/{mr.target_branch}", commit, target)


def _close_issues(world, mr, user):
    for number in re.findall(r"\b(?:clos|fix|resolv|implement)\w*:? #(\d+)", mr.description, re.IGNORECASE):
        issue = mr.project.issues.get(int(number))
        if issue is not None and mr.target_branch == mr.project.default_branch:
            close(world, issue, user)
