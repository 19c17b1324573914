"""The patterns of `grammar.toml`, compiled when they are first asked for.

They are data: how people write is the part of this package that grows, and it is easier to read and review as a list.
"""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any


class Form(StrEnum):
    """How a wish is put: the more general its form, the likelier it is a standing rule."""

    ORDER = "order"
    POLICY = "policy"
    VERDICT = "verdict"
    TASTE = "taste"
    WISH = "wish"
    PRAISE = "praise"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to ask for something: `weight` is how strongly the form alone points to a standing rule, 0 to 2."""

    form: Form
    weight: float
    pattern: re.Pattern[str]


@functools.cache
def cue(name: str) -> re.Pattern[str]:
    """Return the pattern called "section.name"."""
    section, _, key = name.partition(".")
    return re.compile(_expanded(_data()[section][key]))


@functools.cache
def phrases(group: str) -> tuple[Phrase, ...]:
    """Return the phrases of one group of directives: praise, avoid, require or prefer."""
    found = _data()["directives"][group]
    return tuple(Phrase(Form(one["form"]), one["weight"], re.compile(_expanded(one["pattern"]))) for one in found)


@functools.cache
def fragment(name: str) -> str:
    """Return a piece that patterns share, as text."""
    return _expanded(_data()["fragments"][name])


@functools.cache
def constructs() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return pairs of a pattern for a word and the subjects that it means: modules, names, syntax nodes, labels."""
    return tuple((one["says"], tuple(one["means"])) for one in _data()["constructs"])


@functools.cache
def techniques() -> tuple[tuple[str, str], ...]:
    """Return pairs of patterns: for the name of a kind of change, and for what its technique is called."""
    return tuple((one["kind"], _expanded(one["says"])) for one in _data()["techniques"])


def vocabulary(name: str) -> Any:
    """Return one list or table of words."""
    return _data()["vocabulary"][name]


def _expanded(pattern: str) -> str:
    joined = "".join(pattern.split("\n"))
    return re.sub(r"%([a-z_]+)%", lambda found: fragment(found[1]), joined)


@functools.cache
def _data() -> Mapping[str, Any]:
    text = resources.files(__package__).joinpath("grammar.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
