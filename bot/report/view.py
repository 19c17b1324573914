"""What the templates show, worked out beforehand: sentences and rows, so that templates only lay them out."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.attempt import Attempt
from bot.domain.evidence import (
    Arm,
    Canary,
    Comparison,
    Decision,
    Isolation,
    Machine,
    Outcome,
    ReplayEvidence,
    TestsEvidence,
    Verdict,
)
from bot.domain.job import TriggerKind
from bot.domain.kind import kinds_of, rules_of
from bot.domain.legible import one_line
from bot.domain.lesson import Lesson
from bot.domain.restraint import Restraints
from bot.report import numbers
from bot.report.model import RunReport, headline

_ASKED = {
    TriggerKind.COMMAND_LINE: "the command line",
    TriggerKind.MERGE_REQUEST: "a merge request",
    TriggerKind.COMMAND: "a comment",
    TriggerKind.SWEEP: "the nightly sweep",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark's line: all cells as text."""

    benchmark: str
    ratio: str
    interval: str
    wall: str
    cpu: str
    memory: str
    first_call: str
    decision: str


def rows(comparisons: Sequence[Comparison]) -> list[Row]:
    """Return one row for each comparison, the proven gains first."""
    order = sorted(comparisons, key=lambda one: (one.decision is not Decision.FASTER, -one.ratio.estimate))
    return [_row(one) for one in order]


def title(report: RunReport) -> str:
    """Return one short line of plain text that says what the run achieved."""
    done = report.accepted
    if not done:
        held = len(report.held)
        return f"{numbers.counted(held, 'change')} waiting for a person" if held else "No change was accepted"
    best = max(_gain(one) for one in done)
    if len(done) == 1:
        return f"Make {_name(done[0])} {numbers.times(best)}"
    return f"Make {len(done)} functions faster, the best of them {numbers.ratio(best)} times"


def lead(report: RunReport) -> str:
    """Return the sentence that a reviewer reads first, as plain text."""
    tried = f"{numbers.counted(report.candidates, 'candidate')} on {numbers.counted(_touched(report), 'function')}"
    if not report.accepted:
        why = "proven, but a person must look" if report.held else "none was proven faster and unchanged in behaviour"
        return f"{tried} tried; {why}." if report.candidates else "No candidate was found for any function."
    proof = [one for one in (_proof(report, done) for done in report.accepted) if one]
    return " ".join(proof)


def result(report: RunReport) -> list[tuple[str, list[Row]]]:
    """Return tables with their captions: the whole branch where it was measured, then each function."""
    tables = [("The whole branch against its base", rows(report.overall))] if report.overall else []
    return tables + [
        (str(done.target.function), rows(done.accepted.verdict.comparisons))
        for done in report.accepted
        if done.accepted is not None
    ]


def shaping(report: RunReport) -> list[Lesson]:
    """Return the reviewers' lessons that the accepted and held changes were written, judged and chosen by."""
    restraints = Restraints.of(report.lessons)
    done = [one.accepted.candidate for one in report.accepted if one.accepted is not None]
    found: dict[str, Lesson] = {}
    for candidate in (*done, *(tried.candidate for _, tried in report.held)):
        paths = {change.path for change in candidate.edits.changes}
        for path in sorted(paths):
            about = restraints.about(path, kinds_of(candidate), rules_of(candidate))
            found.update((lesson.id, lesson) for lesson in about)
    return list(found.values())


