"""Differences between commits in GitLab's form, and whether a position of a note lies in them."""

import re

from tests.gitlab_server.world import RefusalError

HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
NO_LINE = '400 (Bad request) "Note {:line_code=>["can\'t be blank", "must be a valid line code"]}" not given'


def entries(repository, base, head):
    """The changed files between two revisions: GitLab's list of diffs."""
    flags = ("diff", "-M", "--no-color", "--no-ext-diff")
    fields = repository.raw(*flags, "--raw", "-z", "--abbrev=40", base, head, "--").decode().split("\0")
    pieces = re.split(r"(?m)^diff --git .*\n", repository.raw(*flags, base, head, "--").decode(errors="replace"))[1:]
    found = []
    while fields and fields[0]:
        old_mode, new_mode, _, _, status = fields.pop(0).lstrip(":").split()
        old = new = fields.pop(0)
        if status[0] in "RC":
            new = fields.pop(0)
        found.append(_entry(old, new, old_mode, new_mode, status, pieces[len(found)]))
    return found


def _entry(old, new, old_mode, new_mode, status, piece):
    start = HUNK.search(piece)
    return {
        "diff": piece[start.start() :] if start else "",
        "collapsed": False,
        "too_large": False,
        "new_path": new,
        "old_path": old,
        "a_mode": old_mode,
        "b_mode": new_mode,
        "new_file": status == "A",
        "renamed_file": status[0] == "R",
        "deleted_file": status == "D",
        "generated_file": False,
    }


def check_position(mr, position):
    """Refuse a position that is not on a line of the merge request's diff, as GitLab does."""
    if mr.kind != "MergeRequest":
        raise RefusalError(400, NO_LINE)
    missing = [f"position[{name}]" for name in ("base_sha", "start_sha", "head_sha") if not position.get(name)]
    if missing:
        raise RefusalError(400, {"error": ", ".join(f"{name} is missing" for name in missing)})
    version = next((one for one in mr.versions if one.head == position["head_sha"]), None)
    if version is None or version.base != position["base_sha"]:
        raise RefusalError(400, NO_LINE)
    if position.get("position_type", "text") == "file":
        return
    for entry in entries(mr.project.repository, version.base, version.head):
        names = (position.get("old_path") or entry["old_path"], position.get("new_path") or entry["new_path"])
        if names == (entry["old_path"], entry["new_path"]) and _holds(entry["diff"], position):
            return
    raise RefusalError(400, NO_LINE)


def _holds(diff, position):
    old, new = (int(position[side]) if position.get(side) else None for side in ("old_line", "new_line"))
    return (old, new) in set(_lines(diff))


def _lines(diff):
    """The lines of a diff as (old, new): None for the side that does not have it."""
    old = new = 0
    for line in diff.splitlines():
        if match := HUNK.match(line):
            old, new = int(match[1]), int(match[3])
        elif line.startswith("+"):
            yield None, new
            new += 1
        elif line.startswith("-"):
            yield old, None
            old += 1
        elif line.startswith(" "):
            yield old, new
            old, new = old + 1, new + 1
