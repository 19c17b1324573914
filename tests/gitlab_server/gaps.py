"""Operations that GitLab's description lacks or has wrong, by hand from its documentation."""

import re

TEXT = {"type": "string"}
NUMBER = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\d+$"}]}
TRUTH = {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false", "1", "0", "True", "False"]}]}
LIST = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "integer"]}}]}
PAGE = {"page": NUMBER, "per_page": NUMBER, "pagination": TEXT, "order_by": TEXT, "sort": {"enum": ["asc", "desc"]}}
POSITION = {
    "type": "object",
    "required": ["base_sha", "head_sha", "start_sha", "position_type"],
    "properties": {
        "base_sha": TEXT, "head_sha": TEXT, "start_sha": TEXT, "position_type": {"enum": ["text", "image", "file"]},
        "new_path": TEXT, "old_path": TEXT, "new_line": NUMBER, "old_line": NUMBER, "line_range": {"type": "object"},
        "width": NUMBER, "height": NUMBER, "x": {}, "y": {}, "ignore_whitespace_change": {},
    },
    "additionalProperties": False,
}  # fmt: skip
NOTE = {"body": TEXT, "created_at": TEXT, "confidential": TRUTH, "internal": TRUTH, "merge_request_diff_head_sha": TEXT}
LABEL = {"name": TEXT, "color": TEXT, "description": TEXT, "priority": NUMBER, "archived": TRUTH}
VALUES = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "array"]}}
WRITTEN = {
    "branch": TEXT, "commit_message": TEXT, "start_branch": TEXT, "author_email": TEXT, "author_name": TEXT,
    "last_commit_id": TEXT,
}  # fmt: skip
FILE = {**WRITTEN, "content": TEXT, "encoding": {"enum": ["text", "base64"]}, "execute_filemode": TRUTH}
ACTION = {
    "type": "object",
    "required": ["action", "file_path"],
    "properties": {
        "action": {"enum": ["create", "delete", "move", "update", "chmod"]}, "file_path": TEXT, "previous_path": TEXT,
        "content": TEXT, "encoding": {"enum": ["text", "base64"]}, "last_commit_id": TEXT, "execute_filemode": TRUTH,
    },
    "additionalProperties": False,
}  # fmt: skip
COMMIT = {
    **WRITTEN, "start_sha": TEXT, "start_project": NUMBER, "stats": TRUTH,
    "actions": {"type": "array", "items": ACTION},
    "force": TRUTH, "allow_empty": TRUTH,
}  # fmt: skip
TRIGGER = {"token": TEXT, "ref": TEXT, "variables": VALUES, "inputs": VALUES}
THINGS = r"/projects/[^/]+/(?:merge_requests|issues)/\d+"
TOKENS = r"/projects/[^/]+/access_tokens"


def _rule(method, path, properties=None, required=()):
    arguments = {
        "type": "object", "properties": properties or {}, "required": list(required), "additionalProperties": False,
    }  # fmt: skip
    return method, re.compile(path), (arguments, {})


RULES = (
    _rule("GET", "/user"),
    _rule("GET", "/users", {**PAGE, "username": TEXT, "search": TEXT, "active": TRUTH}),
    _rule("GET", r"/users/\d+", {"with_custom_attributes": TRUTH}),
    _rule("GET", f"{THINGS}/notes", {**PAGE, "activity_filter": TEXT}),
    _rule("POST", f"{THINGS}/notes", NOTE, ["body"]),
    _rule("GET", rf"{THINGS}/notes/\d+"),
    _rule("PUT", rf"{THINGS}/notes/\d+", NOTE, ["body"]),
    _rule("DELETE", rf"{THINGS}/notes/\d+"),
    _rule("GET", f"{THINGS}/discussions", PAGE),
    _rule("POST", f"{THINGS}/discussions", {**NOTE, "commit_id": TEXT, "position": POSITION}, ["body"]),
    _rule("GET", rf"{THINGS}/discussions/\w+"),
    _rule("PUT", rf"{THINGS}/discussions/\w+", {"resolved": TRUTH}, ["resolved"]),
    _rule("POST", rf"{THINGS}/discussions/\w+/notes", {**NOTE, "note_id": NUMBER}, ["body"]),
    _rule("PUT", rf"{THINGS}/discussions/\w+/notes/\d+", {"body": TEXT, "resolved": TRUTH}),
    _rule("DELETE", rf"{THINGS}/discussions/\w+/notes/\d+"),
    _rule("GET", f"{THINGS}/resource_label_events", PAGE),
    _rule("GET", "/projects/[^/]+/labels", {**PAGE, "with_counts": TRUTH, "search": TEXT}),
    _rule("POST", "/projects/[^/]+/labels", LABEL, ["name", "color"]),
    _rule("POST", "/projects/[^/]+/repository/commits", COMMIT, ["branch", "commit_message", "actions"]),
    _rule("POST", "/projects/[^/]+/repository/files/[^/]+", FILE, ["branch", "commit_message", "content"]),
    _rule("PUT", "/projects/[^/]+/repository/files/[^/]+", FILE, ["branch", "commit_message", "content"]),
    _rule("GET", r"/projects/[^/]+/jobs/\d+/artifacts/.+", {"job_token": TEXT}),
    _rule("GET", "/projects/[^/]+/jobs/artifacts/[^/]+/raw/.+", {"job": TEXT, "job_token": TEXT}, ["job"]),
    _rule("POST", "/projects/[^/]+/trigger/pipeline", TRIGGER, ["token", "ref"]),
    # python-gitlab always sends an empty `avatar` beside a file.
    _rule("POST", "/projects/[^/]+/uploads", {"file": {}, "avatar": {"const": ""}}),
    _rule("GET", TOKENS, PAGE),
    _rule("GET", "/projects/[^/]+/search", {**PAGE, "scope": TEXT, "search": TEXT, "ref": TEXT}, ["scope", "search"]),
    _rule("PUT", r"/suggestions/\d+/apply", {"commit_message": TEXT}),
)  # fmt: skip


def find(method, path):
    """The arguments and answers of an operation that is written here, or None."""
    return next((found for one, pattern, found in RULES if one == method and pattern.fullmatch(path)), None)
