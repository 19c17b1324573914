"""One file's lines in the forms in which they are compared, and the search for a run of them."""

import unicodedata
from array import array
from collections.abc import Sequence
from functools import cached_property

_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\u3000", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
        "\u2026": "...",
    }
)
_MOST_COMPARED = 50_000  # lines, over all places of one SEARCH: a file of equal lines must not cost minutes


class TooManyError(Exception):
    """There are more candidates than are worth comparing; the SEARCH text is ambiguous beyond any span."""

    def __init__(self, starts: list[int]) -> None:
        self.starts = starts
        super().__init__()


class Index:
    """One file's lines in the forms in which rungs compare them, each made once and only when needed."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)

    @cached_property
    def stripped(self) -> list[str]:
        """Lines without blanks around them."""
        return [line.strip() for line in self.lines]

    @cached_property
    def typographic(self) -> list[str]:
        """Stripped lines in composed form with plain punctuation."""
        return [line if line.isascii() else plain(line).strip() for line in self.stripped]

    @cached_property
    def collapsed(self) -> list[str]:
        """Plain lines whose runs of blanks are one space."""
        return [" ".join(line.split()) for line in self.typographic]

    @cached_property
    def filled(self) -> tuple[list[int], list[str]]:
        """Numbers and stripped text of the lines that are not blank."""
        numbers = [at for at, line in enumerate(self.stripped) if line]
        return numbers, [self.stripped[at] for at in numbers]


def plain(text: str) -> str:
    """Return text in composed form with plain quotes, dashes and blanks."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC)


def starts_of(keys: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return where the run `wanted` stands in `keys`: lines become numbers, so that the search is one of bytes."""
    if not wanted:
        return []
    codes: dict[str, int] = {}
    needle = array("I", [codes.setdefault(key, len(codes) + 1) for key in wanted]).tobytes()
    text = array("I", [codes.get(key, 0) for key in keys]).tobytes()
    size = array("I").itemsize
    starts: list[int] = []
    at = text.find(needle)
    while at >= 0:
        if at % size == 0:
            starts.append(at // size)
            if len(starts) * len(wanted) > _MOST_COMPARED:
                raise TooManyError(starts)
        at = text.find(needle, at + 1)
    return starts
