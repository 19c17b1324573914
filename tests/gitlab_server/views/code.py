"""JSON of commits, branches and trees, read from the repository."""

from tests.gitlab_server.repository import MissingError

FORMAT = "%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01"


def commits(project, *words):
    """Commits as `git log` gives them for those arguments, newest first."""
    text = project.repository.git("log", f"--format={FORMAT}", *words)
    return [_commit(project, piece.lstrip("\n").split("\0")) for piece in text.split("\x01") if piece.strip()]


def commit(project, ref):
    return commits(project, "-1", ref, "--")[0]


def _commit(project, fields):
    sha, parents, author, email, authored, committer, address, committed, message, *_ = fields
    return {
        "id": sha, "short_id": sha[:8], "created_at": committed, "parent_ids": parents.split(),
        "title": message.partition("\n")[0], "message": message, "author_name": author, "author_email": email,
        "authored_date": authored, "committer_name": committer, "committer_email": address,
        "committed_date": committed, "trailers": {}, "extended_trailers": {},
        "web_url": f"{project.web_url}/-/commit/{sha}",
    }  # fmt: skip


def branch(world, project, name, sha, asks):
    rule = world.protection(project, name)
    try:
        merged = name != project.default_branch and not project.repository.log(f"{project.default_branch}..{sha}")
    except MissingError:
        merged = False
    return {
        "name": name, "commit": commit(project, sha), "merged": merged, "protected": rule is not None,
        "developers_can_push": False, "developers_can_merge": False, "default": name == project.default_branch,
        "can_push": world.may_push(project, asks, name), "web_url": f"{project.web_url}/-/tree/{name}",
    }  # fmt: skip


def protected(rule):
    def levels(access):
        return [{"id": 1, "access_level": int(access), "access_level_description": access.name.title()}]

    return {
        "id": 1, "name": rule.pattern, "push_access_levels": levels(rule.push), "allow_force_push": False,
        "merge_access_levels": levels(rule.merge), "unprotect_access_levels": [], "inherited": False,
    }  # fmt: skip


def tree(line):
    """An entry of `git ls-tree`."""
    head, _, path = line.partition("\t")
    mode, kind, sha = head.split()[:3]
    return {"id": sha, "name": path.rpartition("/")[2], "type": kind, "path": path, "mode": mode}
