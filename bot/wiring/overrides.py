"""What a command decides in place of the configuration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says in place of the configuration; None leaves it as it is.

    `worthwhile` says that only gains worth a review matter: comparisons end as soon as none is plausible. `ours` says
    that the repository's code came with this installation: it may run without isolation where nothing better works.
    No flag sets it. `proposer` says who writes candidates: rules, llm or scripted. `reviewed` says that the whole
    configuration is the one that was merged into the default branch, as in the jobs of a pipeline.
    """

    python: str | None = None
    bench_seconds: float | None = None
    worthwhile: bool = False
    margin: float | None = None
    compare_answers: bool = True
    ours: bool = False
    proposer: str = "rules"
    reviewed: bool = False
