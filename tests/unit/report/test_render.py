import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from bot.domain.evidence import Decision, Isolation
from bot.domain.score import Score
from bot.report.model import as_dict
from bot.report.render import description, difflines, html, markdown, merge_request
from bot.report.view import title
from tests.fakes import reports

ALL = {name: getattr(reports, name) for name in ("report", "several", "nothing", "hostile")}


class Page(HTMLParser):
    """Collects what a browser would build."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.attributes, self.open, self.ids = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in {"meta", "br", "wbr", "rect", "line", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text):
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_whole_and_loads_nothing(name):
    page = parsed(html(ALL[name]()))
    assert len(page.ids) == len(set(page.ids))
    assert not {"script", "img", "link", "iframe", "object", "form", "a", "base"} & set(page.tags)
    assert not [key for key, _ in page.attributes if key.startswith("on") or key in {"src", "href", "style"}]
    assert "default-src 'none'" in html(ALL[name]())


def test_hostile_text_is_text_on_the_page():
    page = html(reports.hostile())
    assert "<script" not in page
    assert "onerror=alert(1)&gt;" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "{{" in page  # a template in a template stays text: 7*7 is not worked out
    assert "49 }}" not in page


def inline_tokens(text):
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return [one for block in parser.parse(text) for one in (block.children or [block])]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("render", [description, markdown])
def test_a_parser_finds_no_markup_that_we_did_not_write(name, render):
    tokens = inline_tokens(render(ALL[name]()))
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "html_block", "em_open", "s_open", "blockquote_open", "ordered_list_open"}
    assert {token.content for token in tokens if token.type == "html_inline"} <= {"<br>", "<sub>", "</sub>"}
    prose = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"@\w|https?://|www\.", prose)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("render", [description, markdown])
def test_no_line_is_a_quick_action_and_every_table_is_whole(name, render):
    text = render(ALL[name]())
    outside = re.sub(r"^(`{3,})[a-z]*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"^/", text, re.MULTILINE)
    assert not re.search(r"^[ \t]*/", outside, re.MULTILINE)
    blocks = re.findall(r"(?:^\|.*\n)+", outside, re.MULTILINE)
    assert len(blocks) == sum(token.type == "table_open" for token in inline_tokens(text))
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_the_first_line_says_how_much_with_its_interval():
    first = description(reports.report()).splitlines()[0]
    assert first == (
        "**`src/shop/report.py::total` is 1.42 times faster** on `benchmarks/bench_report.py::bench_total` "
        "(99% interval 1.40 to 1.44, confirmed on 24 fresh pairs of processes)."
    )


@pytest.mark.parametrize(
    "part",
    [
        "| `benchmarks/bench_report.py::bench_empty` | **1.004×** | 0.989 to 1.019 | 2.70 ms → 2.69 ms |",  # noqa: RUF001
        "NOT ISOLATED",
        "228 of 231 passed",
        "120 captured, 340 derived and 25 edge calls: no difference in results",
        "could not be captured: a generator argument cannot be stored",
        "base against base: spread 0.87% over 10 pairs",
        "3 candidates on 2 functions: 1 accepted",
        "AMD EPYC 7B13, 2 cores",
        "hotlap measure --repo . --base bbbbbbbbbbbb",
        "Strings are built by one join",
        "1 × `bench.not-faster`",  # noqa: RUF001
    ],
)
def test_a_reviewer_finds(part):
    assert part in description(reports.report())


def test_isolation_is_only_disclaimed_where_there_is_none():
    text = description(reports.report(isolation=Isolation.CONTAINER))
    assert "NOT ISOLATED" not in text
    assert "isolated in a container" in text


def test_several_changes_are_each_told_and_the_branch_as_a_whole():
    found = reports.several()
    assert title(found) == "Make 2 functions faster, the best of them 12.4 times"
    text = markdown(found)
    assert "The whole branch against its base" in text
    assert "is 12.4 times faster" in text
    assert "### Proven, but a person must look" in text
    assert "`cache.label`: keeps state between calls" in text
    assert "slower" in text


def test_nothing_accepted_is_said_plainly():
    found = reports.nothing()
    assert title(found) == "No change was accepted"
    assert description(found).startswith("1 candidate on 1 function tried; none was proven faster")
    assert title(reports.report(worked=())) == "No change was accepted"
    assert "No candidate was found for any function." in description(reports.report(worked=()))


def test_a_report_without_machine_canary_or_tests_still_reads():
    bare = reports.Tried(reports.candidate(), reports.verdict(tests=None, replay=None, canary=None, machine=None))
    found = reports.report(
        worked=(reports.Attempt(reports.target(), (bare,), bare),), machine=None, canary=None, project=None, branch=None
    )
    for text in (markdown(found), html(found)):
        assert "no tests that could have failed" in text
        assert "no call was replayed" in text
        assert "None" not in text


def test_an_unconfirmed_gain_says_so():
    kept = reports.Tried(reports.candidate(), reports.verdict(comparisons=(reports.comparison(confirmed=False),)))
    found = reports.report(worked=(reports.Attempt(reports.target(), (kept,), kept),))
    assert "not confirmed)" in description(found)
    assert "faster, not confirmed" in description(found)


def test_the_headline_is_a_proven_gain_even_where_another_estimate_is_larger():
    wide = reports.comparison("b.py::lucky", 3.0, Decision.UNDECIDED, confirmed=False)
    kept = reports.Tried(reports.candidate(), reports.verdict(comparisons=(wide, reports.comparison())))
    found = reports.report(worked=(reports.Attempt(reports.target(), (kept,), kept),))
    assert title(found) == "Make report.total 1.42 times faster"


def test_a_merge_request_is_a_draft_with_a_title_of_one_line():
    name, body = merge_request(reports.report())
    assert name == "Draft: Make report.total 1.42 times faster"
    assert body == description(reports.report())
    hostile, _ = merge_request(reports.hostile())
    assert len(hostile) <= 255
    assert "\n" not in hostile
    assert not re.search(r"@\w", hostile)


def test_what_is_detected_is_said_once_and_an_open_bound_is_no_number():
    found = reports.report(notes=reports.PROJECT.notes, ranked=(reports.target(bound=float("inf")),))
    for text in (markdown(found), html(found)):
        assert text.count("interpreter: the active virtual environment") == 1
        assert "no limit" in text
        assert "inf " not in text


def test_rejected_candidates_show_what_was_measured():
    slow = reports.verdict(reports.Outcome.REJECTED, reason="bench.undecided", message="no answer")
    found = reports.report(worked=(reports.Attempt(reports.target(), (reports.Tried(reports.candidate(), slow),)),))
    assert "| 1.42 (1.40 to 1.44) | no answer |" in markdown(found)


def test_the_report_as_data_is_json_with_diffs_and_no_files():
    found = json.loads(json.dumps(as_dict(reports.several()), allow_nan=False))
    assert found["worked"][0]["accepted"] == found["worked"][0]["tried"][0]["id"]
    assert found["worked"][0]["commit"] == "c" * 40
    assert "+    return" in found["worked"][0]["tried"][0]["diff"]
    assert found["worked"][2]["tried"][0]["verdict"]["outcome"] == "held"
    assert found["overall"][1]["decision"] == "slower"
    assert "before" not in json.dumps(found)
    json.dumps(as_dict(reports.hostile()), allow_nan=False)


def test_a_thousand_candidates_do_not_make_a_report_that_cannot_be_sent():
    other = reports.rejected("bench.not-faster", reports.Gate.BENCH, "x" * 3000)
    found = reports.report(worked=(reports.Attempt(reports.target(), (other,) * 1000),))
    assert len(markdown(found)) < 210_000
    assert len(description(found)) < 20_000


def test_diff_lines_are_told_apart():
    assert [kind for kind, _ in difflines("--- a\n+++ b\n@@ -1 +1 @@\n x\n-y\n+z")] == [
        "file", "file", "hunk", "same", "del", "add",
    ]  # fmt: skip


def test_goals_are_a_table_in_every_form():
    report = reports.report()
    for text in (markdown(report), description(report)):
        assert "### Goals: 1 of 3 met, 1 not measured" in text
        rows = [line for line in text.splitlines() if line.startswith(("| latency -20%", "| fits", "| coverage 80%"))]
        assert [row.rstrip(" |").rpartition("| ")[2] for row in rows] == [
            "met",
            "not met",
            "not measured: the repository has no tests",
        ]
    page = html(report)
    assert '<span class="tag not-met">not met</span>' in page
    assert [one["standing"] for one in as_dict(report)["goals"]] == ["met", "not met", "not measured"]


def test_a_report_without_goals_has_no_table_of_them():
    assert "Goals" not in markdown(reports.report(goals=()))
    assert 'id="goals"' not in html(reports.report(goals=()))


def test_the_score_and_the_further_figures_are_shown():
    text = markdown(reports.report())
    assert "**Score:** 1.42 times as fast (1.40 to 1.44), weighted geometric mean over 2 benchmarks" in text
    assert "| 82.0 ms → 81.0 ms (-1.0%) |" in text
    assert "50,000" not in text
    assert "18.5M → 26.3M rows/s<br>4,440 → 6,310 features/s" in text


def test_a_score_without_a_value_says_why():
    report = reports.report(score=Score("function", None, 2, "the score function f of s.py failed: KeyError"))
    assert "**Score:** no score; the score function f of s.py failed: KeyError" in markdown(report)
