"""A report as Markdown for GitLab and as one HTML page; whatever a template shows is escaped unless it says not to."""

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.domain.evidence import Comparison
from bot.domain.ledger import LedgerEntry
from bot.report import changes, escape, figures, goals, ledger, matrix, numbers, plot, view
from bot.report.model import RunReport, headline

_LONGEST = 200_000  # GitLab takes a million characters; nobody reads as many


def markdown(report: RunReport) -> str:
    """Return the whole report as Markdown."""
    return _markdown(report, "report.md.j2")


def merge_request(report: RunReport) -> tuple[str, str]:
    """Return title and description of a merge request; it is a draft, because merging is for people."""
    return f"Draft: {escape.mentionless(view.title(report))}", description(report)


def description(report: RunReport) -> str:
    """Return the part of the report that a merge request shows."""
    return _markdown(report, "description.md.j2")


def html(report: RunReport) -> str:
    """Return the whole report as one page that loads nothing from anywhere."""
    page = _pages().get_template("report.html.j2")
    return page.render(report=report, view=view, figures=figures, plot=_numbered(report.confidence))


def ledger_page(entries: Sequence[LedgerEntry]) -> str:
    """Return the ledger as one page that loads nothing from anywhere."""
    return _pages().get_template("ledger.html.j2").render(entries=entries, ledger=ledger)


def difflines(text: str) -> list[tuple[str, str]]:
    """Return (kind, line) pairs of a unified diff: add, del, hunk, file or same."""
    kinds = {"+++": "file", "---": "file", "@@": "hunk", "+": "add", "-": "del"}
    return [
        (next((kind for start, kind in kinds.items() if line.startswith(start)), "same"), line)
        for line in text.splitlines()
    ]


def _markdown(report: RunReport, name: str) -> str:
    text = _texts().get_template(name).render(report=report, view=view, figures=figures, picture=_strip)
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    if len(text) > _LONGEST:
        text = text[:_LONGEST].rpartition("\n")[0] + "\n\n(cut: the report was too long)\n"
    return text


@functools.cache
def _pages() -> Environment:
    """Return what renders HTML; templates are compiled once in a process, which takes longer than rendering."""
    environment = _environment(autoescape=True)
    environment.filters.update(difflines=difflines, clip=_clip, name=_name)
    return environment


@functools.cache
def _texts() -> Environment:
    """Return what renders Markdown."""
    environment = _environment(autoescape=False)
    environment.finalize = _shown
    environment.filters.update(
        code=escape.code, cell=escape.cell, fence=escape.fence, safe=escape.Markdown, format=_formatted
    )
    return environment


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.report"),
        autoescape=autoescape,  # noqa: S701 - Markdown has an escape of its own, `_shown`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        bound=view.bound,
        counted=numbers.counted,
        duration=numbers.duration,
        criteria=goals.rows,
        headline=headline,
        interval=numbers.interval,
        linecount=_linecount,
        machines=matrix.matrices,
        percent=numbers.percent,
        share=numbers.share,
        tally=goals.tally,
        times=numbers.times,
        unified=changes.unified,
    )
    return environment


def _shown(value: Any) -> Any:
    """Escape what a template shows; Jinja calls this for every expression."""
    # Macros and includes return what was escaped inside of them.
    return value if isinstance(value, escape.Markdown) else escape.text(value)


def _formatted(template: str, *values: Any) -> str:
    return template % values


def _strip(comparison: Comparison) -> escape.Markdown:
    return escape.fence(plot.strip(comparison), "text")


def _linecount(edited: Any) -> str:
    added, removed = changes.counts(edited)
    return f"+{added} -{removed} lines"


def _clip(value: object, limit: int = 300) -> str:
    from bot.domain.legible import one_line

    return one_line(str(value), limit)


def _name(value: object, limit: int = 160) -> Markup:
    """Return a path or an id that may be broken after its separators."""
    parts = re.split(r"(?<=/)|(?<=::)|(?<=_)", _clip(value, limit))
    return Markup("<wbr>").join(parts)


def _numbered(confidence: float) -> Callable[[Comparison], Markup]:
    """Return a function that draws pictures whose ids differ."""
    count = iter(range(1, 10_000))
    return lambda comparison: plot.svg(comparison, confidence, f"plot-{next(count)}")
