"""Sentences and clauses of plain English text, with contractions written out so that patterns need one form only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.learn.reading.grammar import cue

_ABBREVIATIONS = {"e.g.": "for example", "i.e.": "that is", "etc.": "etc", "vs.": "versus", "approx.": "about"}
_WRITTEN_OUT = (
    (r"[\u2018\u2019\u02bc`\u00b4]", "'"),
    (r"\b(?:pls|plz|plse|pleas)\b", "please"),
    (r"\bwo(?:n't|nt)\b", "will not"),
    (r"\b(?:can't|cant|cannot)\b", "can not"),
    (r"\bshan't\b", "shall not"),
    (r"\b(do|does|did|should|would|could|must|is|are|was|were|have|has|had|need)n'?t\b", r"\1 not"),
    (r"\bain't\b", "is not"),
    (r"\b(i|we|you|they|he|she|it|that|there)'d better\b", r"\1 had better"),
    (r"\b(i|we|you|they|he|she|it|that|there|who)'d\b", r"\1 would"),
    (r"\b(i|we|you|they|he|she|it|that|there|who|this)'ll\b", r"\1 will"),
    (r"\b(i|we|you|they)'ve\b", r"\1 have"),
    (r"\b(we|you|they)'re\b", r"\1 are"),
    (r"\bi'm\b", "i am"),
    (r"\blet'?s\b", "let us"),
    (r"\b(it|that|there|what|who|this|here)'s\b", r"\1 is"),
    (r"\bw/o\b", "without"),
    (r"\b(?:gonna|gotta)\b", "going to"),
    (r"\bwanna\b", "want to"),
    (r"\b(?:lib|libs)\b", "library"),
    (r"\b(?:dep|deps)\b", "dependencies"),
    (r"\bthird[- ]party\b", "third-party"),
)
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+|\s*\n\s*")
_TAG = re.compile(
    r"(?i),? (?:please,? )?(?:would|could|will|can|won['\u2019]t|ok(?:ay)?|all ?right|shall)"
    r"(?: (?:you|we))?(?: please)? ?\?$"
)
"""What makes a question of an order: "Drop that rule, would you?"."""
_KEPT_SO = re.compile(r"^(?:far|much|many|that|called|on|what)\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it was written, the same in lower case with contractions written out, and its clauses."""

    written: str
    plain: str
    clauses: tuple[str, ...]

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.written.rstrip(" )\"'").endswith("?") or "?!" in self.written


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of one block of text."""
    return tuple(_sentence(part) for part in _parts(text) if re.search(r"[A-Za-z]", part))


def plain(text: str) -> str:
    """Return `text` in lower case, contractions written out, blanks collapsed."""
    text = text.lower()
    for pattern, meant in _WRITTEN_OUT:
        text = re.sub(pattern, meant, text)
    return " ".join(text.split())


def _parts(text: str) -> Iterator[str]:
    for short, long in _ABBREVIATIONS.items():
        text = re.sub(rf"(?i)(?<!\w){re.escape(short)}", long, text)
    yield from (part.strip() for part in _END.split(text) if part and part.strip())


def _sentence(written: str) -> Sentence:
    written = _TAG.sub(".", written)
    whole = re.sub(r"^[^\w@./*+-]+", "", plain(written)).strip(" .!?")
    return Sentence(written, whole, tuple(_clauses(whole)))


def _within(before: str, seam: str, after: str) -> bool:
    """Say whether what looks like a seam is none: "it must therefore stay", "amounts are cents, never floats"."""
    if " so" in seam and _KEPT_SO.match(after):
        return True
    if "(" in before and ")" not in before.rpartition("(")[2]:
        return True
    if seam.strip(" ,").isalpha():
        return cue("clauses.unfinished").search(before) is not None
    if before.startswith(("rather than ", "instead of ")):
        return True
    contrast = seam.strip() == "," and cue("clauses.contrast").match(after)
    return bool(contrast) and cue("clauses.states").search(before) is not None


def _clauses(whole: str) -> Iterator[str]:
    start = 0
    for seam in cue("clauses.seam").finditer(whole):
        if _within(whole[start : seam.start()], seam[0], whole[seam.end() :]):
            continue
        if clause := whole[start : seam.start()].strip(" ,.!?"):
            yield clause
        start = seam.end()
    if rest := whole[start:].strip(" ,.!?"):
        yield rest
