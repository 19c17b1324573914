"""What the judge reads out of tests, replay and comparisons."""

from dataclasses import replace

from bot.domain.evidence import Comparison, Finding, ReplayEvidence, TestsEvidence


def of_tests(evidence: TestsEvidence) -> Finding | None:
    """Return the first way in which the candidate's tests differ from the base's, or None."""
    for code, ids, words in (
        ("tests.newly-failing", evidence.newly_failing, "fails with the change and passes without it"),
        ("tests.missing", evidence.missing, "did not run with the change"),
        ("tests.newly-skipped", evidence.newly_skipped, "is skipped with the change only"),
        ("tests.unexpected", evidence.unexpected, "exists with the change only"),
    ):
        if ids:
            more = f" (and {len(ids) - 1} more)" if len(ids) > 1 else ""
            return Finding(code, f"{ids[0]} {words}{more}")
    return None


def lost_calls(part: ReplayEvidence) -> bool:
    """Say whether a function is called and yet none of its calls could be compared."""
    return part.captured == 0 and any(text.partition(" ")[0].isdigit() for text in part.uncaptured)


def why_none(part: ReplayEvidence) -> str:
    """Return the reason why no call of a function could be compared."""
    return part.uncaptured[0] if part.uncaptured else "none was captured"


def added(parts: list[ReplayEvidence]) -> ReplayEvidence:
    """Return the evidence of several functions as one."""
    return ReplayEvidence(
        captured=sum(part.captured for part in parts),
        derived=sum(part.derived for part in parts),
        edge=sum(part.edge for part in parts),
        mismatches=tuple(text for part in parts for text in part.mismatches),
        edge_mismatches=tuple(text for part in parts for text in part.edge_mismatches),
        uncaptured=tuple(text for part in parts for text in part.uncaptured),
        nondeterministic=sum(part.nondeterministic for part in parts),
        underived=next((part.underived for part in parts if part.underived), ""),
        seconds=sum(part.seconds for part in parts),
    )


def merged(screened: Comparison, confirmed: Comparison | None) -> Comparison:
    """Return a comparison with the figures of its confirmation, where there was one, and the costs of both."""
    if confirmed is None:
        return screened
    return replace(
        confirmed,
        confirmed=True,
        pairs=screened.pairs + confirmed.pairs,
        seconds=screened.seconds + confirmed.seconds,
        note=confirmed.note or screened.note,
    )


def ratio(one: Comparison) -> str:
    """Return a ratio with its interval as text."""
    return f"{one.ratio.estimate:.2f}x ({one.ratio.low:.2f} to {one.ratio.high:.2f})"
