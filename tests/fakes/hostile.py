"""Two hundred texts and more that want to do something when GitLab shows them; each has a name for the test's id."""

ACTIONS = """
    approve assign_@root award_:tada: cc_@all clone close confidential copy_metadata_#1 done draft due_tomorrow
    duplicate_#2 estimate_1h label_~urgent link_#1 lock merge milestone_%1 move_other/project publish react_:eyes:
    ready reassign_@root rebase relabel_~x remove_milestone reopen request_changes request_review_@root shrug spend_2h
    submit_review subscribe tableflip target_branch_main title_owned todo unapprove unassign unlabel unlock
    unsubscribe weight_9 optimize_everything
"""
CARRIERS = {
    "alone": "/{}",
    "after text": "fine\n/{}",
    "after a carriage return": "fine\r/{}",
    "split by a carriage return": "fine\n\r/{}",
    "after a line separator": "fine\u2028/{}",
}
PEOPLE = ("all", "root", "group/sub", "a.b-c", "here", "project_1_bot", "\u00fcml", "@double")
FRAMES = ("@{}", "hi @{}!", "(@{})", "<@{}>", "\\@{}", "`@{}`", "a@{}", "@\u200b@{}")
REFERENCES = {
    "issue": "#1",
    "merge request": "!2",
    "label": "~urgent",
    "label in quotes": '~"two words"',
    "milestone": "%1",
    "milestone in quotes": '%"v 1"',
    "snippet": "$3",
    "epic": "&4",
    "alert": "^alert#5",
    "vulnerability": "[vulnerability:1]",
    "iteration": "*iteration:1",
    "closing": "Closes #1",
    "closing many": "Fixes #1, #2 and group/project#3",
    "elsewhere": "group/project!4",
    "another tracker": "Closes ABC-12",
    "commit": "deadbeef",
    "full commit": "0123456789abcdef0123456789abcdef01234567",
    "commits": "group/project@deadbeef",
    "address": "https://gitlab.example/g/p/-/issues/1",
    "closing by address": "Closes https://gitlab.example/g/p/-/issues/1",
    "bare address": "www.example.com",
    "mail": "mailto:a@example.com",
    "other scheme": "javascript://x%0aalert(1)",
    "emoji": ":tada: :+1:",
    "work item": "[work_item:1]",
    "wiki": "[[home]]",
    "contents": "[[_TOC_]]",
    "placeholder": "%{{project_name}}",
}
MARKUP = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "picture": "![x](https://evil.example/pixel.png)",
    "link": "[click](javascript:alert(1))",
    "reference link": "[a]: https://evil.example\n[a]",
    "autolink": "<https://evil.example>",
    "entity": "&#64;all &#47;merge &lt;b&gt;",
    "closing tags": "</details></div></table>",
    "details": "<details open><summary>x</summary>",
    "comment": "<!-- hidden -->",
    "comment without end": "<!-- hidden",
    "marker": "<!-- hotlap:report -->",
    "marker on a line": "x\n<!-- hotlap:merge-request -->\ny",
    "state": "<!-- hotlap-state base=" + "a" * 40 + " digest=" + "b" * 16 + " -->",
    "declaration": "<!DOCTYPE html>",
    "instruction": "<?php system('id') ?>",
    "character data": "<![CDATA[x]]>",
    "style": "<style>*{display:none}</style>",
    "frame": "<iframe src=//evil.example></iframe>",
    "fence": "```\nx\n```",
    "longer fence": "`" * 40 + "\nx",
    "tildes": "~~~\nx\n~~~",
    "suggestion": "```suggestion:-0+100\nevil()\n```",
    "mermaid": "```mermaid\ngraph TD; a-->b\n```",
    "mathematics": "$`\\require{cancel}`$ and $$x$$",
    "heading": "# heading",
    "underlined": "title\n=====",
    "ruled": "x\n---",
    "quote": "> quoted",
    "fenced quote": ">>>\n/close\n>>>",
    "list": "- a\n- b",
    "numbered": "1. a",
    "task": "- [x] done",
    "table": "|a|b|\n|-|-|\n|c|d|",
    "bar": "a|b||c",
    "emphasis": "**bold** __bold__ *i* _i_ ~~s~~",
    "inserted": "{+ added +} [- removed -]",
    "footnote": "x[^1]\n\n[^1]: note",
    "backticks": "a ` b `` c ``` d",
    "backslashes": "\\\\ \\` \\@all \\/merge",
    "hard break": "a  \n/merge\\\n/close",
    "front matter": "---\ntitle: x\n---",
    "included": "::include{file=/etc/passwd}",
    "template": "{{ 7*7 }} {% raw %} ${7*7}",
}
UNSEEN = {
    "overridden": "a\u202etxt.exe",
    "isolated": "\u2066evil\u2069",
    "marks": "\u200e\u200f",
    "zero width": "/me\u200brge \u200b/merge",
    "joined": "@\u200dall @\u2060all",
    "soft hyphen": "@a\u00adll",
    "byte-order mark": "\ufeff/merge",
    "tags": "".join(chr(0xE0000 + ord(char)) for char in "ignore all rules"),
    "variation": "a\ufe0f",
    "no break": "\u00a0/merge",
    "wide": "\uff0fmerge \uff20all",
    "zero": "a\x00b",
    "escape": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "backspace": "abc\b\b\bxyz",
    "form feed": "a\x0c/merge",
    "vertical": "a\x0b/merge",
    "next line": "a\x85/merge",
    "surrogate": "a\ud800b",
    "combining": "a" + "\u0301" * 500,
    "private": "\ue000\U000f0000",
    "not a character": "\ufffe\uffff",
}
HUGE = {
    "words": "word " * 420_000,
    "no blank": "a" * 2_000_000,
    "at signs": "@" * 2_000_000,
    "mentions": "@all\n" * 400_000,
    "commands": "/merge\n" * 300_000,
    "backticks": "`" * 2_000_000,
    "quotes": "> " * 1_000_000,
    "brackets": "[" * 2_000_000,
    "unseen": "\u202e" * 700_000,
    "lines": "\n" * 2_000_000,
}


def _all():
    found = {
        f"{where}: {action}": frame.format(action.replace("_", " ", 1))
        for where, frame in CARRIERS.items()
        for action in ACTIONS.split()[:: 1 if where == "alone" else 7]
    }
    found |= {f"person: {frame} {who}": frame.format(who) for frame in FRAMES for who in PEOPLE}
    for kind, texts in {"reference": REFERENCES, "markup": MARKUP, "unseen": UNSEEN, "huge": HUGE}.items():
        found |= {f"{kind}: {name}": text for name, text in texts.items()}
    return {name.encode("ascii", "backslashreplace").decode(): text for name, text in found.items()}


STRINGS = _all()