def pictured(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the comparisons worth a picture: those with samples, proven gains first, four at most."""
    shown = [one for one in comparisons if one.samples]
    return sorted(shown, key=lambda one: (one.decision is not Decision.FASTER, -one.ratio.estimate))[:4]


def tests(evidence: TestsEvidence | None) -> str:
    """Return what the repository's tests said."""
    if evidence is None:
        return "the repository has no tests that could have failed"
    bad = {
        "newly failing": evidence.newly_failing,
        "missing": evidence.missing,
        "newly skipped": evidence.newly_skipped,
        "unexpected": evidence.unexpected,
    }
    parts = [f"{evidence.passed:,} of {evidence.total:,} passed", f"{evidence.skipped:,} skipped"]
    if evidence.failed:
        parts.append(f"{evidence.failed:,} failed")
    parts += [f"{len(ids):,} {words} ({', '.join(ids[:3])})" for words, ids in bad.items() if ids]
    if not any(bad.values()):
        parts.append("the same as without the change")
    if evidence.flaky:
        parts.append(f"{len(evidence.flaky):,} flaky before the change, not counted ({', '.join(evidence.flaky[:3])})")
    return ", ".join(parts)


def replay(evidence: ReplayEvidence | None) -> list[str]:
    """Return what replaying calls on both versions said, sentence by sentence."""
    if evidence is None:
        return ["no call was replayed"]
    counted = f"{evidence.captured:,} captured, {evidence.derived:,} derived and {evidence.edge:,} edge calls"
    wrong = len(evidence.mismatches)
    said = [f"{counted}: {numbers.counted(wrong, 'difference') if wrong else 'no difference'} in results"]
    if evidence.edge_mismatches:
        many = numbers.counted(len(evidence.edge_mismatches), "difference")
        said.append(f"{many} on values that nothing here uses: {evidence.edge_mismatches[0]}")
    if evidence.nondeterministic:
        said.append(f"{evidence.nondeterministic:,} calls left out, on which the base disagrees with itself")
    if evidence.uncaptured:
        said.append(f"could not be captured: {'; '.join(evidence.uncaptured[:3])}")
    return said


def bench(comparisons: Sequence[Comparison]) -> str:
    """Return how much was measured."""
    if not comparisons:
        return "nothing was measured"
    pairs, seconds = sum(one.pairs for one in comparisons), sum(one.seconds for one in comparisons)
    return (
        f"{numbers.counted(len(comparisons), 'benchmark')}, {pairs:,} pairs of fresh processes "
        f"in {numbers.duration(seconds)}"
    )


def confirm(comparisons: Sequence[Comparison]) -> str:
    """Return how much of it was measured again for the published figures."""
    fresh = [one for one in comparisons if one.confirmed]
    if not fresh:
        return "not confirmed: the figures come from the search itself"
    return f"{sum(len(one.samples) for one in fresh):,} new pairs, a fixed number; the figures are theirs alone"


def machine(found: Machine | None) -> list[tuple[str, str]]:
    """Return (name, value) pairs on the hardware and its settings."""
    if found is None:
        return []
    return [
        ("CPU", f"{found.cpu_model}, {numbers.counted(found.cores, 'core')}"),
        ("Governor", found.governor or "not readable"),
        ("Kernel", found.kernel),
        ("Python", found.python),
        ("Memory layout", found.layout),
        ("Load at the start", f"{found.load:.2f}"),
    ]


def canary(found: Canary | None) -> str:
    """Return what comparing the base with itself said about the machine."""
    if found is None:
        return "not run"
    quiet = "quiet enough" if found.quiet else "too noisy to decide"
    spread = f"spread {100 * found.robust_sd:.2f}% over {numbers.counted(found.pairs, 'pair')}"
    return f"base against base: {spread}, {found.decision}; {quiet}{f' ({found.sentence})' if found.sentence else ''}"


def isolation(level: Isolation) -> str:
    """Return how the candidates were kept apart from the host; the weakest level says so aloud."""
    if level is Isolation.PROCESS:
        return "NOT ISOLATED: candidates ran as ordinary processes of this machine's user"
    return f"isolated in a {level}"


def rejections(report: RunReport) -> list[tuple[str, int]]:
    """Return (reason code, count) of everything that was not accepted, most frequent first."""
    found = Counter(
        tried.verdict.reason
        for one in report.worked
        for tried in one.tried
        if tried.verdict.outcome is not Outcome.ACCEPTED
    )
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def figure(verdict: Verdict) -> str:
    """Return the telling comparison of a verdict, "1.42 (1.40 to 1.44)", or "" where nothing was measured."""
    best = headline(verdict.comparisons)
    return "" if best is None else f"{numbers.ratio(best.ratio.estimate)} ({numbers.interval(best.ratio)})"


def notes(report: RunReport) -> list[str]:
    """Return what was detected and what else must be known, each once."""
    return list(dict.fromkeys((*(report.project.notes if report.project else ()), *report.notes)))


def bound(value: float | None) -> str:
    """Return the largest gain that a function's share allows."""
    if value is None:
        return ""
    return numbers.ratio(value) if math.isfinite(value) else "no limit"


def asked(report: RunReport) -> str:
    """Return who asked for what."""
    wanted = f" for {', '.join(report.trigger.wanted[:5])}" if report.trigger.wanted else ""
    return f"{report.trigger.actor or 'somebody'}, through {_ASKED[report.trigger.kind]}{wanted}"


def _row(one: Comparison) -> Row:
    marks = [str(one.decision)]
    if one.decision is Decision.FASTER and not one.confirmed:
        marks.append("not confirmed")
    if one.note:
        marks.append(one.note)
    return Row(
        benchmark=one.benchmark,
        ratio=f"{numbers.ratio(one.ratio.estimate)}×",  # noqa: RUF001 - the multiplication sign is meant
        interval=numbers.interval(one.ratio),
        wall=_arms(one.base, one.candidate, "wall_seconds"),
        cpu=numbers.change(one.cpu_ratio),
        memory=f"{numbers.size(one.candidate.peak_bytes)} ({numbers.change(one.memory_ratio)})",
        first_call=numbers.change(one.first_call_ratio),
        decision=", ".join(marks),
    )


def _arms(base: Arm, candidate: Arm, name: str) -> str:
    return f"{numbers.duration(getattr(base, name))} → {numbers.duration(getattr(candidate, name))}"


def _gain(done: Attempt) -> float:
    best = headline(done.accepted.verdict.comparisons) if done.accepted else None
    return best.ratio.estimate if best else 1.0


def _proof(report: RunReport, done: Attempt) -> str:
    best = headline(done.accepted.verdict.comparisons) if done.accepted else None
    if best is None:
        return ""
    proof = f"confirmed on {len(best.samples)} fresh pairs of processes" if best.confirmed else "not confirmed"
    span = f"{numbers.percent(report.confidence)} interval {numbers.interval(best.ratio)}"
    return f"{done.target.function} is {numbers.times(best.ratio.estimate)} on {best.benchmark} ({span}, {proof})."


def _name(done: Attempt) -> str:
    stem = done.target.function.path.rpartition("/")[2].removesuffix(".py")
    return one_line(f"{stem}.{done.target.function.qualname}", 120)


def _touched(report: RunReport) -> int:
    return len({str(one.target.function) for one in report.worked})
