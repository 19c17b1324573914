"""One column for each machine: what it found out about one candidate, and which machine said nothing and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.attempt import Attempt
from bot.domain.evidence import Comparison
from bot.domain.hardware import Column
from bot.report import numbers
from bot.report.model import RunReport


@dataclass(frozen=True, slots=True)
class Matrix:
    """A table in plain text: the names of the machines, and rows of a caption with a cell for each machine."""

    title: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def matrices(report: RunReport) -> list[Matrix]:
    """Return one table for each function, about the candidate that was kept or tried last."""
    columns = dict(report.columns)
    found = [(one, columns.get(_shown(one), ())) for one in report.worked]
    return [made for one, mine in found if (made := matrix(mine, str(one.target.function)))]


def matrix(columns: Sequence[Column], title: str = "") -> Matrix | None:
    """Return the table of one candidate; None where there is only one machine, and it has answered."""
    if not columns or (len(columns) == 1 and columns[0].verdict is not None):
        return None
    rows = [("Answer", tuple(_answer(one) for one in columns))]
    rows += [(name, tuple(_figure(one, name) for one in columns)) for name in _benchmarks(columns)]
    rows.append(("CPU", tuple("" if one.machine is None else one.machine.cpu_model for one in columns)))
    rows.append(("Isolation", tuple("" if one.verdict is None else one.verdict.isolation.said for one in columns)))
    rows.append(("Weight", tuple(f"{one.hardware.weight:g}" for one in columns)))
    return Matrix(title, tuple(one.hardware.name for one in columns), tuple(rows))


def _shown(attempt: Attempt) -> str:
    chosen = attempt.accepted or (attempt.tried[-1] if attempt.tried else None)
    return "" if chosen is None else chosen.candidate.id


def _benchmarks(columns: Sequence[Column]) -> list[str]:
    verdicts = [one.verdict for one in columns if one.verdict is not None]
    return list(dict.fromkeys(one.benchmark for verdict in verdicts for one in verdict.comparisons))


def _answer(column: Column) -> str:
    if column.verdict is None:
        return f"no evidence: {column.why}"
    outcome, reason = column.verdict.outcome, column.verdict.reason
    return str(outcome) if reason == outcome else f"{outcome} ({reason})"


def _figure(column: Column, benchmark: str) -> str:
    verdict = column.verdict
    found = None if verdict is None else next((one for one in verdict.comparisons if one.benchmark == benchmark), None)
    return "" if found is None else _told(found)


def _told(one: Comparison) -> str:
    if not one.samples:
        return one.note or "not measured"
    said = f"{numbers.ratio(one.ratio.estimate)} ({numbers.interval(one.ratio)})"
    return said if one.confirmed else f"{said}, {one.decision}"
