"""What is asked of pairs of samples, however they were measured: the canary, the decision, the confirmation."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.domain.code import Snapshot
from bot.domain.evidence import Canary, Comparison, Decision
from bot.evaluate.lockstep.batch import Series
from bot.stats import compare

_CANARY_BENCHMARKS = 3
_FEWEST_PAIRS = 8
_FEWEST_CONFIRMED = 10  # fewer could not prove that memory, import or the first call got worse

Done = Callable[[Series], bool]
Measure = Callable[[Snapshot, Snapshot, Sequence[str], Done, int], Sequence[Series]]


class Settings(Protocol):
    """When a result is believed; see `bot.evaluate.bench.LockStepSettings`."""

    @property
    def margin(self) -> float:
        """The gain that must be exceeded (0.01: 1%)."""

    @property
    def confidence(self) -> float:
        """The confidence of the published interval."""

    @property
    def futile(self) -> float:
        """The gain that must be implausible for "equivalent", if above 2%."""

    @property
    def most_pairs(self) -> int:
        """The pairs after which a decision stays open."""

    @property
    def confirm_pairs(self) -> int:
        """The fixed size of a confirmation."""

    @property
    def canary_pairs(self) -> int:
        """The fixed size of a canary."""


class Publish(Protocol):
    """Makes the comparison that is shown of a series."""

    def __call__(self, one: Series, answer: compare.Answer, level: float, *, confirmed: bool) -> Comparison:
        """Return the comparison of a series whose decision on time is `answer`."""


class Decisions:
    """Decides on what `measure` samples: (base, candidate, benchmarks, done, pairs) in, one series each out."""

    def __init__(self, settings: Settings, measure: Measure, publish: Publish) -> None:
        self._settings = settings
        self._measure = measure
        self._publish = publish

    def canary(self, tree: Snapshot, benchmarks: Sequence[str]) -> Canary:
        """Compare `tree` with itself on up to three benchmarks; the noisiest one speaks."""
        names = list(benchmarks)[:_CANARY_BENCHMARKS]
        series = self._measure(tree, tree, names, lambda _one: False, self._settings.canary_pairs)
        level = 1 - compare.CANARY_ALPHA / max(len(names), 1)
        found = [(compare.canary(one.logs, level), one) for one in series if len(one.samples) >= _FEWEST_PAIRS]
        if len(found) < len(names):
            failure = next((one.failure for one in series if one.failure), "")
            sentence = f"base against base: {failure}" if failure else "base against base did not finish in its time"
            fewest = min(len(one.samples) for one in series)
            return Canary(fewest, 0.0, Decision.UNDECIDED, quiet=False, sentence=sentence)
        worst, one = max(found, key=lambda each: (not each[0].quiet, each[0].robust_sd))
        return Canary(
            len(one.samples), worst.robust_sd, Decision(worst.answer.value), worst.quiet, _sentence(worst, one)
        )

    def decide(
        self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str], tests: int
    ) -> tuple[Comparison, ...]:
        """Run pairs until the e-process of each benchmark answers; it shares its error rate with the other ones."""
        settings = self._settings
        rule = compare.Rule(settings.margin, (1 - settings.confidence) / 2, max(tests, 1), settings.futile)
        running = {name: compare.Sequential(rule) for name in benchmarks}
        answers = dict.fromkeys(benchmarks, compare.Answer.UNDECIDED)

        def done(one: Series) -> bool:
            answers[one.name] = running[one.name].add(one.logs[-1])
            return answers[one.name] is not compare.Answer.UNDECIDED

        series = self._measure(base, candidate, benchmarks, done, settings.most_pairs)
        return tuple(self._publish(one, answers[one.name], settings.confidence, confirmed=False) for one in series)

    def confirm(self, base: Snapshot, candidate: Snapshot, benchmarks: Sequence[str]) -> tuple[Comparison, ...]:
        """Run a fixed number of new pairs with new inputs, and decide on their interval alone.

        The benchmarks share the error rate (Bonferroni); what is shown is the interval at the asked confidence.
        """
        series = self._measure(base, candidate, benchmarks, lambda _one: False, self._settings.confirm_pairs)
        return tuple(self._confirmed(one, len(series)) for one in series)

    def _confirmed(self, one: Series, tests: int) -> Comparison:
        settings = self._settings
        # A batch that the clock cut short was not cut by its values.
        complete = len(one.samples) >= _FEWEST_CONFIRMED
        answer = compare.Answer.UNDECIDED
        if complete:
            answer = compare.confirm(one.logs, settings.margin, 1 - (1 - settings.confidence) / tests)
        return self._publish(one, answer, settings.confidence, confirmed=complete)


def _sentence(worst: compare.Quiet, one: Series) -> str:
    if worst.quiet:
        return ""
    spread = f"{worst.robust_sd:.1%} between equal pairs"
    if worst.robust_sd > compare.CANARY_SD:
        return f"machine too noisy: {one.name} varies by {spread}; {compare.CANARY_SD:.0%} is the most that is believed"
    return f"machine too noisy: {one.name} against itself was called {worst.answer} ({spread})"
