"""The hidden first line by which the bot finds a text of its own again; that it is its own, the author says."""

import re

_TOPIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,150}")
_MEMO = re.compile(r"[A-Za-z0-9=., :/_-]{0,300}")
_MARKER = re.compile(r"<!-- hotlap:(?P<topic>[^\s<>]{1,151})(?: (?P<memo>[^<>\n]{0,300}?))? -->(?:\r?\n|\Z)")


def marker(topic: str, memo: str = "") -> str:
    """Return the line; `memo` is what the bot wants to know again, ValueError where a character is not fit for it."""
    if _TOPIC.fullmatch(topic) is None or _MEMO.fullmatch(memo) is None or "--" in topic + memo:
        raise ValueError(f"not fit for a marker: {topic!r} {memo!r}")
    return f"<!-- hotlap:{topic} {memo} -->" if memo else f"<!-- hotlap:{topic} -->"


def topic_of(body: str) -> str | None:
    """Return the topic on the first line of a text; None where there is none."""
    found = _MARKER.match(body)
    return None if found is None else found["topic"]


def memo_of(body: str) -> str:
    """Return the memo on the first line of a text; "" where there is none."""
    found = _MARKER.match(body)
    return (found["memo"] or "") if found else ""
