"""What is drawn from a remark on a change: scope with value, and polarity, in the order of what is said."""

from bot.domain.feedback import Change
from bot.learn.reading.notes import said

PROJECT = "acme/shop"


def drawn(body: str, change: Change) -> list[tuple[str, str]]:
    """Return what a remark teaches about a change of the project `PROJECT`."""
    return [(one.scope, str(one.polarity)) for one in said(body, PROJECT, change)]
