"""Prompts as versioned templates: the same target, tree, lessons and settings give the same bytes everywhere."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.domain.code import Snapshot, Target
from bot.domain.conversation import Message, Role
from bot.domain.legible import harmless, one_line
from bot.domain.lesson import Lesson, Reach
from bot.domain.restraint import Restraints, covers
from bot.domain.revision import Criticism, Criticisms
from bot.ports import Proposer
from bot.propose.context.gather import Gatherer
from bot.propose.context.slice import Slice
from bot.propose.llm.formats import Format, Record, choose

VERSION = "3"
"""Grows with every change of a template, so that records of one wording are not mixed with those of another."""

_MOST_HINTS = 5
_MOST_LESSONS = 8
_MOST_WISHES = 12
_MOST_SAID = 20
_LONGEST_EDIT = 8000
_LONGEST_SAID = 600


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages about one target, the slice in them, and the format that they ask for."""

    target: Target
    messages: tuple[Message, ...]
    slice: Slice
    form: Format
    version: str = VERSION


@dataclass(frozen=True, slots=True)
class Prompts:
    """Writes prompts for `model`; `form` None leaves the format to its record.

    `hints` is the rule proposer, whose ideas a model may use, or None. `criticisms` are of functions whose change is
    wanted otherwise.
    """

    gatherer: Gatherer
    model: str
    record: Record
    form: Format | None = None
    hints: Proposer | None = None
    criticisms: Criticisms = field(default_factory=dict)

    def write(self, target: Target, tree: Snapshot, lessons: Sequence[Lesson], proposed: Sequence[str] = ()) -> Prompt:
        """Return what a model is told about `target`; Refused where the function must not be shown."""
        form = self.form or choose(self.record, self.model, target.function.language)
        sliced = self.gatherer.slice(target, tree)
        criticism = self._criticism(target)
        system = render("system", form=form, path=target.function.path, language=target.function.language)
        user = render(
            "task",
            target=target,
            parts=sliced.parts,
            mark=_mark(sliced, *(() if criticism is None else (criticism.edit, criticism.proof))),
            facts=facts(target),
            hints=self._hints(target, tree),
            lessons=self._lessons(target, lessons),
            wishes=self._wishes(target, lessons),
            proposed=[self._line(one) for one in proposed],
            criticism=criticism,
        )
        return Prompt(target, (Message(Role.SYSTEM, system), Message(Role.USER, user)), sliced, form)

    def _hints(self, target: Target, tree: Snapshot) -> list[str]:
        if self.hints is None or target.function.language != "python":
            return []
        # What needs a label, such as a cache, is not what a model is asked for.
        plain = (one for one in self.hints.propose(target, tree, ()) if not one.labels)
        found = dict.fromkeys(one.rationale for one in plain)
        return [self._line(one) for one in found][:_MOST_HINTS]

    def _lessons(self, target: Target, lessons: Sequence[Lesson]) -> list[str]:
        about = str(target.function)
        tried = (one for one in lessons if one.reach == Reach.CANDIDATE or one.reach not in set(Reach))
        return [self._line(one.sentence) for one in tried if about in one.sentence][-_MOST_LESSONS:]

    def _wishes(self, target: Target, lessons: Sequence[Lesson]) -> list[str]:
        """Return what reviewers have asked for and a change of this function must heed."""
        # Whatever a rule or a kind of change is forbidden for, a model may come up with by itself.
        every = Restraints.of(lessons).every
        found = [one for one in every if one.reach != Reach.PATH or covers(one.value, target.function.path)]
        return [f"{one.polarity}: {self._line(one.sentence)}" for one in found][-_MOST_WISHES:]

    def _criticism(self, target: Target) -> Criticism | None:
        """Return what is said about the change that stands there, cleaned and cut to what a prompt has room for."""
        found = self.criticisms.get(str(target.function))
        if found is None:
            return None
        clean = (harmless(self.gatherer.redact(text))[:_LONGEST_EDIT].strip("\n") for text in (found.edit, found.proof))
        said = tuple(one_line(self.gatherer.redact(text), _LONGEST_SAID) for text in found.said[:_MOST_SAID])
        return Criticism(found.function, said, *clean)

    def _line(self, text: str) -> str:
        return one_line(self.gatherer.redact(text))


def facts(target: Target) -> list[str]:
    """Return what the profile says, one sentence each."""
    said = []
    if target.share_total is not None:
        own = target.share_own if target.share_own is not None else target.share_self
        alone = "" if own is None else f", {own:.1%} without the functions that it calls"
        said.append(f"It takes {target.share_total:.1%} of the time of a benchmark{alone}.")
    if target.bound is not None:
        said.append(f"Even without it the benchmark would be at most {target.bound:.2f} times as fast.")
    if target.calls is not None:
        said.append(f"One run of the benchmark calls it {target.calls:,} times.")
    if target.benchmarks:
        said.append(f"Benchmarks that reach it: {', '.join(one_line(one, 120) for one in target.benchmarks[:4])}.")
    return said or ["No profile shows it: judge from the code what it costs."]


def render(name: str, **values: object) -> str:
    """Return a template of this package with its values."""
    text = _templates().get_template(f"{name}.md.j2").render(**values)
    return text.strip("\n") + "\n"


def _mark(sliced: Slice, *others: str) -> str:
    """Return a word that no part can hold: it is made from all of them."""
    total = hashlib.sha256()
    for part in sliced.parts:
        total.update(f"{part.span}\0{len(part.text)}\0{part.text}".encode("utf-8", "surrogatepass"))
    for text in others:
        total.update(f"\0{len(text)}\0{text}".encode("utf-8", "surrogatepass"))
    return total.hexdigest()[:16]


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("bot.propose.llm", "prompts"),
        autoescape=False,  # noqa: S701 - plain text for a model; nothing renders it as a page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
