"""What GitLab does with posted text: it runs and strips quick actions, and links mentions and references.

The expression for quick actions is built as `lib/gitlab/quick_actions/extractor.rb` of GitLab builds it. References are
looked for where Markdown is text, as its parser sees it: not in code, comments, or behind a backslash.
"""

import html
import re
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

NAMES = """
    add_child add_contacts add_email add_parent approve assign assign_reviewer award blocked_by blocks
    board_move cc checkin_reminder child_of clear_health_status clear_weight clone close confidential
    convert_to_ticket copy_metadata create_merge_request done draft due duplicate epic estimate estimate_time
    health_status invite_email iteration label labels link lock mark_as_spam merge milestone move page parent
    promote promote_to promote_to_incident publish react ready reassign reassign_reviewer rebase relabel relate
    remove_assignee remove_child remove_contacts remove_due_date remove_email remove_epic remove_estimate
    remove_iteration remove_label remove_labels remove_milestone remove_parent remove_reviewer remove_time_spent
    remove_zoom reopen request_changes request_review reviewer set_parent severity shrug spend spend_time spent
    status submit_review subscribe tableflip target_branch timeline title todo type unapprove unassign
    unassign_reviewer unblock unlabel unlink unlock unsubscribe weight zoom
"""
QUICK_ACTIONS = tuple(NAMES.split())
MENTION = re.compile(r"(?<![\w@])@(\w[\w.\-/]*\w|\w)")
REFERENCE = re.compile(r"(?<![\w&])([#!$&%]\d+|~(?:\"[^\"]+\"|[A-Za-z0-9_][\w:\-]*)|%(?:\"[^\"]+\"|[A-Za-z]\w+))")
TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[^>]*>", re.DOTALL)
BREAK = "\x00"


@dataclass(frozen=True)
class QuickAction:
    user: str
    where: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Mention:
    author: str
    name: str
    where: str


@dataclass(frozen=True)
class Reference:
    author: str
    text: str
    where: str


def _extractor():
    names = "|".join(sorted(QUICK_ACTIONS, key=len, reverse=True))
    return re.compile(
        r"(?:^```.+?\n```$)|(?:^.*`\n*.+?\n*`$)|(?:^<[^>]+?>\n.+?\n</[^>]+?>$)|(?:^>>>.+?\n>>>$)"
        rf"|(?:^/(?P<name>{names})(?:[ ](?P<arguments>[^\n]*))?(?:\s*\n|\s*\Z|$))",
        re.MULTILINE | re.IGNORECASE | re.DOTALL,
    )


EXTRACTOR = _extractor()


def extract(text: str) -> tuple[str, list]:
    """Take the quick actions out of a text; returns what is left and (name, arguments) of each."""
    found = []

    def take(match):
        if match["name"] is None:
            return match[0]
        found.append((match["name"].lower(), (match["arguments"] or "").strip()))
        return ""

    left = EXTRACTOR.sub(take, text.replace("\r", ""))
    return (left.rstrip() if found else text), found


def mentions(text: str) -> list[str]:
    """The names after an @ that GitLab would look up, in order."""
    return [match[1] for piece in _prose(text) for match in MENTION.finditer(piece)]


def references(text: str) -> list[str]:
    """What looks like a reference to an issue, merge request, label, snippet, epic or milestone, in order."""
    return [match[1] for piece in _prose(text) for match in REFERENCE.finditer(piece)]


def _prose(text: str):
    # Joining the tokens of escapes would make `\@name` look like `@name`, which GitLab protects.
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
    for token in parser.parse(text):
        if token.type == "html_block":
            yield html.unescape(TAG.sub(BREAK, token.content))
        elif token.type == "inline":
            yield "".join(_text(child) for child in token.children)


def _text(token: Any) -> str:
    if token.type == "text" or (token.type == "text_special" and token.info == "entity"):
        return token.content
    return "\n" if token.type in {"softbreak", "hardbreak"} else BREAK
