"""The `goals:` and `score:` sections: what is to be reached, and how several benchmarks become one figure."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bot.config.section import Section
from bot.domain import goal
from bot.domain.goal import Metric

_METRICS = tuple(one.value for one in Metric)


def _target(metric: Metric) -> AfterValidator:
    def check(value: str) -> str:
        goal.parsed(metric, value)
        return value

    return AfterValidator(check)


def _identifier(value: str) -> str:
    if not value.isidentifier():
        raise ValueError("must be the name of a function at the top level of the file")
    return value


def _inside(value: str) -> str:
    if value.startswith(("/", "~")) or ".." in value.split("/") or not value.endswith(".py"):
        raise ValueError("must be a Python file inside the repository")
    return value.removeprefix("./")


_Text = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Pattern = Annotated[str, StringConstraints(min_length=1, max_length=300)]
_Weight = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
_Size = Annotated[float, Field(gt=0, le=1e18, allow_inf_nan=False)]
_Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(_identifier)]
_File = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_inside)]


class Goal(Section):
    """One thing to reach, on one benchmark or several: exactly one of latency, memory, throughput and coverage."""

    name: _Text | None = Field(default=None, description="What the report calls it; the target where absent.")
    benchmark: _Pattern = Field(default="*", description="Name or glob of the benchmarks it is about.")
    latency: Annotated[_Text, _target(Metric.LATENCY)] | None = Field(
        default=None, description="Wall time of a call: '10 ms' at most; '-20%' or '1.5x' against the base."
    )
    memory: Annotated[_Text, _target(Metric.MEMORY)] | None = Field(
        default=None, description="Peak memory of the process: '200 MiB' at most; '-20%' or '1.5x' against the base."
    )
    throughput: Annotated[_Text, _target(Metric.THROUGHPUT)] | None = Field(
        default=None,
        description="'50000 rows/s' at least (rows/s, features/s, calls/s); '+20%' or '1.5x' against the base.",
    )
    coverage: Annotated[_Text, _target(Metric.COVERAGE)] | None = Field(
        default=None, description="Share of the changed functions' lines that the tests run: '80%' at least."
    )

    @model_validator(mode="after")
    def _one_metric(self) -> Self:
        if sum(getattr(self, name) is not None for name in _METRICS) != 1:
            raise ValueError(f"must hold exactly one of {', '.join(_METRICS)}")
        return self

    @property
    def value(self) -> goal.Goal:
        """The goal as the flow knows it."""
        metric = next(one for one in Metric if getattr(self, one.value) is not None)
        found = goal.parsed(metric, getattr(self, metric.value))
        return goal.Goal(
            metric, found.text, found.level, found.factor, found.unit, self.benchmark, self.name or found.text
        )


class Score(Section):
    """How several benchmarks become one figure."""

    method: Literal["weighted", "auc", "function"] = Field(
        default="weighted",
        description="'weighted': geometric mean of the ratios; 'auc': mean over the logarithm of sizes; 'function'.",
    )
    weights: Mapping[_Pattern, _Weight] = Field(
        default_factory=dict, description="Weights by name or glob of benchmarks; the first that matches, 1 without."
    )
    sizes: Mapping[_Pattern, _Size] = Field(
        default_factory=dict, description="Sizes by name or glob, for benchmarks that do not declare one."
    )
    path: _File | None = Field(default=None, description="With 'function': the file that holds it.")
    name: _Name | None = Field(default=None, description="With 'function': the name of the function.")

    @model_validator(mode="after")
    def _function(self) -> Self:
        if (self.method == "function") != (self.path is not None) or (self.path is None) != (self.name is None):
            raise ValueError("must hold path and name with 'method: function', and only then")
        return self
