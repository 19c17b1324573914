"""Reads JUnit XML that a candidate's process wrote: its ids and outcomes are used, its times are not."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

MOST_BYTES = 32 << 20
_DECLARATIONS = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


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
    from xml.etree.ElementTree import ParseError

    from junitparser import JUnitXml, JUnitXmlError

    if len(data) > MOST_BYTES:
        raise Unreadable(f"the test report has more than {MOST_BYTES >> 20} MB")
    if b"\x00" in data[:200] or _DECLARATIONS.search(data):
        raise Unreadable("the test report declares a document type or entities")
    try:
        found = JUnitXml.fromstring(data)
        return _run(found)
    except (ParseError, JUnitXmlError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise Unreadable(f"the test report cannot be read ({type(error).__name__})") from error


def _run(found: object) -> Run:
    from junitparser import TestCase

    cases: dict[str, Case] = {}
    messages: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for element in found._elem.iter("testcase"):  # type: ignore[attr-defined] # noqa: SLF001 - nested suites too
        case = TestCase.fromelem(element)  # type: ignore[no-untyped-call]
        name = _name(element.get("file"), case.classname, case.name)
        numbers[name] += 1
        name = name if numbers[name] == 1 else f"{name} #{numbers[name]}"
        cases[name], messages[name] = _outcome(case.result)
    return Run(MappingProxyType(cases), MappingProxyType({name: text for name, text in messages.items() if text}))


def _name(file: str | None, classname: str | None, name: str | None) -> str:
    place = classname or file or ""
    if not name:
        # pytest reports a module that could not be collected under the module's own name.
        return place or "(unnamed)"
    return f"{place}::{name}" if place else name


def _reason(message: str, text: str) -> str:
    """Return why a test failed: pytest's own marked line where there is one, which says more than its message."""
    marked = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return (marked[-1] if marked else message)[:300]


def _outcome(results: object) -> tuple[Case, str]:
    from junitparser import Error, Failure, Skipped

    found = list(results) if isinstance(results, (list, tuple)) else []
    bad = [one for one in found if isinstance(one, (Error, Failure))]
    if bad:
        return Case.FAILED, _reason(str(bad[0].message or ""), str(bad[0].text or ""))
    skipped = [one for one in found if isinstance(one, Skipped)]
    return (Case.SKIPPED, str(skipped[0].message or "")[:300]) if skipped else (Case.PASSED, "")
