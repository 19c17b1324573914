"""What GitLab does with posted text: it runs and strips quick actions, and links mentions and references.

Quick actions are found as `lib/gitlab/quick_actions/extractor.rb` of GitLab 18 finds them: by an expression in
paragraphs that a Markdown parser finds. References are looked for where Markdown is text: not in code, in comments, or
behind a backslash.
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
LINK = re.compile(r"[@#!$&%~]")
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


def _commands(*others):
    """An expression for lines that are quick actions; what `others` match is left alone."""
    names = "|".join(sorted(QUICK_ACTIONS, key=len, reverse=True))
    action = rf"^/(?P<name>{names})(?:[ ](?P<arguments>[^\n]*))?(?:\s*\n|$)"
    return re.compile("|".join([*others, action]), re.MULTILINE | re.IGNORECASE | re.DOTALL)


CODE, BLOCK = r"`.+?`", r"^<[^>]+?>\n.+?\n</[^>]+?>$"
ANYWHERE, OUTSIDE_CODE, OUTSIDE = _commands(), _commands(CODE), _commands(CODE, BLOCK)
MOST_TAGS = 500
"""Looking for the end of so many blocks takes for ever; without it more is taken for a quick action, never less."""


def extract(text: str) -> tuple[str, list]:
    """Take the quick actions out of a text; returns what is left and (name, arguments) of each.

    They are looked for in paragraphs that stand in nothing else: no quotes, lists, code or HTML.
    """
    text = text.replace("\r", "")
    if ANYWHERE.search(text) is None:
        return text, []
    lines, found = text.split("\n"), []

    def take(match):
        if match["name"] is None:
            return match[0]
        found.append((match["name"].lower(), (match["arguments"] or "").strip()))
        return ""

    pieces, done = [], 0
    for start, after in _paragraphs(text):
        end = after + (after < len(lines) - 1 and lines[after] == "")
        pieces += [f"{line}\n" for line in lines[done:start]]
        paragraph = "".join(f"{line}\n" for line in lines[start:end])
        many = paragraph.count("\n<") > MOST_TAGS
        pieces.append((OUTSIDE_CODE if many else OUTSIDE).sub(take, paragraph))
        done = end
    pieces += [f"{line}\n" for line in lines[done:]]
    return ("".join(pieces).rstrip() if found else text), found


def _paragraphs(text):
    """The first line and the line after the last of each paragraph at the top, counted from 0."""
    fences = [number for number, line in enumerate(text.split("\n")) if line.rstrip() == ">>>"]
    quoted = {line for first, last in zip(fences[::2], fences[1::2], strict=False) for line in range(first, last)}
    for token in MarkdownIt("commonmark").enable("table").disable("inline").parse(text):
        if token.type == "paragraph_open" and token.level == 0 and token.map[0] not in quoted:
            yield token.map


def links(text: str) -> tuple[list, list]:
    """What GitLab would look up, in order: names after an @, and references such as #1, !2, ~label."""
    prose = list(_prose(text)) if LINK.search(text) else []
    return (
        [match[1] for piece in prose for match in MENTION.finditer(piece)],
        [match[1] for piece in prose for match in REFERENCE.finditer(piece)],
    )


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
