"""Reads JUnit XML that a candidate's process wrote: its ids and outcomes are used, its times are not.

Each test is given to junitparser by itself, as soon as it was read: a tree of a whole hostile report would take fifty
times its size in memory.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

from junitparser import Error, Failure, Skipped, TestCase

MOST_BYTES = 32 << 20
MOST_CASES = 200_000
_ROOTS = frozenset({"testsuites", "testsuite"})
_OUTCOMES = frozenset({"failure", "error", "skipped"})
_KEPT = 1 << 16
_SHOWN = 300


class Unreadable(Exception):  # noqa: N818 - an observation about the file
    """The file is no JUnit XML that may be read; the message says why."""


class Case(StrEnum):
    """How one test ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Run:
    """The tests of one run by id; a test that ran more than once has its number behind the id."""

    cases: Mapping[str, Case]
    messages: Mapping[str, str]

    def count(self, case: Case) -> int:
        """Return how many tests ended so."""
        return sum(found is case for found in self.cases.values())


def read(data: bytes) -> Run:
    """Return the tests in JUnit XML; Unreadable for too much, for declarations of any kind, and for anything else."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the test report has more than {MOST_BYTES >> 20} MB")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unreadable(f"the test report cannot be read ({type(error).__name__})") from error
    return Run(MappingProxyType(reader.cases), MappingProxyType(reader.messages))


@dataclass(slots=True)
class _Open:
    """A test whose end was not read yet: its element with the first outcome of each kind, and the one being read."""

    name: str
    element: Element
    reading: Element | None = None


@dataclass(slots=True)
class _Reader:
    """Collects tests while the parser goes over the report; declarations and too many tests end it."""

    cases: dict[str, Case] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    stack: list[_Open] = field(default_factory=list)
    rooted: bool = False
    read: int = 0
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)

    def __post_init__(self) -> None:
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.EntityDeclHandler = self._declared
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _declared(self, *_: object) -> None:
        raise Unreadable("the test report declares a document type or entities")

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self.rooted and tag not in _ROOTS:
            raise Unreadable("the test report cannot be read (its root is of another kind)")
        self.rooted = True
        if tag == "testcase":
            if self.read >= MOST_CASES:
                raise Unreadable(f"the test report has more than {MOST_CASES} tests")
            self.read += 1
            self.stack.append(_Open(self._named(attributes), Element(tag)))
        elif self.stack and tag in _OUTCOMES and self.stack[-1].element.find(tag) is None:
            message = attributes.get("message", "")[:_KEPT]
            self.stack[-1].reading = SubElement(self.stack[-1].element, tag, message=message)

    def _text(self, text: str) -> None:
        if self.stack and (reading := self.stack[-1].reading) is not None:
            reading.text = ((reading.text or "") + text)[-_KEPT:]

    def _end(self, tag: str) -> None:
        if tag in _OUTCOMES and self.stack:
            self.stack[-1].reading = None
        elif tag == "testcase":
            test = self.stack.pop()
            self.cases[test.name], said = _outcome(test.element)
            if said:
                self.messages[test.name] = said

    def _named(self, attributes: Mapping[str, str]) -> str:
        name = _name(attributes.get("file"), attributes.get("classname"), attributes.get("name"))
        self.numbers[name] += 1
        return name if self.numbers[name] == 1 else f"{name} #{self.numbers[name]}"


def _outcome(element: Element) -> tuple[Case, str]:
    """Return how a test ended, the worst of its outcomes, and what it says about that."""
    found = TestCase.fromelem(element).result  # type: ignore[no-untyped-call]
    for bad in found:
        if isinstance(bad, (Error, Failure)):
            return Case.FAILED, _reason(bad.message or "", bad.text or "")
    for left in found:
        if isinstance(left, Skipped):
            return Case.SKIPPED, (left.message or "")[:_SHOWN]
    return Case.PASSED, ""


def _name(file: str | None, classname: str | None, name: str | None) -> str:
    place = classname or file or ""
    if not name:
        # pytest reports a module that could not be collected under the module's own name.
        return place or "(unnamed)"
    return f"{place}::{name}" if place else name


def _reason(message: str, text: str) -> str:
    """Return why a test failed: pytest's own marked line where there is one, which says more than its message."""
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return (marked[-1] if marked else message)[:_SHOWN]
