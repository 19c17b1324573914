"""The description of a merge request of the bot: the report, its plots, and a last line that only the bot reads."""

import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from bot.domain.publication import Picture, Publication
from bot.report.escape import text

_DRAFT = "Draft: "
_STATE = re.compile(
    r"<!-- hotlap-state base=(?P<base>[0-9a-f]{40}(?:[0-9a-f]{24})?) digest=(?P<digest>[0-9a-f]{16}) -->\s*\Z"
)


def composed(change: Publication, before: str, upload: Callable[[str, bytes], str]) -> str:
    """Return the description; pictures that `before`, the present one, shows already are not uploaded again."""
    shown = [_shown(one, before, upload) for one in change.pictures]
    body = "\n\n".join([change.description.rstrip(), *shown])
    digest = _digest(change.title, change.base, body, *sorted(change.labels))
    return f"{body}\n\n<!-- hotlap-state base={change.base} digest={digest} -->\n"


def title(given: str, *, draft: bool) -> str:
    """Return the title as a draft's or not, whichever it says itself."""
    bare = given.removeprefix(_DRAFT)
    return f"{_DRAFT}{bare}" if draft else bare


def digest_in(given: str) -> str | None:
    """Return what tells two descriptions of the bot apart; None for one that it did not write."""
    found = _STATE.search(given)
    return None if found is None else found["digest"]


def base_in(given: str) -> str | None:
    """Return the commit that the proof of a description rests on; None where somebody took the line away."""
    found = _STATE.search(given)
    return None if found is None else found["base"]


def _shown(picture: Picture, before: str, upload: Callable[[str, bytes], str]) -> str:
    path = PurePosixPath(picture.name)
    name = f"{path.stem}-{hashlib.sha256(picture.data).hexdigest()[:12]}{path.suffix}"
    there = re.search(rf"!\[[^\]\n]*\]\([^)\s]*/{re.escape(name)}\)", before)
    shown = there[0] if there else upload(name, picture.data)
    return f"{text(picture.caption)}\n\n{shown}" if picture.caption else shown


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(_parts(parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parts(parts: Iterable[str]) -> list[str]:
    # An upload has a new address each time; its name says what it shows.
    return [re.sub(r"\([^)\s]*/([^/)\s]+)\)", r"(\1)", part) for part in parts]
