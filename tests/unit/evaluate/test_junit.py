import tracemalloc

import pytest

from bot.evaluate import junit
from bot.evaluate.junit import Case, Unreadable, read


def report(*cases, head="", tail=""):
    body = "".join(cases)
    suites = f'<testsuites><testsuite name="pytest">{body}</testsuite></testsuites>'
    return f'<?xml version="1.0"?>{head}{suites}{tail}'.encode()


def case(name, inner="", classname="tests.test_a"):
    return f'<testcase classname="{classname}" name="{name}" time="0.1">{inner}</testcase>'


def test_outcomes_are_read():
    run = read(
        report(
            case("ok"),
            case("bad", '<failure message="assert 1">long</failure>'),
            case("broken", '<error message="no fixture"/>'),
            case("left", '<skipped message="not here"/>'),
            case("both", "<skipped/><failure/>"),
        )
    )
    assert dict(run.cases) == {
        "tests.test_a::ok": Case.PASSED,
        "tests.test_a::bad": Case.FAILED,
        "tests.test_a::broken": Case.FAILED,
        "tests.test_a::left": Case.SKIPPED,
        "tests.test_a::both": Case.FAILED,
    }
    assert run.messages["tests.test_a::bad"] == "assert 1"
    assert run.count(Case.FAILED) == 3


def test_repeated_ids_are_numbered_so_that_none_hides_another():
    run = read(report(case("same"), case("same", "<failure/>"), case("same")))
    assert list(run.cases) == ["tests.test_a::same", "tests.test_a::same #2", "tests.test_a::same #3"]
    assert run.count(Case.FAILED) == 1


def test_odd_but_legal_reports():
    assert list(read(report(case("", classname="tests.test_b"))).cases) == ["tests.test_b"]
    assert list(read(report("<testcase/>")).cases) == ["(unnamed)"]
    assert read(b"<testsuite><testsuite><testcase name='deep'/></testsuite></testsuite>").cases == {"deep": Case.PASSED}
    assert read(report()).cases == {}
    deep = b"<testsuite>" * 20_000 + b"<testcase name='deep'/>" + b"</testsuite>" * 20_000
    assert list(read(deep).cases) == ["deep"]


BOMB = '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "data",
    [
        report(case("&b;"), head=BOMB),
        report(case("x", "&secret;"), head=EXTERNAL),
        report(head="<!doctype x>"),
        report(case("x")).decode().replace("?>", ' encoding="utf-16"?>' + BOMB, 1).encode("utf-16"),
        b"",
        b"not xml",
        b"<testsuites>",
        b"<html/>",
        b"\xff\xfe\x00",
        report(case("x"), tail="<again/>"),
        b"<testsuite>" * 100_000,
        report(case("x")).replace(b"?>", b' encoding="cp037"?>', 1),
        report(case("x"), '<!ENTITY late "x">'),
        report(*["<testcase/>"] * (junit.MOST_CASES + 1)),
    ],
    ids=[
        "bomb",
        "external",
        "doctype",
        "utf-16",
        "empty",
        "text",
        "open",
        "html",
        "binary",
        "two roots",
        "deep",
        "ebcdic",
        "late",
        "many",
    ],
)
def test_everything_else_is_refused_with_a_reason(data):
    with pytest.raises(Unreadable, match="the test report"):
        read(data)


def test_a_huge_report_is_refused_before_it_is_parsed():
    with pytest.raises(Unreadable, match="more than 32 MB"):
        read(b" " * (junit.MOST_BYTES + 1))


def test_a_report_that_is_as_large_as_it_may_be_costs_little_memory():
    noise = b"<p k='v'/>" * (junit.MOST_BYTES // 10 - 20)
    data = b"<testsuite>" + noise + b"<testcase name='a'/></testsuite>"
    tracemalloc.start()
    try:
        assert read(data).cases == {"a": Case.PASSED}
        assert tracemalloc.get_traced_memory()[1] < junit.MOST_BYTES // 4
    finally:
        tracemalloc.stop()


def test_the_last_marked_line_of_a_long_failure_is_kept():
    text = "x" * 300_000 + "\nE   assert 1 == 2\nE   boom"
    run = read(report(case("a", f"<failure message='m'>{text}</failure><failure>E other</failure>")))
    assert run.messages == {"tests.test_a::a": "boom"}
    assert len(read(report(case("a", f"<failure message='{'m' * 9_000}'/>"))).messages["tests.test_a::a"]) == 300
